"""Texts of the same shape as a person's: the kinds of their characters in their places, and nothing else of them."""

from __future__ import annotations

import unicodedata
from typing import Final

_STEMS: Final = "甲乙丙丁戊己庚辛壬癸"
_KEPT: Final = frozenset("\0 \u3000\u00a0\u200b\u200c\u200d\ufeff")  # blanks, and what nobody sees
# Dots, dashes and brackets that stand in names and addresses; other signs become one.
_SIGNS: Final = frozenset("-.·•‧・･∙⋅〇（）()【】《》〈〉—–、，。：；#/_,:;'\"<>+&*@“”‘’．﹒\ufffd")
_OF_CATEGORY: Final = (
    (("P", "S"), "※"),
    (("M",), "\u0301"),
    (("Cn",), "\u0378"),
    (("Cs",), "\ud800"),
    (("Co",), "\ue000"),
    (("Cc",), "\x01"),
    (("Cf",), "\u200b"),
    (("Z",), " "),
)
_OF_BLOCK: Final = (
    ("\uff21", "\uff3a", "Ａ"),
    ("\uff41", "\uff5a", "ａ"),
    ("\uf900", "\ufaff", "\uf900"),  # compatibility ideographs
    ("\u3400", "\u4dbf", "㐂"),  # rare ones
)
_BEYOND, _PRIVATE_BEYOND = "𠮷", "\U000f0000"  # the basic plane


def shape(text: str, start: int = 0) -> str:
    """A text with the same kinds of characters in the same places: letters, digits, dots, blanks, rare and private ones.

    As long in UTF-16 as it was. `start` makes the texts of several people different.
    """
    return "".join(_made(character, index) for index, character in enumerate(text, start))


def _made(character: str, index: int) -> str:
    category = unicodedata.category(character)
    if character in _KEPT or character in _SIGNS:
        return character
    if category == "Nd":
        return chr(ord(character) - unicodedata.decimal(character) + 9)
    if character > "\uffff":
        return _PRIVATE_BEYOND if category == "Co" else _BEYOND
    found = next((made for categories, made in _OF_CATEGORY if category.startswith(categories)), "")
    return found or _letter(character, index)


def _letter(character: str, index: int) -> str:
    if character.isascii():
        return chr((65 if character.isupper() else 97) + index % 26)
    found = next((made for first, last, made in _OF_BLOCK if first <= character <= last), "")
    return found or _STEMS[index % len(_STEMS)]

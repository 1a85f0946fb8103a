"""Takes out of a text whatever could tell who somebody is. What is known to be personal goes, and what looks like it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

GONE: Final = "***"
_TOKEN: Final = re.compile(r"[A-Za-z0-9]{3,}")
# Numbers of people, telephones and dates of birth; masked ones too.
_NUMBER: Final = re.compile(r"(?<![0-9A-Za-z])[0-9]{7,}[Xx]?(?![0-9A-Za-z])|[0-9Xx]*\*{2,}[0-9Xx]*")
_PERMIT: Final = re.compile(r"(?<![0-9A-Za-z])[A-Z]{1,3}[0-9]{6,}[A-Z0-9]{0,3}(?![0-9A-Za-z])")  # passports, permits
# Our own words are English: Chinese in a log came from outside, and may be a name.
_CHINESE: Final = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff·•]+")


class Scrubber:
    """Knows the names and numbers of everybody in the store."""

    def __init__(self, known: Iterable[str]) -> None:
        self._known = {token.lower() for text in known for token in _TOKEN.findall(text)}

    def clean(self, text: str) -> str:
        """The text without them."""
        text = _CHINESE.sub(GONE, text)
        text = _PERMIT.sub(GONE, _NUMBER.sub(GONE, text))
        return _TOKEN.sub(lambda found: GONE if found[0].lower() in self._known else found[0], text)

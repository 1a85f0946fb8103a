"""The numbers of foreigners' permanent residence cards.

2017: 15 characters: nationality (3 letters), district (4 digits), birth date (YYMMDD), order (1), check digit.
2023: 18 digits: 9, province (2), numeric nationality (3), birth date (8), order (3), check digit MOD 11-2 of a citizen number.
"""

from __future__ import annotations

from typing import Final

LENGTH_2017: Final = 15
# The check digit of machine-readable travel documents, ICAO 9303-3, 4.9, which the cards of 2017 share.
_WEIGHTS: Final = (7, 3, 1)


def check_digit(text: str) -> str:
    """ICAO 9303-3, 4.9, over digits, upper case letters and `<`. Raises ValueError for other characters."""
    return str(sum(_value(character) * _WEIGHTS[index % 3] for index, character in enumerate(text)) % 10)


def _value(character: str) -> int:
    if character == "<":
        return 0
    if character.isascii() and (character.isdigit() or character.isupper()):
        return int(character, 36)
    raise ValueError(character)


def problem_2017(number: str) -> str | None:
    """What is wrong with a number of 2017, as a code of `kiosk.idnumber`, or None."""
    if len(number) != LENGTH_2017:
        return "idnumber.length"
    try:
        right = check_digit(number[:-1])
    except ValueError:
        return "idnumber.characters"
    return None if number[-1] == right else "idnumber.check"


def former_number(number: str, nationality: str, link: str) -> str | None:
    """The number of 2017 that a card of 2023 takes over from; None when the chip has no link to it.

    `link` is two district digits and the order character of the old number; the rest stands in the new number.
    """
    if len(link) != 3 or len(number) != 18 or len(nationality) != 3:
        return None
    first14 = nationality + number[1:3] + link[:2] + number[8:14] + link[2]
    try:
        return first14 + check_digit(first14)
    except ValueError:
        return None

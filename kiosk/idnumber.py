"""The citizen identity number, GB 11643-1999: 6 digits district, 8 birth date, 3 order, 1 check character (MOD 11-2)."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from operator import mul
from typing import Final

from kiosk.areas import PROVINCES
from kiosk.clock import day
from kiosk.surrogate import NO_NUMBER, is_surrogate

# GB 11643-1999, 4.2: weights 2^(18-i) mod 11 for i = 1..17, and the check character for each remainder.
_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK: Final = "10X98765432"
_ZEROS: Final = ord("0") * sum(_WEIGHTS)  # what seventeen digits add up to beyond their values

# First two digits, GB/T 2260; 81-83 are residence permits for Hong Kong, Macao and Taiwan residents.
_PROVINCES: Final = PROVINCES | {"83"}

_day: Final = lru_cache(maxsize=16_384)(day)  # whole schools are born on a thousand days


def check_character(first17: str) -> str:
    """The 18th character for 17 digits."""
    if len(first17) != len(_WEIGHTS) or not (first17.isascii() and first17.isdigit()):
        raise ValueError("not 17 digits")
    return _check(first17)


def _check(first17: str) -> str:
    return _CHECK[(sum(map(mul, _WEIGHTS, first17.encode("ascii"))) - _ZEROS) % 11]


def problem(number: str) -> str | None:
    """What is wrong with an 18-character number, as an error code, or None.

    Hard rules only: length, digits, province prefix, a date that exists, the check character. A district that a list does not
    know is no fault: districts come and go.
    """
    if len(number) != 18:
        return "idnumber.length"
    first17 = number[:17]
    if not (first17.isascii() and first17.isdigit() and number[17] in "0123456789X"):
        return "idnumber.characters"
    if number[:2] not in _PROVINCES and number[0] != "9":
        return "idnumber.province"
    if birth_date(number) is None:
        return "idnumber.date"
    if _check(first17) != number[17]:
        return "idnumber.check"
    return None


def birth_date(number: str) -> date | None:
    """The birth date in the number, or None when there is none that exists."""
    return _day(number[6:14])


def sex_code(number: str) -> str:
    """`1` (male, odd order number) or `2` (female), GB/T 2261.1."""
    return "1" if int(number[16]) % 2 else "2"


def masked(number: str) -> str:
    """For lists and logs: the first six and the last two characters, `630103**********12`; of short ones at most half.

    Who has no number is shown without one.

    >>> masked("630103200801011234"), masked("E1234567"), masked("7")
    ('630103**********34', 'E1****67', '*')
    """
    if is_surrogate(number):
        return NO_NUMBER
    shown = min(len(number) // 2, 8)
    head, tail = (shown - 2, 2) if shown > 2 else (0, 0)
    return f"{number[:head]}{'*' * (len(number) - head - tail)}{number[len(number) - tail :]}"

"""The key of a student who has no number of any kind: by it the roster, captures and decisions know the student.

It is made of name, sex and birth date, by which the national register tells such students apart: whenever and wherever the same
student is filed, it is the same. It is no number of a document and goes nowhere where one is shown or wanted.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Final

from kiosk.records import name_key

_MARK: Final = "无号"  # no number of a document has such characters
_DIGITS: Final = 12
NO_NUMBER: Final = "无"  # what lists say instead, and who copies a number from a document that has none


def surrogate(name: str, sex: str, birth_text: str) -> str:
    """The key; none of the three may be empty."""
    told = "|".join((name_key(name), sex, birth_text)).encode()
    return f"{_MARK}{sha256(told).hexdigest()[:_DIGITS].upper()}"


def is_surrogate(number: str) -> bool:
    """Whether what stands for a student's number is such a key."""
    return number.startswith(_MARK)


def number_of(id_number: str) -> str:
    """The number as it may be shown and handed on: empty where it is such a key."""
    return "" if is_surrogate(id_number) else id_number

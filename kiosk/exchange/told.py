"""What the head of a package tells: texts and times that can be kept and shown."""

from __future__ import annotations

import unicodedata
from datetime import datetime
from typing import Final

LONG: Final = 1000
_UNFIT: Final = frozenset({"Cc", "Cs"})  # control characters and halves of a pair; private use is how rare names are written


def text_of(value: object, most: int = LONG) -> str:
    """A text of so many characters at most; raises TypeError."""
    if not isinstance(value, str) or len(value) > most or any(unicodedata.category(char) in _UNFIT for char in value):
        raise TypeError("no text")
    return value


def moment_of(value: object) -> datetime:
    """A time with its zone; raises TypeError, ValueError."""
    at = datetime.fromisoformat(text_of(value))
    if at.tzinfo is None:
        raise ValueError("a time without a time zone")
    return at


def count_of(value: object, most: int) -> int:
    """A whole number from 0; raises TypeError, ValueError."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError("no number")
    if not 0 <= value <= most:
        raise ValueError("out of range")
    return value

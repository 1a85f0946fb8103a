"""One name in two writings: 張三 and 张三, 髙 and 高, by the Unicode Han Database (`variants.tsv` says of which version).

Nothing is ever turned into another character by it: a name stays as it is written, and it is told that two are one.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from functools import cache
from pathlib import Path
from typing import Final

from kiosk.records import name_key

_FILE: Final = Path(__file__).with_name("variants.tsv")


class Likeness(IntEnum):
    """How two names are like each other."""

    OTHER = 0  # another name
    MEANING = 1  # a character stands for another one that means the same, and is a name of its own: 喆 and 哲
    WRITING = 2  # traditional and simplified, or another shape of the same character
    SAME = 3  # but for width, blanks, letter case and dots


def likeness(one: str, other: str) -> Likeness:
    """What two names have in common, character by character."""
    mine, theirs = name_key(one), name_key(other)
    if mine == theirs:
        return Likeness.SAME
    if len(mine) != len(theirs):
        return Likeness.OTHER
    return min(_of_pair(a, b) for a, b in zip(mine, theirs, strict=True) if a != b)


def _of_pair(one: str, other: str) -> Likeness:
    return _pairs().get((min(one, other), max(one, other)), Likeness.OTHER)


@cache
def _pairs() -> Mapping[tuple[str, str], Likeness]:
    """Read when the first two names differ: some ten thousand pairs."""
    found: dict[tuple[str, str], Likeness] = {}
    for line in _FILE.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            char, writings, meanings = line.split("\t")
            found |= {(char, one): Likeness.MEANING for one in meanings}
            found |= {(char, one): Likeness.WRITING for one in writings}
    return found

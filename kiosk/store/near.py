"""Near misses: students of the roster whose number or name is almost the one on a card that the roster doesn't have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sqlalchemy import ColumnElement

from kiosk.records import Student, name_key
from kiosk.store.tables import students
from kiosk.variants import Likeness, likeness

_DIGITS: Final = "0123456789"
_LAST: Final = _DIGITS + "X"
_WITH_BIRTH: Final = 14  # of an ID number: the district and the date of birth, GB 11643-1999 §4
_NUMBER_LENGTH: Final = 18


def near_numbers(id_number: str) -> Iterator[str]:
    """Numbers with one character different, or two neighbours exchanged: some 180 for an ID number."""
    last = len(id_number) - 1
    for place, found in enumerate(id_number):
        for char in _LAST if place == last else _DIGITS:
            if char != found:
                yield id_number[:place] + char + id_number[place + 1 :]
    for place in range(last):
        first, second = id_number[place], id_number[place + 1]
        if first != second:
            yield id_number[:place] + second + first + id_number[place + 2 :]


def candidates(id_number: str, name: str) -> Iterator[ColumnElement[bool]]:
    """Conditions that find who may be meant, each by an index: the numbers near by, the same name, and born in the same
    district on the same day."""
    if id_number:
        yield students.c.id_number.in_(sorted(set(near_numbers(id_number))))
    if name:
        yield students.c.name == name
    if len(id_number) == _NUMBER_LENGTH:
        beginning = id_number[:_WITH_BIRTH]
        yield students.c.id_number.between(f"{beginning}0000", f"{beginning}999X")


def distance(student: Student, id_number: str, name: str) -> tuple[int, int] | None:
    """How far a student is off, the nearest lowest, or None when that is no near miss.

    A number with one slip counts whoever has it; else the name must agree, in whatever writing, or
    all but one character of it.
    """
    alike = likeness(student.name, name)
    names = _slips(name_key(student.name), name_key(name)) if alike is Likeness.OTHER else 0
    if student.id_number == id_number:
        return (0, names)
    if student.id_number in set(near_numbers(id_number)):
        return (1, names)
    numbers = sum(one != other for one, other in zip(student.id_number, id_number, strict=False))
    return (1 + numbers, names) if names <= 1 else None


def _slips(one: str, other: str) -> int:
    """0 for the same text, 1 for one character changed, put in or left out, or two neighbours exchanged, 2 for more."""
    if one == other:
        return 0
    start = next((place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    one, other = one[start:], other[start:]
    if one[1:] == other[1:] or one[1:] == other or one == other[1:]:
        return 1
    return 1 if one[1::-1] + one[2:] == other else 2

"""Rooms and seats by rule, once the exam numbers are known. Who writes another paper sits in another room: rooms never hold two
grades, nor two streams of one."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from kiosk.errors import ExchangeError
from kiosk.records import ClassKey, Student

_NAMED: Final = 5  # students, in a refusal


class Order(StrEnum):
    """Who sits where."""

    NUMBER = "number"  # by exam number
    CLASS = "class"  # by class, a new room for each
    MIXED = "mixed"  # neighbours come from different classes as far as that can be had


@dataclass(frozen=True)
class Seat:
    """One student's place. Seats count from 1; so do rooms, where they are made here. `place`: where the room is; `subject`:
    for which the seat is, empty for the whole exam."""

    room: str
    number: int
    student: Student
    place: str = ""
    subject: str = ""


def arrange(students: Sequence[Student], *, per_room: int, order: Order, seed: int = 0) -> list[Seat]:
    """A seat for everybody. The same seed gives the same places.

    Raises ExchangeError when there is nobody, when students have no exam number or two have the same, and when a grade that has
    streams has students without one.
    """
    if per_room < 1:
        raise ExchangeError("seating.room_size")
    if not students:
        raise ExchangeError("seating.nobody")
    if missing := [student for student in students if not student.exam_number]:
        raise ExchangeError("seating.no_exam_number", count=len(missing), names=_names(missing))
    if len({student.exam_number for student in students}) < len(students):
        raise ExchangeError("seating.exam_number_twice")
    seats: list[Seat] = []
    room = 0
    for group in _apart(students, order, seed):
        for start in range(0, len(group), per_room):
            room += 1
            seats += [Seat(str(room), place, one) for place, one in enumerate(group[start : start + per_room], start=1)]
    return seats


def _apart(students: Sequence[Student], order: Order, seed: int) -> Iterator[list[Student]]:
    """Those who may share rooms, grade by grade and stream by stream, each in the order in which they sit."""
    grades: dict[str, list[Student]] = defaultdict(list)
    for student in sorted(students, key=lambda student: student.exam_number):
        grades[student.grade].append(student)
    for grade, members in grades.items():
        streams: dict[str, list[Student]] = defaultdict(list)
        for student in members:
            streams[student.stream].append(student)
        if len(streams) > 1 and "" in streams:
            raise ExchangeError("seating.no_stream", grade=grade, count=len(streams[""]), names=_names(streams[""]))
        for together in streams.values():
            if order is Order.CLASS:
                yield from _classes(together)
            else:
                yield _mixed(together, seed) if order is Order.MIXED else together


def _names(students: Sequence[Student]) -> str:
    more = "…" if len(students) > _NAMED else ""
    return "、".join(student.name for student in students[:_NAMED]) + more


def _classes(students: Sequence[Student]) -> list[list[Student]]:
    groups: dict[ClassKey, list[Student]] = defaultdict(list)
    for student in students:
        groups[student.group].append(student)
    return [groups[key] for key in sorted(groups, key=lambda key: key.order)]


def _mixed(students: Sequence[Student], seed: int) -> list[Student]:
    """Classes drawn in turn, the largest first: two of one class meet only when no other class is left."""
    lot = random.Random(seed)
    classes = _classes(students)
    for members in classes:
        lot.shuffle(members)
    mixed: list[Student] = []
    last: list[Student] = []
    while any(classes):
        others = [members for members in classes if members and members is not last] or [last]
        last = max(others, key=len)
        mixed.append(last.pop())
    return mixed

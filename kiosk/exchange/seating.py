"""Rooms and seats by rule, once the exam numbers are known."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from kiosk.errors import ExchangeError
from kiosk.records import Student


class Order(StrEnum):
    """Who sits where."""

    NUMBER = "number"  # by exam number
    CLASS = "class"  # by class, a new room for each
    MIXED = "mixed"  # neighbours come from different classes as far as that can be had


@dataclass(frozen=True)
class Seat:
    """One student's place. Rooms and seats count from 1."""

    room: int
    number: int
    student: Student


def arrange(students: Sequence[Student], *, per_room: int, order: Order, seed: int = 0) -> list[Seat]:
    """A seat for everybody. The same seed gives the same places.

    Raises ExchangeError when students have no exam number, or two have the same.
    """
    if per_room < 1:
        raise ExchangeError("seating.room_size")
    numbers = [student.exam_number for student in students]
    if missing := numbers.count(""):
        raise ExchangeError("seating.no_exam_number", count=missing)
    if len(set(numbers)) < len(numbers):
        raise ExchangeError("seating.exam_number_twice")
    by_number = sorted(students, key=lambda student: student.exam_number)
    groups = _classes(by_number) if order is Order.CLASS else [_mixed(by_number, seed) if order is Order.MIXED else by_number]
    seats: list[Seat] = []
    room = 0
    for group in groups:
        for start in range(0, len(group), per_room):
            room += 1
            seats += [Seat(room, place, one) for place, one in enumerate(group[start : start + per_room], start=1)]
    return seats


def _classes(students: Sequence[Student]) -> list[list[Student]]:
    groups: dict[tuple[str, str], list[Student]] = defaultdict(list)
    for student in students:
        groups[student.grade, student.class_name].append(student)
    return [groups[key] for key in sorted(groups, key=lambda key: (key[0], key[1].zfill(8)))]


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

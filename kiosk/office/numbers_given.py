"""学籍号 and 考籍号 of a file that somebody else on the roster has: each is one student's alone, and never given again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from kiosk.exchange import RosterReading, RowProblem
from kiosk.records import Message, Student

_ONCE: Final = ("student_number", "registration_number")


def given_before(reading: RosterReading, students: Sequence[Student], known: Iterable[Student]) -> Iterator[RowProblem]:
    """A warning for each such cell. `students` are the reading's, in its order; `known`: who is or was on the roster."""
    filed = {one.id_number for one in students}
    owners = {
        (field, value.upper()): one
        for one in known
        if one.id_number not in filed
        for field in _ONCE
        if (value := getattr(one, field))
    }
    columns = {(use.sheet, use.field): use.column for use in reversed(reading.columns) if use.field}
    for student, (sheet, row) in zip(students, reading.places, strict=False):
        for field in _ONCE:
            value = getattr(student, field)
            owner = owners.get((field, value.upper())) if value else None
            if owner is not None and (column := columns.get((sheet, field))):
                told = {"name": owner.name, "school": owner.school or owner.school_code, "group": owner.class_name}
                yield RowProblem(sheet, row, column, value, Message("roster.given_before", told))

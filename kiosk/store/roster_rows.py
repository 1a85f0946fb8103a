"""Students out of the roster's rows and into them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Row, select

from kiosk.records import Student
from kiosk.store import codec, tables

_STUDENTS = tables.students
COLUMNS: Final = ("id_number", "name", "grade", "class_name", "school", "school_code", "category", "registration_number")


def enrolled_students(connection: Connection) -> list[Student]:
    """All students on the roster, in its order."""
    query = select(_STUDENTS).where(_STUDENTS.c.gone_at.is_(None)).order_by(_STUDENTS.c.position)
    return [load_student(row) for row in connection.execute(query)]


def on_roster(connection: Connection, id_numbers: Sequence[str]) -> Mapping[str, Student]:
    """Those of these whom the roster has, by ID number."""
    query = select(_STUDENTS).where(_STUDENTS.c.id_number.in_(id_numbers), _STUDENTS.c.gone_at.is_(None))
    return {row.id_number: load_student(row) for row in connection.execute(query)}


def student_values(student: Student) -> dict[str, object]:
    """A row: what is searched and sorted by has columns, the rest is JSON."""
    values = vars(student)
    more = {name: value for name, value in values.items() if name not in COLUMNS and value}
    return {**{name: values[name] for name in COLUMNS}, "more": codec.dump(more)}


def load_student(row: Row[Any]) -> Student:
    return Student(**{name: getattr(row, name) for name in COLUMNS}, **json.loads(row.more))

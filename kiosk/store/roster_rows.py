"""Students out of the roster's rows and into them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from operator import attrgetter
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, false, or_, select

from kiosk.records import SchoolName, Student
from kiosk.store import codec, tables

_STUDENTS = tables.students
_PACKED: Final = 500
COLUMNS: Final = ("id_number", "name", "grade", "class_name", "school", "school_code", "category", "registration_number")


def enrolled_students(connection: Connection) -> list[Student]:
    """All students on the roster, in its order."""
    query = select(_STUDENTS).where(_STUDENTS.c.gone_at.is_(None)).order_by(_STUDENTS.c.position)
    return [load_student(row) for row in connection.execute(query)]


def numbers_in_order(connection: Connection, school: str = "") -> list[str]:
    """The ID numbers of all students on the roster, or of the school of this key, in its order: `packed`."""
    query = select(_STUDENTS.c.id_number).where(_STUDENTS.c.gone_at.is_(None), of_school(connection, school))
    return packed(connection.scalars(query.order_by(_STUDENTS.c.position).execution_options(yield_per=_PACKED)))


def of_school(connection: Connection, school: str) -> ColumnElement[bool]:
    """That a row of the roster is of the school of this key; every one is of none in particular."""
    if not school:
        return _STUDENTS.c.id_number.is_not(None)
    spelt = connection.execute(select(_STUDENTS.c.school, _STUDENTS.c.school_code).distinct())
    named = (SchoolName(*row) for row in spelt)
    fits = ((_STUDENTS.c.school == one.name) & (_STUDENTS.c.school_code == one.code) for one in named if one.key == school)
    return or_(false(), *fits)


def packed(texts: Iterable[str]) -> list[str]:
    """Texts without line ends, in batches: each one text, since a hundred thousand by themselves take three times the room."""
    left = iter(texts)
    return list(iter(lambda: "\n".join(islice(left, _PACKED)), ""))


def batches(of: Iterable[str]) -> Iterator[list[str]]:
    """What was packed, some at a time."""
    return (some.split("\n") for some in of)


def on_roster(connection: Connection, id_numbers: Sequence[str]) -> Mapping[str, Student]:
    """Those of these whom the roster has, by ID number."""
    query = select(_STUDENTS).where(_STUDENTS.c.id_number.in_(id_numbers), _STUDENTS.c.gone_at.is_(None))
    return {row.id_number: load_student(row) for row in connection.execute(query)}


def student_values(student: Student) -> dict[str, object]:
    """A row: what is searched and sorted by has columns, the rest is JSON."""
    values = vars(student)
    more = {name: value for name, value in values.items() if name not in COLUMNS and value}
    return {**{name: values[name] for name in COLUMNS}, "more": codec.dump(more)}


_columns: Final = attrgetter(*COLUMNS)


def load_student(row: Row[Any]) -> Student:
    return Student(**dict(zip(COLUMNS, _columns(row), strict=True)), **json.loads(row.more))

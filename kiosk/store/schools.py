"""The schools of the roster. In one store a school is spelt in one way, so that its key is the same in every row."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace

from sqlalchemy import Connection, func, select, update

from kiosk.records import SchoolName, Student, name_key
from kiosk.store import tables

_STUDENTS = tables.students
_NOBODY_SAID = SchoolName()

Spelling = Mapping[SchoolName, SchoolName]


def schools_of(connection: Connection, *, enrolled: bool = True) -> list[SchoolName]:
    """Those of the roster, in its order; not only of those who are still on it, where that is asked."""
    query = select(_STUDENTS.c.school, _STUDENTS.c.school_code).group_by(_STUDENTS.c.school, _STUDENTS.c.school_code)
    query = query.where(_STUDENTS.c.gone_at.is_(None)) if enrolled else query
    rows = connection.execute(query.order_by(func.min(_STUDENTS.c.position)))
    return [SchoolName(row.school, row.school_code) for row in rows]


def spelling(own: SchoolName, known: Iterable[SchoolName], told: Iterable[SchoolName] = ()) -> Spelling:
    """How each school that is known or told of is spelt: as the first of these has it, with what the others add.

    Nothing at all means the station's own school. A name without a code is the school that has it, where only one does.
    """
    found = list(dict.fromkeys((own, *known, *told)))
    by_code: dict[str, SchoolName] = {}
    for one in found:
        if one.code and not by_code.get(one.code, _NOBODY_SAID).name:
            by_code[one.code] = one
    by_name: dict[str, dict[SchoolName, None]] = defaultdict(dict)
    for one in by_code.values():
        by_name[name_key(one.name)][one] = None
    spelt: dict[SchoolName, SchoolName] = {}
    without_code: dict[str, SchoolName] = {}
    for one in found:
        if one.code:
            spelt[one] = by_code[one.code]
        elif one.name:
            coded, key = by_name.get(name_key(one.name), {}), name_key(one.name)
            spelt[one] = next(iter(coded)) if len(coded) == 1 else without_code.setdefault(key, one)
    spelt[_NOBODY_SAID] = spelt.get(own, own)
    return spelt


def spelt(student: Student, by: Spelling) -> Student:
    """The student, with the school spelt so."""
    now = by.get(student.school_name, student.school_name)
    return student if now == student.school_name else replace(student, school=now.name, school_code=now.code)


def respell(connection: Connection, by: Spelling) -> None:
    """Have the rows of the roster, and what is for one school, say it so."""
    for before, now in by.items():
        if before == now:
            continue
        of_it = (_STUDENTS.c.school == before.name) & (_STUDENTS.c.school_code == before.code)
        connection.execute(update(_STUDENTS).where(of_it).values(school=now.name, school_code=now.code))
        if before.key and before.key != now.key:
            for table in (tables.windows, tables.receipts, tables.case_students):
                connection.execute(update(table).where(table.c.school == before.key).values(school=now.key))
        if before.key != now.key:
            filed = tables.filings
            connection.execute(update(filed).where(filed.c.school == before.key).values(school=now.key))

"""What of cases belongs to a student, and goes when the student's data do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, func, select, update

from kiosk.store import tables

_STUDENTS, _PAPERS, _ACTS, _CASES = tables.case_students, tables.case_papers, tables.case_acts, tables.cases
_OF_CASES: Final = (_PAPERS, _ACTS, _STUDENTS)


def take_out(connection: Connection, id_number: str, *, forget: bool) -> tuple[list[str], list[int]]:
    """The documents about a student lose their rows, and those about everybody of a case once nobody else is left of it; with
    `forget` the student is no longer one of the case. Their blobs, and the cases that are gone for good."""
    blobs: list[str] = []
    gone: list[int] = []
    for member in _members(connection, id_number):
        of_case = _STUDENTS.c.case == member.case
        others = select(func.count()).where(of_case, (_STUDENTS.c.name != member.name) | (_STUDENTS.c.key != member.key))
        alone = not connection.scalar(others)
        theirs = _PAPERS.c.about.in_(("", member.name)) if alone else _PAPERS.c.about == member.name
        mine = (_PAPERS.c.case == member.case) & theirs
        blobs += connection.scalars(delete(_PAPERS).where(mine).returning(_PAPERS.c.blob_id))
        if not forget:
            continue
        if alone:
            blobs += connection.scalars(select(_PAPERS.c.blob_id).where(_PAPERS.c.case == member.case))
            for table in _OF_CASES:
                connection.execute(delete(table).where(table.c.case == member.case))
            connection.execute(delete(_CASES).where(_CASES.c.number == member.case))
            gone.append(member.case)
        else:  # what was said may name whoever is gone
            connection.execute(delete(_STUDENTS).where(of_case, _STUDENTS.c.name == member.name, _STUDENTS.c.key == member.key))
            connection.execute(update(_ACTS).where(_ACTS.c.case == member.case).values(reason=""))
            connection.execute(update(_CASES).where(_CASES.c.number == member.case).values(text=""))
            gone.append(member.case)
    return blobs, gone


def subject(case: int) -> str:
    """How the trail names a case."""
    return f"case-{case}"


def counts(connection: Connection) -> Counter[str]:
    """How many documents are about whom, by the roster's number; those about all of a case are counted with each."""
    found: Counter[str] = Counter()
    about = (_PAPERS.c.about == "") | (_PAPERS.c.about == _STUDENTS.c.name)
    query = select(_STUDENTS.c.key, func.count()).join(_PAPERS, (_PAPERS.c.case == _STUDENTS.c.case) & about)
    for key, count in connection.execute(query.group_by(_STUDENTS.c.key)):
        found[key] += count
    return found


def keys(connection: Connection) -> Sequence[tuple[str, str]]:
    """Everybody whom a case is about: number and name."""
    return [(row.key, row.name) for row in connection.execute(select(_STUDENTS.c.key, _STUDENTS.c.name).distinct())]


def _members(connection: Connection, id_number: str) -> Sequence[Row[Any]]:
    """A student among those of cases: by the roster's key, or by the filed number and the name that goes with it here."""
    name = connection.scalar(select(tables.students.c.name).where(tables.students.c.id_number == id_number))
    filed = (_STUDENTS.c.id_number == id_number) & (_STUDENTS.c.name == name)
    return connection.execute(select(_STUDENTS).where((_STUDENTS.c.key == id_number) | filed)).all()

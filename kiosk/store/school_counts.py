"""How far every school is, added up by the database: by the same rule as `kiosk.records.progress_of` says it of one student.

Whoever passed without anybody's decision is counted there; of the others, who are few, the causes decide.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, exists, func, literal_column, select

from kiosk.records import RecordState, ReviewOutcome, SchoolName, Student, Verdict
from kiosk.store import rows, tables
from kiosk.store.roster_rows import load_student

_STUDENTS, _RECORDS, _STEPS, _REVIEWS = tables.students, tables.records, tables.steps, tables.reviews
_ENROLLED: Final = _STUDENTS.c.gone_at.is_(None)
_SCHOOL: Final = (_STUDENTS.c.school, _STUDENTS.c.school_code)
# Written out, not bound, so that SQLite may use the partial index of just these rows.
_DECIDED: Final = exists().where(_STEPS.c.record_id == _RECORDS.c.id, _STEPS.c.decided_by != literal_column("''"))
_PLAIN: Final = (_RECORDS.c.verdict == Verdict.PASS) & ~_DECIDED


@dataclass(frozen=True)
class SchoolCounts:
    """A school by its roster: everybody, whose capture stands, whose waits for a review, and who was begun nowhere."""

    school: SchoolName
    students: int
    captured: int = 0
    review: int = 0
    nowhere: int = 0


def school_counts(connection: Connection, has_causes: Callable[[Sequence[str]], Collection[str]]) -> list[SchoolCounts]:
    """`has_causes`: which of these records, that did not pass by themselves, a person decided something of."""
    everybody = _by_school(connection, select(*_SCHOOL, func.count()).where(_ENROLLED))
    nowhere = _by_school(connection, select(*_SCHOOL, func.count()).where(_ENROLLED, _nowhere()))
    by_card = _RECORDS.c.card.is_not(None)
    captured = _by_school(connection, _standing(*_SCHOOL, func.count()).where(_PLAIN, by_card))
    review = Counter[SchoolName]()
    others = connection.execute(_standing(*_SCHOOL, _RECORDS.c.id, by_card, _REVIEWS.c.outcome).where(~_PLAIN)).all()
    decided = has_causes([row.id for row in others])
    for name, code, record_id, has_card, outcome in others:
        school, causes = SchoolName(name, code), record_id in decided
        captured[school] += bool(has_card or causes)  # a photo alone is no capture
        review[school] += causes and outcome is None
    return [
        SchoolCounts(school, count, captured[school], review[school], nowhere[school]) for school, count in everybody.items()
    ]


def nowhere(connection: Connection, schools: Collection[SchoolName], most: int) -> list[Student]:
    """The first of those who were begun nowhere, of these schools, in the roster's order."""
    if not schools:
        return []
    codes, names = {one.code for one in schools if one.code}, {one.name for one in schools if not one.code}
    of_these = _STUDENTS.c.school_code.in_(codes) | ((_STUDENTS.c.school_code == "") & _STUDENTS.c.school.in_(names))
    query = select(_STUDENTS).where(_ENROLLED, _nowhere(), of_these).order_by(_STUDENTS.c.position).limit(most)
    return [load_student(row) for row in connection.execute(query)]


def _standing(*columns: Any) -> Select[Any]:
    """Of the newest complete record of everybody on the roster, but for those that a review sent back."""
    latest = rows.latest_query(None).subquery()
    query = select(*columns).join_from(_STUDENTS, _RECORDS, _RECORDS.c.id_number == _STUDENTS.c.id_number)
    query = query.join(latest, latest.c.id == _RECORDS.c.id).outerjoin(_REVIEWS, _REVIEWS.c.record_id == _RECORDS.c.id)
    return query.where(_ENROLLED, func.coalesce(_REVIEWS.c.outcome, "") != ReviewOutcome.SENT_BACK)


def _nowhere() -> ColumnElement[bool]:
    begun = _RECORDS.c.state.in_((RecordState.COMPLETE, RecordState.OPEN))
    return ~exists().where(_RECORDS.c.id_number == _STUDENTS.c.id_number, begun)


def _by_school(connection: Connection, query: Select[Any]) -> Counter[SchoolName]:
    found: Mapping[SchoolName, int] = {
        SchoolName(name, code): count for name, code, count in connection.execute(query.group_by(*_SCHOOL))
    }
    return Counter(found)

"""Where every student stands, from all that the store knows of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, func, insert, literal_column, or_, select

from kiosk.records import (
    Absence,
    Begun,
    Completed,
    DayCounts,
    Facts,
    RecordState,
    Refusal,
    Review,
    StepResult,
    Student,
    StudentProgress,
    Verdict,
    progress_of,
    review_causes,
)
from kiosk.store import rows, tables
from kiosk.store.audit import Audit, require_reason
from kiosk.store.database import Database
from kiosk.store.expected import group_times
from kiosk.store.refusals import load_refusal
from kiosk.store.reviews import load_review
from kiosk.store.roster import enrolled_students

_RECORDS, _STEPS, _ABSENCES, _REFUSALS = tables.records, tables.steps, tables.absences, tables.refusals
# Without the card and the roster's row of that day, which are most of a record.
_RECORD: Final = select(
    *(_RECORDS.c[name] for name in ("id", "id_number", "verdict", "started_at", "finished_at", "signed_at"))
)
# Written out, not bound, so that SQLite may use the partial index of just these rows.
_DECIDED: Final = _STEPS.c.decided_by != literal_column("''")


class Progress:
    """The state of every student, and absences that were reported."""

    def __init__(self, database: Database, audit: Audit) -> None:
        self._database = database
        self._audit = audit

    def report_absent(self, student: Student, *, reason: str, by: str, at: datetime) -> None:
        """Note that a student can't come (until captured, or reported anew). Raises StoreError without a reason."""
        require_reason(reason)
        with self._database.write() as connection:
            values = {"id_number": student.id_number, "reason": reason, "by": by, "at": at}
            connection.execute(insert(_ABSENCES).values(values))
            self._audit.append(connection, "student.absent", actor=by, reason=reason)

    def students(self, at: datetime | None = None) -> list[StudentProgress]:
        """Everybody on the roster, in its order, as they stand at a moment (now)."""
        with self._database.read() as connection:
            return _students(connection, at or datetime.now(UTC))

    def student(self, id_number: str, at: datetime | None = None) -> StudentProgress | None:
        """One student of the roster."""
        return next((entry for entry in self.students(at) if entry.student.id_number == id_number), None)

    def counts(self, at: datetime) -> DayCounts:
        """How many students are in each state at a moment, and how many strangers were turned away on its local day."""
        start = datetime.combine(at.astimezone().date(), time.min).astimezone()
        with self._database.read() as connection:
            students = _students(connection, at)
            that_day = select(_REFUSALS.c.id_number).where(
                _REFUSALS.c.at >= start,
                _REFUSALS.c.at < start + timedelta(days=1),
                _REFUSALS.c.kind == "turned_away",
            )
            turned_away = set(connection.scalars(that_day)) - {""}
        return DayCounts.of(students, len(turned_away - {entry.student.id_number for entry in students}))


def _students(connection: Connection, at: datetime) -> list[StudentProgress]:
    times = group_times(connection, at)
    completed, begun = _completed(connection), _begun(connection)
    absent, refused = _absences(connection), _refusals(connection)
    return [
        progress_of(
            student,
            Facts(
                completed.get(student.id_number),
                begun.get(student.id_number),
                absent.get(student.id_number),
                tuple(refused.get(student.id_number, ())),
                times.over(student),
            ),
        )
        for student in enrolled_students(connection)
    ]


def _completed(connection: Connection) -> dict[str, Completed]:
    """The newest complete record of each student, by ID number."""
    decided, reviews = _to_look_at(connection), _reviews(connection)
    complete = connection.execute(_RECORD.where(_RECORDS.c.id.in_(rows.latest_query(None))))
    return {row.id_number: _completed_of(row, decided.get(row.id, ()), reviews.get(row.id)) for row in complete}


def _completed_of(row: Row[Any], steps: list[StepResult] | tuple[()], review: Review | None) -> Completed:
    causes = review_causes(steps)
    last = {result.step: result for result in steps}
    stand_ins = tuple(one.position for one in last.values() if one.stands_in and one.position)
    return Completed(row.id, row.finished_at, causes, review, row.signed_at is not None, stand_ins)


def _to_look_at(connection: Connection) -> Mapping[str, list[StepResult]]:
    """The steps of records in which something has not passed by itself, by record."""
    found: dict[str, list[StepResult]] = defaultdict(list)
    decided = select(_STEPS.c.record_id).where(_DECIDED)
    not_passed = select(_RECORDS.c.id).where(_RECORDS.c.state == RecordState.COMPLETE, _RECORDS.c.verdict != Verdict.PASS)
    wanted = or_(_STEPS.c.record_id.in_(decided), _STEPS.c.record_id.in_(not_passed))
    for row in connection.execute(select(_STEPS).where(wanted).order_by(_STEPS.c.number)):
        found[row.record_id].append(rows.load_step(row))
    return found


def _begun(connection: Connection) -> dict[str, Begun]:
    last = select(_STEPS.c.record_id, func.max(_STEPS.c.at).label("at")).group_by(_STEPS.c.record_id).subquery()
    query = (
        select(_RECORDS.c.id, _RECORDS.c.id_number, func.coalesce(last.c.at, _RECORDS.c.started_at).label("at"))
        .outerjoin(last, last.c.record_id == _RECORDS.c.id)
        .where(_RECORDS.c.state == RecordState.OPEN)
    )
    return {row.id_number: Begun(row.id, row.at) for row in connection.execute(query)}


def _absences(connection: Connection) -> dict[str, Absence]:
    query = select(_ABSENCES).order_by(_ABSENCES.c.number)
    return {row.id_number: Absence(row.reason, row.at) for row in connection.execute(query)}


def _refusals(connection: Connection) -> Mapping[str, list[Refusal]]:
    found: dict[str, list[Refusal]] = defaultdict(list)
    for row in connection.execute(select(_REFUSALS).order_by(_REFUSALS.c.at, _REFUSALS.c.number)):
        found[row.id_number].append(load_refusal(row))
    return found


def _reviews(connection: Connection) -> dict[str, Review]:
    return {row.record_id: load_review(row) for row in connection.execute(select(tables.reviews))}

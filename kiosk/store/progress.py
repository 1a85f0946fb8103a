"""Who of the roster was captured, who not, and who was never seen at all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, insert, select

from kiosk.records import ProgressState, RecordState, StepResult, Student, StudentProgress, Verdict
from kiosk.store import rows, tables
from kiosk.store.audit import Audit, require_reason
from kiosk.store.database import Database
from kiosk.store.roster import enrolled_students

_RECORDS, _STEPS, _ABSENCES = tables.records, tables.steps, tables.absences
# Without the card and the roster's row of that day, which are most of a record.
_RECORD: Final = select(
    *(_RECORDS.c[name] for name in ("id", "id_number", "verdict", "started_at", "finished_at", "signed_at"))
)


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

    def students(self) -> list[StudentProgress]:
        """Everybody on the roster, in its order."""
        with self._database.read() as connection:
            students = enrolled_students(connection)
            complete = connection.execute(_RECORD.where(_RECORDS.c.id.in_(rows.latest_query(None)))).all()
            unfinished = connection.execute(_RECORD.where(_RECORDS.c.state == RecordState.OPEN)).all()
            decided = _decided(connection)
            absent = connection.execute(select(_ABSENCES).order_by(_ABSENCES.c.number)).all()
        by_number: dict[str, StudentProgress] = {}
        known = {student.id_number: student for student in students}
        for row in absent:
            if row.id_number in known:
                by_number[row.id_number] = StudentProgress(
                    known[row.id_number], ProgressState.ABSENT, at=row.at, note=row.reason
                )
        for row in unfinished:
            if row.id_number in known:
                state = ProgressState.UNFINISHED
                by_number[row.id_number] = StudentProgress(known[row.id_number], state, row.id, row.started_at)
        for row in complete:
            if row.id_number in known:
                by_number[row.id_number] = _captured(known[row.id_number], row, decided[row.id])
        return [by_number.get(student.id_number, StudentProgress(student, ProgressState.NOT_SEEN)) for student in students]


def _decided(connection: Connection) -> dict[str, list[StepResult]]:
    """The results that persons decided, by record."""
    found: dict[str, list[StepResult]] = defaultdict(list)
    for row in connection.execute(select(_STEPS).where(_STEPS.c.decided_by != "").order_by(_STEPS.c.number)):
        found[row.record_id].append(rows.load_step(row))
    return found


def _captured(student: Student, row: Row[Any], decided: Sequence[StepResult]) -> StudentProgress:
    state = ProgressState.CAPTURED
    last = {one.step: one for one in decided if one.verdict is not Verdict.FAIL}
    stand_ins = tuple(one.position for one in last.values() if one.stands_in and one.position)
    if last:
        state = ProgressState.EXCEPTION
    elif row.verdict != Verdict.PASS:
        state = ProgressState.REVIEW
    signed = row.signed_at is not None
    return StudentProgress(student, state, row.id, row.finished_at, signed=signed, stand_ins=stand_ins)

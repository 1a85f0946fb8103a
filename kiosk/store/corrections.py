"""更正: one field of a student put right, in the roster, from where every list, sheet, form and paper takes it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, insert, select, update

from kiosk import witness
from kiosk.errors import StoreError
from kiosk.records import CaptureRecord, CardEntry, Correction, Person, RecordState, SchoolName, Student
from kiosk.store import roster_rows, rows, tables
from kiosk.store.audit import Audit, require_reason
from kiosk.store.database import Database
from kiosk.store.deadline import require_unlocked
from kiosk.store.school import own_school
from kiosk.store.schools import schools_of, spelling

_CORRECTIONS, _RECORDS, _STUDENTS = tables.corrections, tables.records, tables.students

# The number is the student.
CORRECTABLE: Final = tuple(one.name for one in fields(Student) if one.name != "id_number")
# No two students have the same.
_ONES_OWN: Final = frozenset({"registration_number", "student_number", "exam_number"})
# What tells nobody who somebody is may stand in the audit trail, which nothing is ever taken out of.
_IMPERSONAL: Final = frozenset(
    {"grade", "class_name", "sex", "ethnicity", "document_type", "stream", "school", "school_code", "category"}
)


class Corrections:
    """What people put right, with the old values."""

    def __init__(self, database: Database, audit: Audit) -> None:
        self._database = database
        self._audit = audit

    def correct(self, id_number: str, field: str, value: str, *, reason: str, by: Person, at: datetime) -> Student:
        """Put one field of a student right, on the roster and in data that were typed at the desk; the old value is kept.

        Raises StoreError when there is no such field or student, the reason is missing, a card that was read says otherwise,
        another student has this number, the record is signed (then only a re-capture changes it), or the deadline has passed.
        """
        if field not in CORRECTABLE:
            raise StoreError("store.not_correctable", field=field)
        require_reason(reason)
        with self._database.write() as connection:
            require_unlocked(connection, at)
            record = _newest(connection, id_number)
            filed = roster_rows.on_roster(connection, [id_number]).get(id_number)
            student = filed or (record.student if record else None)
            if student is None:
                raise StoreError("store.not_on_roster")
            if record is not None:
                _require_open_to(record, field, value)
            _require_free(connection, student, field, value)
            typed = record.card if record and record.card and record.card.entry is CardEntry.TYPED else None
            before = witness.value_of(student, typed, field)
            if before == value == getattr(student, field):
                return student
            if filed is not None:
                connection.execute(
                    update(_STUDENTS)
                    .where(_STUDENTS.c.id_number == id_number)
                    .values(roster_rows.student_values(_put_right(connection, filed, field, value)))
                )
            record_id = record.id if record else None
            told = {"field": field, "before": before, "after": value, "reason": reason}
            connection.execute(
                insert(_CORRECTIONS).values(
                    id_number=id_number, record_id=record_id, by=by.name, account=by.account, at=at, **told
                )
            )
            values = {"before": before, "after": value} if field in _IMPERSONAL else {}
            subject = record_id or self._audit.pseudonym(id_number)
            self._audit.append(
                connection, "record.correct", actor=by.name, subject=subject, field=field, reason=reason, **values
            )
        return replace(student, **{field: value})

    def of(self, id_number: str) -> list[Correction]:
        """A student's, oldest first."""
        query = select(_CORRECTIONS).where(_CORRECTIONS.c.id_number == id_number).order_by(_CORRECTIONS.c.number)
        with self._database.read() as connection:
            return [rows.load_correction(row) for row in connection.execute(query)]

    def by_student(self) -> Mapping[str, list[Correction]]:
        """Everybody's by ID number, oldest first."""
        found: dict[str, list[Correction]] = defaultdict(list)
        with self._database.read() as connection:
            for row in connection.execute(select(_CORRECTIONS).order_by(_CORRECTIONS.c.number)):
                found[row.id_number].append(rows.load_correction(row))
        return found


def _put_right(connection: Connection, student: Student, field: str, value: str) -> Student:
    """The student with the field so; in another school, as the roster spells it, name and code alike."""
    after = replace(student, **{field: value})
    if field not in ("school", "school_code") or not value:
        return after
    told = SchoolName(value) if field == "school" else SchoolName(code=value)
    known = schools_of(connection, enrolled=False)
    now = spelling(own_school(connection), known, [told])[told]
    return replace(student, school=now.name, school_code=now.code) if now in known else after


def _require_open_to(record: CaptureRecord, field: str, value: str) -> None:
    if record.signed_at is not None:
        raise StoreError("store.record_signed", record=record.id)
    decided = witness.decides(record.card).get(field, value)
    if value != decided:
        raise StoreError("store.card_decides", field=field, value=decided)


def _require_free(connection: Connection, student: Student, field: str, value: str) -> None:
    if field not in _ONES_OWN or not value:
        return
    for other in roster_rows.enrolled_students(connection):
        if other.id_number != student.id_number and getattr(other, field) == value:
            raise StoreError("store.number_taken", name=other.name, value=value)


def _newest(connection: Connection, id_number: str) -> CaptureRecord | None:
    """The student's complete record that counts; before there is one, the one under way."""
    of_student = select(_RECORDS.c.id).where(_RECORDS.c.id_number == id_number)
    complete = _RECORDS.c.state == RecordState.COMPLETE
    query = of_student.order_by(complete.desc(), _RECORDS.c.version.desc()).limit(1)
    record_id = connection.scalar(query)
    return rows.load_record(connection, record_id) if record_id else None

"""采集记录: each finished step is on the disk before the next begins, and nothing is ever overwritten."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, func, insert, select, update

from kiosk.errors import StoreError
from kiosk.records import (
    NUMBER_DIGITS,
    OWN_FINGER,
    Biometric,
    BiometricKind,
    CaptureRecord,
    CardData,
    DayCounts,
    RecordState,
    StepResult,
    StoredBiometric,
    Student,
    Verdict,
)
from kiosk.store import codec, rows, tables
from kiosk.store.audit import Audit
from kiosk.store.database import Database
from kiosk.store.deadline import require_unlocked
from kiosk.store.roster import enrolled
from kiosk.store.rounds import require_window
from kiosk.store.vault import Vault

_RECORDS, _STEPS, _BIOMETRICS, _REFUSALS = tables.records, tables.steps, tables.biometrics, tables.refusals

# Why nobody is captured at this time: by the rules of the day, not by a fault.
OUT_OF_TIME: Final = frozenset({"store.locked", "store.window_not_yet", "store.window_over", "store.clock_behind"})


class Captures:
    """The capture records and what became of them."""

    def __init__(self, database: Database, vault: Vault, audit: Audit) -> None:
        self._database = database
        self._vault = vault
        self._audit = audit

    def begin(
        self,
        student: Student,
        card: CardData | None,
        *,
        station: str,
        operator: str,
        profile: str,
        profile_hash: str,
        at: datetime,
        recapture_reason: str = "",
    ) -> CaptureRecord:
        """A new open record, the next version of this student's.

        Raises StoreError when one is open already, a complete one exists and no reason is given for another, the student's
        group has no open window, or the deadline has passed.
        """
        with self._database.write() as connection:
            require_unlocked(connection, at)
            require_window(connection, student, at)
            known = connection.execute(
                select(_RECORDS.c.version, _RECORDS.c.state).where(_RECORDS.c.id_number == student.id_number)
            ).all()
            if any(row.state == RecordState.OPEN for row in known):
                raise StoreError("store.already_open")
            if known and not recapture_reason.strip():
                raise StoreError("store.recapture_needs_reason")
            record_id, version = secrets.token_hex(16), max((row.version for row in known), default=0) + 1
            connection.execute(
                insert(_RECORDS).values(
                    id=record_id,
                    id_number=student.id_number,
                    version=version,
                    state=RecordState.OPEN,
                    started_at=at,
                    station=station,
                    operator=operator,
                    profile=profile,
                    profile_hash=profile_hash,
                    recapture_reason=recapture_reason,
                    student=codec.dump_student(student),
                    card=codec.dump_card(card) if card else None,
                )
            )
            self._audit.append(
                connection, "capture.begin", actor=operator, subject=record_id, version=version, reason=recapture_reason
            )
            return rows.load_record(connection, record_id)

    def save_step(self, record_id: str, result: StepResult, biometrics: Sequence[Biometric] = ()) -> CaptureRecord:
        """Keep a finished step; durable when it returns. Doing a step again adds a result and leaves the old one.

        Raises StoreError when the record is closed or unknown; then nothing was kept.
        """
        with self._database.write() as connection:
            operator = _require_open(connection, record_id).operator
            # The blobs first, then the rows that name them: a power cut in between leaves orphans, never rows without data.
            stored = self._vault.put(record_id, biometrics)
            step = connection.scalar(insert(_STEPS).values(rows.step_values(record_id, result)).returning(_STEPS.c.number))
            if stored:
                connection.execute(insert(_BIOMETRICS), [{**vars(one), "step": step} for one in stored])
            self._audit.append(
                connection,
                "capture.step",
                actor=result.decided_by or operator,
                subject=record_id,
                step=result.step,
                verdict=result.verdict,
                reason=result.reason,
                **({"alike": [other.record_id for other in result.alike]} if result.alike else {}),
            )
            return rows.load_record(connection, record_id)

    def finish(self, record_id: str, at: datetime) -> CaptureRecord:
        """Close the record. Raises StoreError when it is closed or unknown."""
        with self._database.write() as connection:
            operator = _require_open(connection, record_id).operator
            verdict = rows.load_record(connection, record_id).verdict
            connection.execute(
                update(_RECORDS)
                .where(_RECORDS.c.id == record_id)
                .values(state=RecordState.COMPLETE, finished_at=at, verdict=verdict)
            )
            self._audit.append(connection, "capture.finish", actor=operator, subject=record_id, verdict=verdict)
            return rows.load_record(connection, record_id)

    def unfinished(self, id_number: str) -> CaptureRecord | None:
        """The student's open record with the steps that are done, as after a power cut."""
        return self._one(select(_RECORDS.c.id).where(_RECORDS.c.id_number == id_number, _RECORDS.c.state == RecordState.OPEN))

    def find(self, record_id: str) -> CaptureRecord | None:
        """One record by its id."""
        with self._database.read() as connection:
            return next(iter(rows.load_records(connection, [record_id])), None)

    def latest_complete(self, id_number: str) -> CaptureRecord | None:
        """The student's newest complete version."""
        complete = select(_RECORDS.c.id).where(_RECORDS.c.id_number == id_number, _RECORDS.c.state == RecordState.COMPLETE)
        return self._one(complete.order_by(_RECORDS.c.version.desc()).limit(1))

    def by_number(self, number: str) -> CaptureRecord | None:
        """The complete record of a number as it stands on a form (`CaptureRecord.number`), or None."""
        beginning, _, version = number.strip().lower().partition("-")
        if len(beginning) != NUMBER_DIGITS or not beginning.isalnum() or not version.isdigit():
            return None
        fits = _RECORDS.c.id.startswith(beginning), _RECORDS.c.version == int(version), _RECORDS.c.state == RecordState.COMPLETE
        return self._one(select(_RECORDS.c.id).where(*fits))

    def having(self, kind: BiometricKind) -> frozenset[str]:
        """The ids of the records that a kind of data was kept for."""
        with self._database.read() as connection:
            return frozenset(connection.scalars(select(_BIOMETRICS.c.record_id).where(_BIOMETRICS.c.kind == kind).distinct()))

    def kinds(self, record_id: str) -> frozenset[BiometricKind]:
        """What was kept for a record."""
        with self._database.read() as connection:
            query = select(_BIOMETRICS.c.kind).where(_BIOMETRICS.c.record_id == record_id).distinct()
            return frozenset(BiometricKind(kind) for kind in connection.scalars(query))

    def records(self, *, day: date | None = None) -> Iterator[CaptureRecord]:
        """The latest complete version of each student, in the roster's order; of one local day when given.

        Memory stays flat: records come in batches, and no transaction is held between them.
        """
        with self._database.read() as connection:
            record_ids = rows.latest_ids(connection, None if day is None else _bounds(day))
        for start in range(0, len(record_ids), rows.BATCH):
            with self._database.read() as connection:
                batch = rows.load_records(connection, record_ids[start : start + rows.BATCH])
            yield from batch

    def count(self) -> int:
        """How many students have a complete record."""
        with self._database.read() as connection:
            query = select(func.count(_RECORDS.c.id_number.distinct())).where(_RECORDS.c.state == RecordState.COMPLETE)
            return connection.scalar(query) or 0

    def unfinished_records(self) -> list[CaptureRecord]:
        """Every record that is still open."""
        with self._database.read() as connection:
            query = select(_RECORDS.c.id).where(_RECORDS.c.state == RecordState.OPEN)
            return rows.load_records(connection, list(connection.scalars(query)))

    def biometric(self, record_id: str, kind: BiometricKind) -> bytes | None:
        """The latest of its kind that its step's last results left standing, or None: pictures of one try never mix with those
        of another, and a finger that was left out has none. Raises StoreError when it was tampered with."""
        with self._database.read() as connection:
            query = (
                select(_BIOMETRICS)
                .where(_BIOMETRICS.c.record_id == record_id, _BIOMETRICS.c.kind == kind)
                .order_by(_BIOMETRICS.c.number.desc())
                .limit(1)
            )
            row = connection.execute(query).one_or_none()
            if row is None or (row.step is not None and not _stands(connection, row)):
                return None
        return self._vault.get(StoredBiometric(row.record_id, BiometricKind(row.kind), row.blob_id, row.size, row.sha256))

    def refuse(self, reason_code: str, masked_id: str, at: datetime) -> None:
        """Count somebody who may not be captured. The number comes masked: whoever is not on the roster is not ours to keep."""
        with self._database.write() as connection:
            connection.execute(insert(_REFUSALS).values(at=at, reason_code=reason_code, masked_id=masked_id))
            self._audit.append(connection, "capture.refuse", subject=masked_id, reason=reason_code)

    def counts(self, day: date) -> DayCounts:
        """One local day: students captured, those of them not passed, people refused; and every record still open."""
        start, end = _bounds(day)
        with self._database.read() as connection:
            record_ids = rows.latest_ids(connection, (start, end))
            passed = select(func.count()).where(
                _RECORDS.c.finished_at >= start, _RECORDS.c.finished_at < end, _RECORDS.c.verdict == Verdict.PASS
            )
            latest_passed = connection.scalar(passed.where(_RECORDS.c.id.in_(rows.latest_query((start, end))))) or 0
            refused = select(func.count()).where(_REFUSALS.c.at >= start, _REFUSALS.c.at < end)
            unfinished = select(func.count()).where(_RECORDS.c.state == RecordState.OPEN)
            return DayCounts(
                roster=enrolled(connection),
                captured=len(record_ids),
                review=len(record_ids) - latest_passed,
                refused=connection.scalar(refused) or 0,
                unfinished=connection.scalar(unfinished) or 0,
            )

    def _one(self, query: Select[Any]) -> CaptureRecord | None:
        """The record whose id a query finds."""
        with self._database.read() as connection:
            record_id = connection.scalar(query)
            return rows.load_record(connection, record_id) if record_id else None


def _require_open(connection: Connection, record_id: str) -> CaptureRecord:
    record = rows.load_record(connection, record_id)
    if record.state is not RecordState.OPEN:
        raise StoreError("store.record_closed", record=record_id)
    return record


def _stands(connection: Connection, biometric: Row[Any]) -> bool:
    """Whether a picture is of the last try that brought any, and nobody decided to go without this finger."""
    step = connection.scalar(select(_STEPS.c.step).where(_STEPS.c.number == biometric.step))
    of_step = (_STEPS.c.record_id == biometric.record_id) & (_STEPS.c.step == step)
    brought = select(func.max(_BIOMETRICS.c.step)).join(_STEPS, _STEPS.c.number == _BIOMETRICS.c.step).where(of_step)
    if connection.scalar(brought) != biometric.step:
        return False
    last = rows.load_step(connection.execute(select(_STEPS).where(of_step).order_by(_STEPS.c.number.desc()).limit(1)).one())
    return last.step not in OWN_FINGER or last.position is not None or not last.decided_by


def _bounds(day: date) -> tuple[datetime, datetime]:
    """Midnight to midnight of the station's own clock."""
    start = datetime.combine(day, time.min).astimezone()
    end = datetime.combine(day + timedelta(days=1), time.min).astimezone()
    return start, end

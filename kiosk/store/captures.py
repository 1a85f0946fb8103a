"""采集记录: each finished step is on the disk before the next begins, and nothing is ever overwritten."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from functools import partial
from itertools import islice
from typing import Any, Final

from sqlalchemy import Connection, Select, func, insert, select, update

from kiosk.clock import bounds
from kiosk.errors import StoreError
from kiosk.records import (
    NUMBER_DIGITS,
    Biometric,
    BiometricKind,
    CaptureRecord,
    CardData,
    KeptBiometric,
    RecordState,
    Step,
    StepResult,
    Student,
    Verdict,
)
from kiosk.store import codec, rows, tables
from kiosk.store.audit import Audit
from kiosk.store.database import Database
from kiosk.store.deadline import require_unlocked
from kiosk.store.pieces import Pieces, named_by, standing
from kiosk.store.points import require_here
from kiosk.store.roster_rows import batches
from kiosk.store.rounds import require_window
from kiosk.store.vault import Vault

_RECORDS, _STEPS, _BIOMETRICS = tables.records, tables.steps, tables.biometrics

Pictures = Callable[[BiometricKind], bytes | None]

_TOGETHER: Final = 32  # records: some megabytes of pictures
_VERSION_DIGITS: Final = 6  # nobody is captured a million times
# What was kept is there no more as it was; asking again changes nothing.
DAMAGED: Final = frozenset({"store.blob_missing", "store.blob_tampered"})


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
        recapture_by: str = "",
        first: tuple[StepResult, Sequence[Biometric]] | None = None,
    ) -> CaptureRecord:
        """A new open record, the next version of this student's. `recapture_by`: who
        decided that a complete one is not enough. `first`: a step that is done already, the card's, kept in the
        same transaction: there is no record without it.

        Raises StoreError when one is open already, a complete one exists and no reason is given for another, the student's
        school is not captured here or the group has no open window, or the deadline has passed.
        """
        with self._database.write() as connection:
            require_unlocked(connection, at)
            require_here(connection, student, at)
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
                connection,
                "capture.begin",
                actor=operator,
                subject=record_id,
                version=version,
                reason=recapture_reason,
                decided_by=recapture_by,
            )
            if first is not None:
                self._keep_step(connection, record_id, operator, *first)
            return rows.load_record(connection, record_id)

    def save_step(self, record_id: str, result: StepResult, biometrics: Sequence[Biometric] = ()) -> CaptureRecord:
        """Keep a finished step; durable when it returns. Doing a step again adds a result and leaves the old one.

        Raises StoreError when the record is closed or unknown; then nothing was kept.
        """
        with self._database.write() as connection:
            operator = _require_open(connection, record_id).operator
            self._keep_step(connection, record_id, operator, result, biometrics)
            return rows.load_record(connection, record_id)

    def redo(self, record_id: str, steps: Sequence[Step], *, by: str, reason: str, at: datetime) -> CaptureRecord:
        """Order steps of an open record to be done again: what they brought stays in the record and counts no more.

        All of them or none. Raises StoreError when the record is closed or unknown.
        """
        with self._database.write() as connection:
            operator = _require_open(connection, record_id).operator
            for step in steps:
                order = StepResult(step, Verdict.FAIL, at, 0, decided_by=by, reason=reason, redo=True)
                self._keep_step(connection, record_id, operator, order, ())
            return rows.load_record(connection, record_id)

    def _keep_step(
        self, connection: Connection, record_id: str, operator: str, result: StepResult, biometrics: Sequence[Biometric]
    ) -> None:
        stored = self._vault.put(connection, record_id, biometrics)
        step = connection.scalar(insert(_STEPS).values(rows.step_values(record_id, result)).returning(_STEPS.c.number))
        if stored:
            connection.execute(insert(_BIOMETRICS), [{**vars(one), "step": step} for one in stored])
        self._audit.append(
            connection,
            "capture.redo" if result.redo else "capture.step",
            actor=result.decided_by or operator,
            subject=record_id,
            step=result.step,
            verdict=result.verdict,
            reason=result.reason,
            **({"decided": True} if result.decided_by else {}),
            **({"alike": [other.record_id or other.name for other in result.alike]} if result.alike else {}),
        )

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

    def versions(self, id_number: str) -> list[CaptureRecord]:
        """Every record of a student, the newest first."""
        with self._database.read() as connection:
            query = select(_RECORDS.c.id).where(_RECORDS.c.id_number == id_number).order_by(_RECORDS.c.version.desc())
            return rows.load_records(connection, list(connection.scalars(query)))

    def by_number(self, number: str) -> CaptureRecord | None:
        """The complete record of a number as it stands on a form (`CaptureRecord.number`), or None."""
        beginning, _, version = number.strip().lower().partition("-")
        if len(beginning) != NUMBER_DIGITS or not (beginning + version).isascii():
            return None
        if not beginning.isalnum() or not version.isdigit() or len(version) > _VERSION_DIGITS:
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

    def kept(self, record_id: str) -> list[KeptBiometric]:
        """Every piece that was kept for a record, the oldest first; what was superseded, too."""
        with self._database.read() as connection:
            query = (
                select(_BIOMETRICS, _STEPS.c.at)
                .outerjoin(_STEPS, _STEPS.c.number == _BIOMETRICS.c.step)
                .where(_BIOMETRICS.c.record_id == record_id)
                .order_by(_BIOMETRICS.c.number)
            )
            found = connection.execute(query).all()
            stands = {row.number for row in standing(connection, [record_id])[record_id].values()}
        return [
            KeptBiometric(row.number, BiometricKind(row.kind), row.at, row.size, row.digest, row.number in stands)
            for row in found
        ]

    def piece(self, record_id: str, number: int) -> tuple[BiometricKind, bytes] | None:
        """One of those, whether it counts or not; None when the record has none of this number. Raises StoreError when it was
        tampered with."""
        with self._database.read() as connection:
            query = select(_BIOMETRICS).where(_BIOMETRICS.c.record_id == record_id, _BIOMETRICS.c.number == number)
            row = connection.execute(query).one_or_none()
        return None if row is None else (BiometricKind(row.kind), self._vault.open(named_by(row)))

    def records(self, *, day: date | None = None, school: str = "") -> Iterator[CaptureRecord]:
        """The latest complete version of each student, in the roster's order; of one local day and of the school of one key,
        when given.

        Memory stays flat: records come in batches, and no transaction is held between them.
        """
        with self._database.read() as connection:
            record_ids = rows.latest_ids(connection, None if day is None else bounds(day, day), school)
        for some in batches(record_ids):
            with self._database.read() as connection:
                batch = rows.load_records(connection, some)
            yield from (record for record in batch if not school or record.student.group.school == school)

    def stamp(self, school: str, kinds: Collection[BiometricKind]) -> str:
        """Of the school of this key: another one whenever other records count, or other pieces of these kinds are kept."""
        kept = select(func.count(), func.max(_BIOMETRICS.c.number)).where(_BIOMETRICS.c.kind.in_(kinds))
        with self._database.read() as connection:
            ids = rows.latest_ids(connection, None, school)
            pieces = [tuple(connection.execute(kept.where(_BIOMETRICS.c.record_id.in_(few))).one()) for few in batches(ids)]
        return hashlib.sha256(repr((ids, pieces)).encode()).hexdigest()

    def load(self, record_ids: Iterable[str]) -> Iterator[CaptureRecord]:
        """Records whose ids are `packed`, as far as they are still here."""
        for some in batches(record_ids):
            with self._database.read() as connection:
                found = rows.load_records(connection, some)
            yield from found

    def counting(self, *, of: Collection[str]) -> Mapping[str, str]:
        """By student's number, which record is the latest complete one, of these few students."""
        with self._database.read() as connection:
            query = rows.latest_query(None, of).add_columns(_RECORDS.c.id_number)
            return {row.id_number: row.id for row in connection.execute(query)}

    def latest(self) -> Mapping[str, tuple[str, int]]:
        """By student's number, which record is the latest complete one, and how many corrections it has: what says whether
        anything about it has changed."""
        corrected = select(tables.corrections.c.record_id, func.count()).group_by(tables.corrections.c.record_id)
        with self._database.read() as connection:
            counts = dict(map(tuple, connection.execute(corrected)))
            found = connection.execute(rows.latest_query(None).add_columns(_RECORDS.c.id_number))
            return {row.id_number: (row.id, counts.get(row.id, 0)) for row in found}

    def without_steps(self, record_ids: Sequence[str]) -> Iterator[CaptureRecord]:
        """Records with card and student, but nothing of what their steps gave: an eighth of the time."""
        for start in range(0, len(record_ids), rows.BATCH):
            with self._database.read() as connection:
                batch = rows.load_records(connection, record_ids[start : start + rows.BATCH], with_steps=False)
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
        return self.pictures(record_id)(kind)

    def pictures(self, record_id: str) -> Pictures:
        """The same for several of them: what stands is looked up once, when the first is asked for."""
        return partial(self.pictures_of([record_id]), record_id)

    def pictures_of(
        self, record_ids: Sequence[str], expected: Collection[BiometricKind] = ()
    ) -> Callable[[str, BiometricKind], bytes | None]:
        """The same of a few records, by their ids; the `expected` kinds come out of the vault together."""
        return Pieces(self._database, self._vault, record_ids, expected).get

    def with_pictures(
        self, records: Iterable[CaptureRecord], expected: Collection[BiometricKind]
    ) -> Iterator[tuple[CaptureRecord, Pictures]]:
        """Records and the way to their pictures, for those who go through many: the `expected` kinds come out of the vault for
        some records at a time, while whoever asks looks at those before."""
        left = iter(records)

        def following(reader: ThreadPoolExecutor) -> tuple[Sequence[CaptureRecord], Pieces] | None:
            few = tuple(islice(left, _TOGETHER))
            if not few:
                return None
            pieces = Pieces(self._database, self._vault, [record.id for record in few], expected)
            reader.submit(pieces.fetch)
            return few, pieces

        with ThreadPoolExecutor(1, thread_name_prefix="pieces") as reader:
            ahead = following(reader)
            while ahead is not None:
                (few, pieces), ahead = ahead, following(reader)
                for record in few:
                    yield record, partial(pieces.get, record.id)

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

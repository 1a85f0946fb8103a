"""Capture records as they come in from stations: whole packages or nothing, each state of a record once.

A package's pieces are in the vault before its rows are: their names are written down first (`arriving`), so that a kill at any
moment leaves nothing that isn't known. One transaction on the identities then writes every row of the package. What is here
already is told by record id and digest; of two states of a record from the same data the one with the higher entry counts.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Table, delete, func, insert, select, update

from kiosk.errors import StoreError
from kiosk.records import (
    Biometric,
    BiometricKind,
    CaptureRecord,
    ConflictKind,
    KnownElsewhere,
    ParcelOrigin,
    Part,
    ReceivedCounts,
    ReceivedState,
    RecordState,
    StoredBiometric,
)
from kiosk.store import codec, conflicts, elsewhere_rows, erasing, pairing, rows, tables
from kiosk.store.audit import Audit
from kiosk.store.database import Database
from kiosk.store.elsewhere_rows import OF_STATION
from kiosk.store.inbox import chain_of, note_taken
from kiosk.store.tables import Moment
from kiosk.store.vault import Vault

_RECORDS, _STEPS, _BIOMETRICS = tables.records, tables.steps, tables.biometrics
_CAME, _RECEIVED, _ARRIVING = tables.received_records, tables.received, tables.arriving
_WITH_RECORD: Final = {"corrections": tables.corrections, "reviews": tables.reviews}
_BATCH: Final = 400
_TAKEN, _SUPERSEDED = "taken", "superseded"


class ToldRecord(NamedTuple):
    """A record out of a package: what is told of it (`kiosk.store.outgoing`), and its pieces, as `told["blobs"]` has them."""

    id: str
    digest: str
    told: Mapping[str, Any]
    blobs: Sequence[bytes]


class _Kind(StrEnum):
    NEW = "new"
    NEWER = "newer"
    SAME = "same"
    OLDER = "older"
    OTHER = "other"  # another state of the same record, which does not follow on the one that is here


@dataclass(frozen=True)
class Arrived:
    """A record whose pieces are in the vault, under the id that it has here; `put` are those that came with it."""

    id: str
    digest: str
    told: Mapping[str, Any]
    kind: _Kind
    stored_as: str
    blobs: tuple[StoredBiometric, ...]
    put: frozenset[str]


class Incoming:
    """Takes what stations send."""

    def __init__(self, database: Database, vault_database: Database, vault: Vault, audit: Audit) -> None:
        self._database = database
        self._vault_database = vault_database
        self._vault = vault
        self._audit = audit

    def sweep(self, parcel: int) -> int:
        """Delete the pieces that an attempt at a package left behind which was broken off; how many."""
        with self._database.read() as connection:
            left = list(connection.scalars(select(_ARRIVING.c.blob_id).where(_ARRIVING.c.parcel == parcel)))
        for start in range(0, len(left), _BATCH):
            self._vault.erase(left[start : start + _BATCH])
        if left:
            with self._database.write() as connection:
                connection.execute(delete(_ARRIVING).where(_ARRIVING.c.parcel == parcel))
        return len(left)

    def keep(self, origin: ParcelOrigin, records: Sequence[ToldRecord]) -> list[Arrived]:
        """Put the pieces of some records into the vault, which aren't there; nothing else knows of them before `take`. Raises
        StoreError("incoming.unreadable") for what can't be a record's."""
        with self._database.read() as connection:
            chain = chain_of(connection, origin)
            arrived = [self._arrived(connection, chain, origin, one) for one in records]
        wanted = [pair for _, pairs in arrived for pair in pairs]
        if wanted:
            with self._database.write() as connection:
                names = [{"blob_id": stored.blob_id, "parcel": origin.number} for stored, _ in wanted]
                connection.execute(insert(_ARRIVING), names)
            self._vault.put_named(wanted)
        return [one for one, _ in arrived]

    def take(
        self, origin: ParcelOrigin, arrived: Sequence[Arrived], staff: Sequence[KnownElsewhere] = ()
    ) -> ReceivedCounts | None:
        """Write every row of a package, in one transaction; None where somebody else has taken it meanwhile. `staff`: all whom
        the station knows by their templates now.

        Raises StoreError("store.busy") where what was kept for it is not there any more, or something else has come in between:
        it is to be begun anew; and ("incoming.unreadable") for rows that can't be read: then nothing was written.
        """
        at = self._audit.now()
        with self._database.write() as connection:
            state = connection.scalar(select(_RECEIVED.c.state).where(_RECEIVED.c.number == origin.number))
            if state != ReceivedState.WAITING:
                return None
            _require_kept(connection, origin.number, [blob for one in arrived for blob in one.put])
            chain = chain_of(connection, origin)
            kinds = [_take(connection, chain, origin, one) for one in arrived]
            counts = Counter("new" if kind is _Kind.OTHER else str(kind) for kind in kinds)
            written = [one for one, kind in zip(arrived, kinds, strict=True) if kind not in (_Kind.SAME, _Kind.OLDER)]
            counts["aside"] = self._judge(connection, written, at)
            connection.execute(delete(_ARRIVING).where(_ARRIVING.c.parcel == origin.number))
            told = ReceivedCounts(**counts, whole=origin.whole)
            if note_taken(connection, origin, chain, told, at):
                elsewhere_rows.replace(connection, self._vault, OF_STATION.format(origin.store), staff, at)
            with self._vault_database.read() as blobs:
                pairing.hear_of_vault(connection, pairing.generation_of(blobs, tables.vault_pair))
            self._audit.append(connection, "office.take", subject=origin.id, file=origin.number, **vars(told))
        erasing.finish(self._database, self._vault_database)  # pieces whose place newer ones took
        return told

    def _arrived(
        self, connection: Connection, chain: str, origin: ParcelOrigin, one: ToldRecord
    ) -> tuple[Arrived, list[tuple[StoredBiometric, Biometric]]]:
        kind, stored_as = _place(connection, chain, origin.entry, one.id, one.digest)
        if kind in (_Kind.SAME, _Kind.OLDER):
            return Arrived(one.id, one.digest, one.told, kind, stored_as, (), frozenset()), []
        try:
            pieces = [
                Biometric(BiometricKind(told["kind"]), data) for told, data in zip(one.told["blobs"], one.blobs, strict=True)
            ]
        except (ValueError, KeyError, TypeError):
            raise StoreError("incoming.unreadable", record=one.id) from None
        named = [self._vault.name(stored_as, piece) for piece in pieces]
        here = {
            (row.kind, row.digest): row.blob_id
            for row in connection.execute(select(_BIOMETRICS).where(_BIOMETRICS.c.record_id == stored_as))
        }
        blobs, put = [], []
        for stored, piece in zip(named, pieces, strict=True):
            if (blob_id := here.pop((stored.kind, stored.digest), None)) is not None:
                blobs.append(StoredBiometric(stored_as, stored.kind, blob_id, stored.size, stored.digest))
            else:
                blobs.append(stored)
                put.append((stored, piece))
        names = frozenset(stored.blob_id for stored, _ in put)
        return Arrived(one.id, one.digest, one.told, kind, stored_as, tuple(blobs), names), put

    def _judge(self, connection: Connection, written: Sequence[Arrived], at: datetime) -> int:
        """Look for what records contradict; how many were set aside now. What can't be read raises."""
        aside = 0
        for start in range(0, len(written), _BATCH):
            few = written[start : start + _BATCH]
            ids = [one.stored_as for one in few]
            try:
                records = rows.load_records(connection, ids)
            except (ValueError, KeyError, TypeError, AttributeError):
                raise StoreError("incoming.unreadable", record=few[0].id) from None
            contested = conflicts.not_alone(connection, ids)
            aside += sum(
                self._judge_one(connection, one, record, at, contested=one.stored_as in contested)
                for one, record in zip(few, records, strict=True)
            )
        return aside

    def _judge_one(self, connection: Connection, one: Arrived, record: CaptureRecord, at: datetime, *, contested: bool) -> bool:
        differs = conflicts.names_differ(record)
        if one.kind is _Kind.NEWER:
            if not differs:
                conflicts.settle_name(connection, one.stored_as, at)
            elif record.state is RecordState.COMPLETE:
                return self._found(connection, ConflictKind.NAME, one.stored_as, "", at)
            return False
        rival = conflicts.rival_of(connection, one.stored_as) if contested else None
        if rival is not None:
            kind = ConflictKind.TWO_STATES if one.kind is _Kind.OTHER else ConflictKind.TWO_STATIONS
            return self._found(connection, kind, rival, one.stored_as, at)
        return differs and self._found(connection, ConflictKind.NAME, one.stored_as, "", at)

    def _found(self, connection: Connection, kind: ConflictKind, first: str, second: str, at: datetime) -> bool:
        conflicts.enter(connection, kind, first, second, at)
        self._audit.append(connection, "conflict.found", subject=second or first, kind=kind, other=first if second else "")
        return True


def _take(connection: Connection, chain: str, origin: ParcelOrigin, one: Arrived) -> _Kind:
    """Write the rows of a record; what it turned out to be."""
    if (one.kind, one.stored_as) != _place(connection, chain, origin.entry, one.id, one.digest):
        raise StoreError("store.busy")
    if one.kind is _Kind.SAME:
        return _Kind.SAME
    came: dict[str, Any] = {"record_id": one.id, "digest": one.digest, "chain": chain, "stored_as": one.stored_as}
    came |= {"version": _version(one), "entry": origin.entry, "parcel": origin.number}
    if one.kind is _Kind.OLDER or (one.kind is _Kind.NEWER and _is_lessened(connection, one.stored_as)):
        connection.execute(insert(_CAME).values(came | {"state": _SUPERSEDED, "adopted": "{}"}))
        return _Kind.OLDER
    before = _superseded(connection, one) if one.kind is _Kind.NEWER else None
    kept = before.blobs if before is not None else frozenset()
    if not {blob.blob_id for blob in one.blobs} <= one.put | kept:  # somebody took away what was here already
        raise StoreError("store.busy")
    adopted = _write(connection, one, before)
    connection.execute(insert(_CAME).values(came | {"state": _TAKEN, "adopted": codec.dump(adopted)}))
    return one.kind


def _place(connection: Connection, chain: str, entry: int, record_id: str, digest: str) -> tuple[_Kind, str]:
    """What a state of a record is to the office, and the id that it has here."""
    known = connection.execute(select(_CAME).where(_CAME.c.record_id == record_id)).all()
    for row in known:
        if row.digest == digest:
            return _Kind.SAME, row.stored_as
    own = [row for row in known if row.chain == chain]
    if own:
        newest = max(own, key=lambda row: row.entry)
        return (_Kind.NEWER if entry > newest.entry else _Kind.OLDER), newest.stored_as
    if not known and connection.scalar(select(_RECORDS.c.id).where(_RECORDS.c.id == record_id)) is None:
        gone = select(tables.erased.c.number).where(
            tables.erased.c.record_id == record_id, tables.erased.c.part == Part.IDENTITY
        )
        return (_Kind.SAME if connection.scalar(gone.limit(1)) is not None else _Kind.NEW), record_id
    return _Kind.OTHER, digest[:32]


def _is_lessened(connection: Connection, stored_as: str) -> bool:
    """Whether something of a record was deleted here: then nothing of it comes back."""
    erased = select(tables.erased.c.number).where(tables.erased.c.record_id == stored_as)
    return connection.scalar(erased.limit(1)) is not None


class _Before(NamedTuple):
    """A record as it is here, before a newer state takes its place."""

    row: Any
    blobs: frozenset[str]


def _superseded(connection: Connection, one: Arrived) -> _Before:
    """Make room for a newer state: what came with the one before goes, what the office itself added stays."""
    row = connection.execute(select(_RECORDS).where(_RECORDS.c.id == one.stored_as)).one()
    these = (_CAME.c.stored_as == one.stored_as) & (_CAME.c.state == _TAKEN)
    for came in connection.execute(select(_CAME).where(these)).all():
        for name, numbers in json.loads(came.adopted).items():
            table = _WITH_RECORD[name]
            connection.execute(delete(table).where(table.c.number.in_(numbers)))
    connection.execute(update(_CAME).where(these).values(state=_SUPERSEDED))
    blobs = frozenset(connection.scalars(select(_BIOMETRICS.c.blob_id).where(_BIOMETRICS.c.record_id == one.stored_as)))
    for table in (_BIOMETRICS, _STEPS):
        connection.execute(delete(table).where(table.c.record_id == one.stored_as))
    return _Before(row, blobs)


def _write(connection: Connection, one: Arrived, before: _Before | None) -> dict[str, list[int]]:
    """The rows of a record; which of them came with it and go with it."""
    told = one.told
    try:
        values = _values(_RECORDS, told["record"])
        values |= {"id": one.stored_as, "student": codec.dump(told["record"]["student"])}
        values["card"] = codec.dump(told["record"]["card"]) if told["record"].get("card") else None
        if values["state"] != RecordState.COMPLETE:
            raise ValueError(values["state"])
        if before is None:
            values["version"] = conflicts.free_version(connection, values["id_number"], int(values["version"]))
            if values["version"] < 0:
                values["state"] = RecordState.SET_ASIDE
            connection.execute(insert(_RECORDS).values(values))
        else:
            values |= {"version": before.row.version, "state": before.row.state}
            connection.execute(update(_RECORDS).where(_RECORDS.c.id == one.stored_as).values(values))
        steps = [
            connection.scalar(
                insert(_STEPS)
                .values(_values(_STEPS, step) | {"record_id": one.stored_as, "detail": codec.dump(step["detail"])})
                .returning(_STEPS.c.number)
            )
            for step in told["steps"]
        ]
        for blob, said in zip(one.blobs, told["blobs"], strict=True):
            step = None if said.get("step") is None else steps[said["step"]]
            connection.execute(insert(_BIOMETRICS).values(**vars(blob), step=step))
        if before is not None and (gone := before.blobs - {blob.blob_id for blob in one.blobs}):
            connection.execute(insert(tables.doomed), [{"blob_id": blob} for blob in gone])
        _add_consents(connection, values["id_number"], told.get("consents", ()))
        return _add_told(connection, one.stored_as, values["id_number"], told)
    except (ValueError, KeyError, TypeError, IndexError, AttributeError):
        raise StoreError("incoming.unreadable", record=one.id) from None


def _add_told(connection: Connection, record_id: str, id_number: str, told: Mapping[str, Any]) -> dict[str, list[int]]:
    adopted: dict[str, list[int]] = {}
    for name, table in _WITH_RECORD.items():
        more = {"record_id": record_id} | ({"id_number": id_number} if "id_number" in table.c else {})
        if name == "reviews" and connection.scalar(select(table.c.number).where(table.c.record_id == record_id)) is not None:
            continue  # the office's own word stays
        for row in told.get(name, ()):
            number = connection.scalar(insert(table).values(_values(table, row) | more).returning(table.c.number))
            adopted.setdefault(name, []).append(int(number or 0))
    return adopted


def _add_consents(connection: Connection, id_number: str, told: Iterable[Mapping[str, Any]]) -> None:
    """Those that aren't here: several records of a student bring the same."""
    consents = tables.consents
    known = [row._asdict() for row in connection.execute(select(consents).where(consents.c.id_number == id_number))]
    for row in told:
        values = _values(consents, row)
        if not any(all(one[name] == value for name, value in values.items()) for one in known):
            connection.execute(insert(consents).values(values | {"id_number": id_number}))


def _values(table: Table, told: Mapping[str, Any]) -> dict[str, Any]:
    """What a row of another store says, for the columns that are known here."""
    values: dict[str, Any] = {}
    for column in table.c:
        if column.key in told and not (column.primary_key and column.autoincrement is True):
            value = told[column.key]
            moment = isinstance(column.type, Moment) and value is not None
            values[column.key] = datetime.fromisoformat(value) if moment else value
    return values


def _version(one: Arrived) -> int:
    try:
        return int(one.told["record"]["version"])
    except (ValueError, KeyError, TypeError):
        raise StoreError("incoming.unreadable", record=one.id) from None


def _require_kept(connection: Connection, parcel: int, blobs: Sequence[str]) -> None:
    count = select(func.count()).select_from(_ARRIVING).where(_ARRIVING.c.parcel == parcel)
    if connection.scalar(count) != len(blobs):
        raise StoreError("store.busy")

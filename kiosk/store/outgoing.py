"""Capture records as they leave for the office: every row that is about one, as JSON, and the sealed pieces that belong to it.

What is told of a record is canonical, so its digest says whether anything about it has changed since it was last sent.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any, Final

from sqlalchemy import Connection, Row, select

from kiosk.ciphers import Suite
from kiosk.clock import bounds
from kiosk.records import RecordState, StoredBiometric
from kiosk.store import codec, tables
from kiosk.store.database import Database
from kiosk.store.pieces import named_by
from kiosk.store.rows import BATCH
from kiosk.store.vault import Vault

_RECORDS, _STEPS, _BIOMETRICS = tables.records, tables.steps, tables.biometrics
_OF_RECORD: Final = {"corrections": tables.corrections, "reviews": tables.reviews}  # lists, the oldest first
_NUMBERED: Final = frozenset({"number", "record_id", "id_number"})  # what is this station's own, or told once above


@dataclass(frozen=True)
class OutgoingRecord:
    """A complete record. `told` is JSON, `digest` its digest by the store's suite, and `blobs` the pieces that it lists."""

    id: str
    id_number: str
    told: bytes
    digest: str
    blobs: tuple[StoredBiometric, ...]


class Outgoing:
    """Reads records for the office."""

    def __init__(self, database: Database, vault: Vault, suite: Suite) -> None:
        self._database = database
        self._vault = vault
        self._suite = suite

    def ids(self, *, day: date | None = None) -> list[str]:
        """Complete records, in the order in which they were finished; of one local day when given."""
        query = select(_RECORDS.c.id).where(_RECORDS.c.state == RecordState.COMPLETE)
        if day is not None:
            begins, ends = bounds(day, day)
            query = query.where(_RECORDS.c.finished_at >= begins, _RECORDS.c.finished_at < ends)
        with self._database.read() as connection:
            return list(connection.scalars(query.order_by(_RECORDS.c.finished_at, _RECORDS.c.id_number, _RECORDS.c.version)))

    def lessened(self) -> frozenset[str]:
        """Records of which something was deleted: less of them is here than once was."""
        with self._database.read() as connection:
            return frozenset(connection.scalars(select(tables.erased.c.record_id).distinct()))

    def load(self, record_ids: Sequence[str]) -> Iterator[OutgoingRecord]:
        """These records; memory stays flat."""
        for start in range(0, len(record_ids), BATCH):
            with self._database.read() as connection:
                found = _loaded(connection, record_ids[start : start + BATCH], self._suite)
            yield from found

    def open(self, stored: StoredBiometric) -> bytes:
        """A piece in the clear; raises StoreError when it is gone or was tampered with."""
        return self._vault.open(stored)


def _loaded(connection: Connection, record_ids: Sequence[str], suite: Suite) -> list[OutgoingRecord]:
    rows = {row.id: row for row in connection.execute(select(_RECORDS).where(_RECORDS.c.id.in_(record_ids)))}
    of = partial(_by_record, connection, record_ids)
    steps, blobs, lists = of(_STEPS), of(_BIOMETRICS), {name: of(table) for name, table in _OF_RECORD.items()}
    consents = _consents(connection, [row.id_number for row in rows.values()])
    found = []
    for record_id in record_ids:
        if (row := rows.get(record_id)) is None:  # deleted since
            continue
        places = {step.number: place for place, step in enumerate(steps[record_id])}
        told = {
            "record": row._asdict() | {"student": json.loads(row.student), "card": json.loads(row.card) if row.card else None},
            "steps": [_without(step, "number", "record_id") | {"detail": json.loads(step.detail)} for step in steps[record_id]],
            "blobs": [
                {"kind": one.kind, "step": places.get(one.step), "size": one.size, "digest": one.digest}
                for one in blobs[record_id]
            ],
            "consents": consents[row.id_number],
            **{name: [_without(one, *_NUMBERED) for one in by[record_id]] for name, by in lists.items()},
        }
        text = codec.dump(told).encode()
        pieces = tuple(map(named_by, blobs[record_id]))
        found.append(OutgoingRecord(record_id, row.id_number, text, suite.digest(text), pieces))
    return found


def _by_record(connection: Connection, record_ids: Sequence[str], table: Any) -> Mapping[str, list[Row[Any]]]:
    found: dict[str, list[Row[Any]]] = defaultdict(list)
    for row in connection.execute(select(table).where(table.c.record_id.in_(record_ids)).order_by(table.c.number)):
        found[row.record_id].append(row)
    return found


def _consents(connection: Connection, id_numbers: Sequence[str]) -> Mapping[str, list[dict[str, Any]]]:
    consents = tables.consents
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in connection.execute(select(consents).where(consents.c.id_number.in_(id_numbers)).order_by(consents.c.number)):
        found[row.id_number].append(_without(row, "number", "id_number"))
    return found


def _without(row: Row[Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in row._asdict().items() if name not in names}

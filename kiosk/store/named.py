"""Every blob that a row names: pieces of records, signed consents, documents of cases, templates that came
from elsewhere, and the staff's own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from sqlalchemy import Column, Row, select

from kiosk.records import BiometricKind, StoredBiometric
from kiosk.store import tables
from kiosk.store.database import Database

# What stands for the record in the seal of a blob of the staff: a student's never opens as one of these.
OF_STAFF: Final = "staff-{}"
_BIOMETRICS, _STAFF = tables.biometrics, tables.staff_biometrics
_OWNED: Final = (
    (tables.papers, BiometricKind.CONSENT_PAPER),
    (tables.case_papers, BiometricKind.CASE_PAPER),
    (tables.known_elsewhere, BiometricKind.LIKENESSES),
)


def named_blobs(identity: Database, most: int) -> Iterator[list[StoredBiometric]]:
    """What was kept of students, and what came from elsewhere, up to `most` at a time; no transaction is held between them, and
    memory stays flat."""
    for rows in _batches(identity, _BIOMETRICS.c.number, most, 0):
        yield [StoredBiometric(row.record_id, BiometricKind(row.kind), row.blob_id, row.size, row.digest) for row in rows]
    for table, kind in _OWNED:
        for rows in _batches(identity, table.c.owner, most, ""):
            yield [StoredBiometric(row.owner, kind, row.blob_id, row.size, row.digest) for row in rows]


def staff_blobs(identity: Database, most: int) -> Iterator[list[StoredBiometric]]:
    """The same of the staff."""
    for rows in _batches(identity, _STAFF.c.number, most, 0):
        yield [
            StoredBiometric(OF_STAFF.format(row.account_id), BiometricKind(row.kind), row.blob_id, row.size, row.digest)
            for row in rows
        ]


def _batches(identity: Database, by: Column[Any], most: int, after: object) -> Iterator[Sequence[Row[Any]]]:
    while True:
        with identity.read() as connection:
            rows = connection.execute(select(by.table).where(by > after).order_by(by).limit(most)).all()
        if not rows:
            return
        yield rows
        after = getattr(rows[-1], by.name)

"""Blobs that no row names: kept apart, for a term and longer, and back in their place when a row names them again.

A kill between the two commits of a step leaves such blobs. They can't be opened without the row that names them; nor are
they ever erased but by a person (`kiosk store erase`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import Connection, delete, func, insert, select
from sqlalchemy.sql.elements import ColumnElement

from kiosk.errors import StoreError
from kiosk.records import BiometricKind
from kiosk.store import pairing, tables
from kiosk.store.audit import Audit
from kiosk.store.database import Database

TERM: Final = timedelta(days=90)
# A step has at most a dozen blobs, and a full disk may see a few tries; a row lost is a whole day's or nobody's.
MOST_LEFT_BY_A_KILL: Final = 64
_BATCH: Final = 500


@dataclass(frozen=True)
class Quarantined:
    """A blob that no row names. `size` is that of the sealed data, bytes."""

    blob_id: str
    since: datetime
    size: int

    @property
    def until(self) -> datetime:
        """From here on it may be erased."""
        return self.since + TERM


@dataclass(frozen=True)
class Loss:
    """Something that a row names and the vault does not hold."""

    record_id: str
    kind: BiometricKind


def settle(identity: Database, vault: Database, audit: Audit, *, most: int | None = MOST_LEFT_BY_A_KILL) -> tuple[int, int]:
    """Put blobs that no row names into quarantine, and take those out that are named again; how many of each.

    Raises StoreError when there are more than `most` that nobody put there before: then rows are missing, and nothing is
    changed. The identities' write lock is held, under which every blob gets its row: so no blob is on its way.
    """
    now = datetime.now(UTC)
    with identity.write() as names, vault.write() as connection:
        kept = set(connection.scalars(select(tables.quarantine.c.blob_id)))
        back = _named(names, kept)
        left = [blob_id for blob_id in _unnamed(names, connection) if blob_id not in kept]
        if most is not None and len(left) > most:
            raise StoreError("store.too_many_orphans", count=len(left), most=most)
        if left:
            connection.execute(insert(tables.quarantine), [{"blob_id": blob_id, "since": now} for blob_id in left])
            audit.append(names, "vault.quarantine", blobs=len(left))
        if back:
            for batch in _batches(sorted(back)):
                connection.execute(delete(tables.quarantine).where(tables.quarantine.c.blob_id.in_(batch)))
            audit.append(names, "vault.restore", blobs=len(back))
        if left or back:
            pairing.count(connection, tables.vault_pair)
        pairing.hear_of_vault(names, pairing.generation_of(connection, tables.vault_pair))
    return len(left), len(back)


def losses(identity: Database, vault: Database) -> list[Loss]:
    """What rows name and the vault does not hold, in the order of the rows. Memory stays flat."""
    named, after = tables.biometrics, 0
    found: list[Loss] = []
    while True:
        with identity.read() as connection:
            query = select(named.c.number, named.c.record_id, named.c.kind, named.c.blob_id).where(named.c.number > after)
            rows = connection.execute(query.order_by(named.c.number).limit(_BATCH)).all()
        if not rows:
            return found
        with vault.read() as connection:
            there = _present(connection, tables.blobs.c.id, [row.blob_id for row in rows])
        found += [Loss(row.record_id, BiometricKind(row.kind)) for row in rows if row.blob_id not in there]
        after = rows[-1].number


def kept(vault: Database) -> list[Quarantined]:
    """Everything in quarantine, the oldest first."""
    marks, blobs = tables.quarantine, tables.blobs
    query = select(marks.c.blob_id, marks.c.since, func.length(blobs.c.sealed).label("size")).join(
        blobs, blobs.c.id == marks.c.blob_id
    )
    with vault.read() as connection:
        rows = connection.execute(query.order_by(marks.c.since, marks.c.blob_id)).all()
    return [Quarantined(row.blob_id, row.since, row.size) for row in rows]


def count_kept(vault: Database) -> int:
    with vault.read() as connection:
        return connection.scalar(select(func.count()).select_from(tables.quarantine)) or 0


def erase(identity: Database, vault: Database, audit: Audit, *, by: str, reason: str, now: datetime) -> int:
    """Erase for good what lay in quarantine for the whole term and is still named by no row; how many blobs."""
    marks, blobs = tables.quarantine, tables.blobs
    with identity.write() as names:
        with vault.read() as connection:
            old = set(connection.scalars(select(marks.c.blob_id).where(marks.c.since <= now - TERM)))
        gone = sorted(old - _named(names, old))
        if gone:
            audit.append(names, "vault.erase", actor=by, blobs=len(gone), reason=reason)
    if gone:  # the entry stands before the deed
        with vault.write() as connection:
            for batch in _batches(gone):
                connection.execute(delete(marks).where(marks.c.blob_id.in_(batch)))
                connection.execute(delete(blobs).where(blobs.c.id.in_(batch)))
            pairing.count(connection, tables.vault_pair)
    return len(gone)


def require_same_store(identity: Database, vault: Database) -> None:
    """Raises StoreError when two halves of an earlier program, which knew no pairs, can't be of one store."""
    with identity.read() as names, vault.read() as connection:
        orphans = sum(1 for _ in _unnamed(names, connection))
        anything = names.scalar(select(func.count()).select_from(tables.biometrics)) or 0
    lost = len(losses(identity, vault))
    if lost:
        raise StoreError("store.vault_lacks", count=lost)
    if orphans > MOST_LEFT_BY_A_KILL or (orphans and not anything):
        raise StoreError("store.too_many_orphans", count=orphans, most=MOST_LEFT_BY_A_KILL)


def _unnamed(names: Connection, vault: Connection) -> Iterator[str]:
    after = ""
    query = select(tables.blobs.c.id).order_by(tables.blobs.c.id).limit(_BATCH)
    while batch := list(vault.scalars(query.where(tables.blobs.c.id > after))):
        there = _named(names, batch)
        yield from (blob_id for blob_id in batch if blob_id not in there)
        after = batch[-1]


def _named(names: Connection, blob_ids: Iterable[str]) -> set[str]:
    """What a row names, of students or staff; what is to be deleted anyhow (`kiosk.store.erasing`), or on its way in
    (`kiosk.store.incoming`)."""
    wanted = list(blob_ids)
    of_people = (tables.biometrics, tables.papers, tables.case_papers, tables.staff_biometrics, tables.known_elsewhere)
    naming = (*of_people, tables.doomed, tables.arriving)
    return {found for table in naming for found in _present(names, table.c.blob_id, wanted)}


def _present(connection: Connection, column: ColumnElement[str], values: list[str]) -> set[str]:
    found: set[str] = set()
    for batch in _batches(values):
        found.update(connection.scalars(select(column).where(column.in_(batch))))
    return found


def _batches(values: list[str]) -> Iterator[list[str]]:
    return (values[start : start + _BATCH] for start in range(0, len(values), _BATCH))

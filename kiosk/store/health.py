"""Looks for damage before somebody needs what is damaged: said with what is hurt, and what to do."""

from __future__ import annotations

import logging
import random
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from sqlcipher3 import dbapi2 as sqlite

from kiosk.errors import StoreError
from kiosk.records import BiometricKind, CaptureRecord, Message, StoredBiometric
from kiosk.store import quarantine, rows
from kiosk.store.audit import Audit
from kiosk.store.database import Database
from kiosk.store.folder import IDENTITY_FILE, VAULT_FILE
from kiosk.store.named import named_blobs
from kiosk.store.vault import Vault

SAMPLE: Final = 200
_BATCH: Final = 500
_STEPS: Final = 100_000  # of SQLite's machine, between two questions
_SAID: Final = 20  # records that are told one by one

log: Final = logging.getLogger(__name__)


@dataclass(frozen=True)
class Hurt:
    """A record, and what of it is lost or can't be opened."""

    record: CaptureRecord
    kinds: tuple[BiometricKind, ...]

    @property
    def message(self) -> Message:
        student = self.record.student
        who = f"{student.grade}{student.class_name} {student.name}".strip()
        data = {"record": self.record.number, "who": who, "kinds": ", ".join(self.kinds)}
        return Message("store.hurt.record", data)


@dataclass(frozen=True)
class Health:
    """What was found at a time. `hurt` are damages, `notes` things that somebody should know."""

    at: datetime
    hurt: tuple[Message, ...]
    notes: tuple[Message, ...]
    blobs: int
    opened: int

    @property
    def sound(self) -> bool:
        return not self.hurt


def check(
    identity: Database, vault_database: Database, vault: Vault, audit: Audit, *, sample: int | None, stop: Callable[[], bool]
) -> Health:
    """Everything but the blobs is looked at whole; of these, `sample` are opened, or all. When the vault's file is damaged all
    are opened in any case, to say whose they are. `stop` is asked between two of them."""
    hurt, notes = [], []
    sound = [_sound(identity, stop), _sound(vault_database, stop)]
    hurt += [
        Message("store.hurt.file", {"file": file})
        for whole, file in zip(sound, (IDENTITY_FILE, VAULT_FILE), strict=True)
        if not whole
    ]
    stored: list[StoredBiometric] = []
    opened = 0
    try:
        stored = [one for batch in named_blobs(identity, _BATCH) for one in batch]
        if (broken := audit.first_broken()) is not None:
            hurt.append(Message("store.hurt.trail", {"number": broken}))
        if kept := quarantine.count_kept(vault_database):
            notes.append(Message("store.note.quarantine", {"count": kept}))
    except StoreError as error:
        hurt.append(error.message)
    chosen = stored if sample is None or not sound[1] else random.sample(stored, min(sample, len(stored)))
    gone = _gone(identity, vault_database)
    bad = dict(gone)
    for one in chosen:
        if (one.record_id, one.kind) in gone:
            continue
        if stop():
            break
        opened += 1
        try:
            vault.open(one)
        except StoreError as error:
            bad[one.record_id, one.kind] = error.code
    if papers := [owner for owner, kind in bad if kind in (BiometricKind.CONSENT_PAPER, BiometricKind.CASE_PAPER)]:
        hurt.append(Message("store.hurt.papers", {"count": len(papers)}))
    if any(kind is BiometricKind.LIKENESSES for _, kind in bad):
        hurt.append(Message("store.hurt.elsewhere"))
    hurt += _told(identity, bad)
    return Health(datetime.now(UTC), tuple(hurt), tuple(notes), len(stored), opened)


def _sound(database: Database, stop: Callable[[], bool]) -> bool:
    """SQLite's own check of a file; a server looks after its files itself."""
    if not database.sqlite:
        return True
    try:
        with database.read() as connection:
            driver = connection.connection.driver_connection
            assert isinstance(driver, sqlite.Connection)
            driver.set_progress_handler(stop, _STEPS)  # a large file takes a while
            try:
                sound = list(connection.exec_driver_sql("PRAGMA quick_check(1)").scalars()) == ["ok"]
            finally:
                driver.set_progress_handler(None, 0)
            if not sound:
                database.give_up(connection)
            return sound
    except StoreError as error:
        log.log(logging.INFO if stop() else logging.ERROR, "a database was not read to its end: %s", error)
        return False


def _gone(identity: Database, vault: Database) -> dict[tuple[str, BiometricKind], str]:
    try:
        return {(loss.record_id, loss.kind): "store.blob_missing" for loss in quarantine.losses(identity, vault)}
    except StoreError:  # the file is damaged, which is told already
        return {}


def by_record(identity: Database, bad: Iterable[tuple[str, BiometricKind]]) -> list[Hurt]:
    """What is hurt, record by record in the order in which it was found."""
    kinds: dict[str, list[BiometricKind]] = {}
    for record_id, kind in bad:
        kinds.setdefault(record_id, []).append(kind)
    hurt, wanted = [], list(kinds)
    for start in range(0, len(wanted), rows.BATCH):
        with identity.read() as connection:
            found = rows.load_records(connection, wanted[start : start + rows.BATCH])
        hurt += [Hurt(record, tuple(sorted(set(kinds[record.id])))) for record in found]
    return hurt


def _told(identity: Database, bad: dict[tuple[str, BiometricKind], str]) -> list[Message]:
    """Record by record; the rest as a number."""
    if not bad:
        return []
    log.error("blobs that can't be opened: %s", dict(Counter(bad.values())))
    try:
        hurt = by_record(identity, bad)
    except StoreError as error:
        return [error.message]
    told = [one.message for one in hurt[:_SAID]]
    if len(hurt) > _SAID:
        told.append(Message("store.hurt.more", {"count": len(hurt) - _SAID}))
    return told

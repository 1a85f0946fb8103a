"""The list of those turned away and of captures broken off."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from kiosk.errors import StoreError
from kiosk.idnumber import masked
from kiosk.records import CaptureRecord, Person, RefusalKind, RefusalReason
from kiosk.store import Store
from kiosk.store.database import Database
from kiosk.store.folder import IDENTITY_FILE, KEY_FILE, VAULT_FILE, sqlite_url
from kiosk.store.migrations.run import command, config
from tests.store.conftest import AT, student, turn_away

Begin = Callable[..., CaptureRecord]
HEAD = Person("王老师", "wang")


def test_who_was_turned_away_is_kept_with_name_and_number_and_the_trail_names_nobody(store: Store) -> None:
    turn_away(store, AT)
    (kept,) = store.refusals.all()
    assert (kept.kind, kept.reason) == (RefusalKind.TURNED_AWAY, RefusalReason.NOT_ON_ROSTER)
    assert (kept.name, kept.id_number) == (student(99).name, student(99).id_number)
    (entry,) = store.audit.entries()
    assert (entry.action, entry.actor) == ("capture.turned_away", "采集员")
    assert entry.subject == masked(kept.id_number)
    assert kept.name not in repr(entry)


def test_an_attempt_at_impersonation_is_kept_as_one_with_who_stopped_it(store: Store, begin: Begin) -> None:
    record = begin()
    added = store.refusals.add(
        RefusalReason.IMPERSONATION,
        by=HEAD,
        at=AT,
        name="考生1",
        id_number=student(1).id_number,
        record_id=record.id,
        note="证件暂扣",
    )
    assert added.kind is RefusalKind.ABORTED
    assert store.refusals.all() == [added]
    assert store.refusals.find(added.number).by == HEAD
    (entry,) = [entry for entry in store.audit.entries() if entry.action == "capture.aborted"]
    assert (entry.actor, entry.subject, entry.detail["reason"]) == ("王老师", record.id, "impersonation")


def test_another_reason_says_which(store: Store) -> None:
    with pytest.raises(StoreError, match="reason_missing"):
        store.refusals.add(RefusalReason.OTHER, by=HEAD, at=AT, note=" ")
    assert store.refusals.all() == []


def test_the_list_of_a_day_holds_that_day_the_newest_first(store: Store) -> None:
    for hours in (0, 1, 30):
        turn_away(store, AT + timedelta(hours=hours))
    day = store.refusals.all(AT, AT + timedelta(days=1))
    assert [found.at for found in day] == [AT + timedelta(hours=1), AT]


def test_an_unknown_entry_is_told(store: Store) -> None:
    with pytest.raises(StoreError, match="refusal_unknown"):
        store.refusals.find(7)


def test_entries_of_an_earlier_program_stay_on_the_list(folder: Path) -> None:
    folder.mkdir()
    (folder / KEY_FILE).write_bytes(b"k" * 32)
    vault = Database(sqlite_url(folder / VAULT_FILE))
    with vault.write() as connection:
        command.upgrade(config("vault", connection), "0001")
    vault.close()
    database = Database(sqlite_url(folder / IDENTITY_FILE))
    with database.write() as connection:
        command.upgrade(config("identity", connection), "0004")
        connection.exec_driver_sql(
            "INSERT INTO refusals (at, reason_code, masked_id) VALUES"
            " ('2026-09-01 08:00:00', 'station.not_on_roster', '630103********99'),"
            " ('2026-09-01 09:00:00', 'error.store.locked', '630103********98')"
        )
    database.close()
    with Store.open(folder) as store:
        later, earlier = store.refusals.all()
    assert (earlier.reason, earlier.id_number, earlier.by.name) == (RefusalReason.NOT_ON_ROSTER, "630103********99", "")
    assert (later.reason, later.note) == (RefusalReason.AFTER_DEADLINE, "")

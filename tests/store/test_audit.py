from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlcipher3 import dbapi2 as sqlite

from kiosk.records import CaptureRecord
from kiosk.store import Store
from tests.store.conftest import AT, student, turn_away
from tests.store.within import identities

Begin = Callable[..., CaptureRecord]


@pytest.fixture
def trail(store: Store, begin: Begin) -> Store:
    record = begin(1)
    store.captures.finish(record.id, AT)
    turn_away(store, AT)
    store.audit.record("data.look", actor="负责人", subject=record.id, kind="portrait")
    return store


def test_every_deed_leaves_an_entry_and_none_names_a_student(trail: Store) -> None:
    entries = list(trail.audit.entries())
    assert [entry.action for entry in entries] == ["capture.begin", "capture.finish", "capture.turned_away", "data.look"]
    assert entries[0].actor == "采集员"
    told = repr(entries)
    assert student(1).id_number not in told
    assert student(1).name not in told
    assert trail.audit.first_broken() is None


@pytest.mark.parametrize("change", ["UPDATE audit SET actor = 'x'", "DELETE FROM audit"])
def test_the_database_itself_refuses_to_change_the_trail(trail: Store, folder: Path, change: str) -> None:
    with identities(folder) as identity, pytest.raises(sqlite.IntegrityError, match="append-only"):
        identity.execute(change)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE audit SET actor = 'somebody else' WHERE number = 2",
        "UPDATE audit SET at = '2020-01-01T00:00:00+00:00' WHERE number = 2",
        "DELETE FROM audit WHERE number = 2",
        "UPDATE audit SET number = CASE number WHEN 2 THEN 30 WHEN 3 THEN 2 ELSE number END WHERE number IN (2, 3)",
    ],
)
def test_who_gets_round_the_triggers_breaks_the_chain(trail: Store, folder: Path, change: str) -> None:
    with identities(folder) as identity:
        identity.execute("DROP TRIGGER audit_no_update")
        identity.execute("DROP TRIGGER audit_no_delete")
        identity.execute(change)
    assert trail.audit.first_broken() == 2

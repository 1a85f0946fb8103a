"""What is kept between two looks is never older than the store."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection

from kiosk.errors import StoreError
from kiosk.records import CaptureRecord, ProgressState
from kiosk.store import Store, Window
from kiosk.store.database import Database
from kiosk.store.kept import Kept
from tests.store.conftest import AT, student


@pytest.fixture
def identity(store: Store) -> Database:
    return store._opened.identity


def test_it_is_worked_out_again_once_anybody_has_written(store: Store, folder: Path, identity: Database) -> None:
    asked: list[str] = []

    def roster(_: Connection) -> list[str]:
        asked.append("")
        return asked

    kept = Kept(roster)

    def look() -> int:
        with identity.read() as connection:
            return len(kept.get(connection))

    assert [look(), look()] == [1, 1]
    store.audit.record("record.look", actor="教务处")
    assert [look(), look()] == [2, 2]
    with Store.open(folder) as other:  # as another process has it open
        other.roster.replace_or_update([student(1)])
    assert [look(), look()] == [3, 3]


def test_what_is_large_is_not_kept(identity: Database) -> None:
    found: list[int] = []
    kept = Kept(lambda _: found.append(1) or found, most=0)  # type: ignore[func-returns-value]
    with identity.read() as connection:
        assert [len(kept.get(connection)) for _ in range(3)] == [1, 2, 3]


def test_what_a_writer_sees_is_never_kept(identity: Database) -> None:
    kept: Kept[list[int]] = Kept(lambda _: [])
    with pytest.raises(AssertionError), identity.write() as connection:
        kept.get(connection)


def test_states_follow_the_clock_though_nobody_writes(store: Store, begin: Callable[..., CaptureRecord]) -> None:
    store.roster.replace_or_update([student(1), student(2)])
    store.captures.finish(begin(1).id, AT)
    store.rounds.add(Window("首轮", AT, AT + timedelta(hours=1)), by="教务处")
    hours = (AT + timedelta(minutes=1), AT + timedelta(hours=2), AT + timedelta(minutes=1))
    states = [[one.state for one in store.progress.students(at)] for at in hours]
    waiting, over = ([ProgressState.CAPTURED, other] for other in (ProgressState.TO_CAPTURE, ProgressState.NOT_SEEN))
    assert states == [waiting, over, waiting]


def test_everybody_sees_at_once_what_another_station_did(store: Store, folder: Path) -> None:
    store.roster.replace_or_update([student(1), student(2)])
    assert [one.student for one in store.progress.students()] == [student(1), student(2)]
    with Store.open(folder) as other:
        other.roster.replace_or_update([replace(student(1), class_name="6"), student(2)])
        other.progress.report_absent(student(2), reason="因病请假", by="班主任", at=AT)
    first, second = store.progress.students()
    assert (first.student.class_name, second.state) == ("6", ProgressState.ABSENT)
    with pytest.raises(StoreError):
        store.roster.replace_or_update([student(1), student(1)])
    assert [one.student.class_name for one in store.progress.students()] == ["6", "5"]

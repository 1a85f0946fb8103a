from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kiosk.office import Watch
from kiosk.office.watch import next_night
from kiosk.store import Health, Store
from tests.store.test_swapped_files import capture


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> threading.Semaphore:
    """Released whenever a check has ended."""
    done = threading.Semaphore(0)
    check = Store.check

    def checking(store: Store, *, sample: int | None = None, stop: Callable[[], bool] = lambda: False) -> Health:
        try:
            return check(store, sample=sample, stop=stop)
        finally:
            done.release()

    monkeypatch.setattr(Store, "check", checking)
    return done


def test_it_looks_when_the_station_starts_and_every_night(
    tmp_path: Path, checked: threading.Semaphore, caplog: pytest.LogCaptureFixture
) -> None:
    nights = iter([datetime(2026, 9, 1, 8, 0, tzinfo=UTC), datetime(2026, 9, 2, 3, 0, tzinfo=UTC)])
    last = datetime(2026, 9, 2, 8, 0, tzinfo=UTC)
    with Store.open_station(tmp_path / "data") as store:
        capture(store, 1)
        # It begins in the morning; when it looks at the clock again it is three o'clock at night, then morning once more.
        watch = Watch(store, lambda: next(nights, last))
        watch.start()
        try:
            assert checked.acquire(timeout=30)
            assert checked.acquire(timeout=30)
            assert not checked.acquire(timeout=0.2)
            assert watch.latest is not None
            assert watch.latest.sound
            assert (watch.latest.blobs, watch.latest.opened) == (3, 3)
        finally:
            watch.close()


def test_damage_is_kept_for_the_screens(tmp_path: Path, checked: threading.Semaphore) -> None:
    with Store.open_station(tmp_path / "data") as store:
        capture(store, 1)
        with closing(sqlite3.connect(tmp_path / "data" / "vault.sqlite3")) as vault, vault:
            vault.execute("DELETE FROM blobs WHERE rowid = 1")
        watch = Watch(store)
        watch.start()
        try:
            assert checked.acquire(timeout=30)
        finally:
            watch.close()
        assert watch.latest is None or [message.code for message in watch.latest.hurt] == ["store.hurt.record"]


@pytest.mark.parametrize(
    ("now", "then"),
    [
        ((2026, 9, 1, 8, 0), (2026, 9, 2, 3, 0)),
        ((2026, 9, 2, 2, 59), (2026, 9, 2, 3, 0)),
        ((2026, 9, 2, 3, 0), (2026, 9, 3, 3, 0)),
    ],
)
def test_the_night_is_the_next_one(now: tuple[int, ...], then: tuple[int, ...]) -> None:
    assert next_night(datetime(*now, tzinfo=UTC)) == datetime(*then, tzinfo=UTC)  # type: ignore[arg-type, misc]

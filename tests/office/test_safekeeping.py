"""Backups by themselves: at their time, at the next start, when the stick is back, and when somebody asks; with a light."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from kiosk.config import BackupSettings
from kiosk.errors import KioskError
from kiosk.office import Light, Safekeeping
from kiosk.store import Store, backups_in

MORNING = datetime(2026, 9, 1, 9, 0).astimezone()


class Kept:
    """A store whose backups go to a stick, on a clock that a test sets."""

    def __init__(self, folder: Path) -> None:
        self.now, self.stick = MORNING, folder / "stick"
        self.stick.mkdir()
        self.store = Store.open_station(folder / "simulated")
        self.rules = BackupSettings(folder=self.stick)
        self.safe = self.again()

    def again(self) -> Safekeeping:
        """As after a start of the program."""
        return Safekeeping(self.store, self.rules, lambda: self.now)

    def until(self, light: Light) -> None:
        _until(lambda: self.safe.look().light is light)


def _until(true: Callable[[], bool]) -> None:
    ends = time.monotonic() + 20
    while not true():
        assert time.monotonic() < ends
        time.sleep(0.01)


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    made = Kept(tmp_path)
    yield made
    made.safe.close()
    made.store.close()


def test_what_was_never_backed_up_is_at_the_first_start_and_then_each_day(kept: Kept) -> None:
    assert kept.safe.look().light is Light.RED
    kept.safe.start()
    kept.until(Light.GREEN)
    kept.safe.close()
    kept.now = MORNING + timedelta(hours=9)  # 18:00, half an hour late
    kept.safe = kept.again()
    assert kept.safe.look().light is Light.RED
    kept.safe.start()
    kept.until(Light.GREEN)
    assert len(backups_in(kept.stick)) == 2
    kept.now += timedelta(hours=12)
    assert kept.again().look().light is Light.GREEN


def test_one_that_is_being_made_tells_how_far_it_is_and_none_is_begun_beside_it(kept: Kept) -> None:
    kept.safe.ask(by="王考务")  # nothing runs yet: it is under way until it is made
    with pytest.raises(KioskError, match="under_way"):
        kept.safe.ask(by="李考务")
    kept.safe._tell(40, 100)
    look = kept.safe.look()
    assert (look.light, look.done, look.total) == (Light.WORKING, 40, 100)
    kept.safe.start()
    kept.until(Light.GREEN)
    assert (kept.safe.look().done, kept.safe.look().total) == (0, 0)


def test_a_stick_that_is_not_there_is_told_and_asking_again_helps_when_it_is(kept: Kept) -> None:
    kept.stick.rename(kept.stick.with_name("pulled"))
    kept.safe.start()
    _until(lambda: kept.safe.look().problem is not None)
    look = kept.safe.look()
    assert (look.light, look.problem.code if look.problem else "") == (Light.RED, "error.backup.no_folder")
    kept.stick.with_name("pulled").rename(kept.stick)
    kept.safe.ask(by="王考务")
    kept.until(Light.GREEN)
    assert [entry.actor for entry in kept.store.audit.entries() if entry.action == "backup.make"] == ["王考务"]


def test_without_a_folder_there_is_none_and_it_says_so(kept: Kept) -> None:
    kept.rules = BackupSettings()
    safe = kept.again()
    safe.start()
    assert (safe.look().light, safe.all()) == (Light.OFF, [])
    with pytest.raises(KioskError, match="nowhere"):
        safe.ask(by="王考务")
    safe.close()


def test_before_an_update_the_data_go_to_the_stick_or_beside_the_program_when_it_is_away(kept: Kept, tmp_path: Path) -> None:
    beside = tmp_path / "backup-before-update"
    assert Path(kept.safe.before(beside, by="王主任")).is_relative_to(kept.stick)
    assert not beside.exists()
    kept.stick.rename(tmp_path / "away")
    assert Path(kept.safe.before(beside, by="王主任")).is_relative_to(beside)
    assert len(backups_in(beside)) == 1

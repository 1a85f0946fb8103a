"""Backups on a stick: sealed, a day at a time, read back; and the way back on an empty machine."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kiosk.errors import StoreError
from kiosk.records import Role
from kiosk.store import Store, Unlock, backups_in, change_key, restore, try_unlock, unlock_pin
from kiosk.store.folder import IDENTITY_FILE, KEY_FILE
from tests.store.conftest import student
from tests.store.test_swapped_files import PICTURES, capture
from tests.store.within import identities

PIN = "258036"
DAY = datetime(2026, 9, 1, 17, 30, tzinfo=UTC)
KEEP = 3


class Station:
    """A sealed station with one student, and a stick."""

    def __init__(self, folder: Path) -> None:
        self.data, self.stick = folder / "data", folder / "stick"
        self.stick.mkdir()
        with Store.open_station(self.data) as store:
            self.officer = store.accounts.issue("王考务", Role.OFFICER, PIN, by=None)
            store.slots.seal(by=self.officer)
            store.roster.replace_or_update([student(number) for number in (1, 2, 3)])
        self.capture(1)

    @property
    def unlock(self) -> Unlock:
        return lambda ring: unlock_pin(ring, self.officer.id, PIN)

    def capture(self, *numbers: int) -> None:
        with Store.open_station(self.data, unlock=self.unlock) as store:
            for number in numbers:
                capture(store, number)

    def back_up(self, day: int = 0) -> Path:
        with Store.open_station(self.data, unlock=self.unlock) as store:
            made = store.backups.make(self.stick, DAY + timedelta(days=day), keep=KEEP)
        assert made is not None
        return made.folder

    def segments(self) -> list[str]:
        return sorted(path.name for path in self.stick.glob("*/vault-*"))

    def is_whole(self, data: Path, *numbers: int) -> None:
        """These students' pictures open, and everything is sound."""
        with Store.open_station(data, unlock=self.unlock) as store:
            assert store.captures.count() == len(numbers)
            for number in numbers:
                record = store.captures.latest_complete(student(number).id_number)
                assert record is not None
                assert all(store.captures.biometric(record.id, kind) for kind in PICTURES)
            assert store.check().sound
            assert store.audit.first_broken() is None
            capture(store, 3)


@pytest.fixture
def station(tmp_path: Path) -> Station:
    return Station(tmp_path)


def test_a_backup_opens_on_an_empty_machine_with_the_pin_of_its_day_and_goes_on_there(station: Station, tmp_path: Path) -> None:
    station.capture(2)
    folder = station.back_up()
    assert [(one.folder, one.students, one.records, one.blobs) for one in backups_in(station.stick)] == [(folder, 3, 2, 6)]
    shutil.rmtree(station.data)
    other = tmp_path / "another laptop"
    with pytest.raises(StoreError, match="pin_wrong"):
        restore(folder, other, lambda ring: unlock_pin(ring, station.officer.id, "000111"))
    told: list[tuple[int, int]] = []
    restore(folder, other, station.unlock, lambda done, total: told.append((done, total)))
    assert told[-1] == (6, 6)
    station.is_whole(other, 1, 2)
    with pytest.raises(StoreError, match="not_empty"):
        restore(folder, other, station.unlock)


def test_it_is_made_while_the_station_captures_and_reads_as_of_one_moment(station: Station, tmp_path: Path) -> None:
    with Store.open_station(station.data, unlock=station.unlock) as store:
        told: list[tuple[int, int]] = []
        made = store.backups.make(station.stick, DAY, keep=KEEP, progress=lambda *so_far: told.append(so_far))
        assert told == [(3, 3)]
        capture(store, 2)
        assert made is not None
        assert [entry.action for entry in store.audit.entries() if entry.action == "backup.make"] == ["backup.make"]
    restore(made.folder, tmp_path / "other", station.unlock)
    station.is_whole(tmp_path / "other", 1)


def test_a_day_adds_what_it_brought_and_old_ones_go(station: Station, tmp_path: Path) -> None:
    first = station.back_up()
    assert station.segments() == ["vault-0001.sqlite3"]
    station.back_up(1)
    assert station.segments() == ["vault-0001.sqlite3"]
    station.capture(2)
    folders = [station.back_up(day) for day in (2, 3)]
    assert station.segments() == ["vault-0001.sqlite3", "vault-0002.sqlite3"]
    assert not first.exists()
    assert len(backups_in(station.stick)) == KEEP
    restore(folders[-1], tmp_path / "other", station.unlock)
    station.is_whole(tmp_path / "other", 1, 2)


def test_the_stick_tells_nobody_anything(station: Station) -> None:
    station.back_up()
    keys = try_unlock(station.data, station.unlock)
    for path in station.stick.rglob("*"):
        content = path.read_bytes() if path.is_file() else b""
        for needle in (student(1).name.encode(), student(1).id_number.encode(), keys.data, keys.trail):
            assert needle not in content, path.name


def test_a_byte_that_changed_anywhere_is_found_before_anything_is_restored(station: Station, tmp_path: Path) -> None:
    folder = station.back_up()
    files = [path for path in (*folder.iterdir(), *folder.parent.glob("vault-*")) if path.is_file()]
    assert len(files) == 4
    for path in files:
        whole = path.read_bytes()
        for at in (len(whole) // 3, len(whole) - 3):
            path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
            with pytest.raises(StoreError) as caught:
                restore(folder, tmp_path / "other", station.unlock)
            if caught.value.code == "backup.unreadable":
                assert caught.value.data["file"] in {path.name, "backup.json"}
            else:  # the ring itself says so, before anything else can
                assert (path.name, caught.value.code.split(".")[0]) == (KEY_FILE, "store")
        path.write_bytes(whole)
        assert not (tmp_path / "other" / IDENTITY_FILE).exists()
    (folder.parent / "vault-0001.sqlite3").unlink()
    with pytest.raises(StoreError, match="unreadable"):
        restore(folder, tmp_path / "other", station.unlock)


def test_what_was_deleted_from_the_store_is_in_no_backup_after_the_next_one(station: Station, tmp_path: Path) -> None:
    station.capture(2)
    station.back_up()
    with identities(station.data, station.unlock) as names:  # as deletion does
        (record,) = names.execute("SELECT id FROM records WHERE id_number = ?", (student(2).id_number,)).fetchone()
        gone = [row[0] for row in names.execute("SELECT blob_id FROM biometrics WHERE record_id = ?", (record,))]
        for table, column in (("biometrics", "record_id"), ("steps", "record_id"), ("records", "id")):
            names.execute(f"DELETE FROM {table} WHERE {column} = ?", (record,))
    import sqlite3

    with sqlite3.connect(station.data / "vault.sqlite3") as vault:
        vault.executemany("DELETE FROM blobs WHERE id = ?", [(one,) for one in gone])
    vault.close()
    folder = station.back_up(1)
    assert [one.folder for one in backups_in(station.stick)] == [folder]
    for segment in station.stick.glob("*/vault-*"):
        assert not any(one.encode() in segment.read_bytes() for one in gone)
    restore(folder, tmp_path / "other", station.unlock)
    station.is_whole(tmp_path / "other", 1)


def test_after_a_change_of_the_key_everything_is_written_anew(station: Station, tmp_path: Path) -> None:
    station.back_up()
    change_key(station.data, station.unlock)
    folder = station.back_up(1)
    assert station.segments() == ["vault-0002.sqlite3"]
    restore(folder, tmp_path / "other", station.unlock)
    station.is_whole(tmp_path / "other", 1)


def test_one_that_was_cut_off_is_no_backup_and_the_next_one_is_whole(
    station: Station, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for where in ("_write_segment", "_sign"):
        with monkeypatch.context() as patch:
            patch.setattr(f"kiosk.store.backup._Making.{where}", lambda *_: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                station.back_up()
        assert backups_in(station.stick) == []
    restore(station.back_up(1), tmp_path / "other", station.unlock)
    station.is_whole(tmp_path / "other", 1)


def test_a_restore_that_was_cut_off_is_begun_anew(station: Station, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, other = station.back_up(), tmp_path / "other"
    for where in ("_vault_of", "keyring.write"):
        with monkeypatch.context() as patch:
            patch.setattr(f"kiosk.store.backup.{where}", lambda *_: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                restore(folder, other, station.unlock)
        with pytest.raises(StoreError, match="cut_off"):
            Store.open(other, unlock=station.unlock)
    restore(folder, other, station.unlock)
    station.is_whole(other, 1)


def test_a_store_that_nobody_sealed_is_not_carried_elsewhere(tmp_path: Path) -> None:
    with Store.open_station(tmp_path / "new") as store, pytest.raises(StoreError, match="not_sealed"):
        store.backups.make(tmp_path, DAY, keep=KEEP)
    assert backups_in(tmp_path) == []


def test_a_stick_that_is_not_there_or_full_is_told(station: Station, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Store.open_station(station.data, unlock=station.unlock) as store:
        with pytest.raises(StoreError, match="no_folder"):
            store.backups.make(tmp_path / "pulled", DAY, keep=KEEP)

        def full(*_: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr("shutil.copyfile", full)
        with pytest.raises(StoreError, match="disk") as caught:
            store.backups.make(station.stick, DAY, keep=KEEP)
        assert "No space" in str(caught.value.data["reason"])

"""The walks of docs/how-to/recover.md: what is refused has a way out, and nothing is given up on the way."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import pytest
from alembic import command

from kiosk.errors import StoreError
from kiosk.records import BiometricKind
from kiosk.store import Store, adopt, keyring, try_adoption
from kiosk.store.database import Database
from kiosk.store.folder import IDENTITY_FILE, KEY_FILE, SET_ASIDE, VAULT_FILE, sqlite_url
from kiosk.store.migrations.run import config
from tests.killing import begun, pipe
from tests.store.conftest import student
from tests.store.test_swapped_files import PICTURES, Files, capture, files_of, state_of
from tests.store.within import identities, lose_key

KEY = b"one key for everything, 32 bytes"[:32]
NOW = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)


@pytest.fixture
def of_one_key(folder: Path) -> Path:
    """A data folder whose keys are one, as in earlier programs."""
    folder.mkdir()
    ring = keyring.sealed((keyring.open_slot(),), keyring.Keys(KEY, KEY), fresh=True)
    keyring.write(folder / KEY_FILE, ring)
    return folder


@pytest.fixture
def captured(folder: Path) -> Path:
    """A data folder with two students, closed."""
    with Store.open_station(folder) as store:
        store.roster.replace_or_update([student(1), student(2), student(3)])
        capture(store, 1)
        capture(store, 2)
    return folder


def put_back(folder: Path, files: Files) -> None:
    for path in folder.iterdir():
        if path.is_file():
            path.unlink()
    for name, content in files.items():
        (folder / name).write_bytes(content)


def pictures_of(store: Store, number: int) -> int:
    """How many of a student's pictures open."""
    record = store.captures.latest_complete(student(number).id_number)
    assert record is not None
    return sum(opens(store, record.id, kind) for kind in PICTURES)


def opens(store: Store, record_id: str, kind: BiometricKind) -> bool:
    try:
        return store.captures.biometric(record_id, kind) is not None
    except StoreError:
        return False


def test_a_lost_vault_is_adopted_and_says_whom_to_capture_again(captured: Path) -> None:
    (captured / VAULT_FILE).rename(captured / "lost")
    with pytest.raises(StoreError, match="half_missing"):
        Store.open_station(captured)
    before = files_of(captured)
    tried = try_adoption(captured)
    assert files_of(captured) == before
    assert [hurt.record.student.name for hurt in tried.hurt] == ["考生1", "考生2"]
    assert {kind for hurt in tried.hurt for kind in hurt.kinds} == set(PICTURES)

    done = adopt(captured, by="负责人", reason="硬盘损坏，无备份", now=NOW)
    assert [(hurt.record.id, hurt.kinds) for hurt in done.hurt] == [(hurt.record.id, hurt.kinds) for hurt in tried.hurt]
    assert done.set_aside is not None
    assert files_of(done.set_aside) == before
    with Store.open_station(captured) as store:
        assert store.captures.count() == 2
        assert [message.code for message in store.check().hurt] == ["store.hurt.record"] * 2
        last = list(store.audit.entries())[-1]
        assert (last.action, last.actor, last.detail["hurt"]) == ("store.adopt", "负责人", 2)
        assert store.audit.first_broken() is None
        capture(store, 3)
        assert pictures_of(store, 3) == len(PICTURES)

    (captured / "lost").rename(captured / SET_ASIDE / "found.sqlite3")  # it turns up: everything goes back as it was
    put_back(captured, {**files_of(done.set_aside), VAULT_FILE: (captured / SET_ASIDE / "found.sqlite3").read_bytes()})
    with Store.open_station(captured) as store:
        assert pictures_of(store, 1) == pictures_of(store, 2) == len(PICTURES)
        assert store.check().sound


def test_lost_identities_are_adopted_with_every_blob_in_quarantine(captured: Path) -> None:
    (captured / IDENTITY_FILE).unlink()
    with pytest.raises(StoreError, match="half_missing"):
        Store.open(captured)
    done = adopt(captured, by="负责人", reason="找不到了", now=NOW)
    assert (done.hurt, done.quarantined) == ((), 6)
    with Store.open_station(captured) as store:
        assert len(store.quarantined()) == 6
        assert store.captures.count() == 0
        capture(store, 1)
        assert pictures_of(store, 1) == len(PICTURES)


def test_older_identities_are_adopted_with_what_came_later_in_quarantine(captured: Path) -> None:
    older = files_of(captured)
    with Store.open_station(captured) as store:
        capture(store, 3)
    (captured / IDENTITY_FILE).write_bytes(older[IDENTITY_FILE])
    with pytest.raises(StoreError, match="identity_older"):
        Store.open_station(captured)
    assert adopt(captured, by="负责人", reason="只有旧备份", now=NOW).quarantined == 3
    with Store.open_station(captured) as store:
        assert pictures_of(store, 1) == pictures_of(store, 2) == len(PICTURES)
        assert store.check().sound


def test_an_older_vault_is_adopted_and_says_what_it_lacks(captured: Path) -> None:
    older = files_of(captured)
    with Store.open_station(captured) as store:
        capture(store, 3)
    (captured / VAULT_FILE).write_bytes(older[VAULT_FILE])
    with pytest.raises(StoreError, match="vault_older"):
        Store.open_station(captured)
    assert [hurt.record.student.name for hurt in adopt(captured, by="负责人", reason="旧", now=NOW).hurt] == ["考生3"]
    with Store.open_station(captured) as store:
        assert pictures_of(store, 1) == pictures_of(store, 2) == len(PICTURES)
        assert pictures_of(store, 3) == 0


@pytest.mark.parametrize("key", [None, b"\0" * 31, b"\0" * 32], ids=["missing", "damaged", "another"])
def test_a_lost_key_is_given_up_only_by_a_person_and_the_sealed_vault_is_kept(captured: Path, key: bytes | None) -> None:
    before = files_of(captured)
    lose_key(captured)
    if key is not None:
        (captured / KEY_FILE).write_bytes(key)
    with pytest.raises(StoreError, match=r"key_"):
        Store.open_station(captured)
    done = adopt(captured, by="负责人", reason="密钥丢失", now=NOW)
    assert {VAULT_FILE, IDENTITY_FILE} <= set(done.left_out)
    assert done.hurt == ()  # nobody can read any more whose they were
    assert done.set_aside is not None
    assert (done.set_aside / VAULT_FILE).read_bytes() == before[VAULT_FILE]
    with Store.open_station(captured) as store:
        capture(store, 3)
        assert pictures_of(store, 3) == len(PICTURES)

    put_back(captured, {**files_of(done.set_aside), KEY_FILE: before[KEY_FILE]})  # the key turns up
    with Store.open_station(captured) as store:
        assert pictures_of(store, 1) == len(PICTURES)


def test_a_damaged_database_is_left_out_and_kept(captured: Path) -> None:
    spoilt = b"\0" * 5000
    (captured / IDENTITY_FILE).write_bytes(spoilt)
    with pytest.raises(StoreError, match="file_damaged"):
        Store.open(captured)
    done = adopt(captured, by="负责人", reason="损坏", now=NOW)
    assert (done.left_out, done.quarantined) == ((IDENTITY_FILE,), 6)
    assert done.set_aside is not None
    assert (done.set_aside / IDENTITY_FILE).read_bytes() == spoilt
    Store.open_station(captured).close()


def test_a_log_of_another_time_is_left_out(captured: Path) -> None:
    with Store.open_station(captured) as store:
        capture(store, 3)
        log = files_of(captured)[f"{IDENTITY_FILE}-wal"]
    with Store.open_station(captured) as store:
        state = state_of(store)
    (captured / f"{IDENTITY_FILE}-wal").write_bytes(log)
    with pytest.raises(StoreError, match="log_of_another"):
        Store.open_station(captured)
    assert adopt(captured, by="负责人", reason="拷贝错了", now=NOW).left_out == (f"{IDENTITY_FILE}-wal",)
    with Store.open_station(captured) as store:
        assert state_of(store)[1] == state[1]
        assert store.check().sound


def test_adopting_needs_a_reason_and_room_for_a_copy(captured: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(StoreError, match="reason_missing"):
        adopt(captured, by="负责人", reason=" ", now=NOW)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("shutil.copyfile", full)
    before = files_of(captured)
    with pytest.raises(StoreError, match="no_room_to_copy"):
        adopt(captured, by="负责人", reason="试试", now=NOW)
    assert files_of(captured) == before


def test_the_whole_folder_on_another_laptop_goes_on_there(captured: Path, tmp_path: Path) -> None:
    other = tmp_path / "another laptop"
    captured.rename(other)
    with Store.open_station(other) as store:
        assert pictures_of(store, 1) == len(PICTURES)
        capture(store, 3)


def serve(folder: Path, told: Any, heard: Any) -> None:
    """The folder's station, until somebody says that it is enough."""
    with Store.open_station(folder, address="http://127.0.0.1:8210"):
        told.send("running")
        heard.recv()


@contextmanager
def station(folder: Path) -> Iterator[tuple[Any, Any]]:
    """Another process that is the folder's station, and what tells it to end."""
    (hear, tell), (heard, enough) = pipe(), pipe()
    process = begun(lambda told, heard: serve(folder, told, heard), tell, heard)
    tell.close()
    heard.close()
    with closing(hear), closing(enough):
        assert hear.recv() == "running"
        yield process, enough
        process.kill()
        process.join()


def test_a_second_station_is_told_who_has_the_folder(captured: Path) -> None:
    with station(captured) as (first, _):
        for opening in (Store.open_station, try_adoption):
            with pytest.raises(StoreError, match="in_use") as caught:
                opening(captured)
            assert caught.value.data["pid"] == first.pid
            assert caught.value.data["address"] == "http://127.0.0.1:8210"
            assert str(caught.value.data["since"]).startswith("20")
        with Store.open(captured) as beside:  # commands read, and write as one transaction each
            assert pictures_of(beside, 1) == len(PICTURES)
            beside.audit.record("progress.look", actor="采集员")
            assert beside.check().sound


@pytest.mark.parametrize("opening", [Store.open_station, Store.open])
def test_a_lock_ends_with_the_station_however_it_ends(captured: Path, opening: type[Store]) -> None:
    with station(captured) as (first, _):
        first.kill()
        first.join()
        with opening(captured) as store:  # type: ignore[arg-type, operator]
            assert pictures_of(store, 2) == len(PICTURES)
    with station(captured) as (first, enough):
        enough.send("enough")
        first.join(30)
        assert first.exitcode == 0
        Store.open_station(captured).close()


@pytest.fixture
def earlier(of_one_key: Path, captured: Path) -> Path:
    """What a program left that knew neither pairs nor seals on the identities: the same rows in the tables of that time."""
    as_an_earlier_program_left_it(captured)
    return captured


def as_an_earlier_program_left_it(folder: Path) -> None:
    with identities(folder) as sealed:
        sealed.isolation_level = None
        sealed.execute("ATTACH ? AS plain KEY ''", (str(folder / "plain"),))
        sealed.execute("SELECT sqlcipher_export('plain')").close()
    (folder / "plain").replace(folder / IDENTITY_FILE)
    rooms: tuple[tuple[Literal["identity", "vault"], str, str], ...] = (
        ("identity", IDENTITY_FILE, "0004"),
        ("vault", VAULT_FILE, "0001"),
    )
    for room, name, revision in rooms:
        (folder / name).rename(folder / "newer")
        older = Database(sqlite_url(folder / name))
        with older.write() as connection:
            command.upgrade(config(room, connection), revision)
        older.close()
        with closing(sqlite3.connect(folder / name)) as database:
            database.execute("ATTACH ? AS newer", (str(folder / "newer"),))
            tables = database.execute("SELECT name FROM main.sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
            for (table,) in tables.fetchall():
                if table != "alembic_version":
                    columns = ", ".join(f'"{row[1]}"' for row in database.execute(f"PRAGMA main.table_info({table})"))
                    database.execute(f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM newer.{table}")
            database.commit()
        (folder / "newer").unlink()
    keyring.copy_of(folder / KEY_FILE).unlink()
    (folder / KEY_FILE).write_bytes(KEY)


@pytest.mark.parametrize("opening", [Store.open_station, Store.open])
def test_a_store_of_an_earlier_program_opens_with_everything(of_one_key: Path, captured: Path, opening: type[Store]) -> None:
    with Store.open(captured) as store:
        state = state_of(store)
    as_an_earlier_program_left_it(captured)
    assert student(1).name.encode() in (captured / IDENTITY_FILE).read_bytes()
    with opening(captured) as store:  # type: ignore[arg-type, operator]
        assert state_of(store) == state
        assert store.quarantined() == []
        assert store.check().sound
        capture(store, 3)
    (captured / VAULT_FILE).unlink()
    with pytest.raises(StoreError, match="half_missing"):
        Store.open(captured)


@pytest.mark.parametrize(
    ("lost", "table", "code"), [(IDENTITY_FILE, "biometrics", "too_many_orphans"), (VAULT_FILE, "blobs", "vault_lacks")]
)
def test_halves_of_earlier_programs_that_do_not_fit_are_refused(earlier: Path, lost: str, table: str, code: str) -> None:
    with closing(sqlite3.connect(earlier / lost)) as database, database:
        database.execute(f"DELETE FROM {table}")
    with pytest.raises(StoreError, match=code):
        Store.open(earlier)
    with pytest.raises(StoreError, match=code):
        Store.open(earlier)
    adopt(earlier, by="负责人", reason="只有这些", now=NOW)
    Store.open_station(earlier).close()


def test_damage_in_the_middle_of_the_vault_is_told_with_whose_pictures_are_hurt(captured: Path) -> None:
    with Store.open_station(captured) as store:
        assert store.check().sound
        record = store.captures.latest_complete(student(1).id_number)
        assert record is not None
    sealed = (captured / VAULT_FILE).read_bytes()
    with closing(sqlite3.connect(captured / VAULT_FILE)) as vault:
        (one,) = vault.execute("SELECT sealed FROM blobs LIMIT 1").fetchone()
    at = sealed.index(one[1000:1100])
    (captured / VAULT_FILE).write_bytes(sealed[:at] + bytes(100) + sealed[at + 100 :])
    with Store.open_station(captured) as store:
        (hurt,) = store.check().hurt
        assert hurt.code == "store.hurt.record"
        assert str(hurt.data["who"]).startswith("高一5 考生")
        assert hurt.data["kinds"] in {str(kind) for kind in BiometricKind}


def test_a_broken_page_is_told_with_the_file(captured: Path) -> None:
    pages = (captured / IDENTITY_FILE).read_bytes()
    with identities(captured) as identity:
        (root,) = identity.execute("SELECT rootpage FROM sqlite_master WHERE name = 'ix_steps_record_id'").fetchone()
        (size,) = identity.execute("PRAGMA page_size").fetchone()
    size = int(size)  # SQLCipher tells it as a text
    start = (root - 1) * size
    (captured / IDENTITY_FILE).write_bytes(pages[:start] + bytes(size) + pages[start + size :])
    with Store.open_station(captured) as store:
        assert "store.hurt.file" in {message.code for message in store.check().hurt}
        assert store.captures.count() == 2  # what is whole is read, after the damage was met too

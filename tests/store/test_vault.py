from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread

import pytest
from sqlalchemy import Connection

from kiosk.errors import StoreError
from kiosk.records import Biometric, BiometricKind, CaptureRecord, Step, StepResult, StoredBiometric, Verdict
from kiosk.store import Store
from kiosk.store.folder import KEY_FILE, VAULT_FILE
from kiosk.store.quarantine import MOST_LEFT_BY_A_KILL
from tests.store.conftest import AT, begin_in, student
from tests.store.within import identities, lose_key

Begin = Callable[..., CaptureRecord]
PASSED = StepResult(Step.FACE, Verdict.PASS, AT)
PICTURE = b"\xff\xd8\xff a portrait that nobody may read from the disk" * 50

SWAP = """
CREATE TEMP TABLE before AS SELECT * FROM blobs;
UPDATE blobs SET (nonce, sealed) = (SELECT nonce, sealed FROM before WHERE before.id <> blobs.id);
"""


def save(store: Store, record: CaptureRecord, data: bytes = PICTURE) -> None:
    store.captures.save_step(record.id, PASSED, [Biometric(BiometricKind.PORTRAIT, data)])


def test_no_biometric_byte_lies_readable_in_the_folder(folder: Path) -> None:
    with Store.open(folder) as store:
        save(store, begin_in(store, student(1)))
        for path in folder.iterdir():
            assert b"nobody may read" not in path.read_bytes(), path.name
    with closing(sqlite3.connect(folder / VAULT_FILE)) as vault:
        dump = "\n".join(vault.iterdump())
    assert student(1).id_number not in dump


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE blobs SET sealed = zeroblob(length(sealed))",
        "UPDATE blobs SET nonce = zeroblob(12)",
        "UPDATE blobs SET sealed = substr(sealed, 1, length(sealed) - 1)",
        "SWAP",  # two students' blobs change places
    ],
)
def test_a_tampered_blob_is_noticed(store: Store, begin: Begin, folder: Path, tampering: str) -> None:
    first, second = begin(1), begin(2)
    save(store, first)
    save(store, second, PICTURE[::-1])
    with closing(sqlite3.connect(folder / VAULT_FILE)) as vault, vault:
        vault.executescript(SWAP if tampering == "SWAP" else tampering)
    for record in (first, second):
        with pytest.raises(StoreError, match="blob_tampered"):
            store.captures.biometric(record.id, BiometricKind.PORTRAIT)


def test_an_older_picture_of_the_same_student_put_in_the_newer_ones_place_is_noticed(
    store: Store, begin: Begin, folder: Path
) -> None:
    record = begin()
    save(store, record, b"older")
    save(store, record, b"newer")
    with closing(sqlite3.connect(folder / VAULT_FILE)) as vault, vault:
        vault.executescript(SWAP)
    with pytest.raises(StoreError, match="blob_tampered"):
        store.captures.biometric(record.id, BiometricKind.PORTRAIT)


def test_a_lost_blob_is_told(store: Store, begin: Begin, folder: Path) -> None:
    record = begin()
    save(store, record)
    with closing(sqlite3.connect(folder / VAULT_FILE)) as vault, vault:
        vault.execute("DELETE FROM blobs")
    with pytest.raises(StoreError, match="blob_missing"):
        store.captures.biometric(record.id, BiometricKind.PORTRAIT)


def test_the_key_is_made_once_for_its_owner_only(folder: Path) -> None:
    Store.open(folder).close()
    key = folder / KEY_FILE
    first = key.read_bytes()
    if os.name == "posix":
        assert key.stat().st_mode & 0o777 == 0o600
        key.chmod(0o644)
    Store.open(folder).close()
    assert key.read_bytes() == first
    if os.name == "posix":
        assert key.stat().st_mode & 0o777 == 0o600
    assert not [path.name for path in folder.iterdir() if path.name.startswith(".")]


@pytest.mark.parametrize(
    ("content", "code"), [(b"\0" * 32, "store.key_wrong"), (b"\0" * 31, "store.key_damaged"), (None, "store.key_missing")]
)
def test_another_damaged_or_missing_key_opens_nothing_and_is_left_alone(folder: Path, content: bytes | None, code: str) -> None:
    Store.open(folder).close()
    key = folder / KEY_FILE
    lose_key(folder)
    if content is not None:
        key.write_bytes(content)
    with pytest.raises(StoreError) as caught:
        Store.open(folder)
    assert caught.value.code == code
    assert (key.read_bytes() if key.exists() else None) == content


@pytest.mark.parametrize("content", [b"\0" * 31, b"{", None], ids=["damaged", "half", "missing"])
def test_a_key_ring_that_is_lost_comes_back_from_the_copy_beside_it(folder: Path, content: bytes | None) -> None:
    with Store.open(folder) as store:
        record = begin_in(store, student(1))
        save(store, record)
    ring = (folder / KEY_FILE).read_bytes()
    (folder / KEY_FILE).unlink()
    if content is not None:
        (folder / KEY_FILE).write_bytes(content)
    with Store.open(folder) as store:
        assert store.captures.biometric(record.id, BiometricKind.PORTRAIT) == PICTURE
    assert (folder / KEY_FILE).read_bytes() == ring


def test_blobs_without_a_row_go_into_quarantine_when_the_station_starts_and_no_others(folder: Path) -> None:
    with Store.open(folder) as store:
        kept = begin_in(store, student(1))
        save(store, kept)
        lost = begin_in(store, student(2))
        save(store, lost)
    with identities(folder) as identity:
        rows = identity.execute("SELECT * FROM biometrics WHERE record_id = ?", (lost.id,)).fetchall()
        identity.execute("DELETE FROM biometrics WHERE record_id = ?", (lost.id,))
    with Store.open(folder) as store:  # a command that only reads
        assert store.quarantined() == []
    with Store.open_station(folder) as store:
        assert store.captures.biometric(kept.id, BiometricKind.PORTRAIT) == PICTURE
        assert [entry.detail for entry in store.audit.entries() if entry.action == "vault.quarantine"] == [{"blobs": 1}]
        (quarantined,) = store.quarantined()
        assert quarantined.size > len(PICTURE)
        assert quarantined.until - quarantined.since == timedelta(days=90)
        assert [note.code for note in store.check().notes] == ["store.note.quarantine"]

    with identities(folder) as identity:  # the row comes back
        identity.executemany(f"INSERT INTO biometrics VALUES ({', '.join('?' * len(rows[0]))})", rows)
    with Store.open_station(folder) as store:
        assert store.quarantined() == []
        assert store.captures.biometric(lost.id, BiometricKind.PORTRAIT) == PICTURE


def test_only_a_person_erases_what_is_in_quarantine_and_only_after_its_term(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Store.open(folder) as store:
        save(store, begin_in(store, student(1)))
    with identities(folder) as identity:
        identity.execute("DELETE FROM biometrics")
    with Store.open_station(folder) as store:
        assert store.erase_quarantine(by="负责人", reason="保管期满") == 0
        monkeypatch.setattr("kiosk.store.quarantine.TERM", timedelta(0))
        with pytest.raises(StoreError, match="reason_missing"):
            store.erase_quarantine(by="负责人", reason=" ")
        assert len(store.quarantined()) == 1
        assert store.erase_quarantine(by="负责人", reason="保管期满") == 1
        assert store.quarantined() == []
        assert [(entry.actor, entry.detail["blobs"]) for entry in store.audit.entries() if entry.action == "vault.erase"] == [
            ("负责人", 1)
        ]
    with closing(sqlite3.connect(folder / VAULT_FILE)) as vault:
        assert vault.execute("SELECT count(*) FROM blobs").fetchone() == (0,)
    Store.open_station(folder).close()


def test_more_blobs_without_a_row_than_a_kill_can_leave_are_refused(folder: Path) -> None:
    with Store.open(folder) as store:
        record = begin_in(store, student(1))
        pictures = [Biometric(BiometricKind.PORTRAIT, b"picture")] * (MOST_LEFT_BY_A_KILL + 1)
        store.captures.save_step(record.id, PASSED, pictures)
    with identities(folder) as identity:
        identity.execute("DELETE FROM biometrics")
    for _ in range(2):
        with pytest.raises(StoreError, match="too_many_orphans"):
            Store.open_station(folder)
    with Store.open(folder) as store:
        assert store.quarantined() == []


def test_a_station_that_starts_never_takes_a_blob_that_waits_for_its_row(
    store: Store, begin: Begin, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record, sealed, go_on = begin(), Event(), Event()
    put = store._vault.put

    def slow_put(names: Connection, record_id: str, biometrics: Sequence[Biometric]) -> list[StoredBiometric]:
        stored = put(names, record_id, biometrics)
        sealed.set()
        assert go_on.wait(30)
        return stored

    monkeypatch.setattr(store._vault, "put", slow_put)
    station = Thread(target=save, args=(store, record))
    station.start()
    assert sealed.wait(30)  # the blob is in the vault, its row is not written yet
    starting = Thread(target=lambda: Store.open_station(folder).close())
    starting.start()
    starting.join(0.3)
    assert starting.is_alive()  # waits for its turn
    go_on.set()
    station.join(30)
    starting.join(30)
    assert store.quarantined() == []
    assert store.captures.biometric(record.id, BiometricKind.PORTRAIT) == PICTURE


def test_what_is_deleted_is_overwritten_whatever_sqlite_was_built_like(store: Store) -> None:
    for database in (store._opened.identity, store._opened.vault):
        with database.read() as connection:
            assert connection.exec_driver_sql("PRAGMA secure_delete").scalar() == 1

"""The same store on PostgreSQL, when a server is installed here."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from threading import Thread
from typing import Any

import psycopg
import pytest
from alembic import command

from kiosk.errors import StoreError
from kiosk.records import Biometric, BiometricKind, Step, StepResult, Verdict
from kiosk.store import Store
from kiosk.store.database import Database
from kiosk.store.migrations import migrate
from kiosk.store.migrations.run import config
from kiosk.store.tables import Room
from tests.postgresql import server, urls
from tests.store.conftest import AT, begin_in, student, turn_away
from tests.store.test_migrations import schema
from tests.store.test_swapped_files import capture, state_of

__all__ = ["server", "urls"]  # fixtures


def test_a_student_is_captured_exported_and_found_again(folder: Path, urls: dict[str, Any]) -> None:
    with Store.open(folder, **urls) as store:
        store.roster.replace_or_update([student(2), student(1)])
        for number in (1, 2):
            record = begin_in(store, student(number))
            passed = StepResult(Step.FACE, Verdict.PASS, AT)
            store.captures.save_step(record.id, passed, [Biometric(BiometricKind.PORTRAIT, b"portrait")])
            store.captures.finish(record.id, AT)
        assert store.roster.replace_or_update([student(2)]).gone == (student(1),)
    with Store.open(folder, **urls) as store:
        assert [record.student.name for record in store.captures.records()] == ["考生2", "考生1"]
        record = store.captures.latest_complete(student(1).id_number)  # type: ignore[assignment]
        assert record.steps == (passed,)
        assert record.started_at == AT
        assert store.captures.biometric(record.id, BiometricKind.PORTRAIT) == b"portrait"
        counts = store.progress.counts(AT)
        assert (counts.roster, counts.captured) == (1, 1)  # who left the roster is counted no more
        assert store.audit.first_broken() is None


@pytest.mark.parametrize("room", ["identity", "vault"])
def test_made_at_once_or_migrated_step_by_step_the_tables_are_the_same_there_too(urls: dict[str, Any], room: Room) -> None:
    made, grown = Database(urls["identity_url"]), Database(urls["vault_url"])
    migrate(made, room)
    with grown.write() as connection:
        command.upgrade(config(room, connection), "head")
    assert schema(made) == schema(grown)
    made.close()
    grown.close()


def test_an_error_of_the_server_never_quotes_the_students_number(folder: Path, urls: dict[str, Any]) -> None:
    with Store.open(folder, **urls) as store:
        record = begin_in(store, student(1))
        with pytest.raises(StoreError) as caught, store.captures._database.write() as connection:
            connection.exec_driver_sql(f"INSERT INTO records SELECT * FROM records WHERE id = '{record.id}'")
    assert student(1).id_number not in f"{caught.value} {caught.value.__cause__}"
    assert caught.value.__suppress_context__


def test_many_threads_write_one_unbroken_trail(folder: Path, urls: dict[str, Any]) -> None:
    with Store.open(folder, **urls) as first, Store.open(folder, **urls) as second:

        def write(store: Store) -> None:
            for _ in range(20):
                turn_away(store, AT)

        threads = [Thread(target=write, args=(store,)) for store in (first, second, first)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert len(list(first.audit.entries())) == 60
        assert first.audit.first_broken() is None


def test_the_trail_is_append_only_there_too(folder: Path, urls: dict[str, Any]) -> None:
    with Store.open(folder, **urls) as store:
        turn_away(store, AT)
    with psycopg.connect(urls["identity_url"].replace("+psycopg", "")) as connection:
        for change in (b"UPDATE audit SET actor = 'x'", b"DELETE FROM audit", b"TRUNCATE audit"):
            with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
                connection.execute(change)
            connection.rollback()


def test_a_lost_or_older_half_is_refused_there_too(folder: Path, urls: dict[str, Any]) -> None:
    with Store.open_station(folder, **urls) as store:
        capture(store, 1)
        state = state_of(store)
    with Store.open(folder, **urls) as store:
        assert state_of(store) == state
    admin = urls["identity_url"].replace("+psycopg", "")
    with psycopg.connect(admin.replace("/identity", "/postgres"), autocommit=True) as server:
        server.execute(b"CREATE DATABASE older TEMPLATE identity")
        server.execute(b"CREATE DATABASE older_vault TEMPLATE vault")
    try:
        with Store.open_station(folder, **urls) as store:
            capture(store, 2)
        older = urls | {"identity_url": urls["identity_url"].replace("/identity", "/older")}
        older_vault = urls | {"vault_url": urls["vault_url"].replace("/vault", "/older_vault")}
        with pytest.raises(StoreError, match="identity_older"):
            Store.open(folder, **older)
        with pytest.raises(StoreError, match="vault_older"):
            Store.open_station(folder, **older_vault)
        with Store.open_station(folder, **(older_vault | {"identity_url": older["identity_url"]})) as store:
            assert state_of(store) == state  # both from one backup
    finally:
        with psycopg.connect(admin.replace("/identity", "/postgres"), autocommit=True) as server:
            server.execute(b"DROP DATABASE older WITH (FORCE)")
            server.execute(b"DROP DATABASE older_vault WITH (FORCE)")
    with psycopg.connect(urls["vault_url"].replace("+psycopg", "")) as vault:
        vault.execute(b"DROP SCHEMA public CASCADE")
        vault.execute(b"CREATE SCHEMA public")
    with pytest.raises(StoreError, match="half_missing"):
        Store.open(folder, **urls)
    (folder / "station.key").rename(folder / "away")
    with pytest.raises(StoreError, match="half_missing"):
        Store.open(folder, **urls)


def test_one_station_at_a_time_wherever_its_folder_lies(tmp_path: Path, urls: dict[str, Any]) -> None:
    with Store.open_station(tmp_path / "first", address="http://127.0.0.1:8210", **urls) as store:
        capture(store, 1)
        (tmp_path / "second").mkdir()
        shutil.copy(tmp_path / "first" / "station.key", tmp_path / "second")
        with pytest.raises(StoreError, match="in_use") as caught:
            Store.open_station(tmp_path / "second", **urls)
        assert caught.value.data["pid"] == str(os.getpid())
        assert "http://127.0.0.1:8210" in str(caught.value.data["address"])
        with Store.open(tmp_path / "second", **urls) as beside:
            assert beside.captures.count() == 1
    with Store.open_station(tmp_path / "second", **urls) as store:
        assert store.check().sound

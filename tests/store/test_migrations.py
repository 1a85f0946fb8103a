from __future__ import annotations

from pathlib import Path
from threading import Barrier, Thread
from typing import Literal

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from kiosk.errors import StoreError
from kiosk.store import Store, tables
from kiosk.store.database import Database
from kiosk.store.folder import IDENTITY_FILE
from kiosk.store.migrations import migrate
from tests.store.within import identities


@pytest.mark.parametrize("room", ["identity", "vault"])
def test_the_migrations_build_exactly_the_tables_that_the_code_uses(room: Literal["identity", "vault"]) -> None:
    database = Database("sqlite://")
    migrate(database, room)
    with database.read() as connection:
        difference = compare_metadata(MigrationContext.configure(connection), getattr(tables, room))
    database.close()
    assert difference == []


def test_data_of_a_newer_program_are_left_alone(folder: Path) -> None:
    Store.open(folder).close()
    with identities(folder) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreError, match=r"store\.newer"):
        Store.open(folder)


def test_two_programs_opening_a_new_store_at_once_make_one(folder: Path) -> None:
    start, opened = Barrier(4), []

    def program() -> None:
        start.wait(10)
        with Store.open(folder) as store:
            store.audit.record("opened")
            opened.append(store.audit.first_broken())

    threads = [Thread(target=program) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert opened == [None] * 4


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"store\.folder"):
        Store.open(tmp_path / "file" / "data")


def test_identity_and_biometrics_never_share_a_database(folder: Path) -> None:
    with pytest.raises(StoreError, match="same_database"):
        Store.open(folder, identity_url="postgresql+psycopg://office/kiosk", vault_url="postgresql+psycopg://office/kiosk")
    assert not folder.exists()


def test_a_file_that_is_no_database_is_told_and_kept(folder: Path) -> None:
    folder.mkdir()
    (folder / IDENTITY_FILE).write_bytes(b"somebody's letter" * 100)
    with pytest.raises(StoreError, match=r"store\.file_damaged"):
        Store.open(folder)
    assert (folder / IDENTITY_FILE).read_bytes().startswith(b"somebody")

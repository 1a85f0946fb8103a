from __future__ import annotations

import sys
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Inspector, inspect

from kiosk.errors import StoreError
from kiosk.store import Store, tables
from kiosk.store.database import Database
from kiosk.store.folder import IDENTITY_FILE
from kiosk.store.migrations import head, migrate
from kiosk.store.migrations.run import config
from kiosk.store.tables import Room
from tests.store.within import identities


@pytest.mark.parametrize("room", ["identity", "vault"])
def test_made_at_once_or_migrated_step_by_step_the_tables_are_those_that_the_code_uses(room: Room) -> None:
    made, grown = Database("sqlite://"), Database("sqlite://")
    migrate(made, room)
    with grown.write() as connection:
        command.upgrade(config(room, connection), "head")
        difference = compare_metadata(MigrationContext.configure(connection), getattr(tables, room))
    assert difference == []
    assert schema(made) == schema(grown)
    assert ScriptDirectory.from_config(config(room, None)).get_heads() == [head(room)]
    made.close()
    grown.close()


def test_where_nothing_is_to_be_migrated_no_start_waits_for_alembic(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Store.open(folder).close()
    monkeypatch.setitem(sys.modules, "kiosk.store.migrations.run", None)  # an import fails
    Store.open(folder).close()


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


def schema(database: Database) -> dict[str, Any]:
    """All that a database says of itself, but for the order of columns."""
    with database.read() as connection:
        asked = inspect(connection)
        told: dict[str, Any] = {name: _table(asked, name) for name in asked.get_table_names()}
        if database.sqlite:
            told["triggers"] = set(connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"))
        told["version"] = connection.exec_driver_sql("SELECT version_num FROM alembic_version").all()
    return told


def _table(asked: Inspector, name: str) -> dict[str, Any]:
    def facts(of: str) -> list[str]:
        return sorted(
            str(sorted((key, _told(value)) for key, value in fact.items())) for fact in getattr(asked, f"get_{of}")(name)
        )

    columns = {
        column["name"]: (str(column["type"]), column["nullable"], str(column["default"]).strip("()"))
        for column in asked.get_columns(name)
    }
    key = asked.get_pk_constraint(name)["constrained_columns"]
    return {"columns": columns, "key": key, **{of: facts(of) for of in ("indexes", "unique_constraints", "foreign_keys")}}


def _told(value: Any) -> str:
    return str({key: str(one) for key, one in value.items()}) if isinstance(value, dict) else str(value)

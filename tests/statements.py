"""What SQLAlchemy makes of a statement is made once for a process: every test's store would do it again, a fifth of its time.

A station opens its store once, and has all of it by the second student.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from functools import cache, partial
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, MetaData, create_mock_engine
from sqlalchemy.engine.mock import MockConnection

from kiosk.store import tables
from kiosk.store.database import Database

_URLS = {"sqlite": "sqlite://", "postgresql": "postgresql+psycopg://"}


class Compiled(dict[Any, Any], MutableMapping[Any, Any]):
    """By the kind of database instead of the connection's own."""

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get((key[0].name, *key[1:]), default)

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__((key[0].name, *key[1:]), value)


@cache
def _making(metadata: MetaData, kind: str) -> tuple[str, ...]:
    """What makes the tables."""
    said: list[str] = []

    def heard(what: Any, *_: Any, **__: Any) -> None:
        said.append(str(what.compile(dialect=engine.dialect)))

    engine: MockConnection = create_mock_engine(_URLS[kind], heard)
    MetaData.create_all(metadata, engine, checkfirst=False)
    return tuple(said)


def _create_all(metadata: MetaData, connection: Connection, *, checkfirst: bool) -> None:
    assert not checkfirst
    for statement in _making(metadata, connection.dialect.name):
        connection.exec_driver_sql(statement)


def share(patch: pytest.MonkeyPatch) -> None:
    """From now on every store of this process."""
    compiled, set_up = Compiled(), Database._set_up

    def with_all(database: Database, engine: Engine, *more: Any) -> None:
        engine.update_execution_options(compiled_cache=compiled)
        set_up(database, engine, *more)

    patch.setattr(Database, "_set_up", with_all)
    for metadata in (tables.identity, tables.vault):
        patch.setattr(metadata, "create_all", partial(_create_all, metadata))

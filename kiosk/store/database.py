"""One database, SQLite or PostgreSQL: durable commits, one writer at a time, faults without data in them."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from kiosk.errors import StoreError

BUSY_TIMEOUT_MS: Final = 10_000
_PRAGMAS: Final = (
    "journal_mode=WAL",
    "synchronous=FULL",  # every commit is on the disk when it returns
    "foreign_keys=ON",
    f"busy_timeout={BUSY_TIMEOUT_MS}",
)
_WRITING: Final = {"kiosk_writing": True}
# One number for the whole program: every writer of a PostgreSQL database takes turns under it, as SQLite does by itself.
_ADVISORY_LOCK: Final = 0x6B696F736B


class Database:
    """Transactions on one database. Safe to use from any thread."""

    def __init__(self, url: str) -> None:
        # Parameters hold ID numbers: never let them into messages or logs.
        self._engine = create_engine(url, hide_parameters=True, pool_pre_ping=not url.startswith("sqlite"))
        self._writer = threading.Lock()
        self._sqlite = self._engine.dialect.name == "sqlite"
        if self._sqlite:
            event.listen(self._engine, "connect", _prepare_sqlite)
            event.listen(self._engine, "begin", _begin_sqlite)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A consistent view; give it back soon."""
        with _faults(), self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """The only writer, across threads and processes; durable when the block ends, undone when it raises."""
        with self._writer, _faults(), self._engine.connect().execution_options(**_WRITING) as connection, connection.begin():
            if not self._sqlite:
                connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _ADVISORY_LOCK})
            yield connection

    @property
    def engine(self) -> Engine:
        return self._engine

    def close(self) -> None:
        self._engine.dispose()


def _prepare_sqlite(connection: sqlite3.Connection, _: object) -> None:
    connection.isolation_level = None  # sqlite3's own transactions begin too late and leave out DDL
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first and writes later could find that somebody else wrote in between: writers lock at once.
    writing: Any = connection.get_execution_options().get("kiosk_writing")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


@contextmanager
def _faults() -> Iterator[None]:
    """SQLAlchemy's errors as StoreError. The driver's text is left out: PostgreSQL quotes the values of the row."""
    try:
        yield
    except DBAPIError as error:
        name = getattr(error.orig, "sqlite_errorname", "") or getattr(error.orig, "sqlstate", "") or type(error.orig).__name__
        raise StoreError(_CODES.get(name, "store.failed"), reason=name) from None
    except SQLAlchemyError as error:
        raise StoreError("store.failed", reason=type(error).__name__) from None


_CODES: Final = {
    "SQLITE_BUSY": "store.busy",
    "SQLITE_FULL": "store.disk_full",
    "53100": "store.disk_full",
    "SQLITE_IOERR": "store.disk_broken",
    "SQLITE_CORRUPT": "store.damaged",
    "SQLITE_NOTADB": "store.damaged",
    "SQLITE_READONLY": "store.read_only",
    "SQLITE_CANTOPEN": "store.read_only",
}

"""One database, SQLite or PostgreSQL: durable commits, one writer at a time, faults without data in them."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from sqlalchemy import Connection, Engine, ExceptionContext, create_engine, event, text
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.pool import StaticPool
from sqlcipher3 import dbapi2 as sqlite

from kiosk.durable import sync_file
from kiosk.errors import StoreError
from kiosk.private import FILE_MODE

BUSY_TIMEOUT_MS: Final = 10_000
_PRAGMAS: Final = (
    "journal_mode=WAL",
    "synchronous=FULL",  # every commit is on the disk when it returns
    "foreign_keys=ON",
    "secure_delete=ON",  # what is deleted is overwritten; only some builds of SQLite do so by themselves
    "temp_store=MEMORY",  # what SQLite puts aside never lies on the disk
    f"busy_timeout={BUSY_TIMEOUT_MS}",
)
# A witness that comes late or gets lost does no harm: it doesn't wait, neither for the disk nor long for others.
_LAZY_PRAGMAS: Final = ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=200")
_LOOKING_PRAGMAS: Final = ("query_only=ON", f"busy_timeout={BUSY_TIMEOUT_MS}")
_SCANNING_KIB, _USUAL_KIB = 65_536, 2000  # of pages that SQLite keeps; the second is what it does by itself
_WRITING: Final = {"kiosk_writing": True}
# What SQLCipher leaves readable: SQLite's header, which `kiosk.store.write_ahead` looks at, and 12 bytes more.
_READABLE_BYTES: Final = 112
PAGE_SALT_BYTES: Final = 16
# One number for the whole program: every writer of a PostgreSQL database takes turns under it, as SQLite does by itself.
_ADVISORY_LOCK: Final = 0x6B696F736B


@dataclass(frozen=True)
class PageKey:
    """What the pages of an SQLite file are sealed with, AES-256-CBC and HMAC-SHA512 by SQLCipher: 32 bytes, and 16 of salt."""

    key: bytes
    salt: bytes

    def __repr__(self) -> str:
        return "PageKey()"  # never in a log

    @property
    def literal(self) -> str:
        """As SQLCipher takes a key that is not made of a passphrase."""
        return f"x'{self.key.hex()}{self.salt.hex()}'"


def unlocking(page_key: PageKey | None) -> tuple[str, ...]:
    """The pragmas that come before anything else on a connection."""
    if page_key is None:
        return ()
    return ("cipher_log_level = NONE", f'key = "{page_key.literal}"', f"cipher_plaintext_header_size = {_READABLE_BYTES}")


class Database:
    """Transactions on one database. Safe to use from any thread."""

    def __init__(self, url: str, *, lazy: bool = False, page_key: PageKey | None = None) -> None:
        """`lazy` commits are in order and whole, but a power cut may take the last of them back. With a `page_key` an SQLite
        file and its log are sealed page by page (SQLCipher)."""
        # Parameters hold ID numbers: never let them into messages or logs.
        if url.startswith("sqlite"):
            engine = create_engine(url, hide_parameters=True, module=sqlite)
        else:
            engine = create_engine(url, hide_parameters=True, pool_pre_ping=True)
        self._set_up(engine, _LAZY_PRAGMAS if lazy else _PRAGMAS, page_key)
        if lazy and not self._sqlite:
            event.listen(engine, "begin", _commit_lazily)

    @classmethod
    def looking(cls, path: Path, page_key: PageKey | None = None) -> Self:
        """An SQLite file that is only looked at: nothing is made, no log is moved into it or removed."""
        uri = f"{path.absolute().as_uri()}?mode=ro"
        engine = create_engine(
            "sqlite://",
            creator=lambda: sqlite.connect(uri, uri=True, check_same_thread=False),
            poolclass=StaticPool,
            hide_parameters=True,
            module=sqlite,
        )
        database = cls.__new__(cls)
        database._set_up(engine, _LOOKING_PRAGMAS, page_key)
        return database

    def _set_up(self, engine: Engine, pragmas: Sequence[str], page_key: PageKey | None) -> None:
        self._engine = engine
        self._writer = threading.Lock()
        self._before_commit: Callable[[Connection], int] | None = None
        self._after_commit: Callable[[int], None] | None = None
        self._sqlite = engine.dialect.name == "sqlite"
        if self._sqlite:

            def prepare(connection: sqlite.Connection, _: object) -> None:
                connection.isolation_level = None  # sqlite3's own transactions begin too late and leave out DDL
                for pragma in (*unlocking(page_key), *pragmas):
                    connection.execute(f"PRAGMA {pragma}").close()

            event.listen(engine, "connect", prepare)
            event.listen(engine, "handle_error", _give_up_connection)
            event.listen(engine, "begin", _begin_sqlite)

    def count_commits(self, before: Callable[[Connection], int], after: Callable[[int], None]) -> None:
        """From now on every write transaction ends with `before`, which numbers it, and is told `after` it became durable."""
        self._before_commit, self._after_commit = before, after

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A consistent view; give it back soon."""
        with _faults(), self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def scan(self) -> Iterator[Connection]:
        """The same for what goes through whole tables: while it lasts more pages of a sealed file stay open."""
        with self.read() as connection:
            if self._sqlite:
                connection.exec_driver_sql(f"PRAGMA cache_size = -{_SCANNING_KIB}")
            try:
                yield connection
            finally:
                if self._sqlite:
                    connection.exec_driver_sql(f"PRAGMA cache_size = -{_USUAL_KIB}")

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """The only writer, across threads and processes; durable when the block ends, undone when it raises."""
        with self._writer:
            number = None
            with _faults(), self._engine.connect().execution_options(**_WRITING) as connection, connection.begin():
                if not self._sqlite:
                    connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _ADVISORY_LOCK})
                yield connection
                if self._before_commit is not None:
                    number = self._before_commit(connection)
            if number is not None and self._after_commit is not None:
                self._after_commit(number)

    def checkpoint(self) -> None:
        """Bring what is in an SQLite log into the file; the log keeps it, too. Waits for nobody."""
        if self._sqlite:
            with _faults(), self._engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(PASSIVE)")

    def leave_log(self) -> None:
        """Bring everything into the file and write it without a log from now on: it is to be carried elsewhere."""
        with _faults(), closing(self._engine.raw_connection()) as connection, driver_faults():
            driver = connection.driver_connection
            assert isinstance(driver, sqlite.Connection)
            driver.execute("PRAGMA journal_mode = DELETE").close()

    def clean(self, *, sealed: bool, patience_ms: int = BUSY_TIMEOUT_MS) -> bool:
        """Rewrite an SQLite file so that neither its free pages nor its log hold what was deleted; False while somebody else
        uses it, or the disk has no room for a copy: then it has to be done again. What is not `sealed` is copied in memory
        only. A server looks after its files itself."""
        if not self._sqlite:
            return True
        with self._writer, _faults(), self._engine.connect() as connection:
            connection.exec_driver_sql("COMMIT")  # neither of the two works within a transaction
            connection.exec_driver_sql(f"PRAGMA busy_timeout={patience_ms:d}")
            try:
                if not _empty_log(connection):  # first: then the log holds the new pages only
                    return False
                connection.exec_driver_sql(f"PRAGMA temp_store={'DEFAULT' if sealed else 'MEMORY'}")
                connection.exec_driver_sql("VACUUM")
                return _empty_log(connection)
            except OperationalError as error:
                if getattr(error.orig, "sqlite_errorname", "").startswith(("SQLITE_BUSY", "SQLITE_FULL", "SQLITE_LOCKED")):
                    return False
                raise
            finally:
                connection.exec_driver_sql(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")

    def give_up(self, connection: Connection) -> None:
        """Have no further use for a connection that met a damaged page: one of SQLCipher's then refuses whole ones, too."""
        connection.detach()

    def copy(self, to: Path, page_key: PageKey) -> None:
        """See `copy_sealed`."""
        with _faults(), closing(self._engine.raw_connection()) as connection, driver_faults():
            driver = connection.driver_connection
            assert isinstance(driver, sqlite.Connection)
            copy_sealed(driver, to, page_key)

    def change_key(self, page_key: PageKey) -> None:
        """Seal every page with another key, in one transaction."""
        with _faults(), closing(self._engine.raw_connection()) as connection, driver_faults():
            driver = connection.driver_connection
            assert isinstance(driver, sqlite.Connection)
            driver.execute(f'PRAGMA rekey = "{page_key.literal}"').close()

    @property
    def engine(self) -> Engine:
        return self._engine

    @property
    def sqlite(self) -> bool:
        """Whether it is a file."""
        return self._sqlite

    def close(self) -> None:
        self._engine.dispose()


def _empty_log(connection: Connection) -> bool:
    """Bring the whole log into the file and cut it to nothing; False when somebody else still reads from it."""
    busy, _, _ = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
    return not busy


def is_writing(connection: Connection) -> bool:
    """Whether its transaction is one of `Database.write`."""
    return bool(connection.get_execution_options().get("kiosk_writing"))


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first and writes later could find that somebody else wrote in between: writers lock at once.
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writing(connection) else "BEGIN")


def _give_up_connection(context: ExceptionContext) -> None:
    """A connection of SQLCipher's that met a damaged page refuses whole ones, too: the next one reads them."""
    if getattr(context.original_exception, "sqlite_errorname", "") == "SQLITE_CORRUPT":
        context.is_disconnect = True


def _commit_lazily(connection: Connection) -> None:
    connection.exec_driver_sql("SET LOCAL synchronous_commit = off")


@contextmanager
def _faults() -> Iterator[None]:
    """SQLAlchemy's errors as StoreError. The driver's text is left out: PostgreSQL quotes the values of the row."""
    try:
        yield
    except DBAPIError as error:
        raise _fault(error.orig) from None
    except SQLAlchemyError as error:
        raise StoreError("store.failed", reason=type(error).__name__) from None


def copy_sealed(connection: sqlite.Connection, to: Path, page_key: PageKey) -> None:
    """A whole and sealed copy of a database as it is at this moment, without free pages, on the disk when this returns. The
    file must not be there; whoever writes meanwhile is not held up. Raises the driver's errors."""
    os.close(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE))
    connection.execute("ATTACH ? AS sealed KEY ?", (str(to), page_key.literal))
    try:
        for pragma in unlocking(page_key)[2:]:
            connection.execute(f"PRAGMA sealed.{pragma}").close()
        connection.execute("SELECT sqlcipher_export('sealed')").close()
        version = connection.execute("PRAGMA main.user_version").fetchone()[0]
        connection.execute(f"PRAGMA sealed.user_version = {int(version)}").close()
    finally:
        connection.execute("DETACH sealed").close()
    sync_file(to)


@contextmanager
def driver_faults() -> Iterator[None]:
    """The same for the driver's own errors."""
    try:
        yield
    except sqlite.Error as error:
        raise _fault(error) from None


def _fault(error: BaseException | None) -> StoreError:
    name = getattr(error, "sqlite_errorname", "") or getattr(error, "sqlstate", "") or type(error).__name__
    code = _CODES.get(name) or next((code for start, code in _CODES.items() if name.startswith(f"{start}_")), "store.failed")
    return StoreError(code, reason=name)


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

"""One station per data folder, and per pair of databases on a server: two would mix their captures in one record."""

from __future__ import annotations

import json
import os
import socket
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Protocol

from sqlalchemy import Connection, text

from kiosk.clock import moment
from kiosk.errors import StoreError
from kiosk.locks import FileLock, note_of
from kiosk.store.database import Database
from kiosk.store.folder import Places

# Held for as long as a station runs; not the number under which writers take turns.
_NUMBER: Final = 0x6B696F736C
_PATIENCE_S: Final = 0.5  # for those who only ask whether a station runs
_NAME_LENGTH: Final = 63  # of a PostgreSQL session


class Lock(Protocol):
    """Something held until it is released."""

    def release(self) -> None:
        """Let go. Idempotent."""


def lock_folder(places: Places, address: str) -> FileLock:
    """Be the folder's station; raises StoreError, which says who is."""
    note = json.dumps({"pid": os.getpid(), "since": datetime.now(UTC).isoformat(), "address": address})
    try:
        return FileLock.take(places.station_lock, note, patience_s=_PATIENCE_S)
    except BlockingIOError:
        raise _in_use(note_of(places.station_lock)) from None
    except OSError as error:
        raise StoreError("store.folder", folder=str(places.folder), reason=error.strerror or "") from None


def require_free(folder: Path) -> None:
    """Raises StoreError when a station has the folder: for telling so before anything else is done. It is nobody's until
    `lock_folder`."""
    places = Places(folder)
    if folder.is_dir() and is_running(places):
        raise _in_use(note_of(places.station_lock))


def is_running(places: Places) -> bool:
    """Whether a station has the folder."""
    if not places.station_lock.exists():
        return False
    try:
        FileLock.take(places.station_lock).release()
    except BlockingIOError:
        return True
    except OSError as error:
        raise StoreError("store.folder", folder=str(places.folder), reason=error.strerror or "") from None
    return False


def _in_use(note: str) -> StoreError:
    """The note is read while its writer may be at it: without one, the words do with less."""
    told: dict[str, Any] = {}
    with suppress(ValueError):
        told = json.loads(note)
    since = ""
    with suppress(KeyError, ValueError):
        since = moment(datetime.fromisoformat(told["since"]))
    return StoreError("store.in_use", pid=told.get("pid", "?"), since=since or "?", address=told.get("address") or "—")


class ServerLock:
    """The same on a database server: a session of its own, which the server ends when the program does."""

    def __init__(self, identity: Database, address: str) -> None:
        """Raises StoreError, which says who holds it."""
        self._session = identity.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        try:
            name = f"kiosk {os.getpid()} {socket.gethostname()} {address}"[:_NAME_LENGTH]
            self._session.execute(text("SELECT set_config('application_name', :name, false)"), {"name": name})
            if not self._session.scalar(text("SELECT pg_try_advisory_lock(:number)"), {"number": _NUMBER}):
                raise _in_use_on_server(self._session)
        except BaseException:
            self._session.close()
            raise

    def release(self) -> None:
        self._session.invalidate()  # ends the session, and the lock with it
        self._session.close()


def _in_use_on_server(session: Connection) -> StoreError:
    query = text(
        "SELECT a.application_name, a.backend_start FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid "
        "WHERE l.locktype = 'advisory' AND l.granted AND l.objid = :low AND l.classid = :high"
    )
    row = session.execute(query, {"low": _NUMBER & 0xFFFFFFFF, "high": _NUMBER >> 32}).first()
    _, pid, *where = (row.application_name if row else "kiosk ?").split()
    since = moment(row.backend_start) if row else "?"
    return StoreError("store.in_use", pid=pid, since=since, address=" ".join(where) or "—")

"""Whether there is anything to migrate, told without Alembic, which takes long to load: at most starts there is not."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from threading import Lock
from typing import Final

from sqlalchemy import Connection, inspect

from kiosk.store.database import Database
from kiosk.store.tables import Room

_ROOMS: Final[tuple[Room, ...]] = ("identity", "vault")

_FOLDER: Final = Path(__file__).parent
_ONE_AT_A_TIME: Final = Lock()  # Alembic's `context` is one for the whole process


def migrate(database: Database, room: Room) -> None:
    """Upgrade to the newest revision; raises StoreError when the database was made by a newer version of the program."""
    with _ONE_AT_A_TIME, database.write() as connection:
        if _revision(connection) != head(room):
            from kiosk.store.migrations.run import upgrade

            upgrade(connection, room)


@cache
def head(room: Room) -> str:
    """The newest revision of a room: its file's name begins with it."""
    newest = max(file.name for file in (_FOLDER / room).glob("v*_*.py"))
    return newest.removeprefix("v").split("_")[0]


def data_forms() -> dict[str, str]:
    """The newest revision of each room: what this program writes, and what another must know to read it."""
    return {room: head(room) for room in _ROOMS}


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return found

"""Runs Alembic on one of the two databases, inside one write transaction: a migration happens whole or not at all.

Where nothing is yet there is nothing to migrate: the newest tables are made at once. Both ways lead to the same schema.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from threading import Lock
from typing import Final, Literal

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection, MetaData, inspect

from kiosk.errors import StoreError
from kiosk.store import tables
from kiosk.store.database import Database
from kiosk.store.migrations.append_only import append_only

Room = Literal["identity", "vault"]
_ROOMS: Final[tuple[Room, ...]] = ("identity", "vault")

_FOLDER: Final = Path(__file__).parent
_ALEMBIC: Final = Lock()  # its `context` is one for the whole process


def migrate(database: Database, room: Room) -> None:
    """Upgrade to the newest revision; raises StoreError when the database was made by a newer version of the program."""
    with _ALEMBIC, database.write() as connection:
        context = MigrationContext.configure(connection)
        if context.get_current_heads() == (head(room),):
            return
        if not inspect(connection).get_table_names():
            _make(context, connection, room)
            return
        try:
            command.upgrade(config(room, connection), "head")
        except CommandError as error:
            raise StoreError("store.newer", room=room) from error


def head(room: Room) -> str | None:
    """The newest revision of a room."""
    return _revisions(room).get_current_head()


def data_forms() -> dict[str, str]:
    """The newest revision of each room: what this program writes, and what another must know to read it."""
    return {room: head(room) or "" for room in _ROOMS}


def _make(context: MigrationContext, connection: Connection, room: Room) -> None:
    metadata: MetaData = getattr(tables, room)
    metadata.create_all(connection, checkfirst=False)
    if room == "identity":
        for statement in append_only(connection.dialect.name):
            connection.exec_driver_sql(statement)
    context.stamp(_revisions(room), "head")


@cache
def _revisions(room: Room) -> ScriptDirectory:
    return ScriptDirectory.from_config(config(room, None))


def config(room: Room, connection: Connection | None) -> Config:
    """Alembic's settings; the connection travels in the attributes, as its cookbook has it."""
    settings = Config(attributes={"connection": connection, "room": room})
    settings.set_main_option("path_separator", "newline")  # folders may have spaces and colons in their names
    settings.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    settings.set_main_option("version_locations", str(_FOLDER / room).replace("%", "%%"))
    return settings

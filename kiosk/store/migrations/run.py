"""Runs Alembic on one of the two databases, inside one write transaction: a migration happens whole or not at all.

Where nothing is yet there is nothing to migrate: the newest tables are made at once. Both ways lead to the same schema.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection, MetaData, inspect

from kiosk.errors import StoreError
from kiosk.store import tables
from kiosk.store.migrations.append_only import append_only
from kiosk.store.tables import Room

_FOLDER: Final = Path(__file__).parent


def upgrade(connection: Connection, room: Room) -> None:
    """To the newest revision, or make the tables; raises StoreError when a newer version of the program made them."""
    context = MigrationContext.configure(connection)
    if not inspect(connection).get_table_names():
        _make(context, connection, room)
        return
    try:
        command.upgrade(config(room, connection), "head")
    except CommandError as error:
        raise StoreError("store.newer", room=room) from error


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

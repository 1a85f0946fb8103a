"""Runs Alembic on one of the two databases, inside one write transaction: a migration happens whole or not at all."""

from __future__ import annotations

from pathlib import Path
from threading import Lock
from typing import Final, Literal

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection

from kiosk.errors import StoreError
from kiosk.store.database import Database

_FOLDER: Final = Path(__file__).parent
_ALEMBIC: Final = Lock()  # its `context` is one for the whole process


def migrate(database: Database, room: Literal["identity", "vault"]) -> None:
    """Upgrade to the newest revision; raises StoreError when the database was made by a newer version of the program."""
    with _ALEMBIC, database.write() as connection:
        try:
            command.upgrade(config(room, connection), "head")
        except CommandError as error:
            raise StoreError("store.newer", room=room) from error


def head(room: Literal["identity", "vault"]) -> str | None:
    """The newest revision of a room."""
    return ScriptDirectory.from_config(config(room, None)).get_current_head()


def config(room: Literal["identity", "vault"], connection: Connection | None) -> Config:
    """Alembic's settings; the connection travels in the attributes, as its cookbook has it."""
    settings = Config(attributes={"connection": connection, "room": room})
    settings.set_main_option("path_separator", "newline")  # folders may have spaces and colons in their names
    settings.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    settings.set_main_option("version_locations", str(_FOLDER / room).replace("%", "%%"))
    return settings

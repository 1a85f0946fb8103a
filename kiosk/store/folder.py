"""The data folder: what lies in it under which name, and that nobody but its owner reads it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import URL

from kiosk.errors import StoreError
from kiosk.locks import FileLock
from kiosk.private import FILE_MODE, close_to_others, is_too_long, make_folder

IDENTITY_FILE: Final = "identity.sqlite3"
VAULT_FILE: Final = "vault.sqlite3"
KEY_FILE: Final = "station.key"
STATION_LOCK: Final = "station.lock"
SET_ASIDE: Final = "set-aside"
_RESTORING: Final = ".restoring"
_OPENING_LOCK: Final = "opening.lock"
_OPENING_S: Final = 60.0


@dataclass(frozen=True)
class Places:
    """Where the parts of one store lie. A database elsewhere than in the folder's SQLite files has a URL."""

    folder: Path
    identity_url: str = ""
    vault_url: str = ""

    def __post_init__(self) -> None:
        if self.identity_url and self.identity_url == self.vault_url:
            raise StoreError("store.same_database")

    @property
    def identity(self) -> Path:
        return self.folder / IDENTITY_FILE

    @property
    def vault(self) -> Path:
        return self.folder / VAULT_FILE

    @property
    def key(self) -> Path:
        return self.folder / KEY_FILE

    @property
    def station_lock(self) -> Path:
        return self.folder / STATION_LOCK

    @property
    def restoring(self) -> Path:
        """There while a backup is put into the folder."""
        return self.folder / _RESTORING

    def prepare(self) -> None:
        """Make the folder where there is none, and keep others out of it; raises StoreError when it can't be used."""
        prepare_folder(self.folder)

    def keep_private(self) -> None:
        """Nobody else reads the files, whatever SQLite or a copy by hand made of them."""
        close_to_others(self.folder)

    def opening(self) -> FileLock:
        """Nobody else looks at the files, or makes them, until it is released; raises StoreError."""
        try:
            return FileLock.take(self.folder / _OPENING_LOCK, patience_s=_OPENING_S)
        except BlockingIOError:
            raise StoreError("store.busy") from None
        except OSError as error:
            raise StoreError("store.folder", folder=str(self.folder), reason=error.strerror or "") from None


def prepare_folder(folder: Path) -> None:
    """A folder for records or logs that is ours alone; raises StoreError when it can't be made or written to."""
    try:
        make_folder(folder)
    except PermissionError:
        raise StoreError("store.folder_read_only", folder=str(folder)) from None
    except OSError as error:
        if is_too_long(error, folder):
            raise StoreError("store.path_too_long", folder=str(folder), length=len(str(folder))) from None
        raise StoreError("store.folder", folder=str(folder), reason=error.strerror or "") from None


def make_file(path: Path) -> None:
    """An empty file that only its owner reads, before SQLite would make it for everybody."""
    path.touch(mode=FILE_MODE)


def sqlite_url(path: Path) -> str:
    return URL.create("sqlite", database=str(path.absolute())).render_as_string()

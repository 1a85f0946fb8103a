"""Sealing what lies there otherwise: plain identities of an earlier program, and both halves when the key is changed.

A kill at any moment leaves a store that opens, and the next opening does the rest.
"""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path
from typing import Final

from sqlcipher3 import dbapi2 as sqlite

from kiosk.durable import overwrite
from kiosk.errors import StoreError
from kiosk.store import write_ahead
from kiosk.store.database import Database, PageKey, copy_sealed, driver_faults
from kiosk.store.folder import Places, sqlite_url
from kiosk.store.keyring import Keys

_DRAFT: Final = ".sealing"
_OLD: Final = ".unsealed"


def page_key_of(path: Path, keys: Keys) -> PageKey | None:
    """What a file of identities is sealed with: the key, or one that it had before. None: with nothing. What none of them opens
    is damaged, and found to be so under the newest."""
    if not write_ahead.is_there(path):
        return keys.page_key
    for candidate in (*keys.page_keys, None):
        with closing(Database.looking(path, candidate)) as database:
            try:
                with database.read() as connection:
                    connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").close()
                return candidate
            except StoreError:
                continue
    return keys.page_key


def seal_plain(places: Places, page_key: PageKey) -> None:
    """Put a sealed copy in the place of plain identities, and overwrite them. Nobody has them open."""
    identity = places.identity
    draft, old = identity.with_name(identity.name + _DRAFT), identity.with_name(identity.name + _OLD)
    draft.unlink(missing_ok=True)
    with driver_faults(), closing(sqlite.connect(str(identity), isolation_level=None)) as plain:
        plain.execute("PRAGMA wal_checkpoint(TRUNCATE)").close()
        copy_sealed(plain, draft, page_key)
    old.unlink(missing_ok=True)
    os.link(identity, old)
    draft.replace(identity)
    remove_plain(places)


def remove_plain(places: Places) -> None:
    """Overwrite what a kill left of the plain identities."""
    identity = places.identity
    old = identity.with_name(identity.name + _OLD)
    if not old.exists():
        return
    overwrite(old)
    old.unlink()
    identity.with_name(identity.name + _DRAFT).unlink(missing_ok=True)


def change_page_key(places: Places, before: PageKey, after: PageKey) -> None:
    """Seal the identities with another key. Nobody has them open."""
    with closing(Database(sqlite_url(places.identity), page_key=before)) as identity:
        identity.change_key(after)

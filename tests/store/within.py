"""Ways into a store's files that the program does not have: what somebody with the keys could do to them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlcipher3 import dbapi2 as sqlite

from kiosk.store import keyring
from kiosk.store.database import unlocking
from kiosk.store.folder import IDENTITY_FILE, KEY_FILE


@contextmanager
def identities(folder: Path, unlock: keyring.Unlock = keyring.unlock_open) -> Iterator[sqlite.Connection]:
    """The identities of a store; what was done stands when the block ends, unless it raised."""
    keys = unlock(keyring.read(folder / KEY_FILE))
    connection = sqlite.connect(str(folder / IDENTITY_FILE))
    try:
        for pragma in unlocking(keys.page_key):
            connection.execute(f"PRAGMA {pragma}").close()
        with connection:
            yield connection
    finally:
        connection.close()


def lose_key(folder: Path) -> None:
    """The ring, and the copy beside it."""
    for path in (folder / KEY_FILE, keyring.copy_of(folder / KEY_FILE)):
        path.unlink()

"""Whether a name came before, of hundreds of thousands: in memory that does not grow with them."""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
from functools import cached_property
from typing import Final

_DIGEST: Final = 16  # bytes: two names of a billion share one in 1e-21 of cases
_AT_HAND: Final = 20_000  # names: a school's, in two megabytes


class Seen:
    """Texts that came. Of each nothing but a keyed digest is kept: the first in memory, the others in a temporary database.
    SQLite puts it on the disk, in a file without a name, once it is larger than two megabytes. For one thread."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._first: set[bytes] = set()

    def is_new(self, text: str) -> bool:
        """Whether it comes for the first time."""
        digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_DIGEST, key=self._key).digest()
        if digest in self._first:
            return False
        if len(self._first) < _AT_HAND:
            self._first.add(digest)
            return True
        return self._others.execute("INSERT OR IGNORE INTO seen VALUES (?)", (digest,)).rowcount == 1

    def close(self) -> None:
        if "_others" in vars(self):
            self._others.close()

    @cached_property
    def _others(self) -> sqlite3.Connection:
        database = sqlite3.connect("", isolation_level=None)
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "temp_store = FILE"):
            database.execute(f"PRAGMA {pragma}")
        database.execute("CREATE TABLE seen (digest BLOB PRIMARY KEY) WITHOUT ROWID")
        database.execute("BEGIN")
        return database

"""Whether a name came before, of hundreds of thousands: in memory that does not grow with them."""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
from typing import Final

_DIGEST: Final = 16  # bytes: two names of a billion share one in 1e-21 of cases


class Seen:
    """Texts that came. Of each nothing but a keyed digest is kept, in a temporary database: SQLite puts it on the disk, in a
    file without a name, once it is larger than two megabytes. For one thread."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._database = sqlite3.connect("", isolation_level=None)
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "temp_store = FILE"):
            self._database.execute(f"PRAGMA {pragma}")
        self._database.execute("CREATE TABLE seen (digest BLOB PRIMARY KEY) WITHOUT ROWID")
        self._database.execute("BEGIN")

    def is_new(self, text: str) -> bool:
        """Whether it comes for the first time."""
        digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_DIGEST, key=self._key).digest()
        return self._database.execute("INSERT OR IGNORE INTO seen VALUES (?)", (digest,)).rowcount == 1

    def close(self) -> None:
        self._database.close()

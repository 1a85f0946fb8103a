"""The store: roster, rounds, captures and what becomes of them, audit trail and vault behind one door."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from sqlalchemy import URL, select

from kiosk.errors import StoreError
from kiosk.store import keys, tables
from kiosk.store.aftercare import Aftercare
from kiosk.store.audit import Audit
from kiosk.store.captures import Captures
from kiosk.store.database import Database
from kiosk.store.deadline import Deadline
from kiosk.store.lookalikes import Lookalikes
from kiosk.store.migrations import migrate
from kiosk.store.progress import Progress
from kiosk.store.refusals import Refusals
from kiosk.store.reviews import Reviews
from kiosk.store.roster import Roster
from kiosk.store.rounds import Rounds
from kiosk.store.timekeeping import Timekeeping
from kiosk.store.vault import Vault, unlock

IDENTITY_FILE: Final = "identity.sqlite3"
VAULT_FILE: Final = "vault.sqlite3"
KEY_FILE: Final = "station.key"


class Store:
    """Everything that a station keeps. Its parts may be called from any thread."""

    def __init__(
        self,
        identity: Database,
        vault_database: Database,
        key: bytes,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Of two databases that are up to date; `Store.open` is the usual way."""
        self._databases = (identity, vault_database)
        self.audit = Audit(identity, keys.derive(key, "audit"), clock)
        self.timekeeping = Timekeeping(identity, self.audit)
        self.roster = Roster(identity, self.audit)
        self._vault = Vault(vault_database, key)
        self.captures = Captures(identity, self._vault, self.audit)
        self.rounds = Rounds(identity, self.audit)
        self.deadline = Deadline(identity, self.audit)
        self.refusals = Refusals(identity, self.audit)
        self.reviews = Reviews(identity, self.audit)
        self.lookalikes = Lookalikes(identity, self.audit)
        self.progress = Progress(identity, self.audit)
        self.aftercare = Aftercare(identity, self._vault, self.audit)
        self._sweep(identity)

    @classmethod
    def open(
        cls,
        folder: Path,
        *,
        identity_url: str = "",
        vault_url: str = "",
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> Self:
        """The store in a folder, made at the first start; other databases than the folder's SQLite files by their URLs.

        Migrations run, and blobs that a power cut left without a row are swept. Raises StoreError when the key does not fit the
        vault, or a newer program made the database.
        """
        if identity_url and identity_url == vault_url:
            raise StoreError("store.same_database")
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise StoreError("store.folder", folder=str(folder), reason=error.strerror or "") from None
        identity = Database(identity_url or _sqlite(folder / IDENTITY_FILE))
        vault_database = Database(vault_url or _sqlite(folder / VAULT_FILE))
        try:
            migrate(identity, "identity")
            migrate(vault_database, "vault")
            return cls(identity, vault_database, unlock(vault_database, folder / KEY_FILE), clock)
        except BaseException:
            identity.close()
            vault_database.close()
            raise

    def close(self) -> None:
        """Let go of the databases. Everything said to be durable is so already."""
        for database in self._databases:
            database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _sweep(self, identity: Database) -> None:
        with identity.write() as connection:

            def named(blob_ids: list[str]) -> set[str]:
                blob_id = tables.biometrics.c.blob_id
                return set(connection.scalars(select(blob_id).where(blob_id.in_(blob_ids))))

            swept = self._vault.sweep(named)
            if swept:
                self.audit.append(connection, "vault.sweep", blobs=swept)


def _sqlite(path: Path) -> str:
    return URL.create("sqlite", database=str(path.absolute())).render_as_string()

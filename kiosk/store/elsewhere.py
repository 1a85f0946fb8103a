"""Templates of people who never stood here, as their office or station told of them: to be known when they come, and for
nothing else.

All whom one sender told of are one blob in the vault, which the sender's next word replaces. Nobody is kept for longer than
half a year without such a word, and whoever is deleted here is deleted from there, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, select

from kiosk.records import KnownElsewhere
from kiosk.store import elsewhere_rows, erasing, tables
from kiosk.store.audit import Audit
from kiosk.store.database import Database
from kiosk.store.vault import Vault

_KNOWN: Final = tables.known_elsewhere


class Elsewhere:
    """Raises StoreError. May be used from any thread."""

    def __init__(self, database: Database, vault_database: Database, vault: Vault, audit: Audit) -> None:
        self._database = database
        self._vault_database = vault_database
        self._vault = vault
        self._audit = audit

    def take(self, owner: str, people: Sequence[KnownElsewhere], said_at: datetime) -> None:
        """These instead of whom the sender told of before, even if they are none."""
        with self._database.write() as connection:
            elsewhere_rows.replace(connection, self._vault, owner, people, said_at)
            self._audit.append(connection, "elsewhere.take", of=owner, people=len(people))
        erasing.finish(self._database, self._vault_database)

    def people(self, owner: str) -> tuple[KnownElsewhere, ...]:
        """Whom that sender told of; nobody where that was too long ago."""
        row = self._standing(owner)
        return elsewhere_rows.opened(self._vault, row) if row is not None else ()

    def stamp(self, owner: str) -> str:
        """Another one whenever somebody else is known by that sender."""
        row = self._standing(owner)
        return str(row.blob_id) if row is not None else ""

    def forget(self, id_number: str) -> None:
        """A student is known by nobody's word any more."""
        with self._database.write() as connection:
            elsewhere_rows.forget(connection, self._vault, [id_number])
        erasing.finish(self._database, self._vault_database)

    def forget_expired(self) -> None:
        """Delete what was told too long ago."""
        old = _KNOWN.c.said_at <= self._audit.now() - elsewhere_rows.KEPT
        with self._database.read() as connection:
            owners = list(connection.scalars(select(_KNOWN.c.owner).where(old)))
        for owner in owners:
            with self._database.write() as connection:
                elsewhere_rows.drop(connection, owner)
                self._audit.append(connection, "elsewhere.expired", of=owner)
        if owners:
            erasing.finish(self._database, self._vault_database)

    def _standing(self, owner: str) -> Row[Any] | None:
        """The row of a sender whose word is not too old."""
        query = select(_KNOWN).where(_KNOWN.c.said_at > self._audit.now() - elsewhere_rows.KEPT, _KNOWN.c.owner == owner)
        with self._database.read() as connection:
            return connection.execute(query).one_or_none()

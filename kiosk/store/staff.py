"""What the staff are known by beside their PIN: a card, both thumbs, the face.

Of the card only a pseudonym is kept, under a key derived from the store's; of thumbs and face only templates, sealed in the
vault like a student's. An account that ends takes them along: nothing of somebody who has left is kept.
"""

from __future__ import annotations

import logging
import unicodedata
from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, delete, func, insert, select

from kiosk.ciphers import Suite
from kiosk.errors import StoreError
from kiosk.records import Biometric, BiometricKind, Enrolment, Person, Right, StaffTemplate, StoredBiometric
from kiosk.store import accounts, tables
from kiosk.store.audit import Audit, require_reason
from kiosk.store.database import Database
from kiosk.store.named import OF_STAFF
from kiosk.store.vault import Vault

log = logging.getLogger(__name__)

_CARDS, _TEMPLATES, _ACCOUNTS = tables.staff_cards, tables.staff_biometrics, tables.accounts
_OPEN: Final = _ACCOUNTS.c.ended_at.is_(None)


class Staff:
    """Raises StoreError ("staff.…", "account.…")."""

    def __init__(self, database: Database, vault: Vault, audit: Audit, key: bytes, suite: Suite) -> None:
        """`key`: of the cards' pseudonyms."""
        self._database = database
        self._vault = vault
        self._audit = audit
        self._key = key
        self._suite = suite

    def enrolled(self) -> dict[str, Enrolment]:
        """What is known of whom, by account; only of accounts of which anything is known."""
        kinds: dict[str, set[BiometricKind]] = {}
        with self._database.read() as connection:
            cards = set(connection.scalars(select(_CARDS.c.account_id)))
            for row in connection.execute(select(_TEMPLATES.c.account_id, _TEMPLATES.c.kind)):
                kinds.setdefault(row.account_id, set()).add(BiometricKind(row.kind))
        return {one: Enrolment(one in cards, frozenset(kinds.get(one, ()))) for one in cards | kinds.keys()}

    def of_card(self, number: str) -> str | None:
        """The account of whoever has the card with this number; None for everybody else's."""
        known = select(_CARDS.c.account_id).join(_ACCOUNTS, _ACCOUNTS.c.id == _CARDS.c.account_id)
        with self._database.read() as connection:
            return connection.scalar(known.where(_OPEN, _CARDS.c.pseudonym == self._pseudonym(number)))

    def keep(self, account_id: str, *, card: str | None, templates: Sequence[Biometric], by: Person) -> None:
        """Keep what somebody gave, in place of what was kept of it before; what was not given anew stays.

        `card`: its number. Raises StoreError("staff.card_taken") when it is another account's.
        """
        with self._database.write() as connection:
            accounts.require(connection, by, Right.ACCOUNTS)
            accounts.require_open(connection, account_id)
            replaced = self._forget(connection, account_id, {one.kind for one in templates})
            if card is not None:
                self._keep_card(connection, account_id, card)
            stored = self._vault.put(connection, OF_STAFF.format(account_id), templates)
            if stored:
                connection.execute(insert(_TEMPLATES), [self._row(account_id, one) for one in stored])
            told = sorted(one.kind for one in templates)
            self._audit.append(connection, "staff.enrol", actor=by.name, subject=account_id, card=card is not None, kinds=told)
        self._vault.erase(replaced)

    def erase(self, account_id: str, *, by: Person, reason: str) -> None:
        """Forget everything that somebody gave, for good."""
        require_reason(reason)
        with self._database.write() as connection:
            accounts.require(connection, by, Right.ACCOUNTS)
            gone = self._forget_all(connection, account_id)
            self._audit.append(connection, "staff.erase", actor=by.name, subject=account_id, reason=reason)
        self._vault.erase(gone)

    def erase_ended(self) -> None:
        """Forget whatever is kept of accounts that have ended."""
        ended = select(_ACCOUNTS.c.id).where(_ACCOUNTS.c.ended_at.is_not(None))
        with self._database.read() as connection:
            found = {
                account_id
                for kept in (_CARDS, _TEMPLATES)
                for account_id in connection.scalars(select(kept.c.account_id).where(kept.c.account_id.in_(ended)))
            }
        for account_id in sorted(found):
            with self._database.write() as connection:
                gone = self._forget_all(connection, account_id)
                self._audit.append(connection, "staff.erase", subject=account_id, reason="ended")
            self._vault.erase(gone)

    def stamp(self) -> tuple[int, int]:
        """Another one whenever other templates are kept."""
        with self._database.read() as connection:
            row = connection.execute(select(func.count(), func.max(_TEMPLATES.c.number))).one()
        return row[0], row[1] or 0

    def templates(self) -> list[StaffTemplate]:
        """Those of everybody whose account is open. What can't be opened costs only itself."""
        return self._opened()[0]

    def damaged(self) -> list[str]:
        """The names of those of whom something can't be opened."""
        return list(dict.fromkeys(self._opened()[1]))

    def _opened(self) -> tuple[list[StaffTemplate], list[str]]:
        query = select(_TEMPLATES, _ACCOUNTS.c.name).join(_ACCOUNTS, _ACCOUNTS.c.id == _TEMPLATES.c.account_id).where(_OPEN)
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(_TEMPLATES.c.number)).all()
        found, damaged = [], []
        for row in rows:
            kind = BiometricKind(row.kind)
            stored = StoredBiometric(OF_STAFF.format(row.account_id), kind, row.blob_id, row.size, row.digest)
            try:
                found.append(StaffTemplate(row.account_id, row.name, kind, self._vault.open(stored)))
            except StoreError as error:
                damaged.append(row.name)
                log.warning("a template of the staff can't be read: %s of account %s: %s", kind, row.account_id, error.code)
        return found, damaged

    def _keep_card(self, connection: Connection, account_id: str, number: str) -> None:
        pseudonym = self._pseudonym(number)
        holder = connection.scalar(select(_CARDS.c.account_id).where(_CARDS.c.pseudonym == pseudonym))
        if holder not in (None, account_id):
            raise StoreError("staff.card_taken")
        connection.execute(delete(_CARDS).where(_CARDS.c.account_id == account_id))
        values = {"account_id": account_id, "pseudonym": pseudonym, "since": self._audit.now()}
        connection.execute(insert(_CARDS).values(values))

    def _forget_all(self, connection: Connection, account_id: str) -> list[str]:
        connection.execute(delete(_CARDS).where(_CARDS.c.account_id == account_id))
        return self._forget(connection, account_id, set(BiometricKind))

    def _forget(self, connection: Connection, account_id: str, kinds: set[BiometricKind]) -> list[str]:
        """Rows first; the blobs that they named are to be erased once that stands."""
        gone = (_TEMPLATES.c.account_id == account_id) & _TEMPLATES.c.kind.in_(kinds)
        blobs = list(connection.scalars(select(_TEMPLATES.c.blob_id).where(gone)))
        connection.execute(delete(_TEMPLATES).where(gone))
        return blobs

    def _row(self, account_id: str, stored: StoredBiometric) -> dict[str, object]:
        return {
            "account_id": account_id,
            "kind": stored.kind,
            "blob_id": stored.blob_id,
            "size": stored.size,
            "digest": stored.digest,
            "since": self._audit.now(),
        }

    def _pseudonym(self, number: str) -> str:
        told = unicodedata.normalize("NFKC", number).strip().upper()
        return self._suite.mac(self._key, told.encode())

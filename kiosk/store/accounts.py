"""Accounts: who may work at the station, and how each proves it.

A PIN is kept as an Argon2id verifier (RFC 9106) in PHC notation, so that its cost can be raised later. Five wrong PINs in a row
lock the account for a time; a try is counted on the disk before it is looked at, so pulling the plug buys no further ones.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, insert, select, update

from kiosk.clock import moment
from kiosk.config import AccountSettings
from kiosk.errors import StoreError
from kiosk.records import Account, Person, Right, Role, name_key
from kiosk.store import pins, tables
from kiosk.store.audit import Audit, require_reason
from kiosk.store.database import Database
from kiosk.store.slots import Slots
from kiosk.store.timekeeping import Timekeeping

_ACCOUNTS: Final = tables.accounts
LONGEST_NAME: Final = 40


class Accounts:
    """Raises StoreError ("account.…") where an account or a PIN is not what it must be."""

    def __init__(
        self, database: Database, audit: Audit, timekeeping: Timekeeping, rules: AccountSettings, slots: Slots
    ) -> None:
        self._slots = slots
        self._rules = rules
        self._database = database
        self._audit = audit
        self._timekeeping = timekeeping

    def all(self) -> list[Account]:
        """Everybody who was ever given one, in the order of issue."""
        with self._database.read() as connection:
            return [account_of(row) for row in connection.execute(select(_ACCOUNTS).order_by(_ACCOUNTS.c.number))]

    def open(self) -> list[Account]:
        """Those that were not ended."""
        return [account for account in self.all() if not account.ended]

    def find(self, account_id: str) -> Account | None:
        """An account that was not ended."""
        return next((account for account in self.open() if account.id == account_id), None)

    def issue(self, name: str, role: Role, pin: str, *, by: Person | None, to_change: bool = True) -> Account:
        """Give somebody an account with a PIN that is to be changed at the first log-in; not `to_change`: it is their own.

        `by` is an officer, or nobody for the very first account of a station: that one is an officer's, and its PIN is its
        owner's own. Raises StoreError for a name that is taken or empty, and a PIN that is too short or too easily guessed.
        """
        name = " ".join(name.split())
        if not 0 < len(name) <= LONGEST_NAME:
            raise StoreError("account.name", longest=LONGEST_NAME)
        verifier, account_id = self._verifier(pin), secrets.token_hex(8)
        with self._database.write() as connection:
            there = [account_of(row) for row in connection.execute(select(_ACCOUNTS))]
            if by is None and there:
                raise StoreError("account.not_the_first")
            if by is None and role is not Role.OFFICER:
                raise StoreError("account.first_is_officer")
            if by is not None:
                require(connection, by, Right.ACCOUNTS)
            if any(not one.ended and name_key(one.name) == name_key(name) for one in there):
                raise StoreError("account.name_taken", name=name)
            issued = to_change and by is not None
            values = {"id": account_id, "name": name, "role": role, "verifier": verifier, "issued": issued}
            connection.execute(insert(_ACCOUNTS).values(**values, failures=0, since=self._audit.now()))
            self._audit.append(connection, "account.issue", actor=by.name if by else name, subject=account_id, role=role)
            account = account_of(require_open(connection, account_id))
        self._slots.keep(account, pin, verifier)
        return account

    def prove(self, account_id: str, pin: str) -> Account:
        """The account whose PIN this is.

        Raises StoreError: "account.wrong_pin" with the tries that are left, "account.locked" with until when, also when the PIN
        is right; "account.unknown" for one that was ended, too.
        """
        row, left = self._count_try(account_id)
        if pins.fits(pin, row.verifier):
            self._set(account_id, failures=0, locked_until=None)
            account = account_of(row)
            self._slots.keep(account, pin, row.verifier)
            return account
        self._audit.record("account.wrong_pin" if left else "account.lock", actor=row.name, subject=account_id, left=left)
        if left:
            raise StoreError("account.wrong_pin", left=left)
        raise StoreError("account.locked", until=moment(self._timekeeping.now() + self._locked_for))

    def change_pin(self, account_id: str, old: str, new: str) -> Account:
        """Its owner chooses another PIN. Raises StoreError as `prove` does, and for a new PIN that won't do."""
        self.prove(account_id, old)
        if old == new:
            raise StoreError("account.pin_same")
        verifier = self._verifier(new)
        with self._database.write() as connection:
            account = account_of(require_open(connection, account_id))
            connection.execute(update(_ACCOUNTS).where(_ACCOUNTS.c.id == account_id).values(verifier=verifier, issued=False))
            self._audit.append(connection, "account.pin", actor=account.name, subject=account_id)
            account = account_of(require_open(connection, account_id))
        self._slots.keep(account, new, verifier)
        return account

    def give_pin(self, account_id: str, pin: str, *, by: Person) -> None:
        """An officer gives a new PIN to somebody who forgot theirs, and opens the lock; it is to be changed at log-in."""
        verifier = self._verifier(pin)
        with self._database.write() as connection:
            require(connection, by, Right.ACCOUNTS)
            require_open(connection, account_id)
            values = {"verifier": verifier, "issued": True, "failures": 0, "locked_until": None}
            connection.execute(update(_ACCOUNTS).where(_ACCOUNTS.c.id == account_id).values(values))
            self._audit.append(connection, "account.give_pin", actor=by.name, subject=account_id)
            account = account_of(require_open(connection, account_id))
        self._slots.keep(account, pin, verifier)

    def recover(self, pin: str) -> Account:
        """A new PIN of their own for the officer who was the first here, for whoever unlocked the store without one: by the
        recovery code, or the office's identity. Raises StoreError for a PIN that won't do."""
        verifier = self._verifier(pin)
        with self._database.write() as connection:
            row = connection.execute(
                select(_ACCOUNTS)
                .where(_ACCOUNTS.c.role == Role.OFFICER, _ACCOUNTS.c.ended_at.is_(None))
                .order_by(_ACCOUNTS.c.number)
                .limit(1)
            ).one_or_none()
            if row is None:
                raise StoreError("account.unknown")
            values = {"verifier": verifier, "issued": False, "failures": 0, "locked_until": None}
            connection.execute(update(_ACCOUNTS).where(_ACCOUNTS.c.id == row.id).values(values))
            self._audit.append(connection, "account.recover", actor=row.name, subject=row.id)
            account = account_of(require_open(connection, row.id))
        self._slots.keep(account, pin, verifier)
        return account

    def end(self, account_id: str, *, by: Person, reason: str) -> None:
        """Nobody works under it any more; what was decided under it keeps its name.

        Raises StoreError for the last officer's, so that somebody can always issue accounts.
        """
        require_reason(reason)
        with self._database.write() as connection:
            others = [one for one in require(connection, by, Right.ACCOUNTS) if one.id != account_id and not one.ended]
            require_open(connection, account_id)
            if not any(one.may(Right.ACCOUNTS) for one in others):
                raise StoreError("account.last_officer")
            connection.execute(update(_ACCOUNTS).where(_ACCOUNTS.c.id == account_id).values(ended_at=self._audit.now()))
            self._audit.append(connection, "account.end", actor=by.name, subject=account_id, reason=reason)
        self._slots.drop(account_id)

    def note(self, action: str, account: Account) -> None:
        """Enter into the trail what somebody did with their account."""
        self._audit.record(f"account.{action}", actor=account.name, subject=account.id, role=account.role)

    @property
    def _locked_for(self) -> timedelta:
        return timedelta(minutes=self._rules.locked_minutes)

    def _count_try(self, account_id: str) -> tuple[Row[Any], int]:
        """Count a try as a wrong one until it is known to be right, so that no two share one; the tries left after it.

        Raises StoreError("account.locked").
        """
        now = self._timekeeping.now()
        with self._database.write() as connection:
            row = require_open(connection, account_id)
            if row.valid_until is not None and now >= row.valid_until:
                raise StoreError("account.run_out", until=moment(row.valid_until))
            if row.locked_until is not None and now < row.locked_until:
                raise StoreError("account.locked", until=moment(row.locked_until))
            left = max(self._rules.tries - row.failures - 1, 0)
            values: dict[str, Any] = {"failures": row.failures + 1, "locked_until": None}
            if not left:
                values = {"failures": 0, "locked_until": now + self._locked_for}
            connection.execute(update(_ACCOUNTS).where(_ACCOUNTS.c.id == account_id).values(values))
        return row, left

    def _set(self, account_id: str, **values: object) -> None:
        with self._database.write() as connection:
            connection.execute(update(_ACCOUNTS).where(_ACCOUNTS.c.id == account_id).values(values))

    def _verifier(self, pin: str) -> str:
        return verifier_of(pin, self._rules.shortest_pin)


def verifier_of(pin: str, shortest: int) -> str:
    """What is kept of a PIN; raises StoreError for one that is too short or too easily guessed."""
    pins.require_good(pin, shortest)
    return pins.verifier(pin)


def require(connection: Connection, by: Person, right: Right) -> list[Account]:
    """All accounts; raises StoreError("account.not_allowed") when nobody of them is `by` with this right."""
    there = [account_of(row) for row in connection.execute(select(_ACCOUNTS))]
    if not any(one.id == by.account and not one.ended and one.may(right) for one in there):
        raise StoreError("account.not_allowed")
    return there


def require_open(connection: Connection, account_id: str) -> Row[Any]:
    """The row of an account that was not ended; raises StoreError("account.unknown")."""
    standing = (_ACCOUNTS.c.id == account_id) & _ACCOUNTS.c.ended_at.is_(None)
    found = connection.execute(select(_ACCOUNTS).where(standing)).one_or_none()
    if found is None:
        raise StoreError("account.unknown")
    return found


def account_of(row: Row[Any]) -> Account:
    """A row of the accounts."""
    return Account(
        row.id,
        row.name,
        Role(row.role),
        row.issued,
        row.locked_until,
        row.ended_at is not None,
        row.office_id,
        row.valid_until,
    )

"""Accounts as the office issues them: a list of a school's people, signed, each version in the place of the one before.

Who stands on no newer list is ended, never deleted. A person keeps the PIN that they chose: a list sets it anew only where its
own verifier for that person is another one than in the version before. Accounts that were issued at the station stay as they
are.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
import secrets
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, insert, select, update

from kiosk.ciphers import Domain, SigningKey, suite_of_public_key
from kiosk.ciphers.certificates import fingerprint
from kiosk.clock import moment
from kiosk.errors import StoreError
from kiosk.records import (
    Account,
    AccountChange,
    AccountList,
    AccountListPlan,
    ListedAccount,
    Person,
    Role,
    name_key,
)
from kiosk.store import codec, tables
from kiosk.store.accounts import LONGEST_NAME, account_of
from kiosk.store.audit import Audit
from kiosk.store.database import Database
from kiosk.store.slots import Slots
from kiosk.store.timekeeping import Timekeeping

_LISTS, _ACCOUNTS = tables.account_lists, tables.accounts
_FORMAT: Final = "kiosk-accounts-1"
_LARGEST: Final = 1024 * 1024
_MOST: Final = 500
_HIGHEST: Final = 2**31
_MOST_KIB: Final = 256 * 1024
_MOST_PASSES: Final = 10
_OPEN: Final = tables.accounts.c.ended_at.is_(None)
# Argon2id as `kiosk.store.accounts` makes it: a list can't make a log-in cost gigabytes.
_VERIFIER: Final = re.compile(r"\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=\d\$[A-Za-z0-9+/]+\$[A-Za-z0-9+/]+")


def write_list(accounts: AccountList, office: SigningKey) -> bytes:
    """The signed file."""
    told = {
        "school_code": accounts.school_code,
        "version": accounts.version,
        "issued_at": accounts.issued_at.isoformat(),
        "valid_until": accounts.valid_until.isoformat(),
        "accounts": [vars(one) for one in accounts.accounts],
    }
    content = codec.dump(told).encode()
    signature = office.sign(Domain.ACCOUNTS, content)
    parts = {"format": _FORMAT, "list": base64.b64encode(content).decode(), "signature": base64.b64encode(signature).decode()}
    return json.dumps(parts).encode()


def read_list(file: bytes, office_key: bytes) -> AccountList:
    """The list in a file. Raises StoreError("accountlist.unreadable"), ("accountlist.not_signed") by this office."""
    try:
        parts = json.loads(file) if len(file) <= _LARGEST else None
        if not isinstance(parts, dict) or parts.get("format") != _FORMAT:
            raise StoreError("accountlist.unreadable")
        content, signature = (base64.b64decode(parts[name], validate=True) for name in ("list", "signature"))
    except (ValueError, KeyError, TypeError, RecursionError, binascii.Error):
        raise StoreError("accountlist.unreadable") from None
    suite = suite_of_public_key(office_key)
    if suite is None or not suite.verify(office_key, Domain.ACCOUNTS, content, signature):
        raise StoreError("accountlist.not_signed")
    try:
        return _understood(json.loads(content))
    except (ValueError, KeyError, TypeError):
        raise StoreError("accountlist.unreadable") from None


class AccountLists:
    """Takes lists. Raises StoreError ("accountlist.…", "account.…")."""

    def __init__(self, database: Database, audit: Audit, timekeeping: Timekeeping, slots: Slots) -> None:
        self._slots = slots
        self._database = database
        self._audit = audit
        self._timekeeping = timekeeping

    def latest(self) -> AccountList | None:
        """The list that stands."""
        with self._database.read() as connection:
            row = _latest(connection)
        return read_list(row.file, row.office_key) if row is not None else None

    def office_key(self) -> bytes | None:
        """Whose lists are taken: the office's of the list that stands, or else of the deadline; None where neither is known."""
        with self._database.read() as connection:
            return _known_key(connection)

    def plan(self, file: bytes, *, office_key: bytes | None = None) -> AccountListPlan:
        """What taking a list would do. `office_key`: where the station knows none yet.

        Raises StoreError when the list is another office's or school's, no newer than the one that stands, or has run out; when
        a name of it is another account's here; and when nobody would be left to issue accounts.
        """
        now = self._timekeeping.now()
        with self._database.read() as connection:
            return self._plan(connection, file, office_key, now)[0]

    def take(self, file: bytes, *, office_key: bytes | None = None, by: Person) -> AccountListPlan:
        """Take a list; what was done. Raises as `plan` does."""
        now = self._timekeeping.now()  # before the transaction: it may note a jump of the clock in one of its own
        with self._database.write() as connection:
            plan, key = self._plan(connection, file, office_key, now)
            until = {"valid_until": plan.list.valid_until}
            for account in plan.ended:
                connection.execute(update(_ACCOUNTS).where(_ACCOUNTS.c.id == account.id).values(ended_at=now))
                self._audit.append(connection, "account.end", actor=by.name, subject=account.id, list=plan.list.version)
            of_office = _ACCOUNTS.c.office_id
            for one in plan.list.accounts:
                values = {"name": one.name, "role": one.role, **until}
                connection.execute(update(_ACCOUNTS).where(of_office == one.id, _OPEN).values(values))
            for change in plan.changed:
                if change.pin:
                    pin = {"verifier": change.now.verifier, "issued": change.now.once, "failures": 0, "locked_until": None}
                    connection.execute(update(_ACCOUNTS).where(_ACCOUNTS.c.id == change.account.id).values(pin))
                self._audit.append(
                    connection,
                    "account.change",
                    actor=by.name,
                    subject=change.account.id,
                    role=change.now.role,
                    pin=change.pin,
                    list=plan.list.version,
                )
            for one in plan.new:
                account_id = secrets.token_hex(8)
                row = {"id": account_id, "name": one.name, "role": one.role, "verifier": one.verifier, "issued": one.once}
                connection.execute(insert(_ACCOUNTS).values(**row, failures=0, since=now, office_id=one.id, **until))
                version = plan.list.version
                self._audit.append(connection, "account.issue", actor=by.name, subject=account_id, role=one.role, list=version)
            kept = {"version": plan.list.version, "school_code": plan.list.school_code, "office_key": key, "file": file}
            connection.execute(insert(_LISTS).values(**kept, **until, by=by.name, taken_at=now))
            self._audit.append(
                connection,
                "accountlist.take",
                actor=by.name,
                version=plan.list.version,
                valid_until=plan.list.valid_until.isoformat(),
                sha256=_digest(file),
            )
        for account in plan.ended:  # a changed PIN takes the slot of the one before at its first log-in
            self._slots.drop(account.id)
        return plan

    def _plan(self, connection: Connection, file: bytes, given: bytes | None, now: datetime) -> tuple[AccountListPlan, bytes]:
        known = _known_key(connection)
        if known is not None and given is not None and given != known:
            raise StoreError("accountlist.other_office", known=fingerprint(known))
        key = known or given
        if key is None:
            raise StoreError("accountlist.key_missing")
        read, before = read_list(file, key), _latest(connection)
        school = _school_code(connection)
        if school and school != read.school_code:
            raise StoreError("accountlist.other_school", school=read.school_code, ours=school)
        if before is not None and read.version <= before.version:
            raise StoreError("accountlist.older", version=read.version, ours=before.version)
        if read.valid_until <= now:
            raise StoreError("accountlist.run_out", until=moment(read.valid_until))
        there = [account_of(row) for row in connection.execute(select(_ACCOUNTS).where(_OPEN))]
        earlier = {one.id: one for one in read_list(before.file, before.office_key).accounts} if before is not None else {}
        new, changed, ended, kept = _compared(read, there, earlier)
        local = [one for one in there if not one.office_id]
        if Role.OFFICER not in {one.role for one in local} | {one.role for one in read.accounts}:
            raise StoreError("account.last_officer")
        plan = AccountListPlan(read, new, changed, ended, kept, before is None, bool(school), fingerprint(key))
        return plan, key


_Compared = tuple[tuple[ListedAccount, ...], tuple[AccountChange, ...], tuple[Account, ...], int]


def _compared(read: AccountList, there: list[Account], earlier: dict[str, ListedAccount]) -> _Compared:
    """Who is new, whose account changes, who ends, and how many stay. Raises StoreError("accountlist.name_taken")."""
    local = {name_key(one.name) for one in there if not one.office_id}
    known = {one.office_id: one for one in there if one.office_id}
    new, changed = [], []
    for one in read.accounts:
        if name_key(one.name) in local:
            raise StoreError("accountlist.name_taken", name=one.name)
        account, before = known.pop(one.id, None), earlier.get(one.id)
        if account is None:
            new.append(one)
            continue
        pin = before is None or before.verifier != one.verifier
        if pin or (account.name, account.role) != (one.name, one.role):
            changed.append(AccountChange(account, one, pin))
    return tuple(new), tuple(changed), tuple(known.values()), len(read.accounts) - len(new) - len(changed)


def _understood(told: dict[str, Any]) -> AccountList:
    """Raises StoreError, or what a dictionary that is none of ours makes Python raise."""
    accounts = tuple(
        ListedAccount(_text(one["id"]), _text(one["name"]), Role(one["role"]), _verifier(one["verifier"]), bool(one["once"]))
        for one in told["accounts"]
    )
    issued, until = (datetime.fromisoformat(told[name]) for name in ("issued_at", "valid_until"))
    version = told["version"]
    sound = issued.tzinfo and until.tzinfo and isinstance(version, int) and 0 < version < _HIGHEST
    if not sound or not 0 < len(accounts) <= _MOST:
        raise StoreError("accountlist.unreadable")
    for twice in ([one.id for one in accounts], [name_key(one.name) for one in accounts]):
        if len(set(twice)) < len(twice):
            raise StoreError("accountlist.twice")
    return AccountList(_text(told["school_code"]), version, issued, until, accounts)


def _text(told: object) -> str:
    text = " ".join(told.split()) if isinstance(told, str) else ""
    if not 0 < len(text) <= LONGEST_NAME or not text.isprintable():
        raise StoreError("accountlist.unreadable")
    return text


def _verifier(told: object) -> str:
    found = _VERIFIER.fullmatch(told) if isinstance(told, str) else None
    if found is None or int(found[1]) > _MOST_KIB or int(found[2]) > _MOST_PASSES:
        raise StoreError("accountlist.unreadable")
    return found[0]


def _latest(connection: Connection) -> Row[Any] | None:
    return connection.execute(select(_LISTS).order_by(_LISTS.c.version.desc()).limit(1)).one_or_none()


def _known_key(connection: Connection) -> bytes | None:
    if (row := _latest(connection)) is not None:
        key: bytes = row.office_key
        return key
    deadlines = tables.deadlines
    newest = select(deadlines.c.office_key).where(deadlines.c.withdrawn_at.is_(None)).order_by(deadlines.c.number.desc())
    return connection.scalar(newest.limit(1))


def _school_code(connection: Connection) -> str:
    """The school's, as its own page says, or the list that stands, or the deadline; empty where nobody said."""
    told = connection.scalar(select(tables.school.c.told))
    if told and (code := codec.load_school(told).code):
        return code
    if (row := _latest(connection)) is not None:
        return str(row.school_code)
    deadlines = tables.deadlines
    newest = select(deadlines.c.school_code).where(deadlines.c.withdrawn_at.is_(None)).order_by(deadlines.c.number.desc())
    return connection.scalar(newest.limit(1)) or ""


def _digest(file: bytes) -> str:
    return hashlib.sha256(file).hexdigest()

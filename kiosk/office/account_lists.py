"""Accounts that the office issues: the list read, told in words before it is taken, and taken."""

from __future__ import annotations

from kiosk.ciphers import suite_of_public_key
from kiosk.clock import moment
from kiosk.errors import StoreError
from kiosk.office.plan_words import PlanWords
from kiosk.records import Account, AccountList, AccountListPlan, Person
from kiosk.store import Store
from kiosk.words import say


class AccountLists:
    """Raises StoreError ("accountlist.…", "account.…")."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def plan(self, file: bytes, *, office_key: str = "") -> AccountListPlan:
        """What taking a list would do. `office_key`: hexadecimal, where the station knows none yet."""
        return self._store.account_lists.plan(file, office_key=_key(office_key))

    def latest(self) -> AccountList | None:
        """The list that stands."""
        return self._store.account_lists.latest()

    def office_known(self) -> bool:
        """Whether the station knows whose lists it takes."""
        return self._store.account_lists.office_key() is not None

    def take(self, file: bytes, *, office_key: str = "", by: Person) -> list[Account]:
        """Take a list; the accounts whose sessions end with it."""
        plan = self._store.account_lists.take(file, office_key=_key(office_key), by=by)
        self._store.staff.erase_ended()
        return [*plan.ended, *(change.account for change in plan.changed)]


def list_in_words(language: str, plan: AccountListPlan) -> PlanWords:
    """Whose list it is, until when it is good, and everybody whom it changes."""
    found = plan.list
    lines = [
        say(language, "plan.accounts.list", version=found.version, school=found.school_code, until=moment(found.valid_until)),
        say(language, "plan.accounts.office", fingerprint=plan.fingerprint),
    ]
    lines += [say(language, "plan.accounts.new", name=one.name, role=say(language, f"role.{one.role}")) for one in plan.new]
    for change in plan.changed:
        before, now = (say(language, f"role.{role}") for role in (change.account.role, change.now.role))
        code = "plan.accounts.changed_pin" if change.pin else "plan.accounts.changed"
        lines.append(say(language, code, name=change.account.name, now=change.now.name, before=before, after=now))
    lines += [say(language, "plan.accounts.ended", name=one.name) for one in plan.ended]
    lines.append(say(language, "plan.accounts.kept", count=plan.kept))
    found_odd = {"plan.accounts.first": plan.first, "plan.accounts.school_unknown": not plan.school_known}
    told = {"fingerprint": plan.fingerprint, "school": found.school_code}
    return PlanWords(tuple(lines), tuple(say(language, code, **told) for code, is_so in found_odd.items() if is_so))


def _key(office_key: str) -> bytes | None:
    if not office_key.strip():
        return None
    try:
        key = bytes.fromhex(office_key.strip())
    except ValueError:
        key = b""
    if suite_of_public_key(key) is None:
        raise StoreError("accountlist.office_key")
    return key

"""A school's accounts as the office issues them, and what taking such a list would change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from kiosk.records.accounts import Account, Role


@dataclass(frozen=True)
class ListedAccount:
    """One person of a list. `id` is the office's, the same in every version. `once`: the PIN is to be changed at the log-in."""

    id: str
    name: str
    role: Role
    verifier: str  # Argon2id of the PIN, in PHC notation
    once: bool = True


@dataclass(frozen=True)
class AccountList:
    """Everybody of a school to whom the office gives an account, in one version."""

    school_code: str
    version: int
    issued_at: datetime
    valid_until: datetime
    accounts: tuple[ListedAccount, ...]


@dataclass(frozen=True)
class AccountChange:
    """Somebody whose account a list changes. `pin`: the PIN is another one, too."""

    account: Account
    now: ListedAccount
    pin: bool


@dataclass(frozen=True)
class AccountListPlan:
    """What taking a list would do. `first`: no list was taken here before; `fingerprint` tells the office's key."""

    list: AccountList
    new: tuple[ListedAccount, ...]
    changed: tuple[AccountChange, ...]
    ended: tuple[Account, ...]
    kept: int
    first: bool
    school_known: bool
    fingerprint: str

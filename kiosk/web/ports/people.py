"""What the web needs of those who work here: accounts, what they are known by, and who opens the store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from kiosk.records import (
    Account,
    Enrolment,
    Person,
    Role,
)
from kiosk.station import Enrolling, Part, Seen


class SlotsPort(Protocol):
    """Who opens the store after a start."""

    def seal(self, *, by: Account) -> str:
        """Close the store to whoever has its files; the recovery code, or "" when that was done."""

    def new_code(self, *, by: str) -> str:
        """Another recovery code."""


class AccountsPort(Protocol):
    """Who may work at the station. Everything raises StoreError ("account.…")."""

    def all(self) -> Sequence[Account]:
        """Everybody who was ever given an account."""

    def open(self) -> Sequence[Account]:
        """Those that were not ended."""

    def find(self, account_id: str) -> Account | None:
        """An account that was not ended."""

    def issue(self, name: str, role: Role, pin: str, *, by: Person | None) -> Account:
        """Give somebody an account; `by` nobody: the first of a station."""

    def prove(self, account_id: str, pin: str) -> Account:
        """The account whose PIN this is."""

    def recover(self, pin: str) -> Account:
        """The first officer, with a PIN of their own: for whoever opened the store without one."""

    def change_pin(self, account_id: str, old: str, new: str) -> Account:
        """Its owner chooses another PIN."""

    def give_pin(self, account_id: str, pin: str, *, by: Person) -> None:
        """An officer gives a new one, and opens the lock."""

    def end(self, account_id: str, *, by: Person, reason: str) -> None:
        """Nobody works under it any more."""

    def note(self, action: str, account: Account) -> None:
        """Enter into the trail what somebody did with their account."""


class StaffPort(Protocol):
    """What the staff are known by beside their PIN. Everything raises StoreError ("staff.…")."""

    def enrolled(self) -> Mapping[str, Enrolment]:
        """What is known of whom, by account."""

    def erase(self, account_id: str, *, by: Person, reason: str) -> None:
        """Forget everything that somebody gave."""

    def erase_ended(self) -> None:
        """Forget whatever is kept of accounts that have ended."""


class StaffDeskPort(Protocol):
    """The reader and the scanner in the hands of the staff."""

    def begin(self) -> int:
        """A screen begins to wait for somebody; its number."""

    def wait(self, claim: int, after: int, timeout_s: float) -> Seen:
        """What it sees as soon as its number is above `after`."""

    def leave(self, claim: int) -> None:
        """It waits no more."""


class EnrollerPort(Protocol):
    """Enrolment at the desk."""

    def begin(self, account: Account) -> None:
        """Somebody sits down to be enrolled; raises KioskError while a student is under way."""

    def status(self) -> Enrolling | None:
        """How far it is; None when it is over."""

    def press(self, part: Part) -> None:
        """Begin with a thumb; raises KioskError when it is over."""

    def shoot(self) -> None:
        """Take the face that is before the camera; raises KioskError."""

    def keep(self, by: Person) -> Account:
        """Keep what was given; raises KioskError."""

    def stop(self) -> None:
        """End it without keeping anything."""

"""When students may be captured: windows, exceptions that a supervisor answers for, and the deadline."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from kiosk.errors import StoreError
from kiosk.records import Student
from kiosk.store import Admission, DeadlineState, Store, Window

_KEY_BYTES: Final = 32  # Ed25519, RFC 8032


class Schedule:
    """The rules of the day."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def windows(self) -> Sequence[Window]:
        """In the order of their opening."""
        return self._store.rounds.windows()

    def add(self, window: Window, *, by: str) -> None:
        """Open a window for a group; raises StoreError when it closes before it opens."""
        self._store.rounds.add(window, by=by)

    def withdraw(self, number: int, *, reason: str, by: str) -> None:
        """Take a window back; raises StoreError without a reason."""
        self._store.rounds.withdraw(number, reason=reason, by=by)

    def admissions(self) -> Sequence[Admission]:
        """Students who were let in outside their window, the newest first."""
        return self._store.rounds.admissions()

    def admit(self, student: Student, *, until: datetime, reason: str, by: str) -> None:
        """Let one student in outside the window; raises StoreError without a reason or when that time is over."""
        self._store.rounds.authorise(student, by=by, reason=reason, at=datetime.now(UTC), until=until)

    def deadline(self) -> DeadlineState:
        return self._store.deadline.state()

    def set_deadline(self, at: datetime, *, school_code: str, office_key: str, by: str) -> None:
        """Set the deadline with the public key (hexadecimal) of the office that may unlock; raises StoreError."""
        try:
            key = bytes.fromhex(office_key)
        except ValueError:
            key = b""
        if len(key) != _KEY_BYTES:
            raise StoreError("store.office_key_wrong")
        self._store.deadline.set(at, school_code=school_code, office_key=key, by=by)

    def unlock(self, code: str, *, by: str) -> datetime:
        """Take the district's code: unlocked until when. Raises StoreError when it is not good for us now."""
        return self._store.deadline.unlock(code, by=by, at=datetime.now(UTC))

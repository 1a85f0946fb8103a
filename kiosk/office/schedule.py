"""When students may be captured: windows, exceptions that a supervisor answers for, and the deadline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from kiosk.records import Student
from kiosk.store import Admission, ClockState, DeadlineState, Store, Window

_FAR: Final = timedelta(days=366)


@dataclass(frozen=True)
class DeadlinePlan:
    """What setting a deadline would mean; for somebody to confirm."""

    at: datetime
    now: datetime
    school_code: str
    known_schools: tuple[str, ...]  # codes that the roster has
    waiting: int  # on the roster and not captured, or not shot where only photos are wanted
    unsigned: int  # captured, and the form not signed: correctable until then

    @property
    def past(self) -> bool:
        return self.at <= self.now

    @property
    def far(self) -> bool:
        return self.at > self.now + _FAR

    @property
    def other_school(self) -> bool:
        return bool(self.known_schools) and self.school_code not in self.known_schools


@dataclass(frozen=True)
class WindowPlan:
    """What opening a window would mean."""

    window: Window
    now: datetime
    count: int  # students of the group
    closed_out: int  # students who have no window then, and may not come

    @property
    def past(self) -> bool:
        return self.window.closes_at <= self.now

    @property
    def far(self) -> bool:
        return self.window.opens_at > self.now + _FAR


class Schedule:
    """The rules of the day."""

    def __init__(self, store: Store, *, photos_only: bool = False) -> None:
        """`photos_only`: nothing but a photo is wanted, so that nobody who has one is waited for."""
        self._store = store
        self._photos_only = photos_only

    def windows(self) -> Sequence[Window]:
        """In the order of their opening."""
        return self._store.rounds.windows()

    def plan_window(self, window: Window) -> WindowPlan:
        """What opening a window would mean; raises StoreError where it can't be opened."""
        self._store.rounds.require_sound(window)
        standing, students = [*self._store.rounds.windows(), window], self._store.roster.students()
        count = sum(window.is_for(student) for student in students)
        closed_out = sum(not any(one.is_for(student) for one in standing) for student in students)
        return WindowPlan(window, self._store.timekeeping.now(), count, closed_out)

    def add(self, window: Window, *, by: str) -> None:
        """Open a window for a group; raises StoreError when it closes before it opens, or nobody is of its group."""
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

    def clock(self) -> ClockState:
        """Whether the machine's clock can be believed."""
        return self._store.timekeeping.look()

    def now(self) -> datetime:
        """What the rules are held against: never earlier than what has been already."""
        return self._store.timekeeping.now()

    def confirm_clock(self, *, reason: str, by: str) -> None:
        """Somebody answers for the time that the clock shows; raises StoreError where only the office's code may."""
        self._store.timekeeping.confirm(reason=reason, by=by)

    def plan_deadline(self, at: datetime, *, school_code: str, office_key: str) -> DeadlinePlan:
        """What setting a deadline would mean; raises StoreError when the office's key is none."""
        self._store.deadline.require_key(_key(office_key))
        students = self._store.progress.students()
        return DeadlinePlan(
            at,
            self._store.timekeeping.now(),
            school_code,
            tuple(dict.fromkeys(one.student.school_code for one in students if one.student.school_code)),
            waiting=sum(not (one.shot if self._photos_only else one.captured) for one in students),
            unsigned=sum(one.captured and not one.signed for one in students),
        )

    def set_deadline(self, at: datetime, *, school_code: str, office_key: str, by: str) -> None:
        """Set the deadline with the public key (hexadecimal) of the office that may unlock; raises StoreError."""
        self._store.deadline.set(at, school_code=school_code, office_key=_key(office_key), by=by)

    def withdraw_deadline(self, *, reason: str, by: str) -> None:
        """Take the newest deadline back; raises StoreError a day after it was set, or when the office has signed it."""
        self._store.deadline.withdraw(reason=reason, by=by)

    def sign_deadline(self, code: str, *, by: str) -> datetime:
        """Take the office's word that the deadline stands; raises StoreError when the code is for something else."""
        return self._store.deadline.sign(code, by=by)

    def unlock(self, code: str, *, by: str) -> datetime:
        """Take the district's code: unlocked until when. Raises StoreError when it is not good for us now."""
        return self._store.deadline.unlock(code, by=by, at=datetime.now(UTC))


def _key(office_key: str) -> bytes:
    """No bytes for what is not hexadecimal: no suite takes them for a key."""
    try:
        return bytes.fromhex(office_key)
    except ValueError:
        return b""

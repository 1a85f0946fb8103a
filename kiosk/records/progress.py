"""One student, one state: the only place that says which. Operator, office, lists, sheets and forms all count by it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from kiosk.records.people import Student
from kiosk.records.refusals import Refusal, RefusalKind, RefusalReason
from kiosk.records.reviews import Review, ReviewCause, ReviewOutcome
from kiosk.records.steps import FingerPosition, Step


class ProgressState(StrEnum):
    """Where a student of the roster stands: exactly one of these, in the order in which the lists show them."""

    CAPTURED = "captured"  # 已采集: every step passed by itself
    EXCEPTION = "exception"  # 例外: a person decided a step, and another one has approved that
    REVIEW = "review"  # 待复核: captured, and somebody else has to look at it
    PHOTO = "photo"  # 已拍照: by the class list, with nothing but a photo
    CAPTURING = "capturing"  # 采集中: begun, and not complete yet
    TO_CAPTURE = "to_capture"  # 待采集: the group's time is not over; or sent back by a review
    REFUSED = "refused"  # 已拒绝: was here, and was turned away or broken off for a reason that stands
    ABSENT = "absent"  # 缺席: reported, with a reason
    NOT_SEEN = "not_seen"  # 未到场: the group's time is over and nobody has seen them: 空挂学籍 must surface


_CAPTURED: Final = frozenset({ProgressState.CAPTURED, ProgressState.EXCEPTION, ProgressState.REVIEW})


@dataclass(frozen=True)
class Completed:
    """A student's newest complete record, as far as the state depends on it."""

    record_id: str
    at: datetime
    causes: tuple[tuple[Step, ReviewCause], ...] = ()
    review: Review | None = None
    signed: bool = False
    stand_ins: tuple[FingerPosition, ...] = ()
    photo: bool = False  # by the class list: no card was read or typed

    @property
    def sent_back(self) -> bool:
        return self.review is not None and self.review.outcome is ReviewOutcome.SENT_BACK


@dataclass(frozen=True)
class Begun:
    """A record that is still open. `at`: when the last of its steps was done, or it was begun."""

    record_id: str
    at: datetime


@dataclass(frozen=True)
class Absence:
    """A report that a student can't come."""

    reason: str
    at: datetime


@dataclass(frozen=True)
class Facts:
    """All that a state follows from. `refusals`: every one of this student, in order of time. `time_over`: nobody of the group
    is expected any more."""

    completed: Completed | None = None
    begun: Begun | None = None
    absence: Absence | None = None
    refusals: tuple[Refusal, ...] = ()
    time_over: bool = False

    @property
    def stands(self) -> bool:
        """Whether there is a complete record that counts, whatever the time."""
        return self.completed is not None and not self.completed.sent_back


@dataclass(frozen=True)
class StudentProgress:
    """A student of the roster and what became of them. `at` and `note` belong to the state."""

    student: Student
    state: ProgressState
    record_id: str = ""
    at: datetime | None = None
    note: str = ""
    signed: bool = False
    stand_ins: tuple[FingerPosition, ...] = ()  # fingers that were captured in place of a thumb
    causes: tuple[tuple[Step, ReviewCause], ...] = ()  # what of the capture a person decided
    review: Review | None = None  # of the record, once it is closed
    refusal: Refusal | None = None  # the latest that nothing has made up for
    impersonation: Refusal | None = None  # the latest attempt to be captured as this student, whatever came after

    @property
    def captured(self) -> bool:
        """Whether a capture was completed and stands, by whatever way; with nothing but a photo it is none."""
        return self.state in _CAPTURED

    @property
    def shot(self) -> bool:
        """Whether there is a photo that stands: all that systems for photos want."""
        return self.captured or self.state is ProgressState.PHOTO

    @property
    def sent_back(self) -> bool:
        """Whether a review wants the student captured again."""
        return self.review is not None and self.review.outcome is ReviewOutcome.SENT_BACK


@dataclass(frozen=True)
class DayCounts:
    """How many students are in each state; together they are the roster. `turned_away`: people who are not on the roster and
    came on this day."""

    roster: int = 0
    captured: int = 0
    exception: int = 0
    review: int = 0
    photo: int = 0
    capturing: int = 0
    to_capture: int = 0
    refused: int = 0
    absent: int = 0
    not_seen: int = 0
    turned_away: int = 0

    @staticmethod
    def of(students: Iterable[StudentProgress], turned_away: int = 0) -> DayCounts:
        """Counted from the states."""
        counts = Counter(entry.state for entry in students)
        by_name = {state.value: counts[state] for state in ProgressState}
        return DayCounts(roster=counts.total(), turned_away=turned_away, **by_name)

    def __getitem__(self, state: ProgressState) -> int:
        found: int = getattr(self, state.value)
        return found


# Why somebody went away and will come again: what was begun stays begun.
_INTERRUPTED: Final = frozenset({RefusalReason.LEFT, RefusalReason.DEVICE})
# What says nothing about a student's state.
_WITHOUT_EFFECT: Final = frozenset({RefusalReason.ALREADY_CAPTURED, RefusalReason.UNREADABLE})


def progress_of(student: Student, facts: Facts) -> StudentProgress:
    """The state of a student.

    A complete record stands until a review sends it back. Otherwise the latest of what happened counts: a capture begun, a
    refusal, an absence. Where nothing happened, it depends on whether the group's time is over.
    """
    done = facts.completed
    refusals = [one for one in facts.refusals if one.reason not in _WITHOUT_EFFECT]
    impersonation = next((one for one in reversed(refusals) if one.reason is RefusalReason.IMPERSONATION), None)
    if done is not None and facts.stands:
        return StudentProgress(
            student,
            _of_complete(done),
            done.record_id,
            done.at,
            signed=done.signed,
            stand_ins=done.stand_ins,
            causes=done.causes,
            review=done.review,
            impersonation=impersonation,
        )
    again = done.review if done is not None else None
    since = [one for one in refusals if again is None or one.at > again.at]
    refusal, begun = since[-1] if since else None, facts.begun
    absence = facts.absence if facts.absence and (again is None or facts.absence.at > again.at) else None
    happened: list[Refusal | Absence | Begun] = [one for one in (refusal, absence, begun) if one is not None]
    latest = max(happened, key=lambda one: one.at, default=None)
    record_id = begun.record_id if begun else done.record_id if done else ""

    def standing(state: ProgressState, at: datetime | None = None, note: str = "") -> StudentProgress:
        shown = refusal if latest is refusal else None
        return StudentProgress(student, state, record_id, at, note, review=again, refusal=shown, impersonation=impersonation)

    match latest:
        case Begun():
            return standing(ProgressState.CAPTURING, latest.at)
        case Absence():
            return standing(ProgressState.ABSENT, latest.at, latest.reason)
        case Refusal():
            expected = again is not None or not facts.time_over
            return standing(_of_refused(latest.reason, begun=begun is not None, expected=expected), latest.at, latest.note)
    if again is not None:
        return standing(ProgressState.TO_CAPTURE, again.at, again.reason)
    return standing(ProgressState.NOT_SEEN if facts.time_over else ProgressState.TO_CAPTURE)


def _of_complete(done: Completed) -> ProgressState:
    if not done.causes:
        return ProgressState.PHOTO if done.photo else ProgressState.CAPTURED
    return ProgressState.REVIEW if done.review is None else ProgressState.EXCEPTION


def _of_refused(reason: RefusalReason, *, begun: bool, expected: bool) -> ProgressState:
    """Somebody who was refused was here: never 未到场."""
    if reason in _INTERRUPTED and begun:
        return ProgressState.CAPTURING
    if expected and (reason in _INTERRUPTED or reason.kind is RefusalKind.TURNED_AWAY):  # what turned them away has passed
        return ProgressState.TO_CAPTURE
    return ProgressState.REFUSED

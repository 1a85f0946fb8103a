"""What became of each student, and the day at a glance."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from kiosk.records.people import Student
from kiosk.records.steps import FingerPosition


class ProgressState(StrEnum):
    """Where a student of the roster stands."""

    CAPTURED = "captured"
    EXCEPTION = "exception"  # captured, and a person decided a step
    REVIEW = "review"  # captured, and a step has not passed
    UNFINISHED = "unfinished"
    ABSENT = "absent"  # reported absent, with a reason
    NOT_SEEN = "not_seen"  # nobody has seen them: 空挂学籍 must surface


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

    @property
    def captured(self) -> bool:
        """Whether a capture was completed, by whatever way."""
        return self.state in {ProgressState.CAPTURED, ProgressState.EXCEPTION, ProgressState.REVIEW}


@dataclass(frozen=True)
class DayCounts:
    """The day at a glance."""

    roster: int = 0
    captured: int = 0
    review: int = 0
    refused: int = 0
    unfinished: int = 0

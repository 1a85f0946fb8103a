"""Who was turned away at the door, and captures that were broken off: why, by whom, and whom it concerns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from kiosk.records.people import Person


class RefusalKind(StrEnum):
    """Whether anything had been begun."""

    TURNED_AWAY = "turned_away"  # by the rules, at the card
    ABORTED = "aborted"  # 终止采集: by a person, in the middle of a capture


class RefusalReason(StrEnum):
    """Why. The first block turns people away, the second breaks a capture off; each has words as `refusal.<reason>`."""

    NOT_ON_ROSTER = "not_on_roster"
    WINDOW_NOT_YET = "window_not_yet"
    WINDOW_OVER = "window_over"
    AFTER_DEADLINE = "after_deadline"
    OTHER_SCHOOL = "other_school"  # of one that this 报名点 does not capture
    ALREADY_CAPTURED = "already_captured"
    UNREADABLE = "unreadable"

    LEFT = "left"  # 考生离开
    DEVICE = "device"  # 设备故障
    IMPERSONATION = "impersonation"  # 疑似冒用，证件暂扣
    DECLINED = "declined"  # 考生或监护人不同意
    OTHER = "other"  # said in the note

    @property
    def kind(self) -> RefusalKind:
        """What a refusal for this reason is."""
        return RefusalKind.ABORTED if self in _ABORTING else RefusalKind.TURNED_AWAY


_ABORTING: Final = frozenset(
    {
        RefusalReason.LEFT,
        RefusalReason.DEVICE,
        RefusalReason.IMPERSONATION,
        RefusalReason.DECLINED,
        RefusalReason.OTHER,
    }
)


@dataclass(frozen=True)
class Refusal:
    """One entry of the list. `name` and `id_number` as the card gave them; empty where it gave none."""

    reason: RefusalReason
    at: datetime
    by: Person  # who decided; for those turned away the operator at the desk
    name: str = ""
    id_number: str = ""
    record_id: str = ""  # of the capture that was broken off
    note: str = ""
    number: int = 0  # given by the store

    @property
    def kind(self) -> RefusalKind:
        return self.reason.kind

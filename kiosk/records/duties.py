"""Whom to call, and who is there on which day. The school's own contacts are `School.contacts`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final


class Whose(StrEnum):
    """Whose contact somebody is."""

    VENDOR = "vendor"  # of a kind of device
    DISTRICT = "district"  # 上级考务部门


class Subject(StrEnum):
    """What somebody is called about: a kind of device, or which of the district's lines it is."""

    CARD = "card"
    CAMERA = "camera"
    FINGER = "finger"
    COMPUTER = "computer"
    SOFTWARE = "software"
    OFFICE = "office"
    HOTLINE = "hotline"  # 24 hours, the day before and the days of the capture
    GROUP = "group"  # QQ or WeChat group: `phone` is its number


SUBJECTS: Final = {
    Whose.VENDOR: (Subject.CARD, Subject.CAMERA, Subject.FINGER, Subject.COMPUTER, Subject.SOFTWARE),
    Whose.DISTRICT: (Subject.OFFICE, Subject.HOTLINE, Subject.GROUP),
}


@dataclass(frozen=True)
class HelpLine:
    """A contact that is not the school's own. `number` is given by the store."""

    whose: Whose
    subject: Subject
    name: str  # 单位
    person: str = ""
    phone: str = ""
    note: str = ""
    number: int = 0

    @property
    def told(self) -> str:
        """`竟业达 张工 13800000000`."""
        return " ".join(filter(None, (self.name, self.person, self.phone)))


class Task(StrEnum):
    """What somebody does on a day of capturing."""

    SUPERVISOR = "supervisor"  # 负责人: every such day needs one
    OPERATOR = "operator"
    TECHNICIAN = "technician"
    GUIDE = "guide"  # 秩序引导


@dataclass(frozen=True)
class Duty:
    """Who does what on a day. `account` is the one of the station's, where it is one."""

    day: date
    task: Task
    name: str
    phone: str = ""
    account: str = ""
    number: int = 0


@dataclass(frozen=True)
class Gap:
    """A day on which students are to be captured, and tasks that nobody has."""

    day: date
    tasks: tuple[Task, ...]

"""What a school plans before the capture and files around it: slots, the register's window, filed rosters, and what roll-calls
and the register's own checks found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from kiosk.records.people import ClassKey

EVERYBODY: Final = ClassKey("", "", "")


@dataclass(frozen=True)
class Slot:
    """When a student comes to be captured, and as which of the window's queue (from 1)."""

    id_number: str
    position: int
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class RegistrationWindow:
    """When the register takes registrations (考籍注册): 过期不再办理. `group`: whose; an empty part of it means all. `number`
    is given by the store."""

    opens_at: datetime
    closes_at: datetime
    by: str = ""
    at: datetime | None = None
    group: ClassKey = EVERYBODY
    number: int = 0


@dataclass(frozen=True)
class Filing:
    """A version of a school's roster that it signed: how many were on it, and what its rows come to (SHA-256). `school`: the
    school's key, as it is now."""

    school: str
    version: int
    digest: str
    students: int
    note: str
    by: str
    at: datetime


class RollCall(StrEnum):
    """What a roll-call in class (点名) found of a student."""

    PRESENT = "present"  # 在校
    EXCUSED = "excused"  # 请假
    NOT_HERE = "not_here"  # 在籍不在校
    LEFT = "left"  # 转出, 休学, 退学


class IdCheck(StrEnum):
    """What the register found of a student's name and number (身份证验证结果)."""

    PASSED = "passed"
    FAILED = "failed"


@dataclass(frozen=True)
class Finding:
    """What was found of a student, in whose words, and when it was entered. `outcome` is of a `RollCall` or an `IdCheck`."""

    outcome: str
    note: str
    by: str
    at: datetime

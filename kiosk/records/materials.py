"""材料: papers that each student hands in, and the box in which each is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from kiosk.records.people import Student

SIGNED_FORM: Final = "登记表（已签）"  # handed in when it is entered as signed
USUAL: Final = (SIGNED_FORM, "户口本复印件", "身份证复印件", "同意书")


@dataclass(frozen=True)
class Material:
    """One paper of one student. An empty `box`: it is in none yet."""

    kind: str
    handed_by: str  # 交件人
    by: str  # who took it
    at: datetime
    box: str = ""


@dataclass(frozen=True)
class StudentMaterials:
    """What one student has handed in, by kind; `lacking` in the list's order."""

    student: Student
    there: Mapping[str, Material] = field(default_factory=dict)
    lacking: tuple[str, ...] = ()

    @property
    def unboxed(self) -> tuple[str, ...]:
        """What was handed in and is in no box."""
        return tuple(kind for kind, one in self.there.items() if not one.box)


class Leaving(StrEnum):
    """Why somebody is no longer on the roster."""

    MOVED = "moved"  # 转学
    SUSPENDED = "suspended"  # 休学
    REPEATING = "repeating"  # 复读
    DELETED = "deleted"  # 删除: filed by mistake, or twice
    OTHER = "other"

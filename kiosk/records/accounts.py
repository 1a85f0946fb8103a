"""Who may work at the station, and what each of them may do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from kiosk.records.people import Person


class Role(StrEnum):
    """What somebody is at the station."""

    OPERATOR = "operator"  # 采集员: captures, looks things up, prints
    SUPERVISOR = "supervisor"  # 负责人: decides what an operator may not, exports
    OFFICER = "officer"  # 考务管理员: as a supervisor, and issues accounts
    AUDITOR = "auditor"  # 审计员: sees everything, changes nothing


class Right(StrEnum):
    """What a role allows."""

    CAPTURE = "capture"  # sit at the operator's screen
    WORK = "work"  # change something on the office's pages
    DECIDE = "decide"  # be the person who answers for a decision
    ACCOUNTS = "accounts"  # issue accounts, end them, open locked ones
    AUDIT = "audit"  # read the trail
    SETTINGS = "settings"  # change the station's settings and profiles, and start it anew


RIGHTS: Final[Mapping[Role, frozenset[Right]]] = {
    Role.OPERATOR: frozenset({Right.CAPTURE, Right.WORK}),
    Role.SUPERVISOR: frozenset({Right.CAPTURE, Right.WORK, Right.DECIDE}),
    Role.OFFICER: frozenset(Right),
    Role.AUDITOR: frozenset({Right.AUDIT}),
}


@dataclass(frozen=True)
class Account:
    """Somebody who can prove to be who they say. The PIN itself is kept nowhere."""

    id: str
    name: str
    role: Role
    issued: bool  # the PIN was chosen by somebody else, and must be changed first
    locked_until: datetime | None = None
    ended: bool = False
    office_id: str = ""  # who it is on the office's lists; empty: issued at this station
    valid_until: datetime | None = None  # as the office's list says

    @property
    def person(self) -> Person:
        """As decisions name them."""
        return Person(self.name, self.id)

    def may(self, right: Right) -> bool:
        """Whether the role allows it."""
        return right in RIGHTS[self.role]

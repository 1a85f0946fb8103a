"""What is known of the staff beside their PIN, and what each kind of decision demands of who answers for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from kiosk.records.accounts import Role
from kiosk.records.biometrics import BiometricKind

THUMB_TEMPLATES: Final = (
    BiometricKind.RIGHT_THUMB_TEMPLATE,
    BiometricKind.RIGHT_THUMB_SECOND_TEMPLATE,
    BiometricKind.LEFT_THUMB_TEMPLATE,
    BiometricKind.LEFT_THUMB_SECOND_TEMPLATE,
)


@dataclass(frozen=True)
class Enrolment:
    """What somebody of the staff has given: by which they are known at the log-in, and found among the students."""

    card: bool = False
    kinds: frozenset[BiometricKind] = frozenset()  # templates that are kept

    @property
    def thumbs(self) -> bool:
        return not self.kinds.isdisjoint(THUMB_TEMPLATES)

    @property
    def face(self) -> bool:
        return BiometricKind.FACE_TEMPLATE in self.kinds

    def __bool__(self) -> bool:
        return self.card or bool(self.kinds)


@dataclass(frozen=True, eq=False)
class StaffTemplate:
    """One template of somebody of the staff, opened."""

    account: str
    name: str
    kind: BiometricKind
    data: bytes


class Decision(StrEnum):
    """The kinds of decision that a profile may demand something for."""

    ACCEPT = "accept"  # 人工通过: a step below its limit
    DUPLICATE = "duplicate"  # 疑似重复: suspected of being somebody else
    EXCEPTION = "exception"  # 例外: a step left out
    RECAPTURE = "recapture"  # 重采
    ADMIT = "admit"  # let in outside the time of the class
    TYPE_IN = "type_in"  # without a readable card
    CORRECT = "correct"  # 更正
    SIGN_OFF = "sign_off"  # 签字: the forms, the reviews
    UNLOCK = "unlock"  # 解锁: after the deadline
    PLAIN_EXPORT = "plain_export"  # 明文导出
    DELETE = "delete"  # 删除
    OTHER = "other"  # the rules of the day, the school's data


@dataclass(frozen=True)
class DecisionRule:
    """Who may answer for a kind of decision. `role`: at least this one. `other_person`: not who asks for it."""

    role: Role = Role.SUPERVISOR
    other_person: bool = True


# Two people are needed to capture somebody in any other way than the plain one: no profile takes that back.
ALWAYS_TWO: Final = frozenset({Decision.ACCEPT, Decision.DUPLICATE, Decision.EXCEPTION, Decision.RECAPTURE, Decision.ADMIT})
DECISION_RULES: Final[Mapping[Decision, DecisionRule]] = MappingProxyType(
    {
        **{decision: DecisionRule() for decision in Decision},
        Decision.DELETE: DecisionRule(Role.OFFICER),
        Decision.TYPE_IN: DecisionRule(other_person=False),
        Decision.OTHER: DecisionRule(other_person=False),
    }
)
_RANK: Final = (Role.SUPERVISOR, Role.OFFICER)


def is_enough(role: Role, demanded: Role) -> bool:
    """Whether somebody of a role may answer where another one is demanded."""
    return role in _RANK and _RANK.index(role) >= _RANK.index(demanded)

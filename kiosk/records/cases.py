"""佐证: what a school has to prove to the exam office, with its documents and what was decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from kiosk.records.people import Person


class CaseKind(StrEnum):
    """What it is about."""

    DUPLICATE_NUMBER = "duplicate_number"  # one number of two real people
    NO_NUMBER = "no_number"  # no resident's number at all
    DIFFERING = "differing"  # household book, card and school register say different things
    IMPERSONATION = "impersonation"  # somebody came with another person's card
    OTHER = "other"


class CaseState(StrEnum):
    """How far it is."""

    OPEN = "open"  # 待核实
    SUBMITTED = "submitted"  # 已提交
    ACCEPTED = "accepted"  # 同意
    DECLINED = "declined"  # 不同意
    WITHDRAWN = "withdrawn"  # 撤销


# What may follow. A decision can be taken back by submitting the case anew.
FOLLOWING: Final[Mapping[CaseState, tuple[CaseState, ...]]] = MappingProxyType(
    {
        CaseState.OPEN: (CaseState.SUBMITTED, CaseState.WITHDRAWN),
        CaseState.SUBMITTED: (CaseState.ACCEPTED, CaseState.DECLINED, CaseState.OPEN, CaseState.WITHDRAWN),
        CaseState.ACCEPTED: (CaseState.SUBMITTED,),
        CaseState.DECLINED: (CaseState.SUBMITTED, CaseState.WITHDRAWN),
        CaseState.WITHDRAWN: (),
    }
)
PENDING: Final = frozenset({CaseState.OPEN, CaseState.SUBMITTED})
DECIDED: Final = frozenset({CaseState.ACCEPTED, CaseState.DECLINED})  # by the exam office: whoever enters it answers for it


@dataclass(frozen=True)
class CaseStudent:
    """One of those whom a case is about. `filed_number`: the document's number as the school filed it; `key`: by which the
    roster knows them; `keeps`: where two have one number, the one who goes on with it; `school`: the key of theirs."""

    name: str
    filed_number: str
    key: str
    keeps: bool = False
    school: str = ""


@dataclass(frozen=True)
class CaseAct:
    """A step of a case: whose decision, and why."""

    state: CaseState
    reason: str
    by: Person
    at: datetime


@dataclass(frozen=True)
class CasePaper:
    """A document that is attached. `owner` names it in the vault."""

    owner: str
    title: str
    about: str  # a student's name; empty: all of them
    size: int
    by: str
    at: datetime


@dataclass(frozen=True)
class Case:
    """With all that happened, the oldest first."""

    number: int
    kind: CaseKind
    state: CaseState
    text: str
    students: tuple[CaseStudent, ...]
    acts: tuple[CaseAct, ...] = ()
    papers: tuple[CasePaper, ...] = ()

    def is_of(self, school: str) -> bool:
        """Whether it is about somebody of a school, by its key; of any where none is named."""
        return not school or any(one.school == school for one in self.students)


@dataclass(frozen=True)
class SharedNumber:
    """An accepted case of one number of several people: who keeps it; the others, (name, key), are captured without one."""

    number: str
    keeper: str
    others: tuple[tuple[str, str], ...]

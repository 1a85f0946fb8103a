"""依据: why a student's data may be captured, as the law has it, and the notice that tells them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from kiosk.records.people import Person

ALONE_FROM: Final = 14  # years of age; below, the guardian consents (PIPL art. 31)


class Basis(StrEnum):
    """Why it may be done."""

    STATUTORY = "statutory"  # 法定职责, PIPL art. 13 (3): told, not asked
    OWN = "own"  # the student's own consent
    GUARDIAN = "guardian"  # the guardian's


@dataclass(frozen=True)
class Consent:
    """What is known of one student's basis before the capture. `agreed`: False for a no, and for what was taken back."""

    basis: Basis
    agreed: bool
    guardian: str = ""
    relation: str = ""
    phone: str = ""
    notice: str = ""  # the version
    reason: str = ""
    by: Person = Person("")  # noqa: RUF009
    at: datetime | None = None

    def suffices(self, birth: date | None, on: date, *, guardian_always: bool = False) -> bool:
        """Whether it does for somebody born then: whoever is too young to agree alone needs the guardian's."""
        if not self.agreed:
            return False
        return self.basis is not Basis.OWN or not (guardian_always or is_child(birth, on))


def is_child(birth: date | None, on: date) -> bool:
    """Whether somebody is too young on a day to agree alone; also where nobody knows the age."""
    if birth is None:
        return True
    return on.year - birth.year - ((on.month, on.day) < (birth.month, birth.day)) < ALONE_FROM


@dataclass(frozen=True)
class Notice:
    """告知书: a text by language and part. `version` ends in a digest of the text: another text is another version."""

    version: str
    texts: Mapping[str, Mapping[str, str]]
    read_s: float = 3.0  # before this nobody has read it

"""Is the card's owner the student on the roster? Pure: card and roster row in, verdict and problems out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from kiosk.records import CardData, Message, Student, Verdict
from kiosk.variants import Likeness, likeness

_WORDS: Final = {
    Likeness.OTHER: "identity.name_differs",
    Likeness.MEANING: "identity.name_near",
    Likeness.WRITING: "identity.name_variant",
}


@dataclass(frozen=True)
class IdentityCheck:
    """The verdict on a card and what the operator should know."""

    verdict: Verdict
    problems: tuple[Message, ...]


def check_identity(card: CardData, student: Student) -> IdentityCheck:
    """Card against roster row. The number agrees already: it is what the row was found by.

    A name in traditional characters is the same one, and told; another character that means the same (喆, 哲) is for a person.
    """
    problems = list(card.warnings)
    verdict = Verdict.PASS
    alike = likeness(card.name, student.name)
    if (code := _WORDS.get(alike)) is not None:
        problems.append(Message(code, {"card": card.name, "roster": student.name}))
        verdict = Verdict.PASS if alike is Likeness.WRITING else Verdict.REVIEW
    return IdentityCheck(verdict, tuple(problems))

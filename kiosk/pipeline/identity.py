"""Is the card's owner the student on the roster? Pure: card and roster row in, verdict and problems out."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.records import CardData, Message, Student, Verdict, name_key


@dataclass(frozen=True)
class IdentityCheck:
    """The verdict on a card and what the operator should know."""

    verdict: Verdict
    problems: tuple[Message, ...]


def check_identity(card: CardData, student: Student) -> IdentityCheck:
    """Card against roster row. The number agrees already: it is what the row was found by."""
    problems = list(card.warnings)
    verdict = Verdict.PASS
    if name_key(card.name) != name_key(student.name):
        problems.append(Message("identity.name_differs", {"card": card.name, "roster": student.name}))
        verdict = Verdict.REVIEW
    return IdentityCheck(verdict, tuple(problems))

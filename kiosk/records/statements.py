"""What student and guardian say about the capture: yes or no, how, and to which text."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Party(StrEnum):
    """Who says it."""

    STUDENT = "student"
    GUARDIAN = "guardian"


class Means(StrEnum):
    """How it was said."""

    PRESS = "press"  # a press of the scanner, whose picture nobody keeps
    SPOKEN = "spoken"  # to the operator, who says so by key
    PAPER = "paper"  # on paper, which the operator has seen
    ROSTER = "roster"  # on paper, which the school has and the roster says so
    DRAWN = "drawn"  # signed on the screen
    FILED = "filed"  # entered by the school before, on its page
    TOLD = "told"  # nobody was asked: told, where a statutory duty is the basis


@dataclass(frozen=True)
class Statement:
    """One yes or no. `name`, `relation`, `phone`: of a guardian, where they are known. `text`: the version of what was shown,
    where that is what the statement is about."""

    party: Party
    agreed: bool
    means: Means
    name: str = ""
    text: str = ""
    relation: str = ""
    phone: str = ""

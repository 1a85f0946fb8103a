"""What keeps an export, or the report before it, from being all that a school is to hand in."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.records import Message


@dataclass(frozen=True)
class Shortfall:
    """How many students are in it (`rows`, `faulty` of them with problems), were left out, or were never captured."""

    rows: int
    faulty: int = 0
    left_out: int = 0
    missing: int = 0

    @property
    def nothing(self) -> bool:
        """Whether all is well: somebody is in it, and everybody without a problem."""
        return not self.messages()

    def messages(self) -> tuple[Message, ...]:
        """Each thing that is not well, to be said wherever the outcome is."""
        counts = {"faulty": self.faulty, "left_out": self.left_out, "missing": self.missing}
        found = [Message(f"shortfall.{name}", {"count": count}) for name, count in counts.items() if count]
        return (*(() if self.rows else (Message("shortfall.nobody"),)), *found)

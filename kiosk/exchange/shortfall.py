"""What keeps an export, or the report before it, from being all that a school is to hand in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from kiosk.records import Message

_MOST_NAMED: Final = 10


@dataclass(frozen=True)
class Shortfall:
    """How many students are in it (`rows`, `faulty` of them with problems), were left out, or were never captured."""

    rows: int
    faulty: int = 0
    left_out: int = 0
    missing: int = 0
    empty: Mapping[str, int] = field(default_factory=dict)  # starred columns that parents fill in, with how many lack each

    @property
    def nothing(self) -> bool:
        """Whether all is well: somebody is in it, and everybody without a problem."""
        return not self.messages()

    def messages(self) -> tuple[Message, ...]:
        """Each thing that is not well, to be said wherever the outcome is."""
        counts = {"faulty": self.faulty, "left_out": self.left_out, "missing": self.missing}
        found = [Message(f"shortfall.{name}", {"count": count}) for name, count in counts.items() if count]
        if self.empty:
            named = [f"{header.rstrip('*')}（{count}）" for header, count in self.empty.items()]
            told = "、".join(named[:_MOST_NAMED]) + ("…" if len(named) > _MOST_NAMED else "")
            found.append(Message("shortfall.empty", {"count": len(named), "headers": told}))
        return (*(() if self.rows else (Message("shortfall.nobody"),)), *found)

"""What belongs to a student's state, in words: an attempt at impersonation, a refusal, a reason, a finger that stands in."""

from __future__ import annotations

from kiosk.records import StudentProgress
from kiosk.web.context import moment
from kiosk.words import say


def state_notes(language: str, entry: StudentProgress) -> list[str]:
    """The lines beside a state."""
    found = []
    if (tried := entry.impersonation) is not None:
        found.append(say(language, "ui.state.impersonation", at=moment(tried.at)))
    if entry.refusal is not None and entry.refusal != tried:
        found.append(say(language, f"refusal.{entry.refusal.reason}"))
    if entry.sent_back and entry.review is not None:
        found.append(say(language, "ui.state.sent_back", reason=entry.review.reason, by=entry.review.by.name))
    elif entry.note:
        found.append(entry.note)
    found += [
        say(language, "ui.state.stands_in", finger=say(language, f"position.{position.name.lower()}"))
        for position in entry.stand_ins
    ]
    return found

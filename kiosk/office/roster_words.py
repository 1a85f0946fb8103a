"""What a roster file would do, in words, on screen and command line."""

from __future__ import annotations

from collections.abc import Sequence

from kiosk.idnumber import masked
from kiosk.office.rosters import Elsewhere
from kiosk.words import say


def elsewhere_in_words(language: str, found: Sequence[Elsewhere]) -> list[str]:
    """Rows about students of another school, with both schools."""
    return [
        say(
            language,
            "roster.elsewhere",
            place=say(language, "roster.place", sheet=one.sheet, row=one.row),
            name=one.after.name,
            number=masked(one.after.id_number),
            known=one.before.school or one.before.school_code,
            told=one.after.school or one.after.school_code or "—",
        )
        for one in found
    ]

"""What no computer judges of a photo and a notice forbids all the same: a profile's list of what a person looks for."""

from __future__ import annotations

from typing import Final

from kiosk.records.judgements import Measure, Message, Verdict

# Those that notices name (河南 2022, 商丘 2023); a profile may have others, in its own words.
KNOWN: Final = ("earrings", "necklace", "collar")
_PREFIX: Final = "LookedFor."


def looked(name: str, *, seen: bool) -> Measure:
    """What a person said of it, as the record keeps it: 1 seen, 0 looked for and not seen. None where nobody said."""
    return Measure(f"{_PREFIX}{name}", float(seen), None, 0.0, Verdict.REVIEW if seen else Verdict.PASS)


def is_looked_for(measure: Measure) -> bool:
    """Whether a person made it."""
    return measure.name.startswith(_PREFIX)


def name_of(measure: Measure) -> str:
    """What was looked for."""
    return measure.name.removeprefix(_PREFIX)


def seen_message(name: str) -> Message:
    """That the photo shows it all the same."""
    return Message(f"face.seen.{name}") if name in KNOWN else Message("face.seen.other", {"what": name})


def mend_message(name: str) -> Message:
    """What the student is told to do about it."""
    return Message(f"station.mend.{name}") if name in KNOWN else Message("station.mend.other")

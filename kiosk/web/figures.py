"""Numbers in words: measures and scores against the limits that they were held to."""

from __future__ import annotations

from typing import Any

from kiosk.pipeline.face.verification import SCALE
from kiosk.records import Measure, Score, is_looked_for, name_of
from kiosk.words import has_words, say, say_message, say_number


def score(language: str, found: Score, *, of_step: bool = False) -> dict[str, Any]:
    """`相似度 0.62 ≥ 0.40`, cut in three. `likeness`: whether it is live face against chip photo.

    `of_step`: the score is a step's own. It is named after what is wanted there: presses of one finger, or of different ones.
    """
    least = found.limit is None or found.value >= found.limit
    limit = "" if found.limit is None else f"{'≥' if least else '<'} {say_number(language, found.limit, 2)}"
    return {
        "name": _compared(language, found) if of_step else _named(language, "scale", found.scale),
        "value": say_number(language, found.value, 2),
        "limit": limit,
        "met": found.met,
        "scale": found.scale,
        "likeness": found.scale == SCALE,
    }


def measure(language: str, found: Measure) -> dict[str, Any]:
    """Name, value, what is allowed, verdict, and what to do about it."""
    if is_looked_for(found):
        said = say(language, f"looked.{'seen' if found.value else 'clear'}")
        named = looked_for(language, name_of(found))
        return {"name": named, "standard": "", "value": said, "limit": "", "verdict": found.verdict, "hint": ""}
    return {
        "name": _named(language, "measure", found.name),
        "standard": found.name,
        "value": _in_unit(language, found.name, _number(language, found.value)),
        "limit": _in_unit(language, found.name, _range(language, found)),
        "verdict": found.verdict,
        "hint": say_message(language, found.hint) if found.hint else "",
    }


def looked_for(language: str, name: str) -> str:
    """What a person looks for on a photo; in the profile's own words where it is none that notices know."""
    code = f"lookedfor.{name}"
    return say(language, code) if has_words(code) else name


def _compared(language: str, found: Score) -> str:
    code = f"scale.{found.scale}.{'other' if found.below else 'same'}"
    return say(language, code) if has_words(code) else _named(language, "scale", found.scale)


def _named(language: str, group: str, name: str) -> str:
    """A name in words; one that has none is shown as the standard spells it."""
    code = f"{group}.{name}"
    return say(language, code) if has_words(code) else name


def _in_unit(language: str, name: str, number: str) -> str:
    """A number with the unit of its measure, where it has one."""
    code = f"unit.{name}"
    return say(language, code, value=number) if number and has_words(code) else number


def _range(language: str, found: Measure) -> str:
    if found.low is not None and found.high is not None:
        if found.low == found.high:
            return f"= {_number(language, found.high)}"
        if found.low == -found.high:
            return f"±{_number(language, found.high)}"
        return f"{_number(language, found.low)}–{_number(language, found.high)}"
    if found.low is not None:
        return f"≥ {_number(language, found.low)}"
    if found.high is not None:
        return f"≤ {_number(language, found.high)}"
    return ""


def _number(language: str, value: float) -> str:
    """Three figures or so: `128`, `14.2`, `0.62`, `0`."""
    digits = 0 if value == int(value) or abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    return say_number(language, value, digits)

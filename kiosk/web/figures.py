"""Numbers in words: measures and scores against the limits that they were held to."""

from __future__ import annotations

from typing import Any

from kiosk.pipeline.face.verification import SCALE
from kiosk.records import Measure, Score
from kiosk.words import catalogue, say, say_message


def score(language: str, found: Score, *, of_step: bool = False) -> dict[str, Any]:
    """`相似度 0.62 ≥ 0.40`, cut in three. `likeness`: whether it is live face against chip photo.

    `of_step`: the score is a step's own. It is named after what is wanted there: presses of one finger, or of different ones.
    """
    least = found.limit is None or found.value >= found.limit
    limit = "" if found.limit is None else f"{'≥' if least else '<'} {found.limit:.2f}"
    return {
        "name": _compared(language, found) if of_step else _named(language, "scale", found.scale),
        "value": f"{found.value:.2f}",
        "limit": limit,
        "met": found.met,
        "scale": found.scale,
        "likeness": found.scale == SCALE,
    }


def measure(language: str, found: Measure) -> dict[str, Any]:
    """Name, value, what is allowed, verdict, and what to do about it."""
    return {
        "name": _named(language, "measure", found.name),
        "standard": found.name,
        "value": _in_unit(language, found.name, _number(found.value)),
        "limit": _in_unit(language, found.name, _range(found)),
        "verdict": found.verdict,
        "hint": say_message(language, found.hint) if found.hint else "",
    }


def _compared(language: str, found: Score) -> str:
    code = f"scale.{found.scale}.{'other' if found.below else 'same'}"
    return say(language, code) if code in catalogue(language) else _named(language, "scale", found.scale)


def _named(language: str, group: str, name: str) -> str:
    """A name in words; one that has none is shown as the standard spells it."""
    code = f"{group}.{name}"
    return say(language, code) if code in catalogue(language) else name


def _in_unit(language: str, name: str, number: str) -> str:
    """A number with the unit of its measure, where it has one."""
    code = f"unit.{name}"
    return say(language, code, value=number) if number and code in catalogue(language) else number


def _range(found: Measure) -> str:
    if found.low is not None and found.high is not None:
        if found.low == found.high:
            return f"= {_number(found.high)}"
        if found.low == -found.high:
            return f"±{_number(found.high)}"
        return f"{_number(found.low)}–{_number(found.high)}"
    if found.low is not None:
        return f"≥ {_number(found.low)}"
    if found.high is not None:
        return f"≤ {_number(found.high)}"
    return ""


def _number(value: float) -> str:
    """Three figures or so: `128`, `14.2`, `0.62`, `0`."""
    if value == int(value):
        return f"{value:.0f}".replace("-", "−")
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    return f"{value:.{digits}f}".replace("-", "−")

"""The two questions that a capture asks of two impressions."""

from __future__ import annotations

from dataclasses import replace

from kiosk.config import FingerSettings
from kiosk.pipeline.finger.template import Template, compare
from kiosk.records import Score, Verdict


def same_finger(a: Template, b: Template, settings: FingerSettings) -> tuple[Score, Verdict]:
    """Are two presses of one thumb of one thumb? PASS at or above `same_finger_at`, FAIL below: press again."""
    score = replace(compare(a, b), limit=settings.same_finger_at)
    return score, Verdict.PASS if score.value >= settings.same_finger_at else Verdict.FAIL


def other_finger(a: Template, b: Template, settings: FingerSettings) -> tuple[Score, Verdict]:
    """Are right and left thumb two fingers? PASS below `other_finger_below`, FAIL at or above: the same thumb came twice."""
    score = replace(compare(a, b), limit=settings.other_finger_below, below=True)
    return score, Verdict.PASS if score.value < settings.other_finger_below else Verdict.FAIL

"""Which finger a step asks for: its own, or the hand's next one when somebody gave a finger up, with a reason.

What was given up is a result of the record like any other, so nothing of it is lost in a power cut.
"""

from __future__ import annotations

from kiosk.config import FingerSettings
from kiosk.records import OWN_FINGER, CaptureRecord, FingerPosition, Step


def order(step: Step, settings: FingerSettings) -> tuple[FingerPosition, ...]:
    """The fingers of a step's hand in the configured order."""
    hand, digits = ("RIGHT", settings.right_order) if step is Step.RIGHT_THUMB else ("LEFT", settings.left_order)
    return tuple(FingerPosition[f"{hand}_{digit.upper()}"] for digit in digits)


def wanted(record: CaptureRecord, step: Step, settings: FingerSettings) -> FingerPosition:
    """The finger whose turn it is. After the last one the thumb comes again."""
    given_up, fingers = record.given_up(step), order(step, settings)
    if not given_up:
        return OWN_FINGER[step]
    last = given_up[-1].position
    return fingers[(fingers.index(last) + 1) % len(fingers)] if last in fingers else OWN_FINGER[step]

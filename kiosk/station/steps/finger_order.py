"""Which finger a step asks for: the first of its hand's order, or the next one when somebody gave a finger up, with a reason.

The order is the province's: most begin with the thumb, some with the index finger. What was given up is a result of the record
like any other, so nothing of it is lost in a power cut.
"""

from __future__ import annotations

from kiosk.config import FingerSettings
from kiosk.records import OWN_FINGER, CaptureRecord, FingerPosition, Step


def order(step: Step, settings: FingerSettings) -> tuple[FingerPosition, ...]:
    """The fingers of a step's hand in the order of the day."""
    hand, digits = ("RIGHT", settings.right) if step is Step.RIGHT_THUMB else ("LEFT", settings.left)
    return tuple(FingerPosition[f"{hand}_{digit.upper()}"] for digit in digits)


def first(step: Step, settings: FingerSettings) -> FingerPosition:
    """The finger that a step begins with."""
    return order(step, settings)[0]


def usual(settings: FingerSettings) -> frozenset[FingerPosition]:
    """The fingers that everybody gives who can."""
    return frozenset(first(step, settings) for step in OWN_FINGER)


def wanted(record: CaptureRecord, step: Step, settings: FingerSettings) -> FingerPosition:
    """The finger whose turn it is. After the last one the first comes again."""
    given_up, fingers = record.given_up(step), order(step, settings)
    last = given_up[-1].position if given_up else None
    return fingers[(fingers.index(last) + 1) % len(fingers)] if last in fingers else fingers[0]

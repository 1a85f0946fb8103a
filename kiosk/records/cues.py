"""What a person at the screen is to do, for pictograms, sounds and simulated people; the words come from the messages."""

from __future__ import annotations

from enum import StrEnum


class Cue(StrEnum):
    """One act, or the lack of one. Left and right are the student's own."""

    WAIT = "wait"
    LAY_CARD = "lay_card"
    TAKE_CARD = "take_card"
    LOOK = "look"  # into the camera
    BLINK = "blink"
    TURN_LEFT = "turn_left"
    TURN_RIGHT = "turn_right"
    OPEN_MOUTH = "open_mouth"
    PRESS = "press"  # the finger that `Snapshot.finger` names
    LIFT = "lift"
    READ = "read"  # what the screen shows
    SIGN = "sign"
    CALL = "call"  # the operator is needed


# What a challenge to a living face asks for.
CHALLENGES = frozenset({Cue.BLINK, Cue.TURN_LEFT, Cue.TURN_RIGHT, Cue.OPEN_MOUTH})

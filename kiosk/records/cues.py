"""What a person at the screen is to do, for pictograms, sounds and simulated people; the words come from the messages."""

from __future__ import annotations

from enum import StrEnum


class Cue(StrEnum):
    """One act, or the lack of one. Left and right are the student's own."""

    WAIT = "wait"
    LAY_CARD = "lay_card"
    TAKE_CARD = "take_card"
    LOOK = "look"  # into the camera
    HOLD_STILL = "hold_still"
    CLOSER = "closer"
    BACK = "back"
    MOVE_LEFT = "move_left"
    MOVE_RIGHT = "move_right"
    SIT_UP = "sit_up"
    SIT_DOWN = "sit_down"
    CHIN_UP = "chin_up"
    CHIN_DOWN = "chin_down"
    LEVEL = "level"  # the head
    EYES_OPEN = "eyes_open"
    MOUTH_CLOSED = "mouth_closed"
    EYES_FREE = "eyes_free"  # of dark glasses and hair
    MASK_OFF = "mask_off"
    GLASSES_OFF = "glasses_off"
    HAIR_ASIDE = "hair_aside"
    ALONE = "alone"  # whoever stands beside should step aside
    LAMP = "lamp"  # the light is to be changed, which is the operator's business
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

"""What the framing's hints ask the student to do, for pictograms and simulated people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from kiosk.records import Cue, Message

CUES: Final[Mapping[str, Cue]] = {
    "hint.face.nobody": Cue.LOOK,
    "hint.face.one_person": Cue.ALONE,
    "hint.face.closer": Cue.CLOSER,
    "hint.face.back": Cue.BACK,
    "hint.face.left": Cue.MOVE_LEFT,
    "hint.face.right": Cue.MOVE_RIGHT,
    "hint.face.up": Cue.SIT_UP,
    "hint.face.down": Cue.SIT_DOWN,
    "hint.face.face_front": Cue.LOOK,
    "hint.face.chin_up": Cue.CHIN_UP,
    "hint.face.chin_down": Cue.CHIN_DOWN,
    "hint.face.level": Cue.LEVEL,
    "hint.face.light": Cue.LAMP,
    "hint.face.less_light": Cue.LAMP,
    "hint.face.sharp": Cue.HOLD_STILL,
    "hint.face.hold_still": Cue.HOLD_STILL,
    "hint.face.eyes_open": Cue.EYES_OPEN,
    "hint.face.mouth_closed": Cue.MOUTH_CLOSED,
    "hint.photo.eyes": Cue.EYES_FREE,
    "hint.photo.mouth": Cue.MASK_OFF,
    "hint.photo.glare": Cue.GLASSES_OFF,
    "hint.photo.brows": Cue.HAIR_ASIDE,
}


def cue_of(hint: Message) -> Cue:
    """The act that a hint of `FaceLook.instruction` asks for."""
    return CUES[hint.code]

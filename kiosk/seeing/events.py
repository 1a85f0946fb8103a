"""What the framing tells whoever waits for a face."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.pipeline.face.liveness import Challenge
from kiosk.pipeline.face.liveness import Outcome as LivenessOutcome
from kiosk.pipeline.face.shutter import Shot
from kiosk.records import Cue, Frame, Message
from kiosk.seeing.judges import Glance


@dataclass(frozen=True)
class GuideSaid:
    """The framing says something else to the student."""

    sitting: int
    instruction: Message
    good: bool
    cue: Cue
    answer_s: float | None = None  # seconds for the answer, when it is a challenge


@dataclass(frozen=True, eq=False)
class ShotTaken:
    """The shutter fired: the best frame of the burst, and how the challenge that followed went (None: none did).

    `answered`: some of the frames meanwhile, for a passive check. `ahead`: what was judged of the shot's frames before it fell.
    """

    sitting: int
    shot: Shot
    liveness: LivenessOutcome | None = None
    challenge: Challenge | None = None
    answered: tuple[Frame, ...] = ()
    ahead: tuple[Glance, ...] = ()

"""Active liveness: a random challenge, answered by a face that is followed without a break.

Whatever is asked ends with a turned head, whose depth counts: whoever wears a printed face with holes for the eyes can blink,
but paper is flat. A recording answers only if it happens to show the right things at the right time, and is refused for showing
another. It does not cover: a live person wearing a mask of another's face, or a video that somebody steers while it is shown.
The invigilator covers those; a vendor's passive check or IR camera goes in by `PassiveCheck`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from kiosk.pipeline.face.framing import FaceLook
from kiosk.records import Frame, Message, Score, Verdict


class Challenge(StrEnum):
    """What the student is asked to do. Left and right are the student's own."""

    BLINK = "blink"
    TURN_LEFT = "turn_left"
    TURN_RIGHT = "turn_right"
    OPEN_MOUTH = "open_mouth"

    @property
    def instruction(self) -> Message:
        return Message(f"hint.liveness.{self}")


_TURNS: Final = (Challenge.TURN_LEFT, Challenge.TURN_RIGHT)


class PassiveCheck(Protocol):
    """The seam for a vendor's presentation attack detection (software, IR or depth camera).

    `face.passive_check` names a factory without arguments that makes one. Everything happens in one thread that nothing else
    uses. It may raise whatever it likes: a person looks at the student then.
    """

    name: str  # of the product
    version: str  # of software and network; both are kept with every score

    def score(self, frames: Sequence[Frame]) -> Score:
        """How live the face of one shot is, beside the limit that it is held against (a `Score` without one is no answer).

        `frames`: the shot's burst, then some of the challenge's frames, oldest first; at least one, pixels read-only. `at_s` is
        `time.monotonic()`, by which a second camera finds what it saw at the same time. `scale` says what the number is
        (`probability`); name and version are put before it.
        """

    def close(self) -> None:
        """The station ends: let devices go."""


@dataclass(frozen=True)
class Outcome:
    """PASS, or FAIL with what was wrong.

    `counts` is False when the student could not be watched, as the computer was too slow or the camera away: that says nothing
    about the student, and is no attempt of theirs.
    """

    verdict: Verdict
    problem: Message | None = None
    counts: bool = True


# Nobody answers faster; what happens sooner was under way already.
_REACTION_S: Final = 0.2
# The face may be lost for this long (motion blur in a turn), and in more than one look; then it counts as another face.
_GAP_S: Final = 0.35
# Without a look for longer nobody was followed: whoever sits there now may be somebody else.
_UNFOLLOWED_S: Final = 1.0
# Of the time between two looks so much counts as time for the answer: in the rest nothing was looked at.
_LOOKED_S: Final = 0.25
# How far eyes move and how much their distance changes from frame to frame, in shares of that distance and per second.
_MAX_SPEED: Final = 9.0
_MAX_STRETCH: Final = 4.0
# Turned, and straight again, in degrees: paper bent round a bottle looks turned by up to 17° when a hand turns it. A turn the
# other way, or one that nobody asked for, is a wrong answer before that.
_TURNED_DEG: Final = 20.0
_ASIDE_DEG: Final = 13.0
_STRAIGHT_DEG: Final = 7.0
# The nose stands out: turning a head moves its tip against the eyes and the chin by at least this share of the eyes' distance.
# Turning a flat picture moves nothing against anything.
_MIN_PARALLAX: Final = 0.07
# Openings over T (`geometry`), against the face's own while it was at rest.
_SHUT_SHARE: Final = 0.6
_REOPENED_SHARE: Final = 0.8
_MAX_SHUT_S: Final = 1.2
_MOUTH_OPEN: Final = 0.18
_MOUTH_SHUT: Final = 0.10
# Two looks at the shortest part of an answer: a blink's shut eyes, an open mouth, a turned head.
_SEEN_EVERY_S: Final = {
    Challenge.BLINK: 0.15,
    Challenge.OPEN_MOUTH: 0.35,
    Challenge.TURN_LEFT: 0.5,
    Challenge.TURN_RIGHT: 0.5,
}
# Face Mesh's numbers of outer eye corners, chin and tip of the nose.
_FRAME_POINTS: Final = (33, 263, 152)
_NOSE_TIP: Final = 4


NOT_FOLLOWED: Final = Outcome(Verdict.REVIEW, Message("problem.liveness.not_followed"), counts=False)


def answerable(challenge: Challenge, look_every_s: float) -> bool:
    """Whether an answer would be seen by one who looks so often."""
    return look_every_s <= _SEEN_EVERY_S[challenge]


class LivenessCheck:
    """Follows one answer. Give it every frame's look from the moment the challenge is shown; times are those of the frames.

    The time for the answer is the time that was looked at. On a computer that is too slow to see an answer nothing is said
    about the student (`Outcome.counts`).
    """

    def __init__(
        self, challenge: Challenge, asked_at_s: float, timeout_s: float = 6.0, after: LivenessCheck | None = None
    ) -> None:
        """`after`: the check of what was asked before, whose face this must be."""
        self._challenge = challenge
        self._asked_s = asked_at_s
        self._timeout_s = timeout_s
        self._last_s = asked_at_s
        self._looks = 0
        self._looked_s = 0.0
        self._lost = 0  # looks without a face, in a row
        self._seen: tuple[float, NDArray[np.float32]] | None = after._seen if after else None
        self._rest_eyes = 0.0
        self._rest_nose: NDArray[np.float64] | None = None
        self._rested = False  # seen at rest since there was time to react
        self._acting_since_s: float | None = None
        self._parallax = 0.0

    def consider(self, look: FaceLook, at_s: float) -> Outcome | None:
        """The outcome as soon as it is certain, else None."""
        if ended := self._ended(look, at_s):
            return ended
        if look.landmarks is None:
            return None
        self._seen = (at_s, look.landmarks)
        values = {measure.name: measure.value for measure in look.measures}
        yaw, eyes, mouth = values["HeadPoseYaw"], values["EyesOpen"], values["MouthClosed"]
        if self._rest_nose is None:
            self._find_rest(look.landmarks, yaw, eyes, mouth)
            return None
        self._parallax = max(self._parallax, float(np.linalg.norm(_nose_in_frame(look.landmarks) - self._rest_nose)))
        if at_s - self._asked_s < _REACTION_S:
            self._rest_eyes = max(self._rest_eyes, eyes)
            return None
        if self._wrong_answer(yaw, mouth):
            return _failed("wrong_answer")
        return self._follow(yaw, eyes, mouth, at_s)

    def _ended(self, look: FaceLook, at_s: float) -> Outcome | None:
        """How it ends before an answer: nobody looked for too long, the time is over, or the face can't be followed."""
        passed_s, self._last_s = at_s - self._last_s, at_s
        if passed_s > _UNFOLLOWED_S:
            return NOT_FOLLOWED
        self._looks += 1
        self._looked_s += min(passed_s, _LOOKED_S)
        if self._looked_s <= self._timeout_s:
            return _failed(broken) if (broken := self._broken(look, at_s)) else None
        seldom = not answerable(self._challenge, (at_s - self._asked_s) / self._looks)
        return NOT_FOLLOWED if seldom else _failed("no_answer")

    def _broken(self, look: FaceLook, at_s: float) -> str:
        """What ends the check whatever was asked, or nothing."""
        if look.faces > 1:
            return "second_face"
        self._lost = self._lost + 1 if look.landmarks is None else 0
        if self._seen is None:
            return ""
        if look.landmarks is None:
            return "face_lost" if self._lost > 1 and at_s - self._seen[0] > _GAP_S else ""
        return "face_changed" if self._jumped(look.landmarks, at_s) else ""

    def _find_rest(self, landmarks: NDArray[np.float32], yaw: float, eyes: float, mouth: float) -> None:
        """Wait for a face at rest: what follows is measured against it."""
        if abs(yaw) < _STRAIGHT_DEG and mouth < _MOUTH_SHUT:
            self._rest_eyes = eyes
            self._rest_nose = _nose_in_frame(landmarks)

    def _wrong_answer(self, yaw: float, mouth: float) -> bool:
        turned = yaw if abs(yaw) > _ASIDE_DEG else 0.0
        wrong_turn = {Challenge.TURN_LEFT: turned < 0, Challenge.TURN_RIGHT: turned > 0}.get(self._challenge, turned != 0)
        return wrong_turn or (mouth > _MOUTH_OPEN and self._challenge is not Challenge.OPEN_MOUTH)

    def _follow(self, yaw: float, eyes: float, mouth: float, at_s: float) -> Outcome | None:
        """Rest, act, rest again."""
        if self._challenge is Challenge.BLINK:
            acting, resting = eyes < _SHUT_SHARE * self._rest_eyes, eyes > _REOPENED_SHARE * self._rest_eyes
            if not acting and self._acting_since_s is None:
                self._rest_eyes = max(eyes, 0.98 * self._rest_eyes)  # the widest of late
        elif self._challenge is Challenge.OPEN_MOUTH:
            acting, resting = mouth > _MOUTH_OPEN, mouth < _MOUTH_SHUT
        else:
            acting, resting = abs(yaw) > _TURNED_DEG, abs(yaw) < _STRAIGHT_DEG
        if self._acting_since_s is None:
            self._rested = self._rested or resting
            self._acting_since_s = at_s if acting and self._rested else None
            return None
        if not resting:
            return None
        took_s = at_s - self._acting_since_s
        if self._challenge is Challenge.BLINK and took_s > _MAX_SHUT_S:
            self._acting_since_s = None  # eyes were closed, that is no blink
            return None
        if self._challenge in _TURNS and self._parallax < _MIN_PARALLAX:
            return _failed("flat")
        return Outcome(Verdict.PASS)

    def _jumped(self, landmarks: NDArray[np.float32], at_s: float) -> bool:
        assert self._seen is not None
        before_s, before = self._seen
        passed_s = min(max(at_s - before_s, 1e-3), _GAP_S)
        last, now = _eye_corners(before), _eye_corners(landmarks)
        size = math.dist(*last)
        way = math.dist(last.mean(axis=0), now.mean(axis=0)) / size
        stretch = abs(math.log(math.dist(*now) / size))
        return way > max(0.35, _MAX_SPEED * passed_s) or stretch > max(0.25, _MAX_STRETCH * passed_s)


class ProofOfLife:
    """What is asked one after the other, and the face that is followed through all of it: a turn of the head, or something else
    and then a turn, for what paper can do proves nothing."""

    def __init__(
        self,
        first: Challenge,
        choose: Callable[[Sequence[Challenge]], Challenge],
        asked_at_s: float,
        timeout_s: float = 6.0,
    ) -> None:
        """`choose`: the turn after a first that is none; `timeout_s`: for each answer."""
        self.challenge = first  # what is asked now
        self._choose = choose
        self._timeout_s = timeout_s
        self._check = LivenessCheck(first, asked_at_s, timeout_s)

    def consider(self, look: FaceLook, at_s: float) -> Outcome | None:
        """As `LivenessCheck.consider`, of everything; `challenge` may be another one afterwards."""
        outcome = self._check.consider(look, at_s)
        if outcome is None or outcome.verdict is not Verdict.PASS or self.challenge in _TURNS:
            return outcome
        self.challenge = self._choose(_TURNS)
        self._check = LivenessCheck(self.challenge, at_s, self._timeout_s, self._check)
        return None


def _eye_corners(landmarks: NDArray[np.float32]) -> NDArray[np.float32]:
    return landmarks[list(_FRAME_POINTS[:2]), :2]


def _nose_in_frame(landmarks: NDArray[np.float32]) -> NDArray[np.float64]:
    """The nose's tip against eyes and chin, in shares of their distances: the same for a flat picture however it is held."""
    right, left, chin = landmarks[list(_FRAME_POINTS), :2].astype(np.float64)
    axes = np.column_stack([left - right, chin - (right + left) / 2])
    return np.asarray(np.linalg.solve(axes, landmarks[_NOSE_TIP, :2] - (right + left) / 2))


def _failed(why: str) -> Outcome:
    return Outcome(Verdict.FAIL, Message(f"problem.liveness.{why}"))

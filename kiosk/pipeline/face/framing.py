"""Guides the student to a good picture: measures every frame and says the one thing that helps most."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from kiosk.config import FaceSettings
from kiosk.pipeline.face.geometry import Geometry, measure_geometry
from kiosk.pipeline.face.guide import EXAM_PHOTO
from kiosk.pipeline.face.measures import (
    measure_colour,
    measure_covers,
    measure_expression,
    measure_glasses,
    measure_hair,
    measure_light,
    measure_place,
    measure_pose,
)
from kiosk.pipeline.face.mesh import FaceMesh
from kiosk.records import Frame, Measure, Message, PhotoSpec, Verdict

NOBODY: Final = Message("hint.face.nobody")
ONE_PERSON: Final = Message("hint.face.one_person")
HOLD_STILL: Final = Message("hint.face.hold_still")

# A second face counts from this share of the first one's height: who queues at the back of the room doesn't.
_SECOND_FACE_SHARE: Final = 0.4
# Eyes' way in distances between the eyes per second, above which a picture blurs.
_MAX_SPEED: Final = 0.7
# A new instruction must have been right for this long before it replaces the old one; for longer while what the old one is
# about is hardly better: within this share of its limit.
_SETTLE_S: Final = 0.25
_DOUBTFUL_S: Final = 0.5
_MARGIN: Final = 0.05
_MARGIN_AT_ZERO: Final = 0.01


@dataclass(frozen=True)
class _Said:
    """An instruction, and the measure that it is about."""

    about: str
    hint: Message


_NOBODY: Final = _Said("SingleFacePresent", NOBODY)


@dataclass(frozen=True, eq=False)
class FaceLook:
    """What one frame shows."""

    faces: int
    measures: tuple[Measure, ...]
    instruction: Message  # the most useful one; steady enough to be read
    good: bool  # everything that is required is as it should be in this frame
    quality: float  # 0..1, for choosing among good frames
    box: tuple[float, float, float, float] | None  # left, top, width, height of the face, shares of the picture
    landmarks: NDArray[np.float32] | None  # (478, 2) in pixels of the frame

    @property
    def advised(self) -> bool:
        """Whether it could be better, though nothing is wrong."""
        return self.good and any(measure.hint for measure in self.measures)


class FaceAnalyser:
    """Looks at the frames of one camera, one after the other; for one thread."""

    def __init__(self, limits: FaceSettings, spec: PhotoSpec = EXAM_PHOTO) -> None:
        self._limits = limits
        self._spec = spec
        self._mesh = FaceMesh()
        self._last_eyes: tuple[tuple[float, float], float] | None = None  # where, and when
        self._shown = self._wanted = _NOBODY
        self._wanted_since_s = 0.0

    def analyse(self, frame: Frame) -> FaceLook:
        """Measure one frame. About 10 ms on one core, whatever the size of the camera's picture."""
        height, width = frame.pixels.shape[:2]
        found = self._mesh.find(frame.pixels)
        if not found:
            self._last_eyes = None
            nobody = Measure("SingleFacePresent", 0, 1, 1, Verdict.FAIL, NOBODY)
            return FaceLook(0, (nobody,), self._settle((nobody,), frame.at_s), False, 0.0, None, None)
        sizes = [float(np.ptp(face[:, 1])) for face in found]
        faces = sum(size >= _SECOND_FACE_SHARE * sizes[0] for size in sizes)
        geometry = measure_geometry(found[0])
        light = measure_light(frame.pixels, geometry, self._limits)
        # Landmarks on a mask are guesses, so covers come first; but in bad light colours say nothing about them.
        lit = all(measure.verdict is Verdict.PASS for measure in light)
        covers = measure_covers(frame.pixels, found[0], geometry) if lit else []
        colour = measure_colour(frame.pixels, found[0], geometry) if lit else []
        measures = (
            Measure("SingleFacePresent", faces, 1, 1, *((Verdict.PASS, None) if faces == 1 else (Verdict.FAIL, ONE_PERSON))),
            *covers,
            *colour,
            *measure_place(geometry, self._spec, width, height),
            *measure_pose(geometry, self._limits),
            *light,
            *measure_expression(geometry),
            *measure_glasses(frame.pixels, found[0]),
            *(measure_hair(frame.pixels, found[0], geometry) if self._spec.hair_free and lit else ()),
            self._measure_motion(geometry, frame.at_s),
        )
        good = all(measure.verdict is Verdict.PASS for measure in measures)
        instruction = self._settle(measures, frame.at_s)
        left, top, box_w, box_h = geometry.box
        box = (left / width, top / height, box_w / width, box_h / height)
        quality = rate(measures, self._limits) if good else 0.0
        return FaceLook(faces, measures, instruction, good, quality, box, found[0][:, :2].copy())

    def reset(self) -> None:
        """Forget the last student."""
        self._last_eyes = None
        self._shown = self._wanted = _NOBODY

    def _measure_motion(self, geometry: Geometry, at_s: float) -> Measure:
        """How fast the eyes move; not a measure of the standard, which judges finished photos."""
        speed = 0.0
        if self._last_eyes is not None and at_s > self._last_eyes[1]:
            way = math.dist(geometry.eyes, self._last_eyes[0]) / geometry.inter_eye
            speed = way / (at_s - self._last_eyes[1])
        self._last_eyes = (geometry.eyes, at_s)
        verdict = Verdict.PASS if speed <= _MAX_SPEED else Verdict.FAIL
        return Measure("Motion", speed, None, _MAX_SPEED, verdict, None if verdict is Verdict.PASS else HOLD_STILL)

    def _settle(self, measures: Sequence[Measure], at_s: float) -> Message:
        """Change what is said only when the new one stays right: it must never flicker."""
        said = _most_useful(measures)
        if said != self._wanted:
            self._wanted, self._wanted_since_s = said, at_s
        doubtful = any(measure.name == self._shown.about and _hardly_within(measure) for measure in measures)
        if at_s - self._wanted_since_s >= (_DOUBTFUL_S if doubtful else _SETTLE_S) or self._shown == _NOBODY:
            self._shown = self._wanted
        return self._shown.hint


def _most_useful(measures: Sequence[Measure]) -> _Said:
    """The first thing that is wrong; then advice; then to hold still."""
    wrong = (measure for measure in measures if measure.verdict is Verdict.FAIL)
    said = (_Said(measure.name, measure.hint) for measure in (*wrong, *measures) if measure.hint)
    return next(said, _Said("", HOLD_STILL))


def rate(measures: tuple[Measure, ...], limits: FaceSettings) -> float:
    """0..1 for choosing the best of good frames: straight, open-eyed, sharp, still."""
    value = {measure.name: measure.value for measure in measures}
    straight = math.cos(math.radians(value["HeadPoseYaw"])) * math.cos(math.radians(value["HeadPosePitch"]))
    level = 1 - abs(value["HeadPoseRoll"]) / 45
    eyes = min(1.0, value["EyesOpen"] / 0.10)
    sharp = value["Sharpness"] / (value["Sharpness"] + limits.min_sharpness)
    still = 1 - value["Motion"] / (2 * _MAX_SPEED)
    return float(np.clip(straight**4 * level * eyes * sharp * still, 0, 1))


def _hardly_within(measure: Measure) -> bool:
    """Whether a value keeps to its limit by no more than a little; a count, whose limits are one number, never does."""
    return measure.low != measure.high and any(
        limit is not None and abs(measure.value - limit) < (_MARGIN * abs(limit) or _MARGIN_AT_ZERO)
        for limit in (measure.low, measure.high)
    )

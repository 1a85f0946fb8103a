"""The camera's picture against what the photos need: seat, lamps, the wall for every profile, colours and sharpness."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from kiosk.config import FaceSettings
from kiosk.devices.camera.judge import too_small
from kiosk.devices.facts import CameraFacts
from kiosk.errors import KioskError
from kiosk.pipeline.face.assessment import Assessor
from kiosk.pipeline.face.finished import judge_background
from kiosk.pipeline.face.framing import FaceAnalyser
from kiosk.pipeline.face.guide import guide_for, least_picture
from kiosk.pipeline.face.measures import judge_value
from kiosk.pipeline.face.portrait import cut_out
from kiosk.pipeline.face.qualities import Points
from kiosk.records import CheckPoint, Frame, Image, Measure, Message, PhotoSpec, PointFinding, Verdict

# A blink is over in a fifth of a second: slower pictures miss what a student is asked to do.
_LEAST_FPS: Final = 10.0
_BEHIND: Final = 0.08  # of the mask
_LEAST_BEHIND: Final = 0.02  # of the picture

_SEAT: Final = frozenset(
    (
        "SingleFacePresent",
        "HeadSize",
        "InterEyeDistance",
        "LeftwardCropOfTheFaceImage",
        "RightwardCropOfTheFaceImage",
        "MarginAboveOfTheFaceImage",
        "MarginBelowOfTheFaceImage",
        "HeadPoseYaw",
        "HeadPosePitch",
        "HeadPoseRoll",
    )
)
_LAMPS: Final = frozenset(
    (
        "LuminanceMean",
        "LuminanceVariance",
        "IlluminationUniformity",
        "UnderExposurePrevention",
        "OverExposurePrevention",
        "DynamicRange",
    )
)
_CAMERA: Final = frozenset(("Sharpness", "MotionBlur", "NaturalColour", "Colour"))
_PLACE: Final = {
    "HeadSize": Message("checkup.distance"),
    "InterEyeDistance": Message("checkup.distance"),
    "LeftwardCropOfTheFaceImage": Message("checkup.aim"),
    "RightwardCropOfTheFaceImage": Message("checkup.aim"),
    "MarginAboveOfTheFaceImage": Message("checkup.aim"),
    "MarginBelowOfTheFaceImage": Message("checkup.aim"),
}
_NOBODY: Final = Message("checkup.sit_down")


@dataclass(frozen=True)
class NeededProfile:
    """One that the station's photos will be exported by."""

    title: str
    photo: PhotoSpec


@dataclass(frozen=True)
class Wall:
    """What is behind the student, for one profile. Colours in RGB; `found` is None where none is to be seen."""

    title: str
    wanted: tuple[tuple[int, int, int], ...]  # any of these; empty: any colour
    found: tuple[int, int, int] | None
    measures: tuple[Measure, ...]

    @property
    def verdict(self) -> Verdict:
        return Verdict.worst([measure.verdict for measure in self.measures])


@dataclass(frozen=True)
class CameraLook:
    """One picture. `light`: its mean brightness, 0..255. `findings`: of all points that the camera sees."""

    face: bool
    light: float
    walls: tuple[Wall, ...]
    findings: tuple[PointFinding, ...]

    def at(self, point: CheckPoint) -> PointFinding:
        """What it says of one of the camera's points."""
        return next(finding for finding in self.findings if finding.point is point)


class CameraJudge:
    """Loads its networks once; for one thread at a time. About 0.1 s a picture."""

    def __init__(self, limits: FaceSettings, profiles: Sequence[NeededProfile]) -> None:
        """`profiles`: the station's own comes first."""
        self._profiles = profiles
        own = profiles[0].photo
        self._framing = FaceAnalyser(limits, own)
        self._assessor = Assessor(limits, own)

    def look(self, frame: Frame, facts: CameraFacts) -> CameraLook:
        """Judge a picture, with what the camera says of itself."""
        pixels = frame.pixels
        look = self._framing.analyse(frame)
        light = float(cv2.cvtColor(pixels[::4, ::4], cv2.COLOR_BGR2GRAY).mean())
        walls = tuple(self._wall(pixels, look.landmarks, profile) for profile in self._profiles)
        device = self._of_device(frame, facts)
        if look.landmarks is None:
            findings = [_found(point, (), (_NOBODY,)) for point in (CheckPoint.SEAT, CheckPoint.LAMPS)]
            findings += [_found(CheckPoint.WALL, (), (_NOBODY,)), _found(CheckPoint.CAMERA, device, (_NOBODY,))]
            return CameraLook(False, light, walls, tuple(findings))
        photo = cut_out_anyway(pixels, look.landmarks, self._profiles[0].photo)
        found = self._assessor.assess(photo)
        measures = [quality.measure for quality in found.qualities]
        named = {measure.name for measure in measures}
        seat = [_placed(measure) for measure in look.measures if measure.name in _SEAT]
        lamps = [measure for measure in (measures if "LuminanceMean" in named else look.measures) if measure.name in _LAMPS]
        camera = [measure for measure in (measures if "Sharpness" in named else look.measures) if measure.name in _CAMERA]
        findings = [
            _found(CheckPoint.SEAT, seat),
            _found(CheckPoint.LAMPS, lamps),
            _of_walls(walls),
            _found(CheckPoint.CAMERA, (*device, *camera)),
        ]
        return CameraLook(True, light, walls, tuple(findings))

    def _wall(self, pixels: Image, landmarks: Points | None, profile: NeededProfile) -> Wall:
        """Of the photo that would be cut, or of where it would be while nobody sits there."""
        spec = profile.photo
        photo = _middle(pixels, spec) if landmarks is None else cut_out_anyway(pixels, landmarks, spec)
        mask = self._assessor.mask(photo)
        behind = mask < _BEHIND
        if behind.mean() < _LEAST_BEHIND:
            return Wall(profile.title, spec.backgrounds, None, ())
        blue, green, red = (int(value) for value in np.median(photo[behind], axis=0))
        measures = tuple(quality.measure for quality in judge_background(photo, mask, spec))
        return Wall(profile.title, spec.backgrounds, (red, green, blue), measures)

    def _of_device(self, frame: Frame, facts: CameraFacts) -> tuple[Measure, ...]:
        height, width = frame.pixels.shape[:2]
        measures = [judge_value("FPS", facts.fps, (_LEAST_FPS, None), "checkup.slow_camera")]
        for profile in self._profiles:
            least = least_picture(profile.photo)
            data = {"width": width, "height": height, "least": f"{least[0]}×{least[1]}", "profile": profile.title}
            hint = Message("checkup.small_camera", data)
            fits = too_small(frame.pixels, least) is None
            verdict = Verdict.PASS if fits else Verdict.FAIL
            measures.append(Measure("PictureHeight", height, least[1], None, verdict, None if fits else hint))
        return tuple(measures)


def cut_out_anyway(pixels: Image, landmarks: Points, spec: PhotoSpec) -> Image:
    """The photo, with its edges repeated where somebody sits too near to the picture's edge: the seat's measures tell that."""
    margin = max(pixels.shape[:2]) // 4
    wide = np.asarray(cv2.copyMakeBorder(pixels, margin, margin, margin, margin, cv2.BORDER_REPLICATE), np.uint8)
    moved = landmarks.copy()
    moved[:, :2] += margin
    try:
        return cut_out(wide, moved, spec)
    except KioskError:  # somebody fills the whole picture
        return np.asarray(cv2.resize(pixels, (spec.width, spec.height)), np.uint8)


def _middle(pixels: Image, spec: PhotoSpec) -> Image:
    """Where the guide has the photo."""
    height, width = pixels.shape[:2]
    left, top, wide, high = guide_for(spec, width, height).photo
    part = pixels[round(top * height) : round((top + high) * height), round(left * width) : round((left + wide) * width)]
    return np.asarray(cv2.resize(part, (spec.width, spec.height), interpolation=cv2.INTER_AREA), np.uint8)


def _placed(measure: Measure) -> Measure:
    """The tester arranges seat and camera, where a student is told to move."""
    if measure.hint is None or measure.name not in _PLACE:
        return measure
    return Measure(measure.name, measure.value, measure.low, measure.high, measure.verdict, _PLACE[measure.name])


def _of_walls(walls: Iterable[Wall]) -> PointFinding:
    hints: list[Message] = []
    for wall in walls:
        if wall.found is None:
            hints.append(Message("checkup.no_wall"))
        hints += [
            Message(f"checkup.{'wall_colour' if one.name == 'BackgroundColour' else 'wall_uneven'}", {"profile": wall.title})
            for one in wall.measures
            if one.verdict is not Verdict.PASS
        ]
    return _found(CheckPoint.WALL, [measure for wall in walls for measure in wall.measures], hints)


def _found(point: CheckPoint, measures: Sequence[Measure], hints: Sequence[Message] | None = None) -> PointFinding:
    """The verdict of all measures; `hints` are theirs unless others are given, which are faults by themselves."""
    worst = Verdict.worst([measure.verdict for measure in measures])
    if hints is None:
        hints = [measure.hint for measure in measures if measure.hint and measure.verdict is not Verdict.PASS]
    elif hints:
        worst = Verdict.FAIL
    unique = list({(hint.code, str(dict(hint.data))): hint for hint in hints}.values())
    return PointFinding(point, worst, tuple(unique), tuple(measures))

"""Photos with one fault each, for showing that every measure notices what it is for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import cv2
import numpy as np

from drivers_sim.camera.attacks import Attack, Moment, attack
from drivers_sim.camera.scene import Act, Place, compose, stand_before
from drivers_sim.people import Look
from kiosk.pipeline.face import EXAM_PHOTO
from kiosk.pipeline.face.assessment import Assessor
from kiosk.pipeline.face.backdrop import replace_background
from kiosk.pipeline.face.portrait import cut_out
from kiosk.records import Image

Fault = Callable[[Image, Assessor], Image]

_FACE: Final = 0  # who is shown
_HAIR: Final = (22, 24, 28)
_WALL: Final = (187, 194, 202)  # RGB of the simulated wall
SPEC: Final = replace(EXAM_PHOTO, head_share=0.53, eye_line=0.42, backgrounds=(_WALL,))


def good_photo(assessor: Assessor, face: int = _FACE) -> Image:
    """Somebody who sits well, cut to the standard."""
    picture = compose(face, Act.SIT, 0.2, 1)
    return cut_out(picture, assessor.find(picture), SPEC)


def _shifted(photo: Image, x: int = 0, y: int = 0, scale: float = 1.0, turn_deg: float = 0) -> Image:
    warp = np.asarray(cv2.getRotationMatrix2D((240, 320), turn_deg, scale), np.float64)
    warp[:, 2] += (x, y)
    return np.asarray(cv2.warpAffine(photo, warp, (480, 640), borderMode=cv2.BORDER_REPLICATE), np.uint8)


def _gamma(photo: Image, gain: float, offset: float = 0) -> Image:
    return np.asarray(np.clip(photo * gain + offset, 0, 255), np.uint8)


def _acting(act: Act) -> Fault:
    def photo(_: Image, assessor: Assessor) -> Image:
        picture = compose(_FACE, act, 0.5, 1)
        return cut_out(picture, assessor.find(compose(_FACE, Act.SIT, 0.2, 1)), SPEC)

    return photo


def _attacked(kind: Attack) -> Fault:
    def photo(_: Image, assessor: Assessor) -> Image:
        return cut_out(attack(kind, _FACE, 0, Moment(1.2, 1)), assessor.find(compose(_FACE, Act.SIT, 0.3, 1)), SPEC)

    return photo


def _striped(photo: Image, assessor: Assessor) -> Image:
    pattern = np.zeros_like(photo)
    pattern[:, ::60] = 255
    pattern = np.asarray(cv2.dilate(pattern, np.ones((1, 30), np.uint8)), np.uint8)
    behind = assessor.mask(photo)[..., None] < 0.5
    return np.asarray(np.where(behind, pattern, photo), np.uint8)


def _two_people(photo: Image) -> Image:
    return np.concatenate([_shifted(photo, x=-110, scale=0.6)[:, :240], _shifted(photo, x=110, scale=0.6)[:, 240:]], axis=1)


def _half_dark(photo: Image, _: Assessor) -> Image:
    ramp = np.where(np.arange(480) < 240, 0.45, 1.0)[None, :, None]
    return np.asarray(photo * ramp, np.uint8)


def _moved_while_shot(photo: Image, _: Assessor) -> Image:
    return np.asarray(cv2.filter2D(photo, -1, np.ones((1, 13)) / 13), np.uint8)


def _spotted(photo: Image, assessor: Assessor, colour: tuple[int, int, int], points: tuple[int, ...], size: int) -> Image:
    marked = photo.copy()
    for x, y in assessor.find(photo)[list(points), :2]:
        cv2.circle(marked, (round(float(x)), round(float(y))), size, colour, -1)
    return marked


def _bent(_: Image, assessor: Assessor) -> Image:
    straight = compose(_FACE, Act.EMPTY, 0, 1)
    picture = stand_before(straight, _FACE, Place(0, 0, 1, 0, Look.DOWN))
    return cut_out(picture, assessor.find(picture), SPEC)


def _hair_over_brows(photo: Image, assessor: Assessor) -> Image:
    points = assessor.find(photo)[:, :2]
    low, high = points[[63, 105, 66, 293, 334, 296], 1].max() + 4, points[10, 1] - 10
    left, right = points[[127, 356], 0]
    return np.asarray(cv2.rectangle(photo.copy(), (round(left), round(high)), (round(right), round(low)), _HAIR, -1), np.uint8)


def _hair_over_ears(photo: Image, assessor: Assessor) -> Image:
    points, covered = assessor.find(photo)[:, :2], photo.copy()
    for edge, outwards in ((127, -1), (356, 1)):
        x, y = points[edge]
        cv2.rectangle(covered, (round(x), round(y) - 60), (round(x) + outwards * 60, round(y) + 120), _HAIR, -1)
    return covered


def _green_wall(photo: Image, assessor: Assessor) -> Image:
    return replace_background(photo, assessor.mask(photo), assessor.find(photo), (60, 160, 60))


# By the measure that must notice it.
FAULTS: Final[dict[str, Fault]] = {
    "SingleFacePresent": lambda photo, _: _two_people(photo),
    "BackgroundUniformity": _striped,
    "BackgroundColour": _green_wall,
    "IlluminationUniformity": _half_dark,
    "LuminanceMean": _attacked(Attack.DARK_ROOM),
    "LuminanceVariance": lambda photo, _: _gamma(photo, 0.2, 110),
    "UnderExposurePrevention": lambda photo, _: _gamma(photo, 0.12),
    "OverExposurePrevention": lambda photo, _: _gamma(photo, 1.4, 40),
    "DynamicRange": lambda photo, _: _gamma(photo, 0.15, 110),
    "NaturalColour": lambda photo, _: np.asarray(np.clip(photo * np.array([1.5, 0.9, 0.6]), 0, 255), np.uint8),
    "Colour": lambda photo, _: np.repeat(photo.mean(axis=2, keepdims=True).astype(np.uint8), 3, axis=2),
    "Sharpness": lambda photo, _: np.asarray(cv2.GaussianBlur(photo, (0, 0), 3), np.uint8),
    "MotionBlur": _moved_while_shot,
    "EyesOpen": _acting(Act.BLINK),
    "EyesVisible": _attacked(Attack.SUNGLASSES),
    "MouthClosed": _acting(Act.OPEN_MOUTH),
    "MouthOcclusionPrevention": _attacked(Attack.FACE_MASK),
    "GlassesGlare": lambda photo, assessor: _spotted(photo, assessor, (255, 255, 255), (159,), 9),
    "RedEye": lambda photo, assessor: _spotted(photo, assessor, (40, 30, 190), (468, 473), 5),
    "HeadPoseYaw": _acting(Act.TURN_LEFT),
    "HeadPosePitch": _bent,
    "HeadPoseRoll": lambda photo, _: _shifted(photo, turn_deg=14),
    "InterEyeDistance": lambda photo, _: _shifted(photo, scale=0.5),
    "HeadSize": lambda photo, _: _shifted(photo, scale=0.7),
    "EyeLine": lambda photo, _: _shifted(photo, y=80),
    "Centred": lambda photo, _: _shifted(photo, x=60),
    "LeftwardCropOfTheFaceImage": lambda photo, _: _shifted(photo, x=-190),
    "RightwardCropOfTheFaceImage": lambda photo, _: _shifted(photo, x=190),
    "MarginAboveOfTheFaceImage": lambda photo, _: _shifted(photo, y=-90),
    "MarginBelowOfTheFaceImage": lambda photo, _: _shifted(photo, y=205),
    "HairTop": lambda photo, _: _shifted(photo, y=-120),
}  # fmt: skip
# Measures that advise and don't refuse.
ADVICE: Final[dict[str, Fault]] = {"BrowsFree": _hair_over_brows, "EarsFree": _hair_over_ears}

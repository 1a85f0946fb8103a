"""Judges a finished photo, or one from elsewhere: every measure of ISO/IEC 29794-5 that landmarks, mask and pixels carry, and
what the exam notices ask for besides. There is no overall score: every measure is judged by itself."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np

from kiosk.config import FaceSettings
from kiosk.errors import KioskError
from kiosk.pipeline.face import qualities
from kiosk.pipeline.face.geometry import Geometry, measure_geometry
from kiosk.pipeline.face.mask import Mask, PersonMask
from kiosk.pipeline.face.measures import (
    MAX_GLARE,
    MAX_MOUTH_COVER,
    MAX_MOUTH_OPENING,
    MAX_UNNATURAL,
    MIN_BROWS_FREE,
    MIN_COLOUR,
    MIN_EYE_OPENING,
    MIN_EYES_BRIGHTNESS,
    Limits,
    face_in_grey,
    judge_value,
    sharpness_of,
)
from kiosk.pipeline.face.mesh import FaceMesh
from kiosk.pipeline.face.qualities import Points
from kiosk.records import Image, Measure, Message, PhotoSpec, Verdict

# Measures of the standard that need networks which aren't here. They are named, not invented.
NOT_EVALUATED: Final = ("CompressionArtifacts", "FaceOcclusionPrevention", "ExpressionNeutrality", "NoHeadCoverings")

_MAX_BACKGROUND_STRAY: Final = 6.0  # ΔE: more is seen as a pattern or a shadow
_MAX_BACKGROUND_OFF: Final = 18.0  # ΔE between the background and the colour that the profile names
_HEAD_TOLERANCE: Final = 0.10  # of the photo's height
_EYE_LINE_TOLERANCE: Final = 0.08
_CENTRE_TOLERANCE: Final = 0.05  # of the photo's width
_MIN_SECOND_FACE: Final = 0.25  # of the first one's height, in a finished photo
_MIN_RIVAL: Final = 0.5  # the same, in a picture that a photo is to be cut from
_MIN_EARS_FREE: Final = 0.35  # share beside the face that looks like the cheek


@dataclass(frozen=True)
class Quality:
    """A measure, and its value on the standard's scale: 0 bad to 100 good."""

    measure: Measure
    score: float


@dataclass(frozen=True, eq=False)
class Assessment:
    """What a photo is like. `landmarks` is None, and `qualities` has one entry, when there is no face."""

    qualities: tuple[Quality, ...]
    geometry: Geometry | None
    landmarks: Points | None
    hair_top: float

    @property
    def verdict(self) -> Verdict:
        return Verdict.worst([quality.measure.verdict for quality in self.qualities])

    @property
    def problems(self) -> tuple[Message, ...]:
        return tuple(quality.measure.hint for quality in self.qualities if quality.measure.hint)


class Assessor:
    """Loads its networks once; for one thread. About 30 ms a photo."""

    def __init__(self, limits: FaceSettings, spec: PhotoSpec) -> None:
        self._limits = limits
        self._spec = spec
        self._mesh = FaceMesh(tracking=False)
        self._mask = PersonMask()

    def find(self, pixels: Image) -> Points:
        """The landmarks of the largest face, float32 (478, 3). Raises KioskError("face.not_found")."""
        return self._faces(pixels)[0]

    def find_only(self, pixels: Image) -> Points:
        """The same where nobody else could be meant. Raises KioskError("photo.two_faces") too."""
        first, *others = self._faces(pixels)
        if any(np.ptp(other[:, 1]) >= _MIN_RIVAL * np.ptp(first[:, 1]) for other in others):
            raise KioskError("photo.two_faces")
        return first

    def mask(self, pixels: Image) -> Mask:
        """Where the person is: float32 (H, W), 0..1."""
        return self._mask.find(pixels)

    def assess(self, photo: Image) -> Assessment:
        """Judge a photo that is already cut to the profile's shape (`cut_out`)."""
        found = self._mesh.find(photo)
        sizes = [float(np.ptp(face[:, 1])) for face in found]
        faces = sum(size >= _MIN_SECOND_FACE * sizes[0] for size in sizes)
        hint = "hint.face.nobody" if not faces else "hint.face.one_person"
        single = Quality(judge_value("SingleFacePresent", faces, (1, 1), hint), 100.0 if faces == 1 else 0.0)
        if not found:
            return Assessment((single,), None, None, 0.0)
        landmarks = found[0]
        geometry = measure_geometry(landmarks)
        mask = self._mask.find(photo)
        top = qualities.hair_top(mask, geometry)
        groups = (
            judge_background(photo, mask, self._spec),
            self._light(photo, landmarks, geometry),
            self._face(photo, landmarks, geometry),
            self._pose(geometry),
            self._layout(photo, geometry, top),
            self._hair(photo, landmarks, geometry),
        )
        return Assessment((single, *(quality for group in groups for quality in group)), geometry, landmarks, top)

    def _faces(self, pixels: Image) -> list[Points]:
        if found := self._mesh.find(pixels):
            return found
        raise KioskError("face.not_found")

    def _light(self, photo: Image, landmarks: Points, geometry: Geometry) -> list[Quality]:
        grey = np.asarray(cv2.cvtColor(photo, cv2.COLOR_BGR2GRAY), np.uint8)
        lab = qualities.to_lab(photo)
        area = qualities.face_area(landmarks, photo.shape)
        values = qualities.exposure(grey, area)
        limits = self._limits
        luminance = (limits.min_luminance / 255, limits.max_luminance / 255)
        even = qualities.illumination_uniformity(grey, landmarks, geometry)
        colour = qualities.natural_colour(lab, landmarks, geometry)
        return [
            _rated("IlluminationUniformity", even, (0.30, None), "hint.photo.uneven_light", steep=0.1),
            _rated("LuminanceMean", values["LuminanceMean"], luminance, "hint.face.light", "hint.face.less_light", steep=0.05),
            _rated("LuminanceVariance", values["LuminanceVariance"], (0.002, None), "hint.photo.flat_light", steep=0.001),
            _rated("UnderExposurePrevention", values["UnderExposurePrevention"], (None, 0.15), "hint.face.light", steep=0.04),
            _rated(
                "OverExposurePrevention", values["OverExposurePrevention"], (None, 0.05), "hint.face.less_light", steep=0.015
            ),
            _rated("DynamicRange", values["DynamicRange"], (5.0, None), "hint.photo.flat_light", steep=0.5),
            _rated("NaturalColour", colour, (None, MAX_UNNATURAL), "hint.photo.colour", steep=3),
            _rated("Colour", qualities.colourfulness(lab, area), (MIN_COLOUR, None), "hint.photo.grey", steep=1),
        ]

    def _face(self, photo: Image, landmarks: Points, geometry: Geometry) -> list[Quality]:
        face = face_in_grey(photo, geometry)
        grey = np.asarray(cv2.cvtColor(photo, cv2.COLOR_BGR2GRAY), np.uint8)
        mouth = qualities.mouth_cover(photo, landmarks, geometry)
        eyes = qualities.eyes_brightness(photo, landmarks, geometry)
        sharp, least = sharpness_of(face), self._limits.min_sharpness
        open_mouth = (None, MAX_MOUTH_OPENING)
        return [
            _rated("Sharpness", sharp, (least, None), "hint.face.sharp", steep=least / 3),
            _rated("MotionBlur", qualities.motion_blur(face), (0.15, None), "hint.face.sharp", steep=0.05),
            _rated("EyesOpen", geometry.eye_opening, (MIN_EYE_OPENING, None), "hint.face.eyes_open", steep=0.01),
            _rated("EyesVisible", eyes, (MIN_EYES_BRIGHTNESS, None), "hint.photo.eyes", steep=0.1),
            _rated("MouthClosed", geometry.mouth_opening, open_mouth, "hint.face.mouth_closed", steep=0.03),
            _rated("MouthOcclusionPrevention", mouth, (None, MAX_MOUTH_COVER), "hint.photo.mouth", steep=4),
            _rated("GlassesGlare", qualities.glare(grey, landmarks), (None, MAX_GLARE), "hint.photo.glare", steep=0.015),
            _rated("RedEye", qualities.red_eye(photo, landmarks), (None, 0.2), "hint.photo.red_eye", steep=0.08),
        ]

    def _pose(self, geometry: Geometry) -> list[Quality]:
        pose, limits = geometry.pose, self._limits
        rows = (
            ("HeadPoseYaw", pose.yaw_deg, limits.max_yaw_deg, "hint.face.face_front", ""),
            ("HeadPosePitch", pose.pitch_deg, limits.max_pitch_deg, "hint.face.chin_down", "hint.face.chin_up"),
            ("HeadPoseRoll", pose.roll_deg, limits.max_roll_deg, "hint.face.level", ""),
        )
        # ISO/IEC 29794-5: the square of the cosine.
        return [
            Quality(judge_value(name, value, (-most, most), under, over), 100 * max(0.0, math.cos(math.radians(value))) ** 2)
            for name, value, most, under, over in rows
        ]

    def _hair(self, photo: Image, landmarks: Points, geometry: Geometry) -> list[Quality]:
        """Off brows and ears, as notices ask for. Only advice: whoever's ears lie flat or hair is long is not turned away."""
        grey = np.asarray(cv2.cvtColor(photo, cv2.COLOR_BGR2GRAY), np.uint8)
        brows = qualities.brows_free(grey, landmarks, geometry)
        ears = qualities.ears_free(photo, landmarks, geometry)
        return [
            _advised("BrowsFree", brows, MIN_BROWS_FREE, "hint.photo.brows", steep=0.08),
            _advised("EarsFree", ears, _MIN_EARS_FREE, "hint.photo.ears", steep=0.08),
        ]

    def _layout(self, photo: Image, geometry: Geometry, top: float) -> list[Quality]:
        height, width = photo.shape[:2]
        spec, size = self._spec, geometry.eye_to_chin
        x, y = geometry.eyes
        head = geometry.head_height / height
        eye_line, off_centre = y / height, (x - width / 2) / width
        head_limits = (spec.head_share - _HEAD_TOLERANCE, spec.head_share + _HEAD_TOLERANCE)
        eye_limits = (spec.eye_line - _EYE_LINE_TOLERANCE, spec.eye_line + _EYE_LINE_TOLERANCE)
        centre = (-_CENTRE_TOLERANCE, _CENTRE_TOLERANCE)
        return [
            _rated("InterEyeDistance", geometry.inter_eye, (60, None), "hint.face.closer", steep=15),
            _rated("HeadSize", head, head_limits, "hint.face.closer", "hint.face.back", steep=0.03),
            _rated("EyeLine", eye_line, eye_limits, "hint.face.down", "hint.face.up", steep=0.02),
            _rated("Centred", off_centre, centre, "hint.face.left", "hint.face.right", steep=0.015),
            _rated("LeftwardCropOfTheFaceImage", x / geometry.inter_eye, (0.9, None), "hint.face.left", steep=0.1),
            _rated("RightwardCropOfTheFaceImage", (width - x) / geometry.inter_eye, (0.9, None), "hint.face.right", steep=0.1),
            _rated("MarginAboveOfTheFaceImage", y / size, (1.1, None), "hint.face.down", steep=0.1),
            _rated("MarginBelowOfTheFaceImage", (height - y) / size, (1.2, None), "hint.face.up", steep=0.1),
            _rated("HairTop", top / height, (0.005, None), "hint.photo.hair_cut_off", steep=0.01),
        ]


def judge_background(photo: Image, mask: Mask, spec: PhotoSpec) -> list[Quality]:
    """Whether what is behind the person is even, and of the colour that the profile names; nothing where none is to be seen."""
    found = qualities.background_colour(qualities.to_lab(photo), mask)
    if found is None:
        return []
    colour, stray = found
    result = [_rated("BackgroundUniformity", stray, (None, _MAX_BACKGROUND_STRAY), "hint.photo.background", steep=2)]
    if spec.background is not None:
        wanted = qualities.to_lab(np.array([[spec.background[::-1]]], np.uint8))[0, 0]
        off = float(np.linalg.norm(colour - wanted))
        limits = (None, _MAX_BACKGROUND_OFF)
        result.append(_rated("BackgroundColour", off, limits, "hint.photo.background_colour", steep=4))
    return result


def _advised(name: str, value: float, least: float, hint: str, *, steep: float) -> Quality:
    """A measure that is only advice: it passes, with a hint where it falls short."""
    rated = _rated(name, value, (least, None), hint, steep=steep)
    return replace(rated, measure=replace(rated.measure, verdict=Verdict.PASS))


def _rated(name: str, value: float, limits: Limits, under: str, over: str = "", *, steep: float) -> Quality:
    """A measure and its 0..100: a logistic curve about each limit (50 at the limit), `steep` wide."""
    low, high = limits
    share = 1.0
    for distance in ((value - low) if low is not None else None, (high - value) if high is not None else None):
        if distance is not None:
            share *= 1 / (1 + math.exp(-max(-50.0, min(50.0, distance / steep))))
    return Quality(judge_value(name, value, limits, under, over), 100 * share)

"""Judges a finished photo, or one from elsewhere: every measure of ISO/IEC 29794-5 that landmarks, mask and pixels carry, and
what the exam notices ask for besides. There is no overall score: every measure is judged by itself."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from kiosk.config import FaceSettings
from kiosk.errors import KioskError
from kiosk.pipeline.face import qualities
from kiosk.pipeline.face.finished import HEAD_TOLERANCE, Quality, judge_background, judge_hair, judge_place, rated
from kiosk.pipeline.face.geometry import Geometry, measure_geometry
from kiosk.pipeline.face.mask import Mask, PersonMask
from kiosk.pipeline.face.measures import (
    MAX_GLARE,
    MAX_MOUTH_COVER,
    MAX_MOUTH_OPENING,
    MAX_UNNATURAL,
    MIN_COLOUR,
    MIN_EYE_OPENING,
    MIN_EYES_BRIGHTNESS,
    face_in_grey,
    judge_value,
    sharpness_of,
)
from kiosk.pipeline.face.mesh import FaceMesh
from kiosk.pipeline.face.qualities import Points
from kiosk.records import Image, Message, PhotoSpec, Verdict

# Measures of the standard that need networks which aren't here. They are named, not invented.
NOT_EVALUATED: Final = ("CompressionArtifacts", "FaceOcclusionPrevention", "ExpressionNeutrality", "NoHeadCoverings")

_CENTRE_TOLERANCE: Final = 0.05  # of the photo's width
_MIN_SECOND_FACE: Final = 0.25  # of the first one's height, in a finished photo
_MIN_RIVAL: Final = 0.5  # the same, in a picture that a photo is to be cut from


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
            self._layout(photo, geometry),
            judge_place(geometry, top, self._spec),
            judge_hair(photo, landmarks, geometry, self._spec),
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
            rated("IlluminationUniformity", even, (0.30, None), "hint.photo.uneven_light", steep=0.1),
            rated("LuminanceMean", values["LuminanceMean"], luminance, "hint.face.light", "hint.face.less_light", steep=0.05),
            rated("LuminanceVariance", values["LuminanceVariance"], (0.002, None), "hint.photo.flat_light", steep=0.001),
            rated("UnderExposurePrevention", values["UnderExposurePrevention"], (None, 0.15), "hint.face.light", steep=0.04),
            rated(
                "OverExposurePrevention", values["OverExposurePrevention"], (None, 0.05), "hint.face.less_light", steep=0.015
            ),
            rated("DynamicRange", values["DynamicRange"], (5.0, None), "hint.photo.flat_light", steep=0.5),
            rated("NaturalColour", colour, (None, MAX_UNNATURAL), "hint.photo.colour", steep=3),
            rated("Colour", qualities.colourfulness(lab, area), (MIN_COLOUR, None), "hint.photo.grey", steep=1),
        ]

    def _face(self, photo: Image, landmarks: Points, geometry: Geometry) -> list[Quality]:
        face = face_in_grey(photo, geometry)
        grey = np.asarray(cv2.cvtColor(photo, cv2.COLOR_BGR2GRAY), np.uint8)
        mouth = qualities.mouth_cover(photo, landmarks, geometry)
        eyes = qualities.eyes_brightness(photo, landmarks, geometry)
        sharp, least = sharpness_of(face), self._limits.min_sharpness
        open_mouth = (None, MAX_MOUTH_OPENING)
        return [
            rated("Sharpness", sharp, (least, None), "hint.face.sharp", steep=least / 3),
            rated("MotionBlur", qualities.motion_blur(face), (0.15, None), "hint.face.sharp", steep=0.05),
            rated("EyesOpen", geometry.eye_opening, (MIN_EYE_OPENING, None), "hint.face.eyes_open", steep=0.01),
            rated("EyesVisible", eyes, (MIN_EYES_BRIGHTNESS, None), "hint.photo.eyes", steep=0.1),
            rated("MouthClosed", geometry.mouth_opening, open_mouth, "hint.face.mouth_closed", steep=0.03),
            rated("MouthOcclusionPrevention", mouth, (None, MAX_MOUTH_COVER), "hint.photo.mouth", steep=4),
            rated("GlassesGlare", qualities.glare(grey, landmarks), (None, MAX_GLARE), "hint.photo.glare", steep=0.015),
            rated("RedEye", qualities.red_eye(photo, landmarks), (None, 0.2), "hint.photo.red_eye", steep=0.08),
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

    def _layout(self, photo: Image, geometry: Geometry) -> list[Quality]:
        height, width = photo.shape[:2]
        spec, size = self._spec, geometry.eye_to_chin
        x, y = geometry.eyes
        head = geometry.head_height / height
        off_centre = (x - width / 2) / width
        head_limits = (spec.head_share - HEAD_TOLERANCE, spec.head_share + HEAD_TOLERANCE)
        centre = (-_CENTRE_TOLERANCE, _CENTRE_TOLERANCE)
        return [
            rated("InterEyeDistance", geometry.inter_eye, (60, None), "hint.face.closer", steep=15),
            rated("HeadSize", head, head_limits, "hint.face.closer", "hint.face.back", steep=0.03),
            rated("Centred", off_centre, centre, "hint.face.left", "hint.face.right", steep=0.015),
            rated("LeftwardCropOfTheFaceImage", x / geometry.inter_eye, (0.9, None), "hint.face.left", steep=0.1),
            rated("RightwardCropOfTheFaceImage", (width - x) / geometry.inter_eye, (0.9, None), "hint.face.right", steep=0.1),
            rated("MarginAboveOfTheFaceImage", y / size, (1.1, None), "hint.face.down", steep=0.1),
            rated("MarginBelowOfTheFaceImage", (height - y) / size, (1.2, None), "hint.face.up", steep=0.1),
        ]

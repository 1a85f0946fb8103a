"""The measures of ISO/IEC 29794-5 that framing needs, by their names there, each against its limit."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import cv2
import numpy as np

from kiosk.config import FaceSettings
from kiosk.pipeline.face import qualities
from kiosk.pipeline.face.geometry import Geometry
from kiosk.pipeline.face.guide import MAX_ENLARGEMENT, cut_for, lean_allowance
from kiosk.records import Image, Measure, Message, PhotoSpec, Verdict

Limits = tuple[float | None, float | None]  # lowest and highest allowed

# Lids' and lips' distance over T: where the curves of ISO/IEC 29794-5 turn from good to bad, with room for narrow eyes.
MIN_EYE_OPENING: Final = 0.045
MAX_MOUTH_OPENING: Final = 0.12
# Sunglasses are darker than this share of the cheeks; masks differ more than this from skin (ΔE of a and b).
MIN_EYES_BRIGHTNESS: Final = 0.35
MAX_MOUTH_COVER: Final = 14.0
# Of the eyes' surroundings, blown out by reflections in glasses.
MAX_GLARE: Final = 0.04
# Of the face: distance from grey in Lab, and how far its cheeks lie outside skin's colours.
MIN_COLOUR: Final = 3.0
MAX_UNNATURAL: Final = 12.0
# Hair is darker over the brows than this share of the cheeks.
MIN_BROWS_FREE: Final = 0.55
# Sharpness is judged on the face at this width, so that it doesn't depend on the camera's size.
_SHARPNESS_WIDTH: Final = 160
_COLOUR_WIDTH: Final = 96


def judge_value(name: str, value: float, limits: Limits, under: str, over: str = "") -> Measure:
    """A measure with its verdict; `under` and `over` are the hints for a value below and above the limits."""
    low, high = limits
    if low is not None and value < low:
        return Measure(name, value, low, high, Verdict.FAIL, Message(under))
    if high is not None and value > high:
        return Measure(name, value, low, high, Verdict.FAIL, Message(over or under))
    return Measure(name, value, low, high, Verdict.PASS)


def measure_place(geometry: Geometry, spec: PhotoSpec, width: int, height: int) -> list[Measure]:
    """Distance and place, from the cut that the photo would take: nothing may be cut off, little may be enlarged.

    Margins are in shares of the cut; they are negative where the photo would need what the camera doesn't see.
    """
    cut = cut_for(geometry, spec)
    reach_x, reach_y = lean_allowance(cut, geometry.pose.roll_deg)
    left, top, right, bottom = cut.overhang(width, height)
    fills = max((cut.width + 2 * reach_x) / width, (cut.height + 2 * reach_y) / height)
    nearest = fills * cut.enlargement / MAX_ENLARGEMENT
    distance = judge_value("HeadSize", fills, (nearest, 1.0), "hint.face.closer", "hint.face.back")
    # The picture's left is the student's right.
    return [
        distance,
        judge_value("InterEyeDistance", geometry.inter_eye, (60, None), "hint.face.closer"),
        judge_value("LeftwardCropOfTheFaceImage", -(left + reach_x) / cut.width, (0, None), "hint.face.left"),
        judge_value("RightwardCropOfTheFaceImage", -(right + reach_x) / cut.width, (0, None), "hint.face.right"),
        judge_value("MarginAboveOfTheFaceImage", -(top + reach_y) / cut.height, (0, None), "hint.face.down"),
        judge_value("MarginBelowOfTheFaceImage", -(bottom + reach_y) / cut.height, (0, None), "hint.face.up"),
    ]


def measure_pose(geometry: Geometry, limits: FaceSettings) -> list[Measure]:
    """Head pose in degrees (signs: `geometry.Pose`)."""
    pose = geometry.pose
    yaw, pitch, roll = limits.max_yaw_deg, limits.max_pitch_deg, limits.max_roll_deg
    return [
        judge_value("HeadPoseYaw", pose.yaw_deg, (-yaw, yaw), "hint.face.face_front"),
        judge_value("HeadPosePitch", pose.pitch_deg, (-pitch, pitch), "hint.face.chin_down", "hint.face.chin_up"),
        judge_value("HeadPoseRoll", pose.roll_deg, (-roll, roll), "hint.face.level"),
    ]


def measure_expression(geometry: Geometry) -> list[Measure]:
    """Eyes and mouth, openings over T."""
    return [
        judge_value("EyesOpen", geometry.eye_opening, (MIN_EYE_OPENING, None), "hint.face.eyes_open"),
        judge_value("MouthClosed", geometry.mouth_opening, (None, MAX_MOUTH_OPENING), "hint.face.mouth_closed"),
    ]


def measure_covers(pixels: Image, landmarks: qualities.Points, geometry: Geometry) -> list[Measure]:
    """Sunglasses and masks."""
    eyes = qualities.eyes_brightness(pixels, landmarks, geometry)
    mouth = qualities.mouth_cover(pixels, landmarks, geometry)
    return [
        judge_value("EyesVisible", eyes, (MIN_EYES_BRIGHTNESS, None), "hint.photo.eyes"),
        judge_value("MouthOcclusionPrevention", mouth, (None, MAX_MOUTH_COVER), "hint.photo.mouth"),
    ]


def measure_glasses(pixels: Image, landmarks: qualities.Points) -> list[Measure]:
    """Reflections in glasses."""
    glare = qualities.glare(np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY), np.uint8), landmarks)
    return [judge_value("GlassesGlare", glare, (None, MAX_GLARE), "hint.photo.glare")]


def measure_hair(pixels: Image, landmarks: qualities.Points, geometry: Geometry) -> list[Measure]:
    """Hair over the brows. Only advice: a hint, and a pass. Ears are judged in finished photos: here it would nag too many
    whose ears lie flat."""
    brows = qualities.brows_free(np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY), np.uint8), landmarks, geometry)
    hint = None if brows >= MIN_BROWS_FREE else Message("hint.photo.brows")
    return [Measure("BrowsFree", brows, MIN_BROWS_FREE, None, Verdict.PASS, hint)]


def measure_light(pixels: Image, geometry: Geometry, limits: FaceSettings) -> list[Measure]:
    """Brightness (0..255) and sharpness (variance of the Laplacian) of the face."""
    grey = face_in_grey(pixels, geometry)
    sharpness = sharpness_of(grey)
    luminance = float(grey.mean()) if grey.size else 0.0
    return [
        judge_value(
            "LuminanceMean", luminance, (limits.min_luminance, limits.max_luminance), "hint.face.light", "hint.face.less_light"
        ),
        judge_value("Sharpness", sharpness, (limits.min_sharpness, None), "hint.face.sharp"),
    ]


def measure_colour(pixels: Image, landmarks: qualities.Points, geometry: Geometry) -> list[Measure]:
    """Whether the face has colours, and skin's: what a finished photo is judged by too (`assessment`), before it is taken.

    An infrared camera has none, one with swapped or cast colours other ones.
    """
    left, top, width, height = geometry.box
    x0, y0 = max(0, round(left)), max(0, round(top))
    face = pixels[y0 : max(y0, round(top + height)), x0 : max(x0, round(left + width))]
    if not face.size:
        return []
    scale = _COLOUR_WIDTH / face.shape[1]
    size = (_COLOUR_WIDTH, max(1, round(scale * face.shape[0])))
    lab = qualities.to_lab(np.asarray(cv2.resize(face, size, interpolation=cv2.INTER_AREA), np.uint8))
    points = ((landmarks[:, :2] - (x0, y0)) * scale).astype(np.float32)
    small = replace(geometry, inter_eye=geometry.inter_eye * scale)
    colourful = qualities.colourfulness(lab, qualities.face_area(points, lab.shape))
    off = qualities.natural_colour(lab, points, small)
    return [
        judge_value("Colour", colourful, (MIN_COLOUR, None), "hint.face.camera_grey"),
        judge_value("NaturalColour", off, (None, MAX_UNNATURAL), "hint.face.camera_colour"),
    ]


def sharpness_of(face: Image) -> float:
    """The variance of the Laplacian, of a face by `face_in_grey`."""
    return float(cv2.Laplacian(face, cv2.CV_32F).var()) if face.size else 0.0


def face_in_grey(pixels: Image, geometry: Geometry) -> Image:
    """The face at a fixed width, so that measures don't depend on the camera's size."""
    left, top, width, height = geometry.box
    x0, y0 = max(0, round(left)), max(0, round(top))
    face = pixels[y0 : max(y0, round(top + height)), x0 : max(x0, round(left + width))]
    if not face.size:
        return np.zeros((0, 0), np.uint8)
    size = (_SHARPNESS_WIDTH, max(1, round(_SHARPNESS_WIDTH * face.shape[0] / face.shape[1])))
    return np.asarray(cv2.cvtColor(cv2.resize(face, size, interpolation=cv2.INTER_AREA), cv2.COLOR_BGR2GRAY), np.uint8)

"""What a finished photo is held against besides its face: the background, where the head lies in it, and the hair."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np

from kiosk.pipeline.face import qualities
from kiosk.pipeline.face.geometry import Geometry, measure_geometry
from kiosk.pipeline.face.mask import Mask
from kiosk.pipeline.face.measures import MIN_BROWS_FREE, Limits, judge_value
from kiosk.pipeline.face.portrait import CutPhoto
from kiosk.pipeline.face.qualities import Points
from kiosk.records import Image, Measure, PhotoSpec, Verdict

HEAD_TOLERANCE: Final = 0.10  # of the photo's height
EYE_LINE_TOLERANCE: Final = 0.08
_MAX_BACKGROUND_STRAY: Final = 6.0  # ΔE: more is seen as a pattern or a shadow
_MAX_BACKGROUND_OFF: Final = 18.0  # ΔE between the background and a colour that the profile names
_MIN_EARS_FREE: Final = 0.35  # share beside the face that looks like the cheek
_CUT_OFF: Final = 0.005  # of the photo's height: hair that comes nearer is cut off


@dataclass(frozen=True)
class Quality:
    """A measure, and its value on the standard's scale: 0 bad to 100 good."""

    measure: Measure
    score: float


def judge_cut(cut: CutPhoto, spec: PhotoSpec) -> list[Quality]:
    """Everything that depends on how a photo was cut, and on the wall behind: to be known while the student sits there."""
    geometry = measure_geometry(cut.landmarks)
    top = qualities.hair_top(cut.mask, geometry)
    return [
        *judge_background(cut.photo, cut.mask, spec),
        *judge_place(geometry, top, spec),
        *judge_hair(cut.photo, cut.landmarks, geometry, spec),
    ]


def judge_place(geometry: Geometry, top: float, spec: PhotoSpec) -> list[Quality]:
    """Where eyes and hair lie and how wide the face is, in the standard's own numbers. `top`: the row where the hair begins."""
    eye_line = geometry.eyes[1] / spec.height
    eyes = (spec.eye_line - EYE_LINE_TOLERANCE, spec.eye_line + EYE_LINE_TOLERANCE)
    if spec.eyes is not None:
        eyes = (spec.eyes[0] / spec.height, spec.eyes[1] / spec.height)
    found = [rated("EyeLine", eye_line, eyes, "hint.face.down", "hint.face.up", steep=0.02)]
    hair, limits, hint = top / spec.height, (_CUT_OFF, None), "hint.photo.hair_cut_off"
    if spec.hair_top is not None:
        limits = (spec.hair_top[0] / spec.height, spec.hair_top[1] / spec.height)  # type: ignore[assignment]
        hint = hint if hair < _CUT_OFF else "hint.photo.hair_high"
    found.append(rated("HairTop", hair, limits, hint, "hint.photo.hair_low", steep=0.01))
    if spec.face_width is not None:
        wide = geometry.box[2] / spec.width
        limits = (spec.face_width[0] / spec.width, spec.face_width[1] / spec.width)  # type: ignore[assignment]
        found.append(rated("FaceWidth", wide, limits, "hint.face.closer", "hint.face.back", steep=0.02))
    return found


def judge_hair(photo: Image, landmarks: Points, geometry: Geometry, spec: PhotoSpec) -> list[Quality]:
    """Off brows and ears. Where the notice asks for it a person has to look; elsewhere it is advice. Whoever's ears lie flat or
    hair is long is never turned away."""
    grey = np.asarray(cv2.cvtColor(photo, cv2.COLOR_BGR2GRAY), np.uint8)
    values = (
        ("BrowsFree", qualities.brows_free(grey, landmarks, geometry), MIN_BROWS_FREE, "hint.photo.brows"),
        ("EarsFree", qualities.ears_free(photo, landmarks, geometry), _MIN_EARS_FREE, "hint.photo.ears"),
    )
    found = [rated(name, value, (least, None), hint, steep=0.08) for name, value, least, hint in values]
    short = Verdict.REVIEW if spec.hair_free else Verdict.PASS
    return [one if one.measure.hint is None else replace(one, measure=replace(one.measure, verdict=short)) for one in found]


def judge_background(photo: Image, mask: Mask, spec: PhotoSpec) -> list[Quality]:
    """Whether what is behind the person is even, and of a colour that the profile names; nothing where none is to be seen."""
    found = qualities.background_colour(qualities.to_lab(photo), mask)
    if found is None:
        return []
    colour, stray = found
    result = [rated("BackgroundUniformity", stray, (None, _MAX_BACKGROUND_STRAY), "hint.photo.background", steep=2)]
    if spec.backgrounds:
        wanted = qualities.to_lab(np.array([[one[::-1] for one in spec.backgrounds]], np.uint8))[0]
        off = float(np.linalg.norm(wanted - colour, axis=1).min())
        limits = (None, _MAX_BACKGROUND_OFF)
        result.append(rated("BackgroundColour", off, limits, "hint.photo.background_colour", steep=4))
    return result


def rated(name: str, value: float, limits: Limits, under: str, over: str = "", *, steep: float) -> Quality:
    """A measure and its 0..100: a logistic curve about each limit (50 at the limit), `steep` wide."""
    low, high = limits
    share = 1.0
    for distance in ((value - low) if low is not None else None, (high - value) if high is not None else None):
        if distance is not None:
            share *= 1 / (1 + math.exp(-max(-50.0, min(50.0, distance / steep))))
    return Quality(judge_value(name, value, limits, under, over), 100 * share)

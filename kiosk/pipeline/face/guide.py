"""The photo's frame laid over the camera's picture: where the head should be, and what would be cut."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

from kiosk.pipeline.face.geometry import Geometry
from kiosk.records import PhotoSpec

# 480×640, 300 dpi, 20–40 KB, JPEG ≥ 60: the photo that most state exams ask for; used where no profile says otherwise.
EXAM_PHOTO: Final = PhotoSpec(480, 640, 300, 20, 40, 60, head_share=0.667, eye_line=0.42)

# A photo may be enlarged this much before the student is asked to come closer; it is always said.
MAX_ENLARGEMENT: Final = 1.25
# A photo's head may become so much larger where a picture has no more room around it; the standards leave more.
MAX_CLOSER: Final = 1.08
# A picture must be larger than a photo at that enlargement by this much, so that a head may move and lean a little.
_ROOM: Final = 1.06
# How far a cut may leave the standard's middle for the hair's sake, in shares of the photo's height; photos are judged more
# generously, and where a standard gives numbers of its own, it stays inside them by a little.
_EYES_MAY_MOVE: Final = 0.06
_HEAD_MAY_CHANGE: Final = 0.07
_HAIR_ROOM: Final = 0.01
_FROM_THE_LIMIT: Final = 0.012
# The guide leaves room to all sides, so that who fills it may still move a little.
_GUIDE_SHARE: Final = 0.86


@dataclass(frozen=True)
class Guide:
    """Shares of the camera's picture, for drawing: the photo's frame, the head's box and the eyes' height."""

    photo: tuple[float, float, float, float]  # left, top, width, height
    head: tuple[float, float, float, float]
    eye_y: float


@dataclass(frozen=True)
class Cut:
    """The rectangle that a photo takes of a picture, in pixels, levelled about the eyes."""

    left: float
    top: float
    width: float
    height: float
    enlargement: float  # pixels of the photo per pixel of the camera

    def overhang(self, width: int, height: int) -> tuple[float, float, float, float]:
        """How far it sticks out of a picture: left, top, right, bottom, in pixels; negative is room."""
        return (-self.left, -self.top, self.left + self.width - width, self.top + self.height - height)


def least_picture(spec: PhotoSpec) -> tuple[int, int]:
    """Width and height in pixels that a camera's picture needs, so that there is a distance at which a photo can be taken."""
    return math.ceil(_ROOM * spec.width / MAX_ENLARGEMENT), math.ceil(_ROOM * spec.height / MAX_ENLARGEMENT)


def guide_for(spec: PhotoSpec, width: int, height: int) -> Guide:
    """The guide for a camera picture of this size."""
    photo_h = _GUIDE_SHARE * min(height, width * spec.height / spec.width)
    photo_w = photo_h * spec.width / spec.height
    left, top = (width - photo_w) / 2, (height - photo_h) / 2
    eye_y = top + spec.eye_line * photo_h
    head_h = spec.head_share * photo_h
    head_w = 0.74 * head_h  # a head is three quarters as wide as it is high
    head = ((width - head_w) / 2, eye_y - head_h / 2, head_w, head_h)
    return Guide(_shares((left, top, photo_w, photo_h), width, height), _shares(head, width, height), eye_y / height)


def place_hair(spec: PhotoSpec, geometry: Geometry, above: float) -> PhotoSpec:
    """The standard with the head where this person's hair is neither cut off nor nearer to the edge than it allows: first the
    eyes move, then the head is made smaller or larger, as far as the standard leaves room.

    `above`: how far the hair reaches above the eyes, in pixels of the same picture as `geometry`.
    """
    low, high = map(float, spec.hair_top or (_HAIR_ROOM * spec.height, spec.height))
    first, last = spec.eyes or ((spec.eye_line - _EYES_MAY_MOVE) * spec.height, (spec.eye_line + _EYES_MAY_MOVE) * spec.height)
    edge = _FROM_THE_LIMIT * spec.height
    low, high, first, last = low + edge, max(high - edge, low + edge), first + edge, last - edge
    eyes, head, reach = spec.eye_line * spec.height, spec.head_share, above / geometry.head_height
    for _ in range(2):
        hair = eyes - reach * head * spec.height
        eyes = min(max(eyes + max(low - hair, 0) - max(hair - high, 0), first), last)
        fitting = (eyes - min(max(eyes - reach * head * spec.height, low), high)) / (reach * spec.height)
        head = min(max(fitting, spec.head_share - _HEAD_MAY_CHANGE), spec.head_share + _HEAD_MAY_CHANGE)
    return replace(spec, eye_line=eyes / spec.height, head_share=head)


def cut_for(geometry: Geometry, spec: PhotoSpec) -> Cut:
    """The cut that puts a face where the photo standard wants it."""
    height = geometry.head_height / spec.head_share
    width = height * spec.width / spec.height
    x, y = geometry.eyes
    return Cut(x - width / 2, y - spec.eye_line * height, width, height, spec.height / height)


def cut_within(geometry: Geometry, spec: PhotoSpec, width: int, height: int) -> Cut:
    """The same, a little closer where a picture that was cut before leaves no more room. What it can't do is left as it is."""
    cut = cut_for(geometry, spec)
    reach_x, reach_y = lean_allowance(cut, geometry.pose.roll_deg)
    closer = max((cut.width + 2 * reach_x) / width, (cut.height + 2 * reach_y) / height)
    if not 1 < closer <= MAX_CLOSER:
        return cut
    x, y = geometry.eyes
    wide, high = cut.width / closer, cut.height / closer
    return Cut(x - wide / 2, y - spec.eye_line * high, wide, high, cut.enlargement * closer)


def lean_allowance(cut: Cut, roll_deg: float) -> tuple[float, float]:
    """How much further a levelled cut's corners reach in a picture that is not level: x, y in pixels."""
    sine = abs(math.sin(math.radians(roll_deg)))
    return sine * cut.height / 2, sine * cut.width / 2


def _shares(box: tuple[float, float, float, float], width: int, height: int) -> tuple[float, float, float, float]:
    return box[0] / width, box[1] / height, box[2] / width, box[3] / height

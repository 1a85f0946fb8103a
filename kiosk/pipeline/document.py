"""A shot of an ID card, found, straightened and cut to what a registration system wants. Pure.

Only the shape is found here; that the number on the card is the record's is for a person to check.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage

from kiosk.errors import KioskError
from kiosk.records import Image

CARD_RATIO: Final = 85.60 / 53.98  # ISO/IEC 7810, ID-1
_RATIO_TOLERANCE: Final = 0.09  # of the ratio: the camera looks a little from the side; A4 is 11 % away
_SMALLEST_SHARE: Final = 0.03  # of the picture that the card must fill
_SEARCH_WIDTH: Final = 960  # pixels: edges are found at this width
_EDGE: Final = 3  # pixels at that width
_CARD_SHARE: Final = 0.94  # of the finished picture's width that the card takes
_MOST_ENLARGED: Final = 1.6  # beyond, the finished picture would show less than it seems to
_MIN_SHARPNESS: Final = 60.0  # variance of the Laplacian on the finished card
_GLARE_LEVEL: Final = 252  # of 255 in every channel
_GLARE_SHARE: Final = 0.006  # of the card in one piece
_KB: Final = 1024
_BEST_QUALITY, _WORST_QUALITY = 95, 40

Corners = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class DocumentImage:
    """The finished picture. `corners` float32 (4, 2): where the card lay in the shot, clockwise from its upper left."""

    jpeg: bytes
    corners: Corners
    sharpness: float


def make_document(
    pixels: Image, *, width: int, height: int, dpi: int, max_kb: float, upside_down: bool = False
) -> DocumentImage:
    """Find the card in a shot, uint8 (H, W, 3) BGR, and make the JPEG of it: level, centred, `width` × `height`.

    Raises KioskError: `document.not_found`, `document.too_far`, `document.blurred`, `document.glare`, `document.size`.
    """
    corners = find_card(pixels)
    if corners is None:
        raise KioskError("document.not_found")
    if upside_down:
        corners = np.roll(corners, 2, axis=0)
    card_width = _CARD_SHARE * width
    if card_width / np.linalg.norm(corners[1] - corners[0]) > _MOST_ENLARGED:
        raise KioskError("document.too_far")
    card_height = card_width / CARD_RATIO
    left, top = (width - card_width) / 2, (height - card_height) / 2
    right, bottom = left + card_width, top + card_height
    place = np.array([(left, top), (right, top), (right, bottom), (left, bottom)], np.float32)
    warp = cv2.getPerspectiveTransform(corners, place)
    finished = cv2.warpPerspective(pixels, warp, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    inside = finished[round(top) + 8 : round(bottom) - 8, round(left) + 8 : round(right) - 8]
    sharpness = float(cv2.Laplacian(cv2.cvtColor(inside, cv2.COLOR_BGR2GRAY), cv2.CV_64F).var())
    if sharpness < _MIN_SHARPNESS:
        raise KioskError("document.blurred", sharpness=round(sharpness), least=round(_MIN_SHARPNESS))
    if _has_glare(np.asarray(inside, np.uint8)):
        raise KioskError("document.glare")
    return DocumentImage(_encode(np.asarray(finished, np.uint8), dpi, max_kb), corners, sharpness)


def find_card(pixels: Image) -> Corners | None:
    """The corners of the largest thing that has a card's shape, or None. float32 (4, 2), clockwise from the upper left."""
    scale = min(_SEARCH_WIDTH / pixels.shape[1], 1.0)
    small = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    grey = np.asarray(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), np.uint8)
    saturation = np.asarray(cv2.cvtColor(small, cv2.COLOR_BGR2HSV)[..., 1], np.uint8)
    # Brightness first: colours are coarse in a JPEG, they only help where card and table are equally bright.
    best = _largest_card(grey)
    if best is None:
        best = _largest_card(saturation)
    if best is None:
        return None
    criteria = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 30, 0.01)
    refined = cv2.cornerSubPix(grey, best.reshape(4, 1, 2).copy(), (5, 5), (-1, -1), criteria).reshape(4, 2)
    return np.asarray(refined / scale, np.float32)


def _largest_card(plane: Image) -> Corners | None:
    best: Corners | None = None
    height, width = plane.shape
    most = _SMALLEST_SHARE * height * width
    for mask in _masks(plane):
        contours, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
        for contour in contours:
            hull = cv2.convexHull(contour)
            area = cv2.contourArea(hull)
            if area <= most or _touches_edge(np.asarray(hull, np.int32), width, height):
                continue
            outline = cv2.approxPolyDP(hull, 0.03 * cv2.arcLength(hull, closed=True), closed=True)
            if len(outline) == 4 and _has_card_shape(ordered := _clockwise(outline.reshape(4, 2).astype(np.float32))):
                best, most = ordered, area
    return best


def _masks(plane: Image) -> Iterator[Image]:
    """Its edges, and what is brighter and what is darker than the rest."""
    smooth = cv2.GaussianBlur(plane, (5, 5), 0)
    level, binary = cv2.threshold(smooth, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    edges = cv2.Canny(smooth, 0.4 * level, 0.8 * level)
    yield np.asarray(binary, np.uint8)
    yield np.asarray(255 - binary, np.uint8)
    yield np.asarray(cv2.dilate(edges, np.ones((3, 3), np.uint8), iterations=2), np.uint8)


def _clockwise(corners: Corners) -> Corners:
    """From the upper left, the long side first."""
    middle = corners.mean(axis=0)
    turned = corners[np.argsort(np.arctan2(corners[:, 1] - middle[1], corners[:, 0] - middle[0]))]
    start = int(np.argmin(turned.sum(axis=1)))
    turned = np.roll(turned, -start, axis=0)
    if np.linalg.norm(turned[1] - turned[0]) < np.linalg.norm(turned[2] - turned[1]):
        turned = np.roll(turned, -1, axis=0)
    return turned


def _touches_edge(hull: NDArray[np.int32], width: int, height: int) -> bool:
    """Whether it reaches the picture's edge: then it is the picture itself, or a card that is not wholly seen."""
    points = hull.reshape(-1, 2)
    return bool(points.min() <= _EDGE or points[:, 0].max() >= width - 1 - _EDGE or points[:, 1].max() >= height - 1 - _EDGE)


def _has_card_shape(corners: Corners) -> bool:
    sides = np.linalg.norm(np.roll(corners, -1, axis=0) - corners, axis=1)
    ratio = (sides[0] + sides[2]) / (sides[1] + sides[3])
    return bool(abs(ratio / CARD_RATIO - 1) <= _RATIO_TOLERANCE and cv2.isContourConvex(corners.reshape(4, 1, 2)))


def _has_glare(card: Image) -> bool:
    blown = np.asarray((card >= _GLARE_LEVEL).all(axis=2), np.uint8)
    _, _, stats, _ = cv2.connectedComponentsWithStats(blown)
    largest = stats[1:, cv2.CC_STAT_AREA].max(initial=0)
    return bool(largest > _GLARE_SHARE * blown.size)


def _encode(picture: Image, dpi: int, max_kb: float) -> bytes:
    """The best JPEG within the size."""
    image = PillowImage.fromarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB))
    for quality in range(_BEST_QUALITY, _WORST_QUALITY - 1, -5):
        file = io.BytesIO()
        image.save(file, "JPEG", quality=quality, dpi=(dpi, dpi), optimize=True)
        if file.tell() <= max_kb * _KB:
            return file.getvalue()
    raise KioskError("document.size", max=max_kb)

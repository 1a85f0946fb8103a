"""Another background behind a person, for the few notices that allow it. The face is never touched: rather nothing is done.

The segmenter's mask only says where to look. Between what is surely the person and surely the wall, each pixel's share of the
person follows from its colour: it lies between the wall's colour beside it and the hair's or cloth's colour beside it (as in
Bayesian matting, Chuang et al. 2001, with one cluster each), and where these two are alike from the mask itself, led along the
picture's edges by a guided filter (He et al. 2010). The old wall's share is then taken out of the pixel before the new colour
is put in: no fringe of the old wall stays around the hair.
"""

from __future__ import annotations

from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.errors import KioskError
from kiosk.pipeline.face import qualities
from kiosk.pipeline.face.geometry import CHIN
from kiosk.pipeline.face.mask import Mask
from kiosk.pipeline.face.qualities import Points
from kiosk.records import Image

REPLACED: Final = "background replaced"  # stands as a comment in the file

_Floats = NDArray[np.float32]
_BAND: Final = 0.030  # of the photo's height, to both sides of the mask's edge: loose hair lies there
_GUIDE: Final = 0.016  # radius of the guided filter, of the height
_NEAR: Final = 0.020  # how far around a pixel the colours of person and wall are looked for, of the height
_LIGHT: Final = (12, 24)  # of that: light falls off so slowly, and no pattern does
_COARSER: Final = 4
_TELLS: Final = 22.0  # of 255: colours of person and wall that are so far apart tell as much as the mask
_MAX_STRAY: Final = 4.5  # ΔE of the old wall from itself smoothed: more is a pattern, whose colours nobody can take out
_MIN_LIGHTNESS: Final = 45.0  # L of the wall: before a dark one dark hair has no edge
_ALIKE: Final = 25.0  # of 255: the person's edge can't be told from the wall
_MAX_ALIKE: Final = 0.15  # of the edge
_MAX_DOUBTFUL: Final = 0.22  # of the edge, neither the person's nor the wall's
_MAX_AGAINST: Final = 0.06  # of the edge where colours say the opposite of the mask
_MAX_FACE: Final = 0.002  # of the face that the mask may give to the wall
_PERSON: Final = (0.15, 0.92)  # of the photo


def replace_background(photo: Image, mask: Mask, landmarks: Points, colour: tuple[int, int, int]) -> Image:
    """The photo with an even colour (RGB) behind the person. `mask` (H, W) and `landmarks` (478, 2 or 3) in the photo's pixels.

    Raises KioskError("photo.background_touches_face") where the mask cuts into the face, ("photo.background_uneven") for a wall
    with a pattern, ("photo.background_like_person") where hair or clothes have the wall's colour.
    """
    height = photo.shape[0]
    pixels = photo.astype(np.float32)
    band = max(3, round(_BAND * height))
    face = _shrunk(qualities.face_area(landmarks, photo.shape), band)  # the landmarks' outline is not the cheek's to a pixel
    _spare_the_face(mask, face)
    person = _shrunk(mask > 0.9, band) | face
    wall = _shrunk(mask < 0.1, band)
    behind, before = _colours(pixels, wall, height), _colours(pixels, person, height)
    if not wall.any() or _stray(photo, wall, _colours(pixels, wall, height, _LIGHT)) > _MAX_STRAY:
        raise KioskError("photo.background_uneven")
    apart = np.linalg.norm(before - behind, axis=2)
    edge = ~person & ~wall
    lightness = float(np.median(qualities.to_lab(photo)[wall][:, 0]))
    if lightness < _MIN_LIGHTNESS or float(np.mean(apart[edge] < _ALIKE)) > _MAX_ALIKE:
        raise KioskError("photo.background_like_person")
    share = _share(pixels, mask, behind, before, apart, round(float(landmarks[CHIN, 1])))
    doubtful = float(np.mean((share[edge] > 0.2) & (share[edge] < 0.8)))
    if doubtful > _MAX_DOUBTFUL or float(np.mean(np.abs(share - mask)[edge] > 0.6)) > _MAX_AGAINST:
        raise KioskError("photo.background_like_person")
    share = np.where(person, 1, np.where(wall, 0, share)).astype(np.float32)[..., None]
    own = np.clip((pixels - (1 - share) * behind) / np.maximum(share, 0.02), 0, 255)
    new = share * own + (1 - share) * np.array(colour[::-1], np.float32)
    return np.asarray(np.where(person[..., None], pixels, new) + 0.5, np.uint8)


def _spare_the_face(mask: Mask, face: NDArray[np.bool_]) -> None:
    share = float(np.mean(mask > 0.5))
    if float(np.mean(mask[face] < 0.5)) > _MAX_FACE or not _PERSON[0] < share < _PERSON[1]:
        raise KioskError("photo.background_touches_face")


def _stray(photo: Image, wall: NDArray[np.bool_], smooth: _Floats) -> float:
    """How far the wall is from what slowly falling light would make of one colour, in ΔE: the mean, or a third of what its
    worst twentieth exceeds, as a door frame spoils a wall that is even elsewhere."""
    off = qualities.to_lab(photo) - qualities.to_lab(np.asarray(smooth + 0.5, np.uint8))
    found = np.linalg.norm(off[wall], axis=1)
    return max(float(found.mean()), float(np.percentile(found, 95)) / 3)


def _share(pixels: _Floats, mask: Mask, behind: _Floats, before: _Floats, apart: _Floats, chin: int) -> _Floats:
    """How much of each pixel is the person's, 0..1. `chin`: the row from which on there are collars, not hair alone."""
    towards = before - behind
    by_colour = np.clip(np.sum((pixels - behind) * towards, axis=2) / np.maximum(apart**2, 1), 0, 1)
    radius = max(2, round(_GUIDE * pixels.shape[0]))
    led = np.clip(_guided(np.asarray(pixels / 255, np.float32), np.asarray(mask, np.float32), radius), 0, 1)
    tells = apart**2 / (apart**2 + _TELLS**2)
    share = tells * by_colour + (1 - tells) * led
    # A shadow on the wall looks like a little of the person: what is small and far from the mask is the wall's.
    share = np.clip((share - 0.08) / 0.84, 0, 1)
    # A white collar is no gap between hairs: what lies well inside the mask is the person's, whatever its colour.
    inside = np.full(mask.shape, 0.97, np.float32)
    inside[chin:] = 0.85
    return np.asarray(np.maximum(share, np.clip((mask - inside) / 0.03, 0, 1)), np.float32)


def _guided(guide: _Floats, source: _Floats, radius: int) -> _Floats:
    filtered: Any = cv2.ximgproc.guidedFilter(guide, source, radius, 1e-4)
    return np.asarray(filtered, np.float32)


def _colours(pixels: _Floats, where: NDArray[np.bool_], height: int, widths: tuple[int, ...] = (1, 2, 4, 8, 24)) -> _Floats:
    """For every pixel the mean colour of the nearest pixels of a kind, looked for farther and farther out (`widths`)."""
    size = (pixels.shape[1] // _COARSER, pixels.shape[0] // _COARSER)  # they change slowly
    weight = cv2.resize(where.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    seen = cv2.resize(pixels * where[..., None], size, interpolation=cv2.INTER_AREA)  # each times its weight
    found = np.zeros_like(seen)
    known = np.zeros_like(weight)
    for wider in widths:
        sigma = wider * _NEAR * height / 2 / _COARSER
        total = cv2.GaussianBlur(weight, (0, 0), sigma)
        colour = cv2.GaussianBlur(seen, (0, 0), sigma) / np.maximum(total, 1e-6)[..., None]
        takes = (1 - known) * np.clip(total / 0.02, 0, 1)
        found += takes[..., None] * colour
        known += takes
    colours = found / np.maximum(known, 1e-6)[..., None]
    return np.asarray(cv2.resize(colours, (where.shape[1], where.shape[0]), interpolation=cv2.INTER_LINEAR), np.float32)


def _shrunk(area: NDArray[np.bool_], by: int) -> NDArray[np.bool_]:
    bordered = cv2.copyMakeBorder(area.astype(np.uint8), by, by, by, by, cv2.BORDER_REPLICATE)
    return cv2.erode(bordered, _disc(by))[by:-by, by:-by].astype(bool)


def _disc(radius: int) -> NDArray[np.uint8]:
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1)), np.uint8)

"""Makes chip photos of ordinary ones: cut like an ID card's, shrunk to 102×126, squeezed to what fits on a chip."""

from __future__ import annotations

from bisect import bisect_left
from functools import cache
from typing import Any, Final

import cv2
import numpy as np

from kiosk.pipeline.face.mask import PersonMask
from kiosk.records import Image

CONDITIONS: Final = ("none", "q40", "webp1k", "jp2k1k")
_WIDTH, _HEIGHT = 102, 126
_CHIP_BYTES: Final = 1024
# On an ID card's photo the face is 207 of 358 pixels wide and the eyes are a little above the middle (GA 461-2004).
_FACE_SHARE: Final = 0.58
_EYE_LINE: Final = 0.43
_FINER: Final = 4  # cut this much larger, then averaged down


def make_chip(photo: Image, face: np.ndarray[Any, Any], condition: str) -> Image:
    """uint8 (126, 102, 3). `face` is YuNet's row: box, then five points with the eyes first."""
    width = float(face[2]) / _FACE_SHARE
    scale = _FINER * _WIDTH / width
    eye_x, eye_y = float(face[4] + face[6]) / 2, float(face[5] + face[7]) / 2
    across, down = _FINER * _WIDTH / 2 - eye_x * scale, _FINER * _HEIGHT * _EYE_LINE - eye_y * scale
    warp = np.array([[scale, 0, across], [0, scale, down]])
    if condition == "webp1k":
        photo = _on_white(photo)
    size = (_FINER * _WIDTH, _FINER * _HEIGHT)
    large = cv2.warpAffine(photo, warp, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    chip = np.asarray(cv2.resize(large, (_WIDTH, _HEIGHT), interpolation=cv2.INTER_AREA), np.uint8)
    if condition == "q40":
        return _decoded(cv2.imencode(".jpg", chip, [cv2.IMWRITE_JPEG_QUALITY, 40])[1])
    if condition == "webp1k":
        return _squeezed(chip, ".webp", cv2.IMWRITE_WEBP_QUALITY, range(80, -1, -2))
    if condition == "jp2k1k":
        return _squeezed(chip, ".jp2", cv2.IMWRITE_JPEG2000_COMPRESSION_X1000, range(60, 4, -1))
    return chip


def _squeezed(chip: Image, kind: str, setting: int, values: range) -> Image:
    """At the first of the values, which ask for less and less, that fits; at the last where none does."""

    def encoded(value: int) -> np.ndarray[Any, Any]:
        return cv2.imencode(kind, chip, [setting, value])[1]

    place = bisect_left(values, 1, key=lambda value: int(len(encoded(value)) <= _CHIP_BYTES))
    return _decoded(encoded(values[min(place, len(values) - 1)]))


def _decoded(data: np.ndarray[Any, Any]) -> Image:
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)


def _on_white(photo: Image) -> Image:
    found = _person().find(photo)[..., None]
    return np.asarray(photo * found + 255 * (1 - found), np.uint8)


@cache
def _person() -> PersonMask:
    return PersonMask()

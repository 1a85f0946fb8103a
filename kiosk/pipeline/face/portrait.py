"""The finished photo: cut by landmarks to the standard's exact pixels, levelled, never mirrored, the face never retouched."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage

from kiosk.errors import KioskError
from kiosk.pipeline.face.geometry import measure_geometry
from kiosk.pipeline.face.guide import Cut, cut_within, place_hair
from kiosk.pipeline.face.qualities import hair_top
from kiosk.records import Image, PhotoSpec, Portrait

# How far a cut may be moved to stay inside the picture, in shares of the photo; the standards leave more room
_MAX_MOVE_X: Final = 0.04
_MAX_MOVE_Y: Final = 0.06
# Notices don't say which kB they mean: at most thousands, at least 1,024s, and the file fits either way.
_MAX_KB_BYTES: Final = 1000
_MIN_KB_BYTES: Final = 1024
_BEST_QUALITY: Final = 98  # above, JPEG files grow and nothing is to be seen


@dataclass(frozen=True, eq=False)
class CutPhoto:
    """A photo before it is a file, with landmarks and mask of the picture that it was cut from, in its own pixels."""

    photo: Image  # uint8 (height, width, 3)
    landmarks: NDArray[np.float32]  # (478, 3)
    mask: NDArray[np.float32]  # (height, width): 1 person, 0 background


def cut_with_hair(pixels: Image, landmarks: NDArray[np.float32], mask: NDArray[np.float32], spec: PhotoSpec) -> CutPhoto:
    """Cut so that the hair has the room that the standard wants, where the camera saw enough. Raises as `cut_out` does."""
    geometry = measure_geometry(_in_space(landmarks))
    above = geometry.eyes[1] - hair_top(mask, geometry)
    placed = place_hair(spec, geometry, above) if above > 0 else spec
    try:
        warp, cut = _warp(pixels.shape, landmarks, placed)
    except KioskError:
        placed = spec
        warp, cut = _warp(pixels.shape, landmarks, spec)
    points = _in_space(landmarks) * np.float32(cut.enlargement)
    points[:, :2] = landmarks[:, :2] @ warp[:, :2].T + warp[:, 2]
    size = (spec.width, spec.height)
    moved = np.asarray(cv2.warpAffine(mask, warp, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.float32)
    return CutPhoto(cut_out(pixels, landmarks, placed), points, moved)


def cut_out(pixels: Image, landmarks: NDArray[np.float32], spec: PhotoSpec) -> Image:
    """The photo's pixels, uint8 (spec.height, spec.width, 3): eyes level, at the standard's height, head of its size.

    `landmarks` (478, 2 or 3) in pixels of the picture. Raises KioskError("portrait.outside") when the photo would need what the
    camera didn't see.
    """
    warp, cut = _warp(pixels.shape, landmarks, spec)
    source = pixels
    if cut.enlargement < 0.5:  # too few pixels would be looked at: shrink evenly first
        source = np.asarray(cv2.resize(pixels, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.uint8)
        warp[:, :2] *= 2
    return np.asarray(
        cv2.warpAffine(source, warp, (spec.width, spec.height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE),
        np.uint8,
    )


def _in_space(landmarks: NDArray[np.float32]) -> NDArray[np.float32]:
    return landmarks if landmarks.shape[1] == 3 else np.column_stack([landmarks, np.zeros(len(landmarks), np.float32)])


def _warp(shape: tuple[int, ...], landmarks: NDArray[np.float32], spec: PhotoSpec) -> tuple[NDArray[np.float64], Cut]:
    """What takes a picture's pixels to the photo's. Raises KioskError("portrait.outside")."""
    geometry = measure_geometry(_in_space(landmarks))
    cut = cut_within(geometry, spec, shape[1], shape[0])
    warp = np.asarray(cv2.getRotationMatrix2D(geometry.eyes, geometry.pose.roll_deg, cut.enlargement), np.float64)
    warp[:, 2] += np.array((spec.width / 2, spec.eye_line * spec.height)) - geometry.eyes
    warp[:, 2] += _move_inside(warp, cut, shape[1], shape[0], spec)
    return warp, cut


def encode(photo: Image, spec: PhotoSpec, comment: str = "") -> Portrait:
    """The best JPEG that the size limits leave, with the dpi that the standard wants.

    Raises KioskError("portrait.size") when no JPEG quality that the standard allows gives the size in kB that it asks for.
    """
    fitting: bytes | None = None
    low, high = spec.min_jpeg_quality, _BEST_QUALITY
    while low <= high:
        quality = (low + high) // 2
        jpeg = _jpeg(photo, quality, spec.dpi, comment)
        if len(jpeg) <= spec.max_kb * _MAX_KB_BYTES:
            fitting, low = jpeg, quality + 1
        else:
            high = quality - 1
    if fitting is None or len(fitting) < spec.min_kb * _MIN_KB_BYTES:
        raise KioskError("portrait.size", min_kb=spec.min_kb, max_kb=spec.max_kb)
    return Portrait(fitting, spec.width, spec.height, spec.dpi)


def _jpeg(photo: Image, quality: int, dpi: int, comment: str) -> bytes:
    out = io.BytesIO()
    picture = PillowImage.fromarray(cv2.cvtColor(photo, cv2.COLOR_BGR2RGB))
    picture.save(out, "JPEG", quality=quality, dpi=(dpi, dpi), optimize=True, comment=comment)
    return out.getvalue()


def _move_inside(warp: NDArray[np.float64], cut: Cut, width: int, height: int, spec: PhotoSpec) -> NDArray[np.float64]:
    """The small move, in pixels of the photo, that keeps its four corners inside the picture."""
    corners = np.array([(0, 0), (spec.width, 0), (spec.width, spec.height), (0, spec.height)], np.float64)
    back = cv2.invertAffineTransform(warp)
    seen = corners @ back[:, :2].T + back[:, 2]
    low, high = -seen.min(axis=0), seen.max(axis=0) - (width, height)
    move = np.where(low > 0, low, 0) - np.where(high > 0, high, 0)  # of the frame in the picture
    room = np.array([_MAX_MOVE_X * cut.width, _MAX_MOVE_Y * cut.height])
    if (low + high > 0).any() or (np.abs(move) > room).any():
        raise KioskError("portrait.outside")
    return np.asarray(-(warp[:, :2] @ move), np.float64)

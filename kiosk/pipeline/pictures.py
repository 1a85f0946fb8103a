"""Colour pictures as files and back."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from kiosk.records import Image

_JPEG_QUALITY: Final = 92


def jpeg(pixels: Image, quality: int = _JPEG_QUALITY) -> bytes:
    """A JPEG file of uint8 (H, W, 3) BGR."""
    return cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()


def png(pixels: Image) -> bytes:
    """A PNG file of uint8 (H, W, 3) BGR."""
    return cv2.imencode(".png", pixels)[1].tobytes()


def pixels_of(file: bytes) -> Image | None:
    """uint8 (H, W, 3) BGR of a picture file of any usual kind; None when it is none."""
    try:
        pixels = cv2.imdecode(np.frombuffer(file, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error:  # no content at all, or too large a picture
        return None
    return None if pixels is None else np.asarray(pixels, np.uint8)

"""What libraries make of a chip photo, turned into one kind of picture."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from PIL import Image as Pillow
from PIL import UnidentifiedImageError

from kiosk.errors import DeviceError
from kiosk.records import Image

HEIGHT: Final = 126
WIDTH: Final = 102
_ROW: Final = WIDTH * 3
_PADDED_ROW: Final = 308  # BMP rows are multiples of four bytes
_BMP: Final = b"BM"


@dataclass(frozen=True)
class RawFormat:
    """How a library orders bare pixels."""

    colours: Literal["rgb", "bgr"] = "rgb"
    rows: Literal["bottom-up", "top-down"] = "bottom-up"
    mirrored: bool = False


def picture(data: bytes, raw: RawFormat) -> Image:
    """uint8 (126, 102, 3) BGR of a BMP file, or of bare pixels with or without padded rows.

    `mirrored` holds for both. Raises DeviceError("card.photo.size") for anything else.
    """
    pixels = _bmp(data) if data.startswith(_BMP) else _bare(data, raw)
    return np.ascontiguousarray(pixels[:, ::-1] if raw.mirrored else pixels)


def _bmp(data: bytes) -> Image:
    try:
        with Pillow.open(io.BytesIO(data), formats=("BMP",)) as image:
            if image.size != (WIDTH, HEIGHT):
                raise DeviceError("card.photo.size", size=f"{image.width}×{image.height}")
            return np.asarray(image.convert("RGB"))[:, :, ::-1]
    except (UnidentifiedImageError, OSError, ValueError):
        raise DeviceError("card.photo.size", size=len(data)) from None


def _bare(data: bytes, raw: RawFormat) -> Image:
    row = next((row for row in (_ROW, _PADDED_ROW) if _fills(len(data), row)), None)
    if row is None:
        raise DeviceError("card.photo.size", size=len(data))
    whole = data.ljust(row * HEIGHT, b"\xa5")
    pixels = np.frombuffer(whole, np.uint8).reshape(HEIGHT, row)[:, :_ROW].reshape(HEIGHT, WIDTH, 3)
    if raw.rows == "bottom-up":
        pixels = pixels[::-1]
    return pixels[:, :, ::-1] if raw.colours == "rgb" else pixels


def _fills(size: int, row: int) -> bool:
    """Whether all rows were written; the end of the last may look untouched by chance, or be padding."""
    return row * (HEIGHT - 1) < size <= row * HEIGHT

"""Colour pictures as files, and back: any format that the libraries read, upright, 8 bits, without transparency."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import IO, Final

import cv2
import numpy as np
import PIL.Image
from PIL import ImageOps

from kiosk.errors import KioskError
from kiosk.records import Image

_JPEG_QUALITY: Final = 92
_PIECE: Final = 1 << 20  # bytes
_MAX_MEGAPIXELS: Final = 80  # more than any camera's; decoded, it takes 240 MB


def jpeg(pixels: Image, quality: int = _JPEG_QUALITY) -> bytes:
    """A JPEG file of uint8 (H, W, 3) BGR."""
    return cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()


def png(pixels: Image) -> bytes:
    """A PNG file of uint8 (H, W, 3) BGR."""
    return cv2.imencode(".png", pixels)[1].tobytes()


def no_wider(pixels: Image, width: int) -> Image:
    """uint8 (H, W, 3) of at most `width` pixels across, in its proportions: quickly, for a screen."""
    height, wide = pixels.shape[:2]
    if wide <= width:
        return pixels
    size = (width, max(1, round(height * width / wide)))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_LINEAR), np.uint8)


def decode(data: bytes) -> Image:
    """uint8 (H, W, 3) BGR, turned as its EXIF says; what is transparent becomes white.

    Raises KioskError("photo.broken") for a file that is no picture or torn, ("photo.too_many_pixels").
    """
    try:
        with PIL.Image.open(BytesIO(data)) as picture:
            if picture.width * picture.height > _MAX_MEGAPIXELS * 1_000_000:
                raise KioskError("photo.too_many_pixels", most=_MAX_MEGAPIXELS)
            picture.load()  # of a torn file OpenCV would show half a face and grey
            if picture.has_transparency_data:
                return _on_white(picture)
    except (PIL.Image.DecompressionBombError, PIL.Image.DecompressionBombWarning):
        raise KioskError("photo.too_many_pixels", most=_MAX_MEGAPIXELS) from None
    except (OSError, ValueError, SyntaxError) as error:  # Pillow's for broken files
        raise KioskError("photo.broken") from error
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)  # rightly of CMYK and of 16 bits too
    if pixels is None:
        raise KioskError("photo.broken")
    return np.asarray(pixels, np.uint8)


def decoded_in_pieces(file: IO[bytes]) -> Iterator[tuple[int, int] | memoryview]:
    """The task of the reading process (`kiosk.arms_length`): height and width, then the bytes that `decode` gives."""
    cv2.setNumThreads(1)
    yield from in_pieces(decode(file.read()))


def in_pieces(picture: Image) -> Iterator[tuple[int, int] | memoryview]:
    """Height and width of uint8 (H, W, 3), then its bytes."""
    pixels = np.ascontiguousarray(picture)
    yield pixels.shape[0], pixels.shape[1]
    flat = memoryview(pixels.data).cast("B")
    for start in range(0, len(flat), _PIECE):
        yield flat[start : start + _PIECE]


def _on_white(picture: PIL.Image.Image) -> Image:
    clear = ImageOps.exif_transpose(picture).convert("RGBA")
    ground = PIL.Image.new("RGBA", clear.size, "white")
    ground.alpha_composite(clear)
    return np.asarray(cv2.cvtColor(np.asarray(ground), cv2.COLOR_RGBA2BGR), np.uint8)

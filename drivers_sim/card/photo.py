"""The simulation's own chip-photo format: a small WebP under a header of its own.

It is not WLT, and nothing mistakes it for WLT. Real chip photos lose about as much to their size as a WebP does.
"""

from __future__ import annotations

import io
from bisect import bisect
from typing import Final

import numpy as np
from PIL import Image as Pillow
from PIL import UnidentifiedImageError

from drivers_sim.card.payload import PHOTO_SIZE
from kiosk.errors import DeviceError
from kiosk.records import ChipPhoto, Image

MAGIC: Final = b"SIMP1"
HEIGHT, WIDTH = 126, 102  # pixels, as on a chip
_BEST_QUALITY: Final = 80  # no photo comes near to it
_NEAR: Final = 3
_HEADER: Final = len(MAGIC) + 2  # then the size of the WebP, big endian


def encode(pixels: Image) -> bytes:
    """uint8 (126, 102, 3) BGR to exactly 1,024 bytes, at the best quality that fits. Raises ValueError for other shapes."""
    if pixels.shape != (HEIGHT, WIDTH, 3):
        raise ValueError(f"a chip photo is {HEIGHT}×{WIDTH}×3, not {pixels.shape}")
    picture = Pillow.fromarray(np.ascontiguousarray(pixels[:, :, ::-1]))
    too_large = bisect(range(1, _BEST_QUALITY), PHOTO_SIZE - _HEADER, key=lambda quality: len(_webp(picture, quality))) + 1
    # Here and there a better quality takes a few bytes less: some beyond the first that is too large still fit.
    near = range(max(1, too_large - _NEAR), min(_BEST_QUALITY, too_large + _NEAR))
    fits = [data for quality in near if len(data := _webp(picture, quality)) <= PHOTO_SIZE - _HEADER]
    if not fits:
        raise ValueError("the picture is too rich for a chip even at the lowest quality")
    best = max(fits, key=len)
    return (MAGIC + len(best).to_bytes(2, "big") + best).ljust(PHOTO_SIZE, b"\0")


def _webp(picture: Pillow.Image, quality: int) -> bytes:
    out = io.BytesIO()
    picture.save(out, "WEBP", quality=quality, method=6)
    return out.getvalue()


class SimulatedPhotoDecoder:
    """Decodes the simulation's chip photos, and refuses everything else."""

    def decode(self, photo: bytes, /) -> ChipPhoto:
        """uint8 (126, 102, 3) BGR. Raises DeviceError("card.photo.format") or ("card.photo.damaged")."""
        if not photo.startswith(MAGIC):
            raise DeviceError("card.photo.format")
        size = int.from_bytes(photo[len(MAGIC) : _HEADER], "big")
        try:
            picture = Pillow.open(io.BytesIO(photo[_HEADER : _HEADER + size]), formats=("WEBP",)).convert("RGB")
        except (UnidentifiedImageError, OSError):
            raise DeviceError("card.photo.damaged") from None
        pixels = np.asarray(picture)[:, :, ::-1]
        if pixels.shape != (HEIGHT, WIDTH, 3):
            raise DeviceError("card.photo.damaged")
        return ChipPhoto(np.ascontiguousarray(pixels))

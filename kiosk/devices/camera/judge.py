"""Is this a camera for photos? Judged before the first student, by its first pictures. Pure: pictures in, faults out."""

from __future__ import annotations

from typing import Final

import numpy as np

from kiosk.errors import PermanentFault
from kiosk.records import Image

_STRIDE: Final = 8
# An infrared camera gives the same value in all three colours, everywhere. No colour camera does, whatever it looks at: its
# sensor's noise has colours, and so has any lamp.
_GREY_APART: Final = 2
_GREY_SHARE: Final = 0.998
_DETAIL: Final = 6.0  # grey levels of standard deviation: an even picture is a covered lens, not an infrared one
# Exposure and white balance have settled when the picture's mean colours change by no more than this between two looks.
_SETTLED: Final = 2.0


def too_small(pixels: Image, least: tuple[int, int]) -> PermanentFault | None:
    """Whether a picture has fewer pixels than the photo needs: `least` is its width and height."""
    height, width = pixels.shape[:2]
    if width >= least[0] and height >= least[1]:
        return None
    return PermanentFault("camera.too_small", width=width, height=height, least_width=least[0], least_height=least[1])


def is_grey(pixels: Image) -> bool:
    """Whether a picture has details and no colour at all."""
    sample = pixels[::_STRIDE, ::_STRIDE].astype(np.int16)
    apart = sample.max(axis=2) - sample.min(axis=2)
    return bool((apart <= _GREY_APART).mean() >= _GREY_SHARE and sample[:, :, 1].std() >= _DETAIL)


class Settling:
    """Whether exposure and white balance have come to rest. Give it every picture."""

    def __init__(self) -> None:
        self._means: np.ndarray[tuple[int], np.dtype[np.float64]] | None = None

    def is_over(self, pixels: Image) -> bool:
        means = pixels[::_STRIDE, ::_STRIDE].reshape(-1, pixels.shape[-1]).mean(axis=0)
        before, self._means = self._means, means
        return before is not None and before.shape == means.shape and bool(np.abs(means - before).max() <= _SETTLED)

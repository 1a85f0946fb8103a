"""Tells a frozen picture: drivers can report success for ever after the cable was pulled."""

from __future__ import annotations

from typing import Final

import numpy as np

from kiosk.records import Image

# Every 8th pixel is enough: the noise of a living sensor is everywhere.
_STRIDE: Final = 8


class FrozenWatch:
    """Watches pictures for change; a living sensor never gives the same pixels twice."""

    def __init__(self, after_s: float) -> None:
        self._after_s = after_s
        self._last: Image | None = None
        self._since_s = 0.0

    def look(self, pixels: Image, now_s: float) -> str | None:
        """None while the picture lives, else what is wrong: camera.frozen, or camera.covered for a single colour."""
        sample = pixels[::_STRIDE, ::_STRIDE].copy()
        if self._last is None or not np.array_equal(sample, self._last):
            self._last, self._since_s = sample, now_s
            return None
        if now_s - self._since_s < self._after_s:
            return None
        return "camera.covered" if sample.min() == sample.max() else "camera.frozen"

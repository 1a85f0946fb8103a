"""Pictures as arrays, and the finished portrait with the standard it is cut to.

Colour is uint8 (H, W, 3) in BGR order, grey uint8 (H, W).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from kiosk.records.steps import FingerPosition

if TYPE_CHECKING:  # the process that reads foreign files has no pictures, and no time to load what they are made of
    import numpy as np
    from numpy.typing import NDArray

Image: TypeAlias = "NDArray[np.uint8]"


@dataclass(frozen=True, eq=False)
class Frame:
    """One camera picture, uint8 (H, W, 3) BGR, never mirrored. `number` counts up; `at_s` is monotonic.

    `opening` changes when the camera was away in between: whatever was followed from picture to picture has to begin anew.
    """

    pixels: Image
    number: int
    at_s: float
    opening: int = 0


@dataclass(frozen=True, eq=False)
class Impression:
    """指纹图像: uint8 (H, W), dark ridges on light ground."""

    pixels: Image
    dpi: int
    position: FingerPosition
    sensor: str


@dataclass(frozen=True, eq=False)
class Portrait:
    """考生照片: a finished JPEG file and what it was made of."""

    jpeg: bytes
    width: int
    height: int
    dpi: int


@dataclass(frozen=True)
class PhotoSpec:
    """A photo standard in numbers, from the profile. Shares are of the picture's height or width."""

    width: int  # pixels
    height: int
    dpi: int
    min_kb: float
    max_kb: float
    min_jpeg_quality: int
    head_share: float  # chin to crown over the height
    eye_line: float  # upper edge to the eyes over the height
    backgrounds: tuple[tuple[int, int, int], ...] = ()  # RGB, any of these; empty: not prescribed
    hair_free: bool = False  # hair may not cover brows and ears
    hair_top: tuple[int, int] | None = None  # pixels from the upper edge: from, to
    eyes: tuple[int, int] | None = None  # the same
    face_width: tuple[int, int] | None = None  # pixels
    replace_background: bool = False  # whether another background may be put behind the person

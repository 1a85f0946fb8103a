"""The simulated sensor's own character files: the direction of the ridges, block by block.

A real sensor's format is a secret of its firm and holds minutiae. Directions do what clients can see of it: a file of fixed
length, high scores for presses of one finger, low ones for others, refusal of a picture with too little of a finger on it.
"""

from __future__ import annotations

import struct
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from kiosk.records import Image

LENGTH: Final = 512  # bytes, as ZFM-20 and AS608
MATCHES_AT: Final = 50  # of 200, security level 3
_MAGIC: Final = b"SIM1"
_BLOCK: Final = 16  # pixels
_NO_RIDGE: Final = 255
_LEAST_BLOCKS: Final = 30
_SHIFTS: Final = 3  # blocks, either way
_TURNS: Final = np.radians(np.arange(-20, 21, 5))


def characters(pixels: Image) -> bytes | None:
    """The character file of uint8 (H, W); None when too little of it is ridges (confirmation code 07)."""
    grey = pixels.astype(np.float64)
    gy, gx = ndimage.sobel(ndimage.gaussian_filter(grey, 1.0), 0), ndimage.sobel(ndimage.gaussian_filter(grey, 1.0), 1)
    rows, columns = pixels.shape[0] // _BLOCK, pixels.shape[1] // _BLOCK

    def blocks(values: NDArray[np.float64]) -> NDArray[np.float64]:
        smooth = ndimage.gaussian_filter(values, _BLOCK / 2)
        return np.asarray(smooth[_BLOCK // 2 :: _BLOCK, _BLOCK // 2 :: _BLOCK][:rows, :columns])

    xx, yy, xy = blocks(gx * gx), blocks(gy * gy), blocks(gx * gy)
    coherence = np.hypot(xx - yy, 2 * xy) / (xx + yy + 1e-9)
    ridges = (coherence > 0.35) & (xx + yy > 0.15 * np.percentile(xx + yy, 90) + 400)
    if ridges.sum() < _LEAST_BLOCKS:
        return None
    directions = np.degrees(np.arctan2(2 * xy, xx - yy) / 2) % 180
    field = np.where(ridges, directions.astype(np.uint8), _NO_RIDGE).astype(np.uint8)
    return (_MAGIC + struct.pack(">BB", rows, columns) + field.tobytes()).ljust(LENGTH, b"\0")[:LENGTH]


def score(one: bytes, other: bytes) -> int:
    """0–200: how well two character files agree under the best shift and turn."""
    a, b = _field(one), _field(other)
    if a is None or b is None:
        return 0
    centre = (np.array(a.shape) - 1) / 2
    place = np.moveaxis(np.mgrid[: a.shape[0], : a.shape[1]], 0, -1) - centre
    best = 0.0
    for turn in _TURNS:
        cos, sin = np.cos(turn), np.sin(turn)
        turned = place @ np.array([[cos, -sin], [sin, cos]]) + (np.array(b.shape) - 1) / 2
        for down in range(-_SHIFTS, _SHIFTS + 1):
            for right in range(-_SHIFTS, _SHIFTS + 1):
                at = np.rint(turned + np.array((down, right))).astype(int)
                inside = ((at >= 0) & (at < b.shape)).all(axis=-1)
                at[~inside] = 0
                there = np.where(inside, b[at[..., 0], at[..., 1]], np.nan)
                both = ~np.isnan(a) & ~np.isnan(there)
                if both.sum() < _LEAST_BLOCKS:
                    continue
                agreement = np.cos(2 * (a[both] - there[both] - turn)).mean()
                best = max(best, agreement * np.sqrt(both.sum() / max(np.isfinite(a).sum(), np.isfinite(b).sum())))
    return int(200 * max(0.0, (best - 0.6) / 0.4))


def merged(one: bytes, other: bytes) -> bytes | None:
    """One file of two presses (RegModel); None when they are of different fingers."""
    return one if score(one, other) >= MATCHES_AT else None


def _field(file: bytes) -> NDArray[np.float64] | None:
    if len(file) < LENGTH or not file.startswith(_MAGIC):
        return None
    rows, columns = file[4:6]
    values = np.frombuffer(file, np.uint8, rows * columns, 6).reshape(rows, columns)
    return np.where(values == _NO_RIDGE, np.nan, np.radians(values.astype(np.float64)))

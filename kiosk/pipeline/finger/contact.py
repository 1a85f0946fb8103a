"""Where the skin touched the glass, and how dry or wet it was: from the grey values alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from kiosk.records import Image

_MM_PER_INCH: Final = 25.4
_RIDGE_WINDOW_MM: Final = 0.8  # a little more than one ridge and one valley
_LEAST_CONTRAST: Final = 14.0  # grey levels of standard deviation that ridges have and an empty glass has not
_SOLID_DEPTH: Final = 60.0  # grey levels below the glass: skin even where no ridges can be told


@dataclass(frozen=True)
class Contact:
    """`area_mm2`: of the skin on the glass. `offset`: its middle from the picture's, as a share of half the picture, the
    worse axis.
    `ink`: share of the contact that prints dark, about 0.45 on an ordinary day, less when dry, more when wet."""

    area_mm2: float
    offset: float
    ink: float


def contact(pixels: Image, dpi: int) -> Contact:
    """Of uint8 (H, W), dark ridges on light ground; about 1 ms."""
    grey = pixels.astype(np.float32)
    glass = float(np.percentile(grey, 98))
    window = max(3, round(_RIDGE_WINDOW_MM * dpi / _MM_PER_INCH) | 1)
    mean = cv2.boxFilter(grey, -1, (window, window))
    spread = np.sqrt(np.maximum(cv2.boxFilter(grey * grey, -1, (window, window)) - mean * mean, 0))
    touched = ((spread > _LEAST_CONTRAST) | (mean < glass - _SOLID_DEPTH)).astype(np.uint8)
    touched = np.asarray(cv2.morphologyEx(touched, cv2.MORPH_OPEN, np.ones((window, window), np.uint8)), np.uint8)
    count = int(touched.sum())
    if not count:
        return Contact(0.0, 0.0, 0.0)
    rows, columns = np.nonzero(touched)
    height, width = pixels.shape
    across = abs(columns.mean() + 0.5 - width / 2) / (width / 2)
    down = abs(rows.mean() + 0.5 - height / 2) / (height / 2)
    inside = grey[rows, columns]
    middle = (glass + float(np.percentile(inside, 3))) / 2
    return Contact(count / (dpi / _MM_PER_INCH) ** 2, float(max(across, down)), float((inside < middle).mean()))

"""What is wrong with a camera itself: the scene is as it should be, the picture of it isn't."""

from __future__ import annotations

from enum import StrEnum

import cv2
import numpy as np

from kiosk.records import Image


class Lens(StrEnum):
    """One camera."""

    GOOD = "good"
    INFRARED = "infrared"  # no colours
    SWAPPED = "swapped"  # red for blue
    GREEN = "green"  # a cast
    UPSIDE_DOWN = "upside_down"
    ON_ITS_SIDE = "on_its_side"  # turned 90° clockwise
    MIRRORED = "mirrored"
    SMALL = "small"  # 640×360, whatever it is asked for
    SQUARE = "square"  # 640×480


def through(lens: Lens, picture: Image) -> Image:
    """The picture as that camera gives it."""
    match lens:
        case Lens.INFRARED:
            seen = cv2.cvtColor(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
        case Lens.SWAPPED:
            seen = picture[:, :, ::-1].copy()
        case Lens.GREEN:
            seen = np.clip(picture * np.array([0.55, 1.0, 0.55]), 0, 255)
        case Lens.UPSIDE_DOWN:
            seen = cv2.rotate(picture, cv2.ROTATE_180)
        case Lens.ON_ITS_SIDE:
            seen = cv2.rotate(picture, cv2.ROTATE_90_CLOCKWISE)
        case Lens.MIRRORED:
            seen = cv2.flip(picture, 1)
        case Lens.SMALL:
            seen = cv2.resize(picture, (640, 360), interpolation=cv2.INTER_AREA)
        case Lens.SQUARE:
            seen = cv2.resize(picture[:, 160:1120], (640, 480), interpolation=cv2.INTER_AREA)
        case _:
            seen = picture
    return np.asarray(seen, np.uint8)

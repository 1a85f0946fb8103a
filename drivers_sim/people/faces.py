"""The simulated people's faces: what each looks like to a camera, on a chip and in the demo panel.

Every face was chosen so that SFace keeps it apart from all the others; no threshold may be calibrated on them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from kiosk.records import Image

CHIP_WIDTH: Final = 102
CHIP_HEIGHT: Final = 126
PICTURES: Final = Path(__file__).parent / "pictures"
# Of the live pictures; eyes where they are for an average head.
LIVE_WIDTH: Final = 1040
LIVE_HEIGHT: Final = 860
LIVE_EYES: Final = (520.0, 300.0)


class Look(StrEnum):
    """What a person was rendered doing. Left and right are the person's own."""

    FRONT = "front"
    BLINK = "blink"
    LEFT = "left"
    RIGHT = "right"
    MOUTH = "mouth"
    DOWN = "down"  # head bent
    ASIDE = "aside"  # eyes only


@dataclass(frozen=True)
class FaceInfo:
    """One face. `sex` is the card's code (GB/T 2261.1: 1 male, 2 female); the rest is in pixels of the live pictures."""

    number: int
    sex: str
    eyes: tuple[float, float]  # the middle between them
    eye_to_chin: float
    unlike: int  # the face of the same sex that is least like this one: whose card an impostor brings


def _load() -> tuple[FaceInfo, ...]:
    rows = json.loads((PICTURES / "faces.json").read_text(encoding="ascii"))
    return tuple(
        FaceInfo(number, row["sex"], tuple(row["eyes"]), row["eye_to_chin"], row["unlike"]) for number, row in enumerate(rows)
    )


FACES: Final = _load()


def live_picture(face: int, look: Look) -> Image:
    """A person cut out: uint8 (860, 1040, 4) BGRA, to be laid over a background of 1280×720."""
    return _read(f"{face:02d}-{look}.webp")


@cache
def chip_photo(face: int) -> Image:
    """The photo for the card, taken on another day (other hair, light, clothes): uint8 (126, 102, 3) BGR."""
    photo = cv2.resize(_read(f"{face:02d}-chip.webp"), (CHIP_WIDTH, CHIP_HEIGHT), interpolation=cv2.INTER_AREA)
    return np.asarray(photo, np.uint8)


@cache
def portrait_jpeg(face: int) -> bytes:
    """A small picture of a person for the demo panel: JPEG, 240×300."""
    person = live_picture(face, Look.FRONT)[:600, 280:760].astype(np.float32)
    alpha = person[..., 3:] / 255
    shown = cv2.resize(person[..., :3] * alpha + (1 - alpha) * 238, (240, 300), interpolation=cv2.INTER_AREA)
    return cv2.imencode(".jpg", np.asarray(shown + 0.5, np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 88])[1].tobytes()


def _read(name: str) -> Image:
    # Not cv2.imread: it can't open a path with Chinese letters on Windows.
    picture = cv2.imdecode(np.frombuffer((PICTURES / name).read_bytes(), np.uint8), cv2.IMREAD_UNCHANGED)
    return np.asarray(picture, np.uint8)

"""Drawn faces and fingers, nobody's."""

from __future__ import annotations

import cv2
import numpy as np

from kiosk.records import (
    Image,
)


def png(pixels: Image) -> bytes:
    return cv2.imencode(".png", pixels)[1].tobytes()


def face_drawing(width: int, height: int, *, shade: int = 0) -> Image:
    """A drawn head and shoulders, nobody's."""
    picture = np.full((height, width, 3), (236, 216, 190), np.uint8)
    middle, head = width // 2, int(height * 0.28)
    cv2.ellipse(
        picture, (middle, int(height * 1.08)), (int(head * 1.5), int(height * 0.36)), 0, 0, 360, (98, 66, 40), -1, cv2.LINE_AA
    )
    cv2.rectangle(
        picture, (middle - head // 4, int(height * 0.6)), (middle + head // 4, int(height * 0.82)), (150, 180, 222), -1
    )
    cv2.ellipse(
        picture, (middle, int(height * 0.4)), (int(head * 0.82), int(head * 1.06)), 0, 0, 360, (32, 28, 26), -1, cv2.LINE_AA
    )
    cv2.ellipse(
        picture,
        (middle, int(height * 0.45)),
        (int(head * 0.7), int(head * 0.92)),
        0,
        0,
        360,
        (172 - shade, 202 - shade, 240 - shade),
        -1,
        cv2.LINE_AA,
    )
    for side in (-1, 1):
        cv2.circle(picture, (middle + side * head // 3, int(height * 0.44)), max(head // 16, 1), (30, 30, 40), -1, cv2.LINE_AA)
    cv2.ellipse(
        picture,
        (middle, int(height * 0.58)),
        (head // 5, head // 16),
        0,
        0,
        180,
        (90, 90, 190),
        max(head // 40, 1),
        cv2.LINE_AA,
    )
    return picture


def ridges(seed: int) -> Image:
    """Waves that look like a thumb's."""
    y, x = np.mgrid[0:288, 0:256].astype(np.float32)
    turn = np.sin((x + seed * 13) / 40) * 14 + np.cos(y / 50) * 10
    waves = np.sin(np.hypot(x - 128 + turn, y - 150 - seed * 9) * 0.78)
    inside = np.hypot((x - 128) / 108, (y - 144) / 134) < 1
    return np.where(inside, np.clip(140 + 110 * waves, 20, 255), 255).astype(np.uint8)


def picture_book() -> dict[str, bytes]:
    """The pictures that the snapshots name."""
    return {
        "chip": png(face_drawing(102, 126, shade=14)),
        "portrait": png(face_drawing(480, 640)),
        "right": png(ridges(1)),
        "left": png(ridges(4)),
    }

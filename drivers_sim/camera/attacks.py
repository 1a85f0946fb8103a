"""Scenes that a station must not fall for, and scenes that make a picture hard: what the simulated camera shows instead."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from drivers_sim.camera.scene import HEIGHT, WIDTH, Act, Place, compose, eyes_at, stand_before
from drivers_sim.people import Look
from kiosk.records import Image


class Attack(StrEnum):
    """What goes on before the camera."""

    PRINTED_PHOTO = "printed_photo"  # held up and tilted a little
    TURNED_PHOTO = "turned_photo"  # a print that is turned, to look like a turning head
    PHONE_REPLAY = "phone_replay"  # a recording on a phone's screen: somebody who sits and blinks
    SECOND_PERSON = "second_person"  # walks in beside the student
    FACE_MASK = "face_mask"
    SUNGLASSES = "sunglasses"
    BACK_LIGHT = "back_light"
    DARK_ROOM = "dark_room"


_PRINT: Final = (470, 600)  # the print's size in the picture
_PHONE: Final = (430, 720)
_FACE_MIDDLE: Final = (640.0, 330.0)


def attack(kind: Attack, face: int, other: int, share: float, number: int) -> Image:
    """uint8 (720, 1280, 3); `face` is who sits or is shown, `other` who walks in; `share` 0..1 of the scene has passed."""
    sitting = compose(face, Act.SIT, share, number)
    match kind:
        case Attack.PRINTED_PHOTO:
            shown = _held_up(compose(face, Act.SIT, 0.2, 0), _PRINT, 8 * np.sin(2 * np.pi * share), 1.5, number)
        case Attack.TURNED_PHOTO:
            shown = _held_up(compose(face, Act.SIT, 0.2, 0), _PRINT, 50 * np.sin(np.pi * share), 0.0, number)
        case Attack.PHONE_REPLAY:
            glowing = cv2.convertScaleAbs(sitting, alpha=1.05, beta=12)
            shown = _held_up(_scan_lines(np.asarray(glowing, np.uint8)), _PHONE, 3 * np.sin(2 * np.pi * share), 0.5, number)
        case Attack.SECOND_PERSON:
            beside = Place(620 - 250 * min(1.0, 2 * share), 12, 0.92, 0, Look.FRONT)
            shown = stand_before(sitting, other, beside)
        case Attack.FACE_MASK:
            shown = _covered(sitting, share, _mask_shape(), (228, 214, 200))
        case Attack.SUNGLASSES:
            shown = _covered(sitting, share, _glasses_shape(), (18, 16, 16))
        case Attack.BACK_LIGHT:
            shown = _back_lit(sitting)
        case Attack.DARK_ROOM:
            grain = np.random.default_rng(number).normal(0, 5, sitting.shape)
            shown = np.asarray(np.clip(sitting * np.float32(0.16) + grain, 0, 255), np.uint8)
    return shown


def _held_up(shown: Image, size: tuple[int, int], turn_deg: float, lean_deg: float, number: int) -> Image:
    """A flat picture of a person, turned about its upright axis, before the empty room."""
    wide, high = size
    cut = shown[0:HEIGHT, (WIDTH - HEIGHT * wide // high) // 2 :][:, : HEIGHT * wide // high]
    source = np.array([(0, 0), (cut.shape[1], 0), (cut.shape[1], cut.shape[0]), (0, cut.shape[0])], np.float32)
    half, depth = wide / 2 * np.cos(np.radians(turn_deg)), wide / 2 * np.sin(np.radians(turn_deg)) / 1800
    corners = np.array(
        [(x * half / (1 + x * depth), y * high / 2 / (1 + x * depth)) for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
    )
    lean = np.radians(lean_deg)
    corners = corners @ np.array([[np.cos(lean), np.sin(lean)], [-np.sin(lean), np.cos(lean)]]) + (640, 360)
    warp = cv2.getPerspectiveTransform(source, corners.astype(np.float32))
    room = compose(0, Act.EMPTY, 0, number)
    flat = cv2.warpPerspective(cut, warp, (WIDTH, HEIGHT), flags=cv2.INTER_AREA)
    there = cv2.warpPerspective(np.full(cut.shape[:2], 255, np.uint8), warp, (WIDTH, HEIGHT))
    return np.asarray(np.where(there[..., None] > 127, flat, room), np.uint8)


def _scan_lines(picture: Image) -> Image:
    striped = picture.astype(np.float32)
    striped[::3] *= 0.93
    return np.asarray(np.clip(striped, 0, 255), np.uint8)


def _covered(picture: Image, share: float, shape: NDArray[np.float64], colour: tuple[int, int, int]) -> Image:
    """Something over a part of the face; `shape` in shares of the eye-to-chin distance off the eyes' middle."""
    x, y, size = eyes_at(share)
    corners = np.rint(shape * size + (x, y)).astype(np.int32)
    layer = picture.copy()
    cv2.fillPoly(layer, [corners], colour, cv2.LINE_AA)
    return np.asarray(cv2.addWeighted(layer, 0.96, picture, 0.04, 0), np.uint8)


def _mask_shape() -> NDArray[np.float64]:
    return np.array(
        [
            (-0.62, 0.22),
            (-0.3, 0.17),
            (0, 0.14),
            (0.3, 0.17),
            (0.62, 0.22),
            (0.52, 0.8),
            (0.2, 1.08),
            (-0.2, 1.08),
            (-0.52, 0.8),
        ]
    )


def _glasses_shape() -> NDArray[np.float64]:
    turn = np.linspace(0, 2 * np.pi, 40)
    right, left = (np.column_stack([side * 0.33 + 0.27 * np.cos(turn), 0.03 + 0.2 * np.sin(turn)]) for side in (-1, 1))
    return np.concatenate([right, left])


def _back_lit(picture: Image) -> Image:
    """A bright window behind, the face in its own shadow."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    distance = np.hypot((x - _FACE_MIDDLE[0]) / 300, (y - _FACE_MIDDLE[1] - 130) / 420)
    inside = 1 / (1 + np.exp(np.clip((distance - 1) * 9, -30, 30)))
    lit = picture.astype(np.float32) * (inside * 0.33 + (1 - inside) * 1.45)[..., None]
    return np.asarray(np.clip(lit, 0, 255), np.uint8)

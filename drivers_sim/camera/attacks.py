"""Scenes that a station must not fall for, and scenes that make a picture hard: what the simulated camera shows instead."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from drivers_sim.camera.scene import HEIGHT, WIDTH, Act, Place, compose, eyes_at, place, stand_before
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
_BORDER: Final = 0.035  # of the height: a print's margin, a phone's frame
_PAPER: Final = (236, 240, 242)
_BEZEL: Final = (22, 20, 20)
_FINGER: Final = (122, 150, 196)
# The window behind the student, and what its light leaves of everything else.
_WINDOW: Final = ((330, 0), (950, 560))
_DIM: Final = 0.20
_HAZE: Final = 0.06


def attack(kind: Attack, face: int, other: int, share: float, number: int) -> Image:
    """uint8 (720, 1280, 3); `face` is who sits or is shown, `other` who walks in; `share` 0..1 of the scene has passed."""
    sitting = compose(face, Act.SIT, share, number)
    match kind:
        case Attack.PRINTED_PHOTO:
            shown = _held_up(compose(face, Act.SIT, 0.2, 0), _PRINT, _PAPER, 8 * np.sin(2 * np.pi * share), 1.5, number)
        case Attack.TURNED_PHOTO:
            shown = _held_up(compose(face, Act.SIT, 0.2, 0), _PRINT, _PAPER, 50 * np.sin(np.pi * share), 0.0, number)
        case Attack.PHONE_REPLAY:
            glowing = cv2.convertScaleAbs(sitting, alpha=1.05, beta=12)
            screen = _scan_lines(np.asarray(glowing, np.uint8))
            shown = _held_up(screen, _PHONE, _BEZEL, 3 * np.sin(2 * np.pi * share), 0.5, number)
        case Attack.SECOND_PERSON:
            beside = Place(620 - 250 * min(1.0, 2 * share), 12, 0.92, 0, Look.FRONT)
            shown = stand_before(sitting, other, beside)
        case Attack.FACE_MASK:
            shown = _covered(sitting, share, _mask_shape(), (228, 214, 200))
        case Attack.SUNGLASSES:
            shown = _covered(sitting, share, _glasses_shape(), (18, 16, 16))
        case Attack.BACK_LIGHT:
            shown = _back_lit(face, share, number)
        case Attack.DARK_ROOM:
            grain = np.random.default_rng(number).normal(0, 5, sitting.shape)
            shown = np.asarray(np.clip(sitting * np.float32(0.16) + grain, 0, 255), np.uint8)
    return shown


def _held_up(
    shown: Image, size: tuple[int, int], border: tuple[int, int, int], turn_deg: float, lean_deg: float, number: int
) -> Image:
    """A flat picture of a person, turned about its upright axis, held before the empty room by two fingers."""
    wide, high = size
    cut = _with_border(shown[0:HEIGHT, (WIDTH - HEIGHT * wide // high) // 2 :][:, : HEIGHT * wide // high], border)
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
    held = np.asarray(np.where(there[..., None] > 127, flat, room), np.uint8)
    for x, y in corners[2:]:
        cv2.ellipse(held, (round(x), round(y) - 6), (20, 34), 0, 0, 360, _FINGER, -1, cv2.LINE_AA)
    return held


def _with_border(picture: Image, colour: tuple[int, int, int]) -> Image:
    framed, wide = picture.copy(), round(_BORDER * picture.shape[0])
    cv2.rectangle(framed, (0, 0), (picture.shape[1] - 1, picture.shape[0] - 1), colour, 2 * wide)
    return framed


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


def _back_lit(face: int, share: float, number: int) -> Image:
    """A bright window behind; the student in the room's shadow, with some of the glare over all."""
    black = _someone_before(np.zeros((HEIGHT, WIDTH, 3), np.uint8), face, share)
    white = _someone_before(np.full((HEIGHT, WIDTH, 3), 255, np.uint8), face, share)
    through = (white.astype(np.float32) - black) / 255
    room = compose(face, Act.EMPTY, 0, number).astype(np.float32) * 0.5
    cv2.rectangle(room, *_WINDOW, (255, 255, 252), -1)
    cv2.line(room, (640, 0), (640, _WINDOW[1][1]), (150, 150, 148), 10)
    glare = cv2.GaussianBlur(cv2.resize(room, (WIDTH // 8, HEIGHT // 8)), (0, 0), 12)
    shown = black * _DIM + room * through + cv2.resize(glare, (WIDTH, HEIGHT)) * _HAZE
    return np.asarray(np.clip(shown, 0, 255), np.uint8)


def _someone_before(wall: Image, face: int, share: float) -> Image:
    return stand_before(wall, face, place(Act.SIT, share))

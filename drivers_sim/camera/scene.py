"""What the simulated camera sees: a wall, and a person who comes in, looks up, settles, breathes, blinks and glances aside a
little, and leaves.

A few rendered pictures per person are moved by similarity warps and put before the wall; sensor noise is laid over it all, so
that no two pictures are equal.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from drivers_sim.people import FACES, Look, live_picture
from kiosk.records import Image

WIDTH: Final = 1280
HEIGHT: Final = 720
SIT_S: Final = 4.0  # the sitting person's movements repeat after this long
_BLINK_AT_S: Final = 3.1
_BLINK_S: Final = 0.16
_GLANCE_AT_S: Final = 2.2
_GLANCE_S: Final = 0.3
# Where a sitting person's eyes are, and how far the chin is below them: photos with a large head and with a small one both fit.
_EYES: Final = (640.0, 286.0)
_EYE_TO_CHIN: Final = 173.0
_MORE_BODY: Final = 160  # pixels
_TURNING: Final = 0.12  # of the act: how long the head is on its way
_TURN_NARROWS: Final = 0.16  # by how much of its width a turned face is narrower
_TURN_MOVES_PX: Final = 58.0  # how far its eyes are from where they were
_NOISE_STEPS: Final = 13  # the same noise, moved to this many places
_NOISE_SIGMA: Final = 2.0


class Act(StrEnum):
    """What is going on before the camera."""

    EMPTY = "empty"
    ARRIVE = "arrive"
    SIT = "sit"
    BLINK = "blink"
    TURN_LEFT = "turn_left"
    TURN_RIGHT = "turn_right"
    OPEN_MOUTH = "open_mouth"
    LEAVE = "leave"


# What a person looks like who was asked to do something, in the middle of doing it.
_DOING: Final = {Act.BLINK: Look.BLINK, Act.TURN_LEFT: Look.LEFT, Act.TURN_RIGHT: Look.RIGHT, Act.OPEN_MOUTH: Look.MOUTH}


@dataclass(frozen=True)
class Place:
    """Where the person is in one picture: pixels off the middle, scale, degrees of lean, which picture, how wide."""

    dx: float
    dy: float
    scale: float
    lean_deg: float
    look: Look
    width: float = 1.0


def compose(face: int, act: Act, share: float, number: int) -> Image:
    """One picture, uint8 (720, 1280, 3) BGR; `share` 0..1 of the act has passed, `number` chooses the noise."""
    picture = _wall()
    if act is not Act.EMPTY:
        picture = stand_before(picture, face, place(act, share))
    brighter, darker = _noise(number)
    return np.asarray(cv2.subtract(cv2.add(picture, brighter), darker), np.uint8)


def eyes_at(share: float) -> tuple[float, float, float]:
    """Where a sitting person's eyes are, and how far below them the chin is, in pixels."""
    there = place(Act.SIT, share)
    return _EYES[0] + there.dx, _EYES[1] + there.dy, _EYE_TO_CHIN * there.scale


def place(act: Act, share: float) -> Place:
    """Where a person is, and how they look, when this share of an act has passed."""
    if act is Act.ARRIVE:
        # Turned to where they walk, then bent to the chair, then up to the camera.
        look = Look.LEFT if share < 0.6 else Look.DOWN if share < 0.85 else Look.FRONT
        return _walking(share, look)
    if act is Act.LEAVE:
        return _walking(1 - share, Look.FRONT if share < 0.1 else Look.DOWN if share < 0.25 else Look.RIGHT)
    turn = 2 * math.pi * share
    width, aside = 1.0, 0.0
    if act is Act.SIT:
        look = _look_sitting(share * SIT_S)
    else:
        look = _DOING[act] if 0.3 <= share <= 0.7 else Look.FRONT
        if act in {Act.TURN_LEFT, Act.TURN_RIGHT}:
            width, aside = _turning(share, 1 if act is Act.TURN_LEFT else -1, front=look is Look.FRONT)
    return Place(
        2.5 * math.sin(turn) + 0.8 * math.sin(3 * turn) + aside,
        1.5 * math.sin(2 * turn + 1),
        1 + 0.0015 * math.sin(2 * turn),
        0.5 * math.sin(turn + 0.6),
        look,
        width,
    )


def _walking(share: float, look: Look) -> Place:
    """Where somebody is who has this share of the way to the chair behind them."""
    along = share * share * (3 - 2 * share)
    return Place(-820 * (1 - along), 26 * (1 - along), 0.86 + 0.14 * along, -3 * (1 - along), look)


def _look_sitting(seconds: float) -> Look:
    if abs(seconds - _BLINK_AT_S) < _BLINK_S / 2:
        return Look.BLINK
    return Look.ASIDE if abs(seconds - _GLANCE_AT_S) < _GLANCE_S / 2 else Look.FRONT


def _turning(share: float, side: int, *, front: bool) -> tuple[float, float]:
    """A head on its way gets narrower and its eyes move aside, bit by bit: the two pictures meet half-way and nothing jumps.

    Returns the width to draw and pixels to the side.
    """
    near = max(0.0, 1 - min(abs(share - 0.3), abs(share - 0.7)) / _TURNING)  # 1 where the pictures change over
    towards = 1 if front else -1
    return 1 - towards * near * _TURN_NARROWS / 2, towards * near * side * _TURN_MOVES_PX / 2


def stand_before(wall: Image, face: int, where: Place) -> Image:
    """Lay a person over a picture, uint8 (720, 1280, 3)."""
    cut, corner = _cut_out(face, where.look)
    info = FACES[face]
    scale = where.scale * _EYE_TO_CHIN / info.eye_to_chin
    warp = np.asarray(cv2.getRotationMatrix2D(info.eyes, where.lean_deg, scale), np.float64)
    warp[0, :] *= where.width
    warp[0, 2] += (1 - where.width) * info.eyes[0]
    warp[:, 2] += np.array(_EYES) - info.eyes + (where.dx, where.dy)
    warp[:, 2] += warp[:, :2] @ corner
    left, top, right, bottom = _reach(warp, cut.shape[1], cut.shape[0])
    picture = wall.copy()
    if left >= right or top >= bottom:
        return picture
    warp[:, 2] -= (left, top)
    moved = cv2.warpAffine(cut, warp, (right - left, bottom - top), flags=cv2.INTER_LINEAR)
    there = picture[top:bottom, left:right]
    uncovered = cv2.cvtColor(cv2.bitwise_not(cv2.extractChannel(moved, 3)), cv2.COLOR_GRAY2BGR)
    behind = cv2.multiply(there, uncovered, scale=1 / 255)
    cv2.add(cv2.cvtColor(moved, cv2.COLOR_BGRA2BGR), behind, dst=there)
    return picture


def _reach(warp: NDArray[np.float64], width: int, height: int) -> tuple[int, int, int, int]:
    """What of the camera's picture a warped one of this size can reach: left, top, right, bottom."""
    corners = warp @ np.array([(0, width, 0, width), (0, 0, height, height), (1, 1, 1, 1)])
    left, top = np.floor(corners.min(axis=1)).astype(int) - 1
    right, bottom = np.ceil(corners.max(axis=1)).astype(int) + 1
    return max(0, int(left)), max(0, int(top)), min(WIDTH, int(right)), min(HEIGHT, int(bottom))


@lru_cache(maxsize=len(Look))  # 3 MB each: the looks of one person
def _cut_out(face: int, look: Look) -> tuple[Image, tuple[int, int]]:
    """Colour times cover, and the cover, (h, w, 4) of that part in which anything of the person is; where its upper left corner
    was."""
    picture = live_picture(face, look)
    # Whoever is shown small still reaches down to the picture's edge.
    picture = np.asarray(cv2.copyMakeBorder(picture, 0, _MORE_BODY, 0, 0, cv2.BORDER_REPLICATE), np.uint8)
    left, top, width, height = cv2.boundingRect(picture[..., 3])
    left, top = max(0, left - 1), max(0, top - 1)
    picture = picture[top : top + height + 2, left : left + width + 2]
    cover = np.ascontiguousarray(picture[..., 3])
    colour = cv2.multiply(picture[..., :3], cv2.merge([cover] * 3), scale=1 / 255)
    return np.asarray(cv2.merge([*cv2.split(colour), cover]), np.uint8), (left, top)


@cache
def _wall() -> Image:
    """A pale wall with the light falling off to the sides: uint8 (720, 1280, 3)."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    light = 1 - 0.14 * ((x / WIDTH - 0.42) ** 2 + (y / HEIGHT - 0.35) ** 2) * 2
    blotches = np.random.default_rng(5).normal(0, 1, (18, 32)).astype(np.float32)
    light += 0.004 * cv2.resize(blotches, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
    return np.asarray(light[..., None] * np.array([202, 194, 187], np.float32), np.uint8)


def _noise(number: int) -> tuple[Image, Image]:
    """Sensor noise, what is added and what is taken away: (720, 1280, 3)."""
    step = number % _NOISE_STEPS
    brighter, darker = (one[step : HEIGHT + step, 3 * step : WIDTH + 3 * step] for one in _noise_sheets())
    return brighter, darker


@cache
def _noise_sheets() -> tuple[Image, Image]:
    """Mostly of brightness, a little of colour; no pixel is in both."""
    draw = np.random.default_rng(11)
    shape = (HEIGHT + _NOISE_STEPS, WIDTH + 3 * _NOISE_STEPS)
    grey = draw.standard_normal((*shape, 1), np.float32)
    tint = draw.standard_normal((*shape, 3), np.float32)
    noise = np.rint(_NOISE_SIGMA * (grey + tint / 2))
    return np.asarray(np.maximum(noise, 0), np.uint8), np.asarray(np.maximum(-noise, 0), np.uint8)

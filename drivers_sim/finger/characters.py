"""The simulated sensor's own character files: where ridges end and fork, as in a real sensor's.

A real sensor's format is a secret of its firm. This one does what clients can see of it: a file of fixed length, high scores
for presses of one finger, low ones for others, refusal of a picture with too little of a finger on it. It has nothing in common
with the matcher that it helps to try.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from kiosk.records import Image

LENGTH: Final = 512  # bytes, as ZFM-20 and AS608
PERFECT: Final = 200  # the score of a file against itself
_LIMITS: Final = {1: 30, 2: 40, 3: 50, 4: 60, 5: 70}  # by security level: the score from which two files are of one finger
_MAGIC: Final = b"SIM2"
_HEADER: Final = ">4sB"
_MOST: Final = (LENGTH - struct.calcsize(_HEADER)) // 3  # a point takes three bytes
_LEAST: Final = 10  # points below which a picture is refused

_PERIOD_PX: Final = 9.0  # from ridge to ridge
_DIRECTIONS: Final = 16
_REACH: Final = 10  # of a filter
_CONTRAST: Final = 18.0  # grey levels of standard deviation that ridges have
_EDGE_PX: Final = 12  # ridges end where the finger does: those ends say nothing
_CLOSE_PX: Final = 7.0  # two points so near each other are a torn ridge or a pore

_TURNS: Final = np.radians(np.arange(-20, 21, 4))
_CELL_PX: Final = 8  # of the vote for a shift
_NEAR_PX: Final = 10.0
_ALIKE: Final = np.radians(20)
_ENOUGH: Final = 12  # partners that make a full score
_BY_CHANCE: Final = 0.5  # the share of partners that different fingers may have

_Reals = NDArray[np.float64]
_Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class _Points:
    """`place`: float64 (N, 2), x and y in pixels. `direction`: float64 (N,), radians, [0, pi)."""

    place: _Reals
    direction: _Reals


def limit(security: int) -> int:
    """The score from which two files are of one finger, by security level 1–5."""
    return _LIMITS[security]


def characters(pixels: Image) -> bytes | None:
    """The character file of uint8 (H, W); None when too little of it is ridges (confirmation code 07)."""
    return _found(pixels.tobytes(), pixels.shape)


@lru_cache(maxsize=64)  # the same picture is asked about again; all sensors share what was found
def _found(grey: bytes, shape: tuple[int, ...]) -> bytes | None:
    pixels = np.frombuffer(grey, np.uint8).reshape(shape)
    ridges, direction, skin = _enhanced(pixels)
    thin = _thinned((ridges > 0) & skin)
    _, branches = _surroundings(np.pad(thin, 1))
    inside = cv2.erode(skin.astype(np.uint8), np.ones((2 * _EDGE_PX + 1,) * 2, np.uint8), borderValue=0)
    special = thin & (inside > 0) & ((branches[1:-1, 1:-1] == 1) | (branches[1:-1, 1:-1] >= 3))
    *_, middles = cv2.connectedComponentsWithStats(special.astype(np.uint8))  # the pixels of a fork are one point
    place = _without_close_ones(middles[1:])[:_MOST]
    if len(place) < _LEAST:
        return None
    columns, rows = np.rint(place).astype(int).T
    coded = np.column_stack([place / 2, direction[rows, columns] / np.pi * 256]).astype(np.uint8)
    return (struct.pack(_HEADER, _MAGIC, len(coded)) + coded.tobytes()).ljust(LENGTH, b"\0")


def score(one: bytes, other: bytes) -> int:
    """0–200: how well two character files agree under the best shift and turn."""
    a, b = _points(one), _points(other)
    if a is None or b is None:
        return 0
    if one == other:
        return PERFECT
    return max(_laid_over(a, b, turn) for turn in _TURNS)


def merged(files: list[bytes], security: int) -> bytes | None:
    """One file of several presses (RegModel), the one that the others are like; None when they are of different fingers."""
    if len(files) < 2:
        return None
    sums = [sum(score(one, other) for other in files if other is not one) for one in files]
    best = files[int(np.argmax(sums))]
    return best if all(score(best, other) >= limit(security) for other in files) else None


def _enhanced(pixels: Image) -> tuple[_Reals, _Reals, _Mask]:
    """The picture with ridges above zero, their directions in radians [0, pi) with y downwards, and where there are any."""
    grey = pixels.astype(np.float64)
    smooth = cv2.GaussianBlur(grey, (0, 0), 1.0)
    gx, gy = cv2.Sobel(smooth, cv2.CV_64F, 1, 0), cv2.Sobel(smooth, cv2.CV_64F, 0, 1)
    xx, yy, xy = (cv2.GaussianBlur(product, (0, 0), 7.0) for product in (gx * gx, gy * gy, gx * gy))
    direction = (np.arctan2(2 * xy, xx - yy) / 2 + np.pi / 2) % np.pi
    mean = cv2.GaussianBlur(grey, (0, 0), 8.0)
    spread = np.sqrt(np.maximum(cv2.GaussianBlur(grey * grey, (0, 0), 8.0) - mean * mean, 0))
    coherent = np.hypot(xx - yy, 2 * xy) / (xx + yy + 1e-9) > 0.3
    skin = cv2.morphologyEx(((spread > _CONTRAST) & coherent).astype(np.uint8), cv2.MORPH_OPEN, np.ones((25, 25), np.uint8))
    level = (mean - grey) / (spread + 1.0)
    nearest = np.rint(direction / np.pi * _DIRECTIONS).astype(int) % _DIRECTIONS
    ridges = np.zeros_like(grey)
    for number in range(_DIRECTIONS):
        chosen = nearest == number
        ridges[chosen] = cv2.filter2D(level, -1, _filter(np.pi * number / _DIRECTIONS))[chosen]
    return ridges, direction, np.asarray(skin > 0)


def _filter(angle: float) -> _Reals:
    """Smooths along a ridge and tells it from its valleys."""
    down, right = np.mgrid[-_REACH : _REACH + 1, -_REACH : _REACH + 1].astype(np.float64)
    across = down * np.cos(angle) - right * np.sin(angle)
    kernel = np.exp(-(right**2 + down**2) / (2 * (0.5 * _PERIOD_PX) ** 2)) * np.cos(2 * np.pi * across / _PERIOD_PX)
    return np.asarray(kernel - kernel.mean())


def _thinned(ridges: _Mask) -> _Mask:
    """Lines of one pixel's width (Zhang and Suen, 1984)."""
    thin = np.pad(ridges, 1)
    while True:
        before = int(thin.sum())
        for first, second in (((0, 2, 4), (2, 4, 6)), ((0, 2, 6), (0, 4, 6))):
            around, branches = _surroundings(thin)
            count = around.sum(axis=0)
            free = ~around[list(first)].all(axis=0) & ~around[list(second)].all(axis=0)
            thin &= ~((count >= 2) & (count <= 6) & (branches == 1) & free)
        if int(thin.sum()) == before:
            return thin[1:-1, 1:-1]


def _surroundings(thin: _Mask) -> tuple[_Mask, NDArray[np.int64]]:
    """The eight neighbours of every pixel, clockwise from the upper one, and how many separate lines they are."""
    clockwise = ((1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1), (0, 1), (1, 1))
    around = np.stack([np.roll(thin, shift, (0, 1)) for shift in clockwise])
    return around, np.sum(~around & np.roll(around, -1, 0), axis=0)


def _without_close_ones(place: _Reals) -> _Reals:
    """Points that have no other one near: both sides of a gap and both feet of a bridge go."""
    apart = np.linalg.norm(place[:, None] - place, axis=-1)
    np.fill_diagonal(apart, np.inf)
    return np.asarray(place[apart.min(axis=1, initial=np.inf) > _CLOSE_PX])


def _laid_over(a: _Points, b: _Points, turn: float) -> int:
    """The score when `a` is turned so, under the shift that most pairs of points vote for."""
    cos, sin = np.cos(turn), np.sin(turn)
    turned = a.place @ np.array([[cos, sin], [-sin, cos]])
    alike = np.abs(_between(a.direction[:, None] + turn, b.direction)) < _ALIKE
    shifts = b.place[None] - turned[:, None]
    votes = np.floor(shifts[alike] / _CELL_PX).astype(int)
    if not len(votes):
        return 0
    lowest = votes.min(axis=0)
    poll = np.zeros(votes.max(axis=0) - lowest + 1)
    np.add.at(poll, tuple((votes - lowest).T), 1)
    winner = np.unravel_index(int(ndimage.uniform_filter(poll, 3, mode="constant").argmax()), poll.shape)
    laid = turned + (np.array(winner) + lowest + 0.5) * _CELL_PX
    for _ in range(3):  # with the shift of the vote, then with that of the partners
        apart = np.where(alike, np.linalg.norm(b.place[None] - laid[:, None], axis=-1), np.inf)
        nearest = apart.argmin(axis=1)
        mine = np.arange(len(laid))
        partners = (apart.argmin(axis=0)[nearest] == mine) & (apart[mine, nearest] < _NEAR_PX)
        if not partners.any():
            return 0
        laid = laid + np.median(b.place[nearest[partners]] - laid[partners], axis=0)
    expected = _common(laid, b.place) + _common(b.place, laid)
    share = 2 * partners.sum() / max(expected, 2 * partners.sum()) * min(1.0, partners.sum() / _ENOUGH)
    return int(PERFECT * max(0.0, share - _BY_CHANCE) / (1 - _BY_CHANCE))


def _between(one: _Reals, other: _Reals) -> _Reals:
    """How far directions are apart, radians, (-pi/2, pi/2]."""
    return np.asarray((one - other + np.pi / 2) % np.pi - np.pi / 2)


def _common(place: _Reals, other: _Reals) -> int:
    """How many points lie where the other file has points too."""
    inside = (place >= other.min(axis=0) - _NEAR_PX) & (place <= other.max(axis=0) + _NEAR_PX)
    return int(inside.all(axis=1).sum())


def _points(file: bytes) -> _Points | None:
    if len(file) < LENGTH or not file.startswith(_MAGIC):
        return None
    _, count = struct.unpack_from(_HEADER, file)
    coded = np.frombuffer(file, np.uint8, 3 * count, struct.calcsize(_HEADER)).reshape(count, 3).astype(np.float64)
    return _Points(2 * coded[:, :2], coded[:, 2] / 256 * np.pi)

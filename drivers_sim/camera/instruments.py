"""Things that somebody holds before a camera in place of a face: paper, flat or bent, and screens.

Each pixel's ray is followed to the sheet, whose middle lies before the camera, turned about three axes, and bent about its
upright middle line. What is seen there is the picture on it, times its shading and its halftone or its grid of pixels, plus
what it mirrors of a lamp. A grid finer than the camera's own beats with it: that is moiré, and comes by itself, since the grid
is looked up where the rays meet it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from drivers_sim.camera.scene import HEIGHT, WIDTH
from kiosk.records import Image

FOCAL: Final = 1100.0  # pixels: the camera sees 60° across
_MIDDLE: Final = (WIDTH / 2, HEIGHT / 2)
_COLOURS_APART: Final = (-2 * math.pi / 3, 0.0, 2 * math.pi / 3)  # blue, green, red lie beside each other on a screen
_MARGIN: Final = 3  # pixels around what a sheet is seen in
_ROWS: Final = 32  # worked out at a time: what belongs to so many stays in the processor's cache
_BAND_PX: Final = 300.0  # of a backlight's flicker
_BAND_PER_S: Final = 9.0
_Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Pose:
    """Where the middle of a sheet is: pixels off the picture's middle, metres away. Turned by degrees; bent with a radius in
    metres, its middle nearest to the camera (0: flat)."""

    dx: float = 0.0
    dy: float = 0.0
    away: float = 0.5
    yaw_deg: float = 0.0
    pitch_deg: float = 0.0
    roll_deg: float = 0.0
    radius: float = 0.0


@dataclass(frozen=True)
class Surface:
    """What a sheet does to light. `pitch`: of halftone dots or of a screen's pixels, metres; `grain`: how much of them is left
    between the camera's pixels, shares; `glare`: of a lamp, 0..1; `lamp_deg`: the lamp off the camera, as the sheet sees it;
    `blur_deg`: how wide it mirrors the lamp; `band`: of a backlight's flicker, shares."""

    pitch: float
    grain: float
    glare: float
    lamp_deg: tuple[float, float]
    blur_deg: float
    glows: bool
    band: float = 0.0


def hold(behind: Image, sheet: Image, surface: Surface, pose: Pose, at_s: float) -> Image:
    """A sheet before what is behind, uint8 (720, 1280, 3). `sheet`: uint8 (h, w, 4) BGRA, of the size at which it is seen."""
    left, top, right, bottom = _reach(sheet, pose)
    picture = behind.copy()
    for first in range(top, bottom, _ROWS) if left < right else ():
        last = min(first + _ROWS, bottom)
        _lay(picture[first:last, left:right], (left, first), sheet, surface, pose, at_s)
    return picture


def _lay(there: Image, corner: tuple[int, int], sheet: Image, surface: Surface, pose: Pose, at_s: float) -> None:
    """Put the sheet over a part of the picture, whose upper left corner is there."""
    turned = _turned(pose)
    high, wide = there.shape[:2]
    x, y = np.meshgrid(np.arange(wide, dtype=np.float32) + corner[0], np.arange(high, dtype=np.float32) + corner[1])
    rays = np.stack([(x - _MIDDLE[0]) / FOCAL, (y - _MIDDLE[1]) / FOCAL, np.ones_like(x)])
    across, down, slope = _met(rays, turned, pose)
    scale = np.float32(FOCAL / pose.away)  # pixels of the sheet a metre
    column, row = across * scale + np.float32((sheet.shape[1] - 1) / 2), down * scale + np.float32((sheet.shape[0] - 1) / 2)
    seen = cv2.remap(sheet, column, row, cv2.INTER_LINEAR)
    facing, mirrored = _lit(rays, turned, slope, surface)
    light = _grid(across, down, surface)
    if surface.glows:
        light *= 1 + surface.band * np.sin(2 * np.pi * y / _BAND_PX + _BAND_PER_S * at_s, dtype=np.float32)[..., None]
    else:
        light *= facing[..., None]
    shown = seen[..., :3] * light + (255 * surface.glare) * mirrored[..., None]
    cover = seen[..., 3:] * np.float32(1 / 255)
    there[:] = np.clip(shown * cover + there * (1 - cover), 0, 255)


def corners(sheet: Image, pose: Pose) -> NDArray[np.float64]:
    """Where the camera sees the corners of a sheet: (4, 2), upper left first, then clockwise."""
    return _seen_at(sheet, pose, ((-1, -1), (1, -1), (1, 1), (-1, 1)))


def _seen_at(sheet: Image, pose: Pose, places: Sequence[tuple[float, float]]) -> NDArray[np.float64]:
    """Where the camera sees places of a sheet, which are given in shares of half its sides off its middle."""
    half = np.array((sheet.shape[1], sheet.shape[0])) * pose.away / FOCAL / 2
    flat = np.array(places) * half
    if pose.radius:
        along = flat[:, 0].copy()  # the paper, which is longer than its shadow
        for _ in range(4):
            flat[:, 0] = along / (1 + (flat[:, 0] / pose.radius) ** 2 / 6)
    deep = flat[:, :1] ** 2 / (2 * pose.radius) if pose.radius else np.zeros((len(flat), 1))
    points = np.hstack([flat, deep]) @ _turned(pose).T + _centre(pose)
    return np.asarray(points[:, :2] / points[:, 2:] * FOCAL + _MIDDLE)


def _turned(pose: Pose) -> NDArray[np.float64]:
    """The sheet's axes (across, down, away from the camera) as the camera has them, in columns."""
    yaw, pitch, roll = (math.radians(angle) for angle in (pose.yaw_deg, pose.pitch_deg, pose.roll_deg))
    about_y = np.array([(math.cos(yaw), 0, math.sin(yaw)), (0, 1, 0), (-math.sin(yaw), 0, math.cos(yaw))])
    about_x = np.array([(1, 0, 0), (0, math.cos(pitch), -math.sin(pitch)), (0, math.sin(pitch), math.cos(pitch))])
    about_z = np.array([(math.cos(roll), -math.sin(roll), 0), (math.sin(roll), math.cos(roll), 0), (0, 0, 1)])
    return np.asarray(about_y @ about_x @ about_z)


def _centre(pose: Pose) -> NDArray[np.float64]:
    return np.array((pose.dx * pose.away / FOCAL, pose.dy * pose.away / FOCAL, pose.away))


def _reach(sheet: Image, pose: Pose) -> tuple[int, int, int, int]:
    """What of the picture the sheet can be seen in."""
    found = _seen_at(sheet, pose, [(across, down) for down in (-1, 1) for across in np.linspace(-1, 1, 9)])
    left, top = np.maximum(np.floor(found.min(axis=0)) - _MARGIN, 0).astype(int)
    right, bottom = np.minimum(np.ceil(found.max(axis=0)) + _MARGIN, (WIDTH, HEIGHT)).astype(int)
    return int(left), int(top), int(right), int(bottom)


def _met(rays: _Floats, turned: NDArray[np.float64], pose: Pose) -> tuple[_Floats, _Floats, _Floats]:
    """Where each ray meets the sheet, in metres across and down it, and how steeply the sheet falls away there."""
    start = (-turned.T @ _centre(pose)).astype(np.float32)
    way = np.tensordot(turned.T.astype(np.float32), rays, 1)
    bent = np.float32(1 / pose.radius if pose.radius else 0)
    # start_z + t way_z = bent/2 (start_x + t way_x)²; the root that is the flat sheet's when nothing is bent
    square = -bent / 2 * way[0] ** 2
    linear = way[2] - bent * way[0] * start[0]
    constant = start[2] - bent / 2 * start[0] ** 2
    under = np.maximum(linear**2 - 4 * square * constant, 0)
    along = -2 * constant / (linear + np.sqrt(under))
    across, down = start[0] + along * way[0], start[1] + along * way[1]
    slope = bent * across
    return across * (1 + slope**2 / 6), down, slope


def _lit(rays: _Floats, turned: NDArray[np.float64], slope: _Floats, surface: Surface) -> tuple[_Floats, _Floats]:
    """How much of the room's light the sheet gives back, and how much of the lamp it mirrors."""
    flat = turned.astype(np.float32)
    steep = np.sqrt(1 + slope**2)
    normal = (flat[:, 0, None, None] * slope - flat[:, 2, None, None]) / steep  # towards the camera
    ray = rays / np.sqrt(np.sum(rays**2, axis=0))
    towards = np.sum(ray * normal, axis=0)
    lamp = np.array([math.tan(math.radians(angle)) for angle in surface.lamp_deg] + [-1.0], np.float32)
    lamp /= np.linalg.norm(lamp)
    met = np.tensordot(lamp, ray - 2 * towards * normal, 1)
    off = np.sqrt(np.maximum(2 - 2 * met, 0))  # radians, nearly
    mirrored = np.exp(-((off / math.radians(surface.blur_deg)) ** 2))
    return np.asarray(0.55 + 0.45 * np.abs(towards), np.float32), np.asarray(mirrored, np.float32)


def _grid(across: _Floats, down: _Floats, surface: Surface) -> _Floats:
    """A screen's columns of three colours and its rows, or a print's dots at 45°: (h, w, 3) about 1."""
    turn = np.float32(2 * np.pi / surface.pitch)
    if not surface.glows:
        dots = np.cos(turn * (across + down) * np.float32(0.7071)) * np.cos(turn * (across - down) * np.float32(0.7071))
        return np.asarray(1 + surface.grain * np.repeat(dots[..., None], 3, axis=2), np.float32)
    rows = 0.5 * np.cos(turn * down)
    columns: list[Any] = [np.cos(turn * across + np.float32(shift)) + rows for shift in _COLOURS_APART]
    return np.asarray(1 + surface.grain * np.stack(columns, axis=2), np.float32)

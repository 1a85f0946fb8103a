"""Glasses: two rims of wire, a bridge and temples."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from drivers_sim.people.mesh import Floats

_ROUND: Final = 40  # points along a rim
_TUBE: Final = 6  # points around the wire
_WIRE: Final = 0.016  # dm
_BAR_POINTS: Final = 2
_WIDE, _HIGH = 0.66, 0.54  # a rim against half the eyes' distance
COUNT: Final = 2 * _ROUND * _TUBE + 3 * _BAR_POINTS * _TUBE


def place(eyes: Floats, size: float, squareness: float) -> Floats:
    """Vertices (COUNT, 3) for eyes' centres (2, 3), left first; `squareness` 2 is round, 5 nearly a rectangle."""
    half = abs(eyes[0, 0] - eyes[1, 0]) / 2
    front = eyes[:, 2].mean() + 0.36
    points = [
        _rim(np.array([eye[0] * 1.04, eye[1] - 0.03, front]), half * _WIDE * size, half * _HIGH * size, squareness)
        for eye in eyes
    ]
    inner, outer = half * (1.04 - _WIDE * size), half * (1.04 + _WIDE * size)
    y = eyes[:, 1].mean() + 0.02
    points.append(_bar(np.array([-inner, y, front + 0.02]), np.array([inner, y, front + 0.02])))
    for side in (1, -1):
        hinge = np.array([side * outer, y + 0.04, front - 0.02])
        points.append(_bar(hinge, np.array([side * (outer + 0.10), y + 0.02, front - 1.25])))
    return np.concatenate(points)


def triangles() -> NDArray[np.int32]:
    """Of the vertices that `place` gives."""
    quads = []
    start = 0
    for along, closed in ((_ROUND, True), (_ROUND, True), *(((_BAR_POINTS, False),) * 3)):
        for i in range(along if closed else along - 1):
            for k in range(_TUBE):
                a, b = start + i * _TUBE, start + (i + 1) % along * _TUBE
                quads.append((a + k, b + k, b + (k + 1) % _TUBE, a + (k + 1) % _TUBE))
        start += along * _TUBE
    table = np.array(quads)
    return np.concatenate([table[:, [0, 1, 2]], table[:, [0, 2, 3]]]).astype(np.int32)


def _rim(centre: Floats, wide: float, high: float, squareness: float) -> Floats:
    turn = np.arange(_ROUND) / _ROUND * 2 * np.pi
    cosine, sine = np.cos(turn), np.sin(turn)
    x = np.sign(cosine) * np.abs(cosine) ** (2 / squareness) * wide
    y = np.sign(sine) * np.abs(sine) ** (2 / squareness) * high
    path = np.stack([x, y, -0.10 * (x / wide) ** 2], 1) + centre
    return _tube(path, np.stack([cosine, sine, 0 * turn], 1), np.tile([0.0, 0, 1], (_ROUND, 1)))


def _bar(start: Floats, end: Floats) -> Floats:
    forward = (end - start) / np.linalg.norm(end - start)
    up = np.array([0.0, 1, 0])
    aside = np.cross(forward, up)
    return _tube(np.stack([start, end]), np.tile(up, (2, 1)), np.tile(aside, (2, 1)))


def _tube(path: Floats, first: Floats, second: Floats) -> Floats:
    turn = np.arange(_TUBE) / _TUBE * 2 * np.pi
    ring = first[:, None] * np.cos(turn)[None, :, None] + second[:, None] * np.sin(turn)[None, :, None]
    return np.asarray((path[:, None] + _WIRE * ring).reshape(-1, 3))

"""Soft light: environments as nine spherical harmonics, and how much of them reaches each vertex."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from drivers_sim.people.mesh import Floats

DIRECTIONS: Final = 96
_AMBIENT: Final = 0.42
# By name: lamps as direction, colour and how narrow they are.
_LAMPS: Final = {
    "room": (
        ((0.35, 0.6, 0.9), (1.15, 1.1, 1.02), 10),
        ((-0.8, 0.2, 0.6), (0.45, 0.48, 0.55), 6),
        ((0, 1, 0), (0.35, 0.35, 0.36), 2),
    ),
    "flash": (((0, 0.15, 1), (1.3, 1.28, 1.25), 8), ((0, 1, 0.3), (0.45, 0.45, 0.46), 2)),
    "left": (
        ((-0.8, 0.45, 0.65), (1.35, 1.28, 1.15), 8),
        ((0.9, 0.1, 0.4), (0.22, 0.25, 0.32), 4),
        ((0, 1, 0), (0.3, 0.3, 0.31), 2),
    ),
    "top": (((0.1, 1, 0.45), (1.35, 1.32, 1.25), 6), ((0, -0.2, 1), (0.35, 0.36, 0.4), 3)),
}


def harmonics(directions: Floats) -> Floats:
    """The first nine real spherical harmonics of unit vectors: (n, 9)."""
    x, y, z = directions.T
    rows = [0.282095 + 0 * x, 0.488603 * y, 0.488603 * z, 0.488603 * x, 1.092548 * x * y, 1.092548 * y * z]
    rows += [0.315392 * (3 * z * z - 1), 1.092548 * x * z, 0.546274 * (x * x - y * y)]
    return np.stack(rows, 1)


def sphere(count: int) -> Floats:
    """Evenly spread unit vectors (Fibonacci)."""
    index = np.arange(count) + 0.5
    polar, turn = np.arccos(1 - 2 * index / count), np.pi * (1 + 5**0.5) * index
    return np.stack([np.cos(turn) * np.sin(polar), np.sin(turn) * np.sin(polar), np.cos(polar)], 1)


def environment(name: str, turn: Floats) -> Floats:
    """Coefficients (9, 3) of a light, turned by a rotation matrix."""
    light = np.full((len(_SAMPLES), 3), _AMBIENT)
    for direction, colour, narrow in _LAMPS[name]:
        towards = turn @ (np.array(direction) / np.linalg.norm(direction))
        lobe = np.maximum(_SAMPLES @ towards, 0) ** narrow
        light += (lobe / (4 * lobe.mean()))[:, None] * np.array(colour) * 0.8
    return np.asarray(_SAMPLE_HARMONICS.T @ light * 4 * np.pi / len(_SAMPLES))


def main_lamp(name: str) -> Floats:
    """Halfway between the brightest lamp and the camera, for highlights."""
    direction = np.array(max(_LAMPS[name], key=lambda lamp: sum(lamp[1]))[0])
    half = direction / np.linalg.norm(direction) + (0, 0, 1)
    return np.asarray(half / np.linalg.norm(half))


def transfer(normals: Floats, visible: Floats) -> Floats:
    """How light reaches vertices (v, 9), from what each sees of `sphere(DIRECTIONS)`: (v, DIRECTIONS) 0 or 1."""
    directions = sphere(DIRECTIONS)
    return np.asarray((visible * np.maximum(normals @ directions.T, 0)) @ harmonics(directions) * 4 / DIRECTIONS)


def vertex_normals(vertices: Floats, triangles: NDArray[np.int32]) -> Floats:
    a, b, c = (vertices[triangles[:, k]] for k in range(3))
    faces = np.cross(b - a, c - a)
    summed = np.zeros_like(vertices)
    for k in range(3):
        for axis in range(3):
            summed[:, axis] += np.bincount(triangles[:, k], faces[:, axis], len(vertices))
    return np.asarray(summed / (np.linalg.norm(summed, axis=1)[:, None] + 1e-12))


_SAMPLES: Final = sphere(600)
_SAMPLE_HARMONICS: Final = harmonics(_SAMPLES)

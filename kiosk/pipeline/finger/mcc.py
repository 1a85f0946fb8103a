"""Minutia cylinder-codes: what the neighbourhood of each minutia looks like, whatever the turn and shift of the finger.

R. Cappelli, M. Ferrara, D. Maltoni: Minutia Cylinder-Code. IEEE TPAMI 32(12), 2010. Symbols and values are table 1's; all
lengths are pixels at 500 dpi.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from kiosk.pipeline.finger.minutiae import Minutiae

RADIUS: Final = 70.0
CELLS_ACROSS: Final = 8  # N_S
SECTIONS: Final = 6  # N_D: slices of direction
SIGMA_S: Final = 28 / 3
SIGMA_D: Final = 2 * np.pi / 9
MU_PSI: Final = 0.01
TAU_PSI: Final = 400.0
OMEGA: Final = 50.0  # how far beyond the outermost minutiae the finger is taken to be known
MIN_VALID_CELLS: Final = 0.75
MIN_NEIGHBOURS: Final = 2  # minutiae that must contribute to a cylinder
MIN_MATCHABLE: Final = 0.60  # share of cells that two cylinders must both know
DELTA_THETA: Final = np.pi / 2  # minutiae whose directions differ by more are no pair

_LEAST_MINUTIAE: Final = 5
_LEAST_CYLINDERS: Final = 4

Floats = NDArray[np.float32]
_Array = NDArray[np.float64]


def _cell_centres() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    step = 2 * RADIUS / CELLS_ACROSS
    line = (np.arange(CELLS_ACROSS) + 0.5) * step - RADIUS
    x, y = np.meshgrid(line, line)
    inside = x**2 + y**2 <= RADIUS**2
    return x[inside], y[inside]


_CELL_X, _CELL_Y = _cell_centres()
CELLS: Final = len(_CELL_X)
_SECTION_WIDTH: Final = 2 * np.pi / SECTIONS
_SECTION_CENTRES: Final = -np.pi + (np.arange(SECTIONS) + 0.5) * _SECTION_WIDTH


@dataclass(frozen=True, eq=False)
class Cylinders:
    """Cylinders of N minutiae.

    `values`: float32 (N, cells x sections), 0–1, 0 in unknown cells. `known`: float32 (N, cells), 1 where the finger is known.
    `energy`: float32 (N, cells), the sum of squares per cell. `kept`: which minutiae have a cylinder.
    """

    values: Floats
    known: Floats
    energy: Floats
    kept: NDArray[np.intp]


def cylinders(minutiae: Minutiae) -> Cylinders:
    """Cylinders of those minutiae that have enough known neighbourhood; of none when there are too few."""
    if len(minutiae) < _LEAST_MINUTIAE:
        return _NO_CYLINDERS
    from scipy.special import expit  # here, as in `template`

    x, y = minutiae.xy[:, 0].astype(np.float64), -minutiae.xy[:, 1].astype(np.float64)  # y upwards, as directions
    direction = minutiae.direction.astype(np.float64)
    cos, sin = np.cos(direction)[:, None], np.sin(direction)[:, None]
    cell_x = x[:, None] + _CELL_X * cos - _CELL_Y * sin
    cell_y = y[:, None] + _CELL_X * sin + _CELL_Y * cos
    known = _inside_hull(x, y, cell_x, cell_y)
    near = _nearness(x, y, cell_x, cell_y)
    alike = _directional_share(direction)
    values = expit(np.clip(TAU_PSI * (np.einsum("icj,ijk->ick", near, alike, optimize=True) - MU_PSI), -60, 60))
    values *= known[:, :, None]
    neighbours = (near > 0).any(axis=1).sum(axis=1)
    kept = np.flatnonzero((known.mean(axis=1) >= MIN_VALID_CELLS) & (neighbours >= MIN_NEIGHBOURS))
    if len(kept) < _LEAST_CYLINDERS:
        return _NO_CYLINDERS
    values = values[kept].astype(np.float32)
    return Cylinders(values.reshape(len(kept), -1), known[kept].astype(np.float32), np.square(values).sum(axis=2), kept)


def similarity(a: Cylinders, b: Cylinders, a_direction: Floats, b_direction: Floats) -> Floats:
    """Local similarities, float32 (N_a, N_b), 0–1: 1 - |c_a - c_b| / (|c_a| + |c_b|) over the cells that both know."""
    known_of_a = a.energy @ b.known.T
    known_of_b = a.known @ b.energy.T
    distance = np.sqrt(np.maximum(known_of_a + known_of_b - 2 * (a.values @ b.values.T), 0))
    likeness = 1 - distance / np.maximum(np.sqrt(known_of_a) + np.sqrt(known_of_b), 1e-6)
    a_turn, b_turn = (np.stack([np.cos(one), np.sin(one)], axis=1) for one in (a_direction, b_direction))
    apart = a_turn @ b_turn.T < np.cos(DELTA_THETA)
    likeness[apart | (a.known @ b.known.T < MIN_MATCHABLE * CELLS)] = 0
    return np.asarray(likeness, np.float32)


def wrapped(angle: NDArray[np.floating]) -> NDArray[np.floating]:
    """An angle in [-pi, pi)."""
    return np.asarray((angle + np.pi) % (2 * np.pi) - np.pi, angle.dtype)


def _inside_hull(x: _Array, y: _Array, cell_x: _Array, cell_y: _Array) -> NDArray[np.bool_]:
    """Cells not further than OMEGA outside the hull of all minutiae."""
    from scipy.spatial import ConvexHull, QhullError

    try:
        sides = ConvexHull(np.stack([x, y], axis=1)).equations
    except QhullError:  # all on one line
        return np.ones_like(cell_x, bool)
    outside = sides[:, 0, None, None] * cell_x + sides[:, 1, None, None] * cell_y + sides[:, 2, None, None]
    return np.asarray(outside.max(axis=0) <= OMEGA)


def _nearness(x: _Array, y: _Array, cell_x: _Array, cell_y: _Array) -> _Array:
    """Spatial contribution (eq. 6) of minutia j to cell c of minutia i: (i, c, j); none beyond three sigma, none of itself."""
    squared = (cell_x[:, :, None] - x) ** 2 + (cell_y[:, :, None] - y) ** 2
    near = np.exp(-squared / (2 * SIGMA_S**2)) / (SIGMA_S * np.sqrt(2 * np.pi))
    near[squared > 9 * SIGMA_S**2] = 0
    own = np.arange(len(x))
    near[own, :, own] = 0
    return np.asarray(near)


def _directional_share(direction: _Array) -> _Array:
    """Directional contribution (eq. 9) of minutia j to section k of minutia i: (i, j, k)."""
    from scipy.special import erf

    difference = wrapped(direction[:, None] - direction)
    off = wrapped(_SECTION_CENTRES - difference[:, :, None])
    edge = SIGMA_D * np.sqrt(2)
    return np.asarray(0.5 * (erf((off + _SECTION_WIDTH / 2) / edge) - erf((off - _SECTION_WIDTH / 2) / edge)))


_NO_CYLINDERS: Final = Cylinders(
    np.zeros((0, CELLS * SECTIONS), np.float32),
    np.zeros((0, CELLS), np.float32),
    np.zeros((0, CELLS), np.float32),
    np.zeros(0, np.intp),
)

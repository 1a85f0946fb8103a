"""Lay one impression over the other by its best pairs of minutiae, and see how well all the others agree.

Relaxation looks at a dozen pairs; here every minutia of the common area speaks, those without a partner too. Skin that is
pressed and dragged shears and stretches by several ridges: from the pairs that a turn and a shift explain, agreement grows
outwards, each minutia moving as a turn, shift and scaling of its neighbours' partners says (moving least squares; Schaefer,
McPhail, Warren, 2006). Positions are complex numbers, x + i y with y downwards, so that a turn is a product.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from kiosk.pipeline.finger.mcc import wrapped
from kiosk.pipeline.finger.relaxation import Pairs

_ANCHOR_SUPPORT: Final = 0.3  # pairs that support the leading pair less say nothing about the turn
_ARM_PX: Final = 40.0  # minutiae so far apart tell a turn as well as their directions do
_TOLERANCES_PX: Final = (16.0, 12.0, 10.0)  # narrower with every round of fitting a turn and a shift
_GROWING_PX: Final = (16.0, 14.0, 12.0, 10.0, 8.0)  # tolerances while the stretch is taken off
_STRETCH_REACH_PX: Final = 40.0  # skin moves alike about as far as that
_STILL: Final = 0.5  # how much a minutia far from all partners stays where it is, in partners
_STIFF_PX2: Final = 400.0  # how much speaks against any turn and scaling of a neighbourhood, in squared arms of partners
_TOLERANCE_RAD: Final = np.pi / 7
_DIRECTION_SHARE: Final = 0.7  # what a full tolerance of direction weighs against one of position
_LEAST_PARTNERS: Final = 3
_BEYOND_HULL_PX: Final = 8.0  # the common area reaches a little beyond the outermost minutiae
_NEXT_PX: Final = 80.0  # partners so near each other keep their distance

_Complex = NDArray[np.complex128]
_Reals = NDArray[np.float64]
_Places = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Layout:
    """Where all minutiae of an impression lie.

    `place`: complex128 (N,), pixels. `direction`: float64 (N,), radians counter-clockwise. `sure`: float64 (N,), 0–1.
    `ending`: bool (N,), False for bifurcations. `hull`: float64 (S, 3), lines a x + b y + c <= 0 around them, none when they
    have no hull.
    """

    place: _Complex
    direction: _Reals
    sure: _Reals
    ending: NDArray[np.bool_]
    hull: _Reals


@dataclass(frozen=True, eq=False)
class Agreement:
    """How one impression lies over the other.

    `a`, `b`: intp (P,), the minutiae with a partner. `uneven_px`: by how much distances between neighbours differ on average,
    once the stretch is taken off. `expected_a`, `expected_b`: the sum of the scores of those in the common area.
    """

    a: _Places
    b: _Places
    uneven_px: float
    expected_a: float
    expected_b: float


def agreement(a: Layout, b: Layout, pairs: Pairs, a_of: _Places, b_of: _Places) -> Agreement:
    """Lay `a` over `b`. `a_of`, `b_of`: which minutiae of the layouts the pairs' numbers mean."""
    lead = int(np.argmax(pairs.support @ pairs.weight))
    anchors = pairs.support[lead] > _ANCHOR_SUPPORT
    anchors[lead] = True
    turn, shift = _fit(a, b, a_of[pairs.a[anchors]], b_of[pairs.b[anchors]], pairs.weight[anchors])
    mine, theirs = _partners(a, b, a.place * turn + shift, np.full(len(a.place), turn), _TOLERANCES_PX[0])
    for tolerance in _TOLERANCES_PX[1:]:
        if len(mine) < _LEAST_PARTNERS:
            break
        turn, shift = _fit(a, b, mine, theirs, np.ones(len(mine)))
        mine, theirs = _partners(a, b, a.place * turn + shift, np.full(len(a.place), turn), tolerance)
    laid = stretched = a.place * turn + shift
    for tolerance in _GROWING_PX:
        if len(mine) < _LEAST_PARTNERS:
            break
        stretched, turns = _stretched(laid, mine, b.place[theirs])
        mine, theirs = _partners(a, b, stretched, turn * turns, tolerance)
    least = max(1.0, len(mine) / 2)
    seen_by_b = _inside(b.hull, laid)
    seen_by_a = _inside(a.hull, (b.place - shift) * np.conj(turn))
    return Agreement(
        mine,
        theirs,
        _unevenness(stretched[mine], b.place[theirs]),
        max(least, float(a.sure[seen_by_b].sum())),
        max(least, float(b.sure[seen_by_a].sum())),
    )


def _fit(a: Layout, b: Layout, from_a: _Places, to_b: _Places, weight: _Reals) -> tuple[complex, complex]:
    """The turn (a unit number) and shift that bring pairs together, by least squares over positions and directions."""
    total = max(float(weight.sum()), 1e-12)
    start, end = a.place[from_a], b.place[to_b]
    middle, target = (start * weight).sum() / total, (end * weight).sum() / total
    by_position = ((end - target) * np.conj(start - middle) * weight).sum() / _ARM_PX**2
    by_direction = (np.exp(1j * (a.direction[from_a] - b.direction[to_b])) * weight).sum()  # y points downwards
    turn = by_position + by_direction
    turn = turn / max(abs(turn), 1e-12)
    return complex(turn), complex(target - turn * middle)


def _stretched(laid: _Complex, from_a: _Places, aim: _Complex) -> tuple[_Complex, _Complex]:
    """Where each minutia lies once it has moved as its neighbours' partners say, and by how much it turns (a unit number).

    Around each minutia the turn, shift and scaling that bring its neighbours to their partners, weighed by distance.
    """
    start = laid[from_a]
    weight = np.exp(_squared(laid, start) * (-0.5 / _STRETCH_REACH_PX**2)) + 1e-9
    total = weight.sum(axis=1)
    middle, target = weight @ start / total, weight @ aim / total
    together = weight @ (np.conj(start) * aim) - total * np.conj(middle) * target
    arms = weight @ np.square(np.abs(start)) - total * np.square(np.abs(middle))
    bend = (together + _STIFF_PX2) / (arms + _STIFF_PX2)
    moved = target + bend * (laid - middle)
    return laid + total / (total + _STILL) * (moved - laid), bend / np.maximum(np.abs(bend), 1e-12)


def _partners(a: Layout, b: Layout, laid: _Complex, turn: _Complex, tolerance: float) -> tuple[_Places, _Places]:
    """Minutiae that are each other's nearest within the tolerances, where `laid` is where those of `a` come to lie on `b`, each
    turned by `turn`."""
    apart = _squared(laid, b.place) / tolerance**2
    near_a, near_b = np.nonzero(apart <= 1)
    turned = np.abs(wrapped((a.direction - np.angle(turn))[near_a] - b.direction[near_b])) / _TOLERANCE_RAD
    misfit = np.full_like(apart, np.inf)
    misfit[near_a, near_b] = np.where(turned <= 1, np.sqrt(apart[near_a, near_b]) + _DIRECTION_SHARE * turned, np.inf)
    nearest_b, nearest_a = misfit.argmin(axis=1), misfit.argmin(axis=0)
    mine = np.arange(len(a.place))
    found = np.flatnonzero((nearest_a[nearest_b] == mine) & np.isfinite(misfit[mine, nearest_b]))
    return found, nearest_b[found]


def _squared(here: _Complex, there: _Complex) -> _Reals:
    """Squared distances, float64 (N, M)."""
    return np.square(here.real[:, None] - there.real) + np.square(here.imag[:, None] - there.imag)


def _unevenness(laid: _Complex, aim: _Complex) -> float:
    """How much the distances between neighbouring partners differ on both impressions, pixels; 0 without neighbours."""
    here, there = np.sqrt(_squared(laid, laid)), np.sqrt(_squared(aim, aim))
    next_to = (here > 0) & (here < _NEXT_PX)
    return float(np.abs(here - there)[next_to].mean()) if next_to.any() else 0.0


def _inside(hull: _Reals, place: _Complex) -> NDArray[np.bool_]:
    if not len(hull):
        return np.ones(len(place), bool)
    over = hull[:, 0, None] * place.real + hull[:, 1, None] * place.imag + hull[:, 2, None]
    return np.asarray(over.max(axis=0) <= _BEYOND_HULL_PX)

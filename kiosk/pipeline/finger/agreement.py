"""Lay one impression over the other by its best pairs of minutiae, and see how well all the others agree.

Relaxation looks at a dozen pairs; here every minutia of the common area speaks, those without a partner too. Skin that is
pressed and dragged stretches: in the end each minutia moves as its neighbours' partners say. Positions are complex numbers,
x + i y with y downwards, so that a turn is a product.
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
_TOLERANCES_PX: Final = (16.0, 12.0, 10.0)  # narrower with every round of fitting: skin stretches by a ridge or so
_STRETCHED_PX: Final = (10.0, 8.0)  # tolerances once the stretch is taken off
_STRETCH_REACH_PX: Final = 40.0  # skin moves alike about as far as that
_STILL: Final = 0.5  # how much a minutia far from all partners stays where it is, in partners
_TOLERANCE_RAD: Final = np.pi / 7
_DIRECTION_SHARE: Final = 0.7  # what a full tolerance of direction weighs against one of position
_LEAST_PARTNERS: Final = 3
_BEYOND_HULL_PX: Final = 8.0  # the common area reaches a little beyond the outermost minutiae

_Complex = NDArray[np.complex128]
_Reals = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Layout:
    """Where all minutiae of an impression lie.

    `place`: complex128 (N,), pixels. `direction`: float64 (N,), radians counter-clockwise. `sure`: float64 (N,), 0–1. `hull`:
    float64 (S, 3), lines a x + b y + c <= 0 around them, none when they have no hull.
    """

    place: _Complex
    direction: _Reals
    sure: _Reals
    hull: _Reals


@dataclass(frozen=True)
class Agreement:
    """`matched`: minutiae with a partner. `expected_a`, `expected_b`: the sum of the scores of those in the common area."""

    matched: int
    expected_a: float
    expected_b: float


def agreement(a: Layout, b: Layout, pairs: Pairs, a_of: NDArray[np.intp], b_of: NDArray[np.intp]) -> Agreement:
    """Lay `a` over `b`. `a_of`, `b_of`: which minutiae of the layouts the pairs' numbers mean."""
    lead = int(np.argmax(pairs.support @ pairs.weight))
    anchors = pairs.support[lead] > _ANCHOR_SUPPORT
    anchors[lead] = True
    turn, shift = _fit(a, b, a_of[pairs.a[anchors]], b_of[pairs.b[anchors]], pairs.weight[anchors])
    partners_a, partners_b = _partners(a, b, turn, a.place * turn + shift, _TOLERANCES_PX[0])
    for tolerance in _TOLERANCES_PX[1:]:
        if len(partners_a) < _LEAST_PARTNERS:
            break
        turn, shift = _fit(a, b, partners_a, partners_b, np.ones(len(partners_a)))
        partners_a, partners_b = _partners(a, b, turn, a.place * turn + shift, tolerance)
    laid = a.place * turn + shift
    for tolerance in _STRETCHED_PX if len(partners_a) >= _LEAST_PARTNERS else ():
        partners_a, partners_b = _partners(a, b, turn, laid + _stretch(laid, b.place, partners_a, partners_b), tolerance)
    matched = len(partners_a)
    least = max(1.0, matched / 2)
    seen_by_b = _inside(b.hull, laid)
    seen_by_a = _inside(a.hull, (b.place - shift) * np.conj(turn))
    return Agreement(matched, max(least, float(a.sure[seen_by_b].sum())), max(least, float(b.sure[seen_by_a].sum())))


def _fit(a: Layout, b: Layout, from_a: NDArray[np.intp], to_b: NDArray[np.intp], weight: _Reals) -> tuple[complex, complex]:
    """The turn (a unit number) and shift that bring pairs together, by least squares over positions and directions."""
    total = max(float(weight.sum()), 1e-12)
    start, end = a.place[from_a], b.place[to_b]
    middle, target = (start * weight).sum() / total, (end * weight).sum() / total
    by_position = ((end - target) * np.conj(start - middle) * weight).sum() / _ARM_PX**2
    by_direction = (np.exp(1j * (a.direction[from_a] - b.direction[to_b])) * weight).sum()  # y points downwards
    turn = by_position + by_direction
    turn = turn / max(abs(turn), 1e-12)
    return complex(turn), complex(target - turn * middle)


def _stretch(laid: _Complex, aim: _Complex, from_a: NDArray[np.intp], to_b: NDArray[np.intp]) -> _Complex:
    """How much further each minutia must move: what its neighbours' partners say, weighed by distance."""
    apart = np.abs(laid[:, None] - laid[from_a])
    weight = np.exp(-np.square(apart / _STRETCH_REACH_PX) / 2)
    return np.asarray(weight @ (aim[to_b] - laid[from_a]) / (weight.sum(axis=1) + _STILL))


def _partners(
    a: Layout, b: Layout, turn: complex, laid: _Complex, tolerance: float
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Minutiae that are each other's nearest within the tolerances, where `laid` is where those of `a` come to lie on `b`."""
    apart = np.abs(laid[:, None] - b.place) / tolerance
    turned = np.abs(wrapped((a.direction - np.angle(turn))[:, None] - b.direction)) / _TOLERANCE_RAD
    misfit = apart + _DIRECTION_SHARE * turned
    misfit[(apart > 1) | (turned > 1)] = np.inf
    nearest_b, nearest_a = misfit.argmin(axis=1), misfit.argmin(axis=0)
    mine = np.arange(len(a.place))
    found = np.flatnonzero((nearest_a[nearest_b] == mine) & np.isfinite(misfit[mine, nearest_b]))
    return found, nearest_b[found]


def _inside(hull: _Reals, place: _Complex) -> NDArray[np.bool_]:
    if not len(hull):
        return np.ones(len(place), bool)
    over = hull[:, 0, None] * place.real + hull[:, 1, None] * place.imag + hull[:, 2, None]
    return np.asarray(over.max(axis=0) <= _BEYOND_HULL_PX)

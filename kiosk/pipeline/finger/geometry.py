"""Do the best pairs of cylinders of two presses lie to each other alike? Many presses at a time, before the matcher's turn."""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

PAIRS: Final = 12  # most similar pairs of cylinders whose places are looked at
_SLACK_PX: Final = np.float32(8.0)
_SLACK_PER_PX: Final = np.float32(0.22)  # directions of minutiae are right to about that many radians
_SAME_TURN: Final = float(np.cos(0.5))

_Reals = NDArray[np.float32]
_Complex = NDArray[np.complex64]
_Numbers = NDArray[np.integer]


def best_pairs(likeness: _Reals, partner: _Numbers) -> tuple[_Reals, _Numbers, _Numbers]:
    """The likeliest pairs of cylinders: of (N, cylinders) as told, their weights (N, PAIRS), and which cylinder of the one and
    of the other each stands for. `likeness`: cosines of each cylinder with its best `partner`."""
    best = np.argpartition(-likeness, min(PAIRS, likeness.shape[1]) - 1, axis=1)[:, :PAIRS]
    weight = np.maximum(np.take_along_axis(likeness, best, axis=1), 0) ** 2
    return weight, np.take_along_axis(partner, best, axis=1), best


def agreement_marks(
    place: _Complex, turn: _Complex, own_place: _Complex, own_turn: _Complex, partner: _Numbers, weight: _Reals
) -> _Reals:
    """How well pairs of cylinders agree with each other, (N,). All else is (N, PAIRS): where a pair lies on one press and on
    the other, and which cylinder it takes of the first, as one that is taken twice supports nothing."""
    # How the finger was turned according to each pair; directions count upwards, places downwards.
    turned = np.conj(turn) * own_turn
    one, other = _two_of(weight.shape[1])
    step, own_step = place[:, one] - place[:, other], own_place[:, one] - own_place[:, other]
    slack = _SLACK_PX + _SLACK_PER_PX * np.abs(own_step)
    by_one = np.abs(step - turned[:, one] * own_step) < slack
    by_other = np.abs(step - turned[:, other] * own_step) < slack
    agreed = by_one.astype(np.float32) + by_other
    agreed *= partner[:, one] != partner[:, other]
    agreed *= (turned[:, one] * np.conj(turned[:, other])).real > _SAME_TURN
    return np.asarray((agreed * weight[:, one] * weight[:, other]).sum(axis=1))


@cache
def _two_of(count: int) -> tuple[_Numbers, _Numbers]:
    """All choices of two of so many pairs."""
    one, other = np.triu_indices(count, 1)
    return one, other

"""Do the best pairs of cylinders of two presses lie to each other alike? Many presses at a time, before the matcher's turn."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

PAIRS: Final = 12  # most similar pairs of cylinders whose places are looked at
_SLACK_PX: Final = 8.0
_SLACK_PER_PX: Final = 0.22  # directions of minutiae are right to about that many radians
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
    step, own_step = place[:, :, None] - place[:, None], own_place[:, :, None] - own_place[:, None]
    off = np.abs(step - turned[:, :, None] * own_step)
    alike = (off < _SLACK_PX + _SLACK_PER_PX * np.abs(own_step)) & (partner[:, :, None] != partner[:, None])
    alike &= (turned[:, :, None] * np.conj(turned[:, None])).real > _SAME_TURN
    return np.asarray(np.einsum("nij,ni,nj->n", alike.astype(np.float32), weight, weight, optimize=True))

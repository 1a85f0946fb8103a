"""Which pairs of similar minutiae support one another: local similarities with distortion-tolerant relaxation (LSS-DTR).

R. Cappelli, M. Ferrara, D. Maltoni: Minutia Cylinder-Code, §4.3; after Y. Feng, J. Feng, X. Chen, Z. Song, 2006. True pairs
keep distances and angles to each other from one press to the next; chance pairs don't, and lose their weight in a few rounds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from kiosk.pipeline.finger.mcc import Floats, wrapped

MIN_PAIRS: Final = 4  # min n_P
MAX_PAIRS: Final = 12  # max n_P
MU_PAIRS: Final = 20.0  # mu_P: minutiae at which half of the range is used
TAU_PAIRS: Final = 0.4  # tau_P
ROUNDS: Final = 5  # n_rel
KEEP: Final = 0.5  # w_R: the weight that a pair keeps in a round
# Compatibility of two pairs: difference of distance (pixels), of direction, and of the line's angle (radians).
DISTANCE: Final = (5.0, -1.6)
DIRECTION: Final = (np.pi / 12, -30.0)
LINE: Final = (np.pi / 12, -30.0)


@dataclass(frozen=True, eq=False)
class Pairs:
    """The best pairs of minutiae, of which each minutia is in one at most: `a[i]` belongs to `b[i]`.

    `weight`: float64 (P,), what is left of their similarity. `support`: float64 (P, P), 0–1, how well two pairs agree.
    `score`: 0–1, what the pairs kept by mutual support alone.
    """

    a: NDArray[np.intp]
    b: NDArray[np.intp]
    weight: NDArray[np.float64]
    support: NDArray[np.float64]
    score: float


def best_pairs(likeness: Floats, a_xy: Floats, b_xy: Floats, a_direction: Floats, b_direction: Floats) -> Pairs:
    """Relax the most similar pairs of `likeness` (N_a, N_b).

    From the papers' score this takes off what a pair keeps without any support (its first weight times KEEP^ROUNDS), so that
    impressions of different fingers come out near 0.
    """
    from scipy.special import expit  # here, as in `template`

    smaller = min(likeness.shape)
    best = MIN_PAIRS + round(float(expit(TAU_PAIRS * (smaller - MU_PAIRS))) * (MAX_PAIRS - MIN_PAIRS))
    candidates = min(max(smaller, best), likeness.size)
    flat = likeness.ravel()
    chosen = np.argpartition(-flat, candidates - 1)[:candidates]
    first = flat[chosen].astype(np.float64)
    rows, columns = np.unravel_index(chosen, likeness.shape)
    support = _compatibility(a_xy[rows], b_xy[columns], a_direction[rows], b_direction[columns])
    support[(rows[:, None] == rows) | (columns[:, None] == columns)] = 0
    weight = first.copy()
    for _ in range(ROUNDS):
        weight = KEEP * weight + (1 - KEEP) * (support @ weight) / max(candidates - 1, 1)
    order = np.argsort(-weight / np.maximum(first, 1e-9), kind="stable")
    winners = order[_one_to_one(rows[order], columns[order], best)]
    gained = weight[winners] - first[winners] * KEEP**ROUNDS
    return Pairs(
        rows[winners], columns[winners], weight[winners], support[np.ix_(winners, winners)], float(gained.sum() / best)
    )


def _compatibility(a: Floats, b: Floats, a_direction: Floats, b_direction: Floats) -> NDArray[np.float64]:
    """rho(t, k), eq. 30–32: 1 where pairs t and k lie to each other on both impressions alike."""
    a_step = (a[:, None] - a).astype(np.float64)
    b_step = (b[:, None] - b).astype(np.float64)
    lengths = np.abs(np.hypot(a_step[..., 0], a_step[..., 1]) - np.hypot(b_step[..., 0], b_step[..., 1]))
    off = a_direction - b_direction
    turns = np.abs(wrapped(off[:, None] - off))
    a_line = np.arctan2(a_step[..., 1], -a_step[..., 0])
    b_line = np.arctan2(b_step[..., 1], -b_step[..., 0])
    lines = np.abs(wrapped(off[:, None] - a_line + b_line))
    rho = _small(lengths, *DISTANCE) * _small(turns, *DIRECTION) * _small(lines, *LINE)
    return np.asarray((rho + rho.T) / 2)


def _small(difference: NDArray[np.floating], mu: float, tau: float) -> NDArray[np.floating]:
    """Z(v, mu, tau): near 1 for differences below mu, near 0 above."""
    from scipy.special import expit

    return np.asarray(expit(tau * (difference - mu)))


def _one_to_one(rows: NDArray[np.intp], columns: NDArray[np.intp], most: int) -> list[int]:
    """The first `most` pairs in which no row and no column comes twice."""
    used_rows: set[int] = set()
    used_columns: set[int] = set()
    winners = []
    for place, (row, column) in enumerate(zip(rows.tolist(), columns.tolist(), strict=True)):
        if row in used_rows or column in used_columns:
            continue
        used_rows.add(row)
        used_columns.add(column)
        winners.append(place)
        if len(winners) == most:
            break
    return winners

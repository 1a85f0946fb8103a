"""What scores of genuine and of impostor pairs say about a method. Shares are 0..1; None where there are too few pairs."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv

Scores = NDArray[np.float64]

_DRAWS: Final = 2000


def area_under_curve(genuine: Scores, impostor: Scores) -> float | None:
    """The chance that a genuine pair scores above an impostor pair; equal scores count half."""
    if not genuine.size or not impostor.size:
        return None
    ordered = np.sort(impostor)
    below, upto = np.searchsorted(ordered, genuine, "left"), np.searchsorted(ordered, genuine, "right")
    return float(np.mean(below + upto) / 2 / impostor.size)


def equal_error_rate(genuine: Scores, impostor: Scores) -> float | None:
    """Where as many genuine pairs are refused as impostor pairs are accepted; the mean of both where they are nearest."""
    if not genuine.size or not impostor.size:
        return None
    limits = np.unique(np.concatenate([genuine, impostor]))
    accepted = 1 - np.searchsorted(np.sort(impostor), limits, "left") / impostor.size
    refused = np.searchsorted(np.sort(genuine), limits, "left") / genuine.size
    nearest = int(np.argmin(np.abs(accepted - refused)))
    return float((accepted[nearest] + refused[nearest]) / 2)


def limit_at(impostor: Scores, far: float) -> float | None:
    """The score that has to be exceeded so that at most this share of impostor pairs is accepted.

    None where not a single impostor pair may be accepted: the limit would be one pair's chance.
    """
    allowed = int(far * impostor.size + 1e-9)
    return float(np.sort(impostor)[::-1][allowed]) if allowed else None


def tar_at(genuine: Scores, impostor: Scores, far: float) -> float | None:
    """Genuine pairs accepted at the lowest limit that accepts at most this share of impostor pairs; None as of `limit_at`."""
    limit = limit_at(impostor, far)
    return None if limit is None or not genuine.size else float(np.mean(genuine > limit))


def accepted_at(scores: Scores, limit: float) -> float | None:
    """The share of pairs at or above a limit."""
    return float(np.mean(scores >= limit)) if scores.size else None


def interval(count: int, of: int) -> tuple[float, float]:
    """Where a share lies with 95 % confidence of which so many were seen, by Clopper and Pearson: exact for what is seen
    independently, too narrow for several attempts of one person."""
    low = float(betaincinv(count, of - count + 1, 0.025)) if count else 0.0
    high = float(betaincinv(count + 1, of - count, 0.975)) if count < of else 1.0
    return low, high


def interval_over_people(accepted: NDArray[np.bool_], first: NDArray[np.str_], second: NDArray[np.str_]) -> tuple[float, float]:
    """Where the share of accepted comparisons of two people lies with 95 % confidence, had other people been photographed:
    people are drawn anew, with all their photos. `accepted`: (photos, photos), `first` and `second` whose they are."""
    people, rows = np.unique(np.concatenate([first, second]), return_inverse=True)
    of_first, of_second = rows[: first.size], rows[first.size :]
    counts = {name: np.zeros((people.size, people.size)) for name in ("accepted", "all")}
    np.add.at(counts["all"], (of_first[:, None], of_second[None, :]), 1)
    np.add.at(counts["accepted"], (of_first[:, None], of_second[None, :]), accepted)
    for table in counts.values():
        np.fill_diagonal(table, 0)
    draws = np.random.default_rng(1).multinomial(people.size, np.full(people.size, 1 / people.size), _DRAWS).astype(np.float64)
    shares = [np.einsum("di,ij,dj->d", draws, counts[name], draws, optimize=True) for name in ("accepted", "all")]
    low, high = np.quantile(shares[0] / np.maximum(shares[1], 1), (0.025, 0.975))
    return float(low), float(high)

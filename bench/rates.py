"""What scores of genuine and of impostor pairs say about a method. Shares are 0..1; None where there are too few pairs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float64]


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

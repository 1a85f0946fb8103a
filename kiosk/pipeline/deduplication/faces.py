"""Faces of one partition against those of another: plain matrix products, block by block."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from kiosk.pipeline.deduplication.blocks import blocks
from kiosk.pipeline.deduplication.shelf import Shelf

_ROUNDING: Final = 1e-3  # by which float32's product may be off, and more: whoever comes so near is computed anew
_DIGITS: Final = 6


def alike_faces(a: Shelf, b: Shelf, limit: float, *, same: bool) -> Iterator[tuple[int, int, float]]:
    """Subjects of `a` and of `b` whose faces reach the limit, each pair once, with the highest cosine. `same`: one shelf.

    Cosines are those of float64, rounded to a millionth: they depend on the pair alone.
    """
    best: dict[tuple[int, int], float] = {}
    for rows, columns in blocks(len(a.faces), len(b.faces), same=same):
        products = a.faces[rows] @ b.faces[columns].T
        one, other = np.nonzero(products >= limit - _ROUNDING)
        one, other = one + rows.start, other + columns.start
        exact = np.round((a.faces[one].astype(np.float64) * b.faces[other]).sum(axis=1), _DIGITS)
        for i, j, score in zip(a.face_of[one].tolist(), b.face_of[other].tolist(), exact.tolist(), strict=True):
            if score >= limit and (not same or i < j):
                best[i, j] = max(score, best.get((i, j), -1.0))
    for (i, j), score in best.items():
        yield i, j, score

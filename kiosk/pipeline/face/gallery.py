"""1:N: has this face been here under another name?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np

from kiosk.pipeline.face.verification import SCALE, Embedding
from kiosk.records import Score

_FIRST_ROWS: Final = 1024


@dataclass(frozen=True)
class Likeness:
    """Somebody in the gallery who looks like the one searched for."""

    owner: str
    score: Score


class Gallery:
    """All faces of a school, in memory: 20,000 take 10 MB and a search less than 20 ms. Not thread-safe.

    An owner is whatever links a face to a student (never a name or number that may be logged); twins are declared in pairs.
    """

    def __init__(self, twins: Iterable[frozenset[str]] = ()) -> None:
        self._faces = np.zeros((_FIRST_ROWS, 128), np.float32)
        self._owners: list[str] = []
        self._row_of: dict[str, int] = {}
        self._twins = frozenset(twins)

    def __len__(self) -> int:
        return len(self._owners)

    def put(self, owner: str, face: Embedding) -> None:
        """Keep a face; a newer one of the same owner replaces it."""
        row = self._row_of.setdefault(owner, len(self._owners))
        if row == len(self._owners):
            self._owners.append(owner)
            if row == len(self._faces):
                self._faces = np.concatenate([self._faces, np.zeros_like(self._faces)])
        self._faces[row] = face

    def declare_twins(self, a: str, b: str) -> None:
        """These two look alike, and are two: they are no longer suspected of being one."""
        self._twins |= {frozenset((a, b))}

    def search(self, owner: str, face: Embedding, limit: float, most: int = 5) -> tuple[Likeness, ...]:
        """Others who reach the limit, likest first; the owner and declared twins are left out."""
        scores = self._faces[: len(self._owners)] @ face
        rows = np.flatnonzero(scores >= limit)
        found = []
        for row in rows[np.argsort(-scores[rows])]:
            other = self._owners[row]
            if other != owner and frozenset((owner, other)) not in self._twins:
                found.append(Likeness(other, Score(float(scores[row]), SCALE, limit)))
            if len(found) == most:
                break
        return tuple(found)

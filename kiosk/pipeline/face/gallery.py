"""1:N: has this face been here under another name?"""

from __future__ import annotations

from collections.abc import Collection
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

    An owner is whatever links a face to a student.
    """

    def __init__(self) -> None:
        self._faces = np.zeros((_FIRST_ROWS, 128), np.float32)
        self._owners: list[str] = []
        self._row_of: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._row_of)

    def put(self, owner: str, face: Embedding) -> None:
        """Keep a face; a newer one of the same owner replaces it."""
        row = self._row_of.setdefault(owner, len(self._owners))
        if row == len(self._owners):
            self._owners.append(owner)
            if row == len(self._faces):
                self._faces = np.concatenate([self._faces, np.zeros_like(self._faces)])
        self._faces[row] = face

    def drop(self, owner: str) -> None:
        """Forget somebody's face."""
        row = self._row_of.pop(owner, None)
        if row is not None:
            self._faces[row] = 0  # like nobody's
            self._owners[row] = ""

    def search(self, face: Embedding, limit: float, *, excluding: Collection[str] = (), most: int = 5) -> tuple[Likeness, ...]:
        """Who reaches the limit, the most alike first. `excluding`: who is left out, as the student and declared twins."""
        scores = self._faces[: len(self._owners)] @ face
        rows = np.flatnonzero(scores >= limit)
        found = []
        for row in rows[np.argsort(-scores[rows])]:
            if self._owners[row] not in excluding:
                found.append(Likeness(self._owners[row], Score(float(scores[row]), SCALE, limit)))
            if len(found) == most:
                break
        return tuple(found)

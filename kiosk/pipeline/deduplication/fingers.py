"""Fingers of one partition against those of another: three looks, each closer at fewer pairs.

First every pair of fingers, by one product of their descriptors. Then each two presses of those pairs, by whether the best
pairs of cylinders lie to each other alike. Then both subjects' fingers by the matcher itself, whose score alone decides. What
a pair must reach to be looked at more closely is fixed, so that it does not matter who else is compared.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Final

import numpy as np
from numpy.typing import NDArray

from kiosk.pipeline.deduplication.blocks import blocks
from kiosk.pipeline.deduplication.descriptor import UNIT
from kiosk.pipeline.deduplication.limits import Limits
from kiosk.pipeline.deduplication.shelf import Shelf
from kiosk.pipeline.finger.compact import unpack
from kiosk.pipeline.finger.geometry import agreement_marks, best_pairs
from kiosk.pipeline.finger.index import INT8
from kiosk.pipeline.finger.template import Template, compare, make_template
from kiosk.records import FingerPosition

# 998 in 1000 of FVC's and UPEK's fingers that the matcher knows again (0.67) reach it, two presses against two, and every tenth
# pair of strangers. Who gave both thumbs is missed when both are.
DESCRIBED_AT: Final = 0.135
AGREED_AT: Final = 10.0  # what all of those reach, while one stranger in 20,000 does
_EXACT: Final = np.float32(1 / INT8**2)
_PRESSES: Final = 128  # pairs of presses that are looked at together: more, and their memory is fetched anew every time
_TEMPLATES: Final = 1024  # kept of each side while two partitions are compared: 60 MB
_DIGITS: Final = 6
_THUMBS: Final = frozenset({FingerPosition.RIGHT_THUMB, FingerPosition.LEFT_THUMB})

_Numbers = NDArray[np.integer]


@dataclass(frozen=True)
class AlikeFingers:
    """`one`, `other`: numbers of the subjects; `fingers`: the positions on either; `score`: the best of their presses."""

    one: int
    other: int
    fingers: tuple[FingerPosition, FingerPosition]
    score: float


def suspected_by_fingers(
    a: Shelf, b: Shelf, limits: Limits, *, same: bool, crossed: bool = False
) -> Iterator[tuple[AlikeFingers, bool]]:
    """Who is suspected, each pair once; and whether that takes two fingers, of which the less alike one is told.

    `same`: both are one shelf. `crossed`: right thumbs are held against left ones too.
    """
    files = _Files(a, b)
    for one, other in candidates(a, b, same=same, crossed=crossed):
        turned = -1 if a.keys[one] > b.keys[other] else 1  # of two that score alike, the same one comes first either way
        order = {(-pair.score, pair.fingers[::turned]): pair for pair in files.compared(one, other, crossed=crossed)}
        alike = [order[place] for place in sorted(order)]
        if not alike:
            continue
        if alike[0].score >= limits.finger:
            yield alike[0], False
            continue
        second = next((pair for pair in alike[1:] if _are_apart(pair.fingers, alike[0].fingers)), None)
        if second is not None and second.score >= limits.both:
            yield second, True


def candidates(a: Shelf, b: Shelf, *, same: bool, crossed: bool = False) -> list[tuple[int, int]]:
    """Subjects' numbers of whom a pair of fingers is worth the matcher, in order."""
    found: set[tuple[int, int]] = set()
    for of_a, of_b in product(FingerPosition, FingerPosition):
        if not _is_compared(of_a, of_b, crossed=crossed) or (same and of_a > of_b):
            continue
        rows, columns = _reach(a, of_a), _reach(b, of_b)
        for described in _described_alike(a, b, rows, columns, same=same and of_a is of_b):
            agreed = _agreement(a, b, *described) >= AGREED_AT
            one, other = (fingers[agreed] for fingers in described)
            pairs = zip(a.finger_of[one].tolist(), b.finger_of[other].tolist(), strict=True)
            found |= {(min(pair), max(pair)) if same else pair for pair in pairs if not same or pair[0] != pair[1]}
    return sorted(found)


def _is_compared(one: FingerPosition, other: FingerPosition, *, crossed: bool) -> bool:
    """A thumb with the same thumb; a finger that stands in for one may be said to be another than it is."""
    return one is other or crossed or not {one, other} <= _THUMBS


def _reach(shelf: Shelf, position: FingerPosition) -> slice:
    """Where a position's fingers lie."""
    return slice(*np.searchsorted(shelf.position, [position, position + 1]).tolist())


def _described_alike(a: Shelf, b: Shelf, rows: slice, columns: slice, *, same: bool) -> Iterator[tuple[_Numbers, _Numbers]]:
    """Fingers' numbers, block by block."""
    for part, against in blocks(rows.stop - rows.start, columns.stop - columns.start, same=same):
        at, by = rows.start + part.start, columns.start + against.start
        left = a.described[at : rows.start + part.stop].astype(np.float32)
        right = b.described[by : columns.start + against.stop].astype(np.float32)
        one, other = np.nonzero(left @ right.T >= DESCRIBED_AT * UNIT**2)
        if same:
            upper = one + at < other + by
            one, other = one[upper], other[upper]
        yield one + at, other + by


def _agreement(a: Shelf, b: Shelf, one: _Numbers, other: _Numbers) -> NDArray[np.float32]:
    """The highest mark of two presses of each pair of fingers. They are not quite symmetric: the lesser key goes first."""
    best = np.zeros(len(one), np.float32)
    swapped = a.keys[a.finger_of[one]] > b.keys[b.finger_of[other]]
    best[~swapped] = _best_marks(a, b, one[~swapped], other[~swapped])
    best[swapped] = _best_marks(b, a, other[swapped], one[swapped])
    return best


def _best_marks(a: Shelf, b: Shelf, one: _Numbers, other: _Numbers) -> NDArray[np.float32]:
    best = np.zeros(len(one), np.float32)
    counts_a, counts_b = np.diff(a.first_press)[one], np.diff(b.first_press)[other]
    for of_a, of_b in product(range(int(counts_a.max(initial=0))), range(int(counts_b.max(initial=0)))):
        there = np.flatnonzero((of_a < counts_a) & (of_b < counts_b))
        for start in range(0, len(there), _PRESSES):
            some = there[start : start + _PRESSES]
            marks = _marks(a, b, a.first_press[one[some]] + of_a, b.first_press[other[some]] + of_b)
            best[some] = np.maximum(best[some], marks)
    return best


def _marks(a: Shelf, b: Shelf, of_a: _Numbers, of_b: _Numbers) -> NDArray[np.float32]:
    """Marks of pairs of presses."""
    codes, own_codes = a.codes[of_a].astype(np.float32), b.codes[of_b].astype(np.float32)
    alike = np.matmul(own_codes, codes.transpose(0, 2, 1))  # whole numbers below 2^24: exact
    partner = alike.argmax(axis=2)
    likeness = np.take_along_axis(alike, partner[:, :, None], axis=2)[:, :, 0] * _EXACT
    weight, theirs, mine = best_pairs(likeness, partner)
    of, own = of_a[:, None], of_b[:, None]
    return agreement_marks(a.place[of, theirs], a.turn[of, theirs], b.place[own, mine], b.turn[own, mine], theirs, weight)


def _are_apart(one: tuple[FingerPosition, FingerPosition], other: tuple[FingerPosition, FingerPosition]) -> bool:
    """No finger is in both."""
    return one[0] is not other[0] and one[1] is not other[1]


class _Files:
    """The templates of two partitions, made from their files when they are asked for."""

    def __init__(self, a: Shelf, b: Shelf) -> None:
        self._a, self._b = a, b
        self._fingers_a, self._fingers_b = _fingers_of(a), _fingers_of(b)
        self._of_a = lru_cache(_TEMPLATES)(lambda press: make_template(unpack(a.file(press))))
        self._of_b = self._of_a if a is b else lru_cache(_TEMPLATES)(lambda press: make_template(unpack(b.file(press))))

    def compared(self, one: int, other: int, *, crossed: bool) -> Iterator[AlikeFingers]:
        """All pairs of their fingers that may be one."""
        swapped = bool(self._a.keys[one] > self._b.keys[other])
        for x, y in product(self._fingers_a.get(one, ()), self._fingers_b.get(other, ())):
            fingers = FingerPosition(int(self._a.position[x])), FingerPosition(int(self._b.position[y]))
            if not _is_compared(*fingers, crossed=crossed):
                continue
            presses = product(_presses(self._a, x), _presses(self._b, y))
            score = max((self._score(self._of_a(i), self._of_b(j), swapped=swapped) for i, j in presses), default=0.0)
            yield AlikeFingers(one, other, fingers, score)

    @staticmethod
    def _score(a: Template, b: Template, *, swapped: bool) -> float:
        """Symmetric but for its last digits."""
        return round((compare(b, a) if swapped else compare(a, b)).value, _DIGITS)


def _fingers_of(shelf: Shelf) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for finger, subject in enumerate(shelf.finger_of.tolist()):
        found.setdefault(subject, []).append(finger)
    return found


def _presses(shelf: Shelf, finger: int) -> range:
    return range(int(shelf.first_press[finger]), int(shelf.first_press[finger + 1]))

"""Has this thumb been seen before? One finger against tens of thousands in a fraction of a second.

Three stages, each looking closer at fewer templates. First every template, by short codes of its surest cylinders: random
projections to 32 numbers keep angles between cylinders well enough (Johnson and Lindenstrauss, 1984), and all comparisons are
one matrix product. Then a thousand, by whether the best pairs of cylinders lie to each other alike on both fingers. Then a
few, by the matcher itself, whose score alone decides.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from kiosk.pipeline.finger.compact import pack, unpack
from kiosk.pipeline.finger.geometry import agreement_marks, best_pairs
from kiosk.pipeline.finger.mcc import CELLS, SECTIONS
from kiosk.pipeline.finger.minutiae import Minutiae
from kiosk.pipeline.finger.template import Template, compare, make_template
from kiosk.records import FingerPosition, Score

CODES: Final = 32  # surest cylinders of a template that are looked at
DIMENSIONS: Final = 32
_MEAN_VALUE: Final = 0.25  # of a cylinder's cells: taken off, so that what all cylinders share tells nothing
INT8: Final = 127  # a code of length 1
_CHUNK: Final = 4096  # templates in one matrix product: stays in the processor's cache
_LOOKED_CLOSER: Final = 2000
_VERIFIED: Final = 8  # for each press

_Codes = NDArray[np.int8]
_Reals = NDArray[np.float32]


def _projection() -> _Reals:
    rng = np.random.default_rng(2010)
    with threadpool_limits(1, user_api="blas"):  # in several threads it takes a second of a busy machine
        basis, _ = np.linalg.qr(rng.normal(size=(CELLS * SECTIONS, CELLS * SECTIONS)))
    return np.ascontiguousarray(basis[:, :DIMENSIONS], np.float32)


_PROJECTION: Final = _projection()


@dataclass(frozen=True)
class Suspect:
    """Somebody whose finger looks like the one that was searched for."""

    owner: str
    position: FingerPosition
    score: Score


@dataclass(frozen=True, eq=False)
class IndexEntry:
    """What the index keeps of one press: its template's file, and of its 32 surest cylinders the codes int8 (32, 32), the
    places as complex pixels and the directions as unit numbers, 0 where there are fewer."""

    file: bytes
    codes: _Codes
    place: NDArray[np.complex64]
    turn: NDArray[np.complex64]


def make_entry(minutiae: Minutiae) -> IndexEntry:
    """The entry of a press, about 2 ms: may be made in any thread or process."""
    return entry_of(make_template(minutiae), pack(minutiae))


class _Shelf:
    """The templates of one finger position, in arrays that grow. Codes lie cylinder by cylinder: columns are compared whole."""

    def __init__(self) -> None:
        self.owners: list[str] = []
        self.files: list[bytes] = []
        self._codes = np.zeros((CODES, 1024, DIMENSIONS), np.int8)
        self._place = np.zeros((1024, CODES), np.complex64)
        self._turn = np.zeros((1024, CODES), np.complex64)

    def add(self, owner: str, entry: IndexEntry) -> None:
        at = len(self.owners)
        if at == len(self._place):
            self._codes = np.concatenate([self._codes, np.zeros_like(self._codes)], axis=1)
            self._place, self._turn = (np.concatenate([old, np.zeros_like(old)]) for old in (self._place, self._turn))
        self._codes[:, at], self._place[at], self._turn[at] = entry.codes, entry.place, entry.turn
        self.owners.append(owner)
        self.files.append(entry.file)

    def drop(self, owner: str) -> None:
        for at, found in enumerate(self.owners):
            if found == owner:
                self.owners[at], self.files[at] = "", b""
                self._codes[:, at], self._place[at], self._turn[at] = 0, 0, 0

    def likely(self, presses: list[IndexEntry]) -> list[NDArray[np.intp]]:
        """For each press the templates that are worth a full comparison, the most likely first."""
        wanted = [press.codes[np.abs(press.turn) > 0] * np.float32(1 / INT8**2) for press in presses]
        ends = np.cumsum([len(codes) for codes in wanted])[:-1]
        together = np.concatenate(wanted)
        parts = [self._first_marks(together, ends, start) for start in range(0, len(self.owners), _CHUNK)]
        found = []
        for press, codes, marks in zip(presses, wanted, np.concatenate(parts, axis=1), strict=True):
            closer = _highest(marks, _LOOKED_CLOSER)
            found.append(closer[_highest(self._second_marks(press, codes, closer), _VERIFIED)])
        return found

    def bytes(self) -> int:
        """What the templates take in memory."""
        one: int = self._codes[:, 0].nbytes + self._place[0].nbytes + self._turn[0].nbytes
        return len(self.owners) * one + sum(map(len, self.files))

    def _first_marks(self, wanted: _Reals, ends: NDArray[np.intp], start: int) -> _Reals:
        """How like the cylinders of a chunk are those of each press, (presses, chunk). Fourth powers: the best count most."""
        part = self._codes[:, start : min(start + _CHUNK, len(self.owners))]
        best = np.zeros((part.shape[1], len(wanted)), np.float32)
        for codes in part:
            np.maximum(best, codes.astype(np.float32) @ wanted.T, out=best)
        np.square(best, out=best)
        np.square(best, out=best)
        return np.stack([one.sum(axis=1) for one in np.split(best, ends, axis=1)])

    def _second_marks(self, entry: IndexEntry, wanted: _Reals, closer: NDArray[np.intp]) -> _Reals:
        """How well the best pairs of cylinders agree with each other: (len(closer),)."""
        shape = (len(closer), len(wanted))
        likeness, partner = np.full(shape, -1, np.float32), np.zeros(shape, np.intp)
        for number, codes in enumerate(self._codes):
            alike = codes[closer].astype(np.float32) @ wanted.T
            partner[alike > likeness] = number
            np.maximum(likeness, alike, out=likeness)
        weight, theirs, mine = best_pairs(likeness, partner)
        place, turn = self._place[closer[:, None], theirs], self._turn[closer[:, None], theirs]
        return agreement_marks(place, turn, entry.place[mine], entry.turn[mine], theirs, weight)


class DuplicateIndex:
    """Everybody's thumbs. About 2 KB a press; not thread-safe.

    A finger is searched among those of its own position: right thumbs among right thumbs.
    """

    def __init__(self) -> None:
        self._shelves: dict[FingerPosition, _Shelf] = {}

    def __len__(self) -> int:
        return sum(len(shelf.owners) for shelf in self._shelves.values())

    @property
    def memory_bytes(self) -> int:
        return sum(shelf.bytes() for shelf in self._shelves.values())

    def add(self, owner: str, position: FingerPosition, entry: IndexEntry) -> None:
        """Remember one press of somebody's finger."""
        self._shelves.setdefault(position, _Shelf()).add(owner, entry)

    def drop(self, owner: str) -> None:
        """Forget somebody's fingers."""
        for shelf in self._shelves.values():
            shelf.drop(owner)

    def search(
        self, position: FingerPosition, presses: Iterable[Template], limit: float, *, excluding: str = ""
    ) -> tuple[Suspect, ...]:
        """Owners whose finger scores at or above `limit` with one of the presses, the most likely first, each once.

        `excluding` is not among them: somebody's earlier captures are no duplicates.
        """
        shelf = self._shelves.get(position)
        if shelf is None:
            return ()
        best: dict[str, Score] = {}
        usable = [press for press in presses if len(press)]
        if not usable:
            return ()
        for press, likely in zip(usable, shelf.likely([entry_of(press) for press in usable]), strict=True):
            for at in likely:
                owner = shelf.owners[at]
                if owner in ("", excluding):
                    continue
                score = compare(press, make_template(unpack(shelf.files[at])))
                if score.value >= limit and (owner not in best or score.value > best[owner].value):
                    best[owner] = replace(score, limit=limit)
        suspects = [Suspect(owner, position, score) for owner, score in best.items()]
        return tuple(sorted(suspects, key=lambda suspect: -suspect.score.value))


def entry_of(template: Template, file: bytes = b"") -> IndexEntry:
    """The entry of a template that is there already; `file` is its compact form, needed to keep it but not to search."""
    count = min(len(template), CODES)
    codes = np.zeros((CODES, DIMENSIONS), np.int8)
    place, turn = np.zeros(CODES, np.complex64), np.zeros(CODES, np.complex64)
    if count:
        code = (template.cylinders.values[:count] - _MEAN_VALUE) @ _PROJECTION
        code /= np.linalg.norm(code, axis=1, keepdims=True) + 1e-6
        codes[:count] = np.rint(code * INT8)
        place[:count] = template.xy[:count, 0] + 1j * template.xy[:count, 1]
        turn[:count] = np.exp(1j * template.direction[:count])
    return IndexEntry(file, codes, place, turn)


def _highest(marks: _Reals, count: int) -> NDArray[np.intp]:
    """Where the highest marks are, highest first."""
    count = min(count, len(marks))
    found = np.argpartition(-marks, count - 1)[:count]
    return found[np.argsort(-marks[found], kind="stable")]

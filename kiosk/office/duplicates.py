"""疑似重复: everybody of the office against everybody, new ones against all; two people say of each pair what is so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import combinations
from typing import Any, Final

from kiosk.district import ProcessesEngine, SerialEngine, find_among, find_duplicates, partitioned
from kiosk.errors import StoreError
from kiosk.office.jobs import Telling, untold
from kiosk.office.likenesses import TEMPLATES, subjects
from kiosk.pipeline.deduplication import Subject, limits_for
from kiosk.records import CaptureRecord, Likeness, Person, SeenStation, Suspicion, SuspicionState
from kiosk.store import Store
from kiosk.store.roster_rows import batches, packed

_FEW: Final = 1000  # whom one core has compared before others are started; of so many who are new, others come in blocks
_LOADED: Final = 100  # between two looks whether somebody wants it to stop


@dataclass(frozen=True)
class Searched:
    """What a search came to: who counts, how many of them were not compared before, who has nothing to compare, and the pairs
    that are new."""

    students: int
    fresh: int
    bare: int
    pairs: int


@dataclass(frozen=True)
class SuspectSides:
    """A suspicion with both records, and the stations that they came from, by record."""

    suspicion: Suspicion
    records: tuple[CaptureRecord, CaptureRecord]
    stations: Mapping[str, SeenStation]


class Duplicates:
    """Methods may be called from any thread."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def search(self, progress: Telling = untold) -> Searched:
        """Hold whoever is new against everybody; only what that takes is loaded. Whoever stops it by `progress` finds
        everything as it was before."""
        store = self._store
        fresh, known = store.suspects.fresh(), store.suspects.compared()
        new, old = (sum(map(len, batches(ids))) for ids in (fresh, known))
        bare = store.suspects.bare(TEMPLATES)
        if not new:
            return Searched(old, 0, bare, 0)
        engine = SerialEngine() if new + old <= _FEW else ProcessesEngine()
        left_out: dict[str, Any] = {"twins": self._twins(), "settled": store.suspects.settled()}
        few = list(_loaded(subjects(store, fresh), progress))
        if new <= _FEW:
            others = _loaded(subjects(store, known), progress)
            told = partial(_told, progress, old)
            found = find_among(few, others, engine, limits=limits_for(new + old), progress=told, **left_out)
        else:
            everybody, keys = [*few, *_loaded(subjects(store, known), progress)], {one.key for one in few}
            found = find_duplicates(partitioned(everybody), engine, fresh=keys, progress=progress, **left_out)
        likenesses = ((one.a, one.b, Likeness(str(one.modality), one.score, one.limit)) for one in found)
        return Searched(new + old, new, bare, store.suspects.enter(likenesses, packed(one.key for one in few)))

    def waiting(self) -> int:
        """How many who count were not compared yet."""
        return self._store.suspects.waiting()

    def all(self) -> list[SuspectSides]:
        """The open ones first. Open ones of records that count no more are left out."""
        return [one for one in self._sides(self._store.suspects.all()) if not one.suspicion.is_open or self._counts(one)]

    def _counts(self, sides: SuspectSides) -> bool:
        latest = self._store.captures.counting(of={record.student.id_number for record in sides.records})
        return {record.id for record in sides.records} <= set(latest.values())

    def find(self, number: int) -> SuspectSides | None:
        found = self._store.suspects.find(number)
        return next(iter(self._sides([found])), None) if found is not None else None

    def decide(self, number: int, state: SuspicionState, *, reason: str, asked_by: Person, decided_by: Person) -> Suspicion:
        """What two people say of a pair; who are twins is declared, so that their faces are not asked about again. Raises
        StoreError as `Suspects.decide` does."""
        sides = self.find(number)
        if sides is None:
            raise StoreError("suspect.unknown")
        done = self._store.suspects.decide(number, state, reason=reason, asked_by=asked_by, decided_by=decided_by)
        if state is SuspicionState.TWINS:
            numbers = [record.student.id_number for record in sides.records]
            self._store.lookalikes.declare(numbers, reason=reason, by=decided_by.name)
        return done

    def _twins(self) -> set[frozenset[str]]:
        """Pairs of records whose students were declared to look alike."""
        found: set[frozenset[str]] = set()
        for one in self._store.lookalikes.declarations():
            found.update(map(frozenset, combinations(self._store.captures.counting(of=one.id_numbers).values(), 2)))
        return found

    def _sides(self, suspicions: Sequence[Suspicion]) -> list[SuspectSides]:
        """Of those whose records are both still kept."""
        stations = self._store.inbox.stations_of([record for one in suspicions for record in (one.first, one.second)])
        found = []
        for one in suspicions:
            first, second = map(self._store.captures.find, (one.first, one.second))
            if first is not None and second is not None:
                came_from = {side.id: stations[side.id] for side in (first, second) if side.id in stations}
                found.append(SuspectSides(one, (first, second), came_from))
        return found


def _loaded(found: Iterable[Subject], progress: Telling) -> Iterator[Subject]:
    """The same; looks now and then whether somebody wants it to stop."""
    for number, subject in enumerate(found):
        if number % _LOADED == 0:
            progress(0)
        yield subject


def _told(progress: Telling, total: int, done: int) -> None:
    progress(done, max(total, 1))

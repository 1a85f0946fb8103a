"""疑似重复: everybody of the office against everybody, new ones against all; two people say of each pair what is so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

from kiosk.district import ProcessesEngine, SerialEngine, find_duplicates, partitioned
from kiosk.errors import StoreError
from kiosk.office.jobs import Telling, untold
from kiosk.office.likenesses import subjects
from kiosk.pipeline.deduplication import Subject
from kiosk.records import CaptureRecord, Likeness, Person, SeenStation, Suspicion, SuspicionState
from kiosk.store import Store

_FEW: Final = 1000  # whom one core has compared before others are started
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
        """Hold whoever is new against everybody. Whoever stops it by `progress` finds everything as it was before."""
        store, known = self._store, []
        for number, subject in enumerate(subjects(store)):
            known.append(subject)
            if number % _LOADED == 0:
                progress(0)
        before = store.suspects.compared()
        keys = {subject.key for subject in known}
        fresh = keys - before
        found = find_duplicates(
            partitioned(known),
            SerialEngine() if len(known) <= _FEW else ProcessesEngine(),
            fresh=fresh,
            twins=self._twins(),
            settled=store.suspects.settled(),
            progress=progress,
        )
        told = ((one.a, one.b, Likeness(str(one.modality), one.score, one.limit)) for one in found)
        return Searched(len(known), len(fresh), sum(map(_is_bare, known)), store.suspects.enter(told, keys))

    def waiting(self) -> int:
        """How many who count were not compared yet."""
        return len({record for record, _ in self._store.captures.latest().values()} - self._store.suspects.compared())

    def all(self) -> list[SuspectSides]:
        """The open ones first. Open ones of records that count no more are left out."""
        counting = {record for record, _ in self._store.captures.latest().values()}
        found = [one for one in self._store.suspects.all() if not one.is_open or {one.first, one.second} <= counting]
        return self._sides(found)

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
        records = {number: record for number, (record, _) in self._store.captures.latest().items()}
        return {
            frozenset(pair)
            for one in self._store.lookalikes.declarations()
            for pair in combinations([records[number] for number in one.id_numbers if number in records], 2)
        }

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


def _is_bare(subject: Subject) -> bool:
    return not subject.faces and not subject.presses

"""What only an office does: it receives, looks over all stations, and decides what contradicts each other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from kiosk.ciphers import OfficeKey
from kiosk.errors import KioskError
from kiosk.office.answers import Answer, write_answers
from kiosk.office.duplicates import Duplicates
from kiosk.office.reception import Reception
from kiosk.records import (
    BiometricKind,
    CaptureRecord,
    Conflict,
    Person,
    ReceivedParcel,
    ReceivedState,
    SchoolName,
    SeenStation,
    Step,
    StudentProgress,
)
from kiosk.store import StationWork, Store
from kiosk.store.account_areas import within

Areas = Collection[str]


@dataclass(frozen=True)
class StationRow:
    """A station on the console. `waiting`: packages of its that were missed, or refused."""

    seen: SeenStation
    work: StationWork
    missing: int
    refused: int


@dataclass(frozen=True)
class SchoolRow:
    """A school on the console: everybody on the roster, who is captured, who waits for a review, and who nowhere is."""

    school: SchoolName
    students: int = 0
    captured: int = 0
    review: int = 0
    nowhere: tuple[StudentProgress, ...] = ()
    stations: int = 0


@dataclass(frozen=True)
class ConflictSides:
    """A conflict with its records, as far as they are still kept: the one that counted first; and the stations that they came
    from, by record."""

    conflict: Conflict
    records: tuple[CaptureRecord, ...]
    stations: Mapping[str, SeenStation]
    school_code: str
    same_chip: bool | None = None  # whether both were captured with one and the same chip photo; None: nobody knows


@dataclass(frozen=True)
class Console:
    """All of it, for who may see it."""

    stations: tuple[StationRow, ...]
    schools: tuple[SchoolRow, ...]
    exceptions: Mapping[tuple[Step, str], int] = field(default_factory=dict)
    strangers: int = 0  # captured, and not on the roster here


class District:
    """Methods may be called from any thread. `areas` keeps what is told to some schools; none at all: every school."""

    def __init__(self, store: Store, reception: Reception, key: OfficeKey, answers: Path) -> None:
        """`answers`: the folder for receipts."""
        self._store = store
        self.reception = reception
        self.duplicates = Duplicates(store)
        self._key = key
        self._answers = answers

    def areas_of(self, account_id: str) -> frozenset[str]:
        """Which schools an account is kept to."""
        return self._store.account_areas.of(account_id)

    def now(self) -> datetime:
        return self._store.audit.now()

    def console(self, areas: Areas = ()) -> Console:
        """How everything stands."""
        store = self._store
        work, parcels = store.inbox.work(), defaultdict(list)
        for parcel in store.inbox.all():
            parcels[parcel.store].append(parcel)
        stations = tuple(
            StationRow(
                seen,
                work.get(seen.store, StationWork()),
                sum(parcel.missing for parcel in parcels[seen.store]),
                sum(parcel.state is ReceivedState.REFUSED for parcel in parcels[seen.store]),
            )
            for seen in store.inbox.stations()
            if within(seen.school_code, areas)
        )
        schools = self._schools(stations, areas)
        if areas:
            return Console(stations, schools)
        return Console(stations, schools, store.inbox.exceptions(), store.inbox.strangers())

    def parcels(self, most: int) -> Sequence[ReceivedParcel]:
        """What came in, the newest first."""
        return self._store.inbox.all(most)

    def conflicts(self, areas: Areas = (), *, only_open: bool = False) -> list[ConflictSides]:
        """The open ones first."""
        self._store.conflicts.refresh()
        found = self._sides(self._store.conflicts.all(only_open=only_open))
        return [one for one in found if within(one.school_code, areas)]

    def conflict(self, number: int, areas: Areas = ()) -> ConflictSides | None:
        """One of them, with `same_chip`; None also for one of another area."""
        found = self._store.conflicts.find(number)
        (sides,) = self._sides([found]) if found is not None else (None,)
        if sides is None or not sides.records or not within(sides.school_code, areas):
            return None
        return replace(sides, same_chip=self._same_chip(sides.records))

    def decide(self, number: int, chosen: str, *, reason: str, asked_by: Person, decided_by: Person) -> Conflict:
        """See `Conflicts.decide`."""
        return self._store.conflicts.decide(number, chosen, reason=reason, asked_by=asked_by, decided_by=decided_by)

    def answer(self, *, may_delete: bool, language: str, of: Callable[[SeenStation], bool] = lambda _: True) -> list[Answer]:
        """Write a receipt for each station. Raises ExchangeError."""
        told = {"may_delete": may_delete, "language": language}
        return write_answers(self._store, self._key, self._answers, of=of, **told)  # type: ignore[arg-type]

    def answers(self) -> list[Path]:
        """Receipts that lie there, the newest first."""
        return sorted(self._answers.glob("receipt-*.age"), reverse=True)

    def _schools(self, stations: Sequence[StationRow], areas: Areas) -> tuple[SchoolRow, ...]:
        members: dict[SchoolName, list[StudentProgress]] = defaultdict(list)
        for entry in self._store.progress.students():
            if within(entry.student.school_code, areas):
                members[entry.student.school_name].append(entry)
        rows = []
        for school, entries in members.items():
            at_school = sum(row.seen.school_code == school.code for row in stations) if school.code else 0
            nowhere = tuple(one for one in entries if not one.record_id)
            captured = sum(one.captured for one in entries)
            rows.append(SchoolRow(school, len(entries), captured, sum(bool(one.causes) for one in entries), nowhere, at_school))
        return tuple(sorted(rows, key=lambda one: (one.captured / one.students, one.school)))

    def _sides(self, conflicts: Sequence[Conflict]) -> list[ConflictSides]:
        stations = self._store.inbox.stations_of([record for one in conflicts for record in (one.first, one.second)])
        found = []
        for one in conflicts:
            records = tuple(filter(None, (self._store.captures.find(side) for side in (one.first, one.second) if side)))
            came_from = {record.id: stations[record.id] for record in records if record.id in stations}
            codes = (*(record.student.school_code for record in records), *(seen.school_code for seen in came_from.values()))
            found.append(ConflictSides(one, records, came_from, next(filter(None, codes), "")))
        return found

    def _same_chip(self, records: Sequence[CaptureRecord]) -> bool | None:
        chips = []
        for record in records:
            try:
                chips.append(self._store.captures.biometric(record.id, BiometricKind.CHIP_PHOTO))
            except KioskError:  # damaged: the picture itself says so
                chips.append(None)
        return chips[0] == chips[1] if len(chips) == 2 and all(chips) else None

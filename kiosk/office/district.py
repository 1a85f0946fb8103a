"""What only an office does: it receives, looks over all stations, and decides what contradicts each other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from kiosk.areas import area_meant, area_name, areas_of
from kiosk.ciphers import OfficeKey
from kiosk.errors import KioskError, StoreError
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
class AreaRow:
    """An area on the console, or a school by its whole code: everybody on its roster, who is captured, who waits for a review,
    who nowhere is, how many schools and stations."""

    area: str
    name: str
    students: int
    captured: int
    review: int
    nowhere: int
    schools: int
    stations: int


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
    below: tuple[AreaRow, ...] = ()  # the areas next below the one that was asked for
    exceptions: Mapping[tuple[Step, str], int] = field(default_factory=dict)
    strangers: int = 0  # captured, and not on the roster here


def area_words(area: str) -> str:
    """`青海省西宁市` for 6301; what has no name is its code."""
    return "".join(dict.fromkeys(map(area_name, (area[:2], area[:4], area)))) if area_name(area) else area


def keep_to_areas(store: Store, account_id: str, wanted: Sequence[str], *, by: str) -> tuple[str, ...]:
    """Keep an account to areas or schools, by code or name; what it is kept to then. Raises StoreError("office.area") for
    what is neither, and ("office.area_several") for a name of several places."""
    meant = [(text, area_meant(text)) for text in filter(None, map(str.strip, wanted))]
    for text, found in meant:
        if not found:
            raise StoreError("office.area")
        if len(found) > 1:
            raise StoreError("office.area_several", text=text, choices="、".join(map(area_words, found)))
    areas = tuple(dict.fromkeys(area for _, found in meant for area in found))
    store.account_areas.keep_to(account_id, areas, by=by)
    return areas


def _below(stations: Sequence[StationRow], schools: Sequence[SchoolRow], inside: str) -> tuple[AreaRow, ...]:
    """The areas next below one; where there is but one of them, and nothing beside it, those below that."""
    of: dict[str, list[SchoolRow]] = defaultdict(list)
    for one in schools:
        of[next((area for area in areas_of(one.school.code) if len(area) > len(inside)), "")].append(one)
    if len(of) == 1 and "" not in of:
        only = next(iter(of))
        return _below(stations, schools, only) or (_area_row(only, schools, stations),)
    return tuple(_area_row(area, of[area], stations) for area in sorted(of) if area)


def _area_row(area: str, schools: Sequence[SchoolRow], stations: Sequence[StationRow]) -> AreaRow:
    return AreaRow(
        area,
        area_name(area),
        students=sum(one.students for one in schools),
        captured=sum(one.captured for one in schools),
        review=sum(one.review for one in schools),
        nowhere=sum(len(one.nowhere) for one in schools),
        schools=len(schools),
        stations=sum(one.seen.school_code.startswith(area) for one in stations),
    )


class District:
    """Methods may be called from any thread. `areas` keeps what is told to some schools; none at all: every school."""

    def __init__(
        self, store: Store, reception: Reception, key: OfficeKey, answers: Path, *, with_templates: bool = False
    ) -> None:
        """`answers`: the folder for receipts; `with_templates`: what they carry, as `write_answers` says."""
        self._with_templates = with_templates
        self._store = store
        self.reception = reception
        self.duplicates = Duplicates(store)
        self._key = key
        self._answers = answers

    def areas_of(self, account_id: str) -> frozenset[str]:
        """Which schools an account is kept to."""
        return self._store.account_areas.of(account_id)

    @property
    def key(self) -> OfficeKey:
        """What this office signs with."""
        return self._key

    def now(self) -> datetime:
        return self._store.audit.now()

    def console(self, areas: Areas = (), inside: str = "") -> Console:
        """How everything stands, in the schools whose codes begin with `inside`."""
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
            if within(seen.school_code, areas) and seen.school_code.startswith(inside)
        )
        schools = tuple(one for one in self._schools(stations, areas) if one.school.code.startswith(inside))
        below = _below(stations, schools, inside)
        if areas or inside:
            return Console(stations, schools, below)
        return Console(stations, schools, below, store.inbox.exceptions(), store.inbox.strangers())

    def places(self) -> list[tuple[str, str]]:
        """Areas and schools that an account can be kept to, by what codes begin with, each with its whole name; as a tree is
        read from above."""
        schools = {one.code: one.name for one in self._store.roster.schools() if one.code}
        schools |= {one.school_code: one.school for one in self._store.inbox.stations() if one.school_code}
        found = {area: area_words(area) for code in schools for area in areas_of(code)}
        return sorted((found | schools).items())

    def keep_to(self, account_id: str, wanted: Sequence[str], *, by: str) -> tuple[str, ...]:
        """See `keep_to_areas`."""
        return keep_to_areas(self._store, account_id, wanted, by=by)

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

    def reopen(self, number: int, *, reason: str, by: Person) -> Conflict:
        """See `Conflicts.reopen`."""
        return self._store.conflicts.reopen(number, reason=reason, by=by)

    def answer(self, *, may_delete: bool, language: str, of: Callable[[SeenStation], bool] = lambda _: True) -> list[Answer]:
        """Write a receipt for each station. Raises ExchangeError."""
        return write_answers(
            self._store,
            self._key,
            self._answers,
            may_delete=may_delete,
            language=language,
            with_templates=self._with_templates,
            of=of,
        )

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

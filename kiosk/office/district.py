"""What only an office does: it receives, looks over all stations, and decides what contradicts each other."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path

from kiosk.areas import area_meant, area_name, areas_of
from kiosk.ciphers import OfficeKey
from kiosk.errors import KioskError, StoreError
from kiosk.office.answers import Answer, write_answers
from kiosk.office.duplicates import Duplicates
from kiosk.office.reception import Reception
from kiosk.office.spans import USUAL_DAYS, Parts, parts_of
from kiosk.office.standing_still import StandingStill
from kiosk.records import (
    BiometricKind,
    CaptureRecord,
    Conflict,
    Person,
    ReceivedParcel,
    SchoolName,
    SeenStation,
    Step,
    Student,
)
from kiosk.store import StationWork, Store
from kiosk.store.account_areas import within
from kiosk.store.inbox import Sending
from kiosk.store.station_work import Presses

Areas = Collection[str]


@dataclass(frozen=True)
class StationRow:
    """A station on the console: as its newest package tells of it, what came of its work, and its packages. `turned_away`: in
    each part of the span."""

    seen: SeenStation
    work: StationWork
    missing: int
    refused: int
    turned_away: tuple[int, ...] = ()


@dataclass(frozen=True)
class SchoolRow:
    """A school on the console: everybody on the roster, who is captured, who waits for a review, and who nowhere is."""

    school: SchoolName
    students: int = 0
    captured: int = 0
    review: int = 0
    nowhere: int = 0
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
    """All of it, for who may see it. `scanners`: by what they call themselves the presses in each of the `parts`, of
    the stations whose work was asked for; `nowhere`: the first of those who are captured nowhere."""

    parts: Parts
    stations: tuple[StationRow, ...]
    schools: tuple[SchoolRow, ...]
    nowhere: tuple[Student, ...] = ()
    scanners: Mapping[str, tuple[Presses | None, ...]] = field(default_factory=dict)
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


def _station(seen: SeenStation, work: StationWork, sending: Sending, parts: Parts) -> StationRow:
    turned_away = [0] * (len(parts.cuts) - 1)
    for hour, count in sending.turned_away.items():
        if parts.cuts[0] <= hour < parts.cuts[-1]:
            turned_away[bisect_right(parts.cuts, hour) - 1] += count
    return StationRow(seen, work, sending.missing, sending.refused, tuple(turned_away))


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
        nowhere=sum(one.nowhere for one in schools),
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
        self._known = StandingStill(store)

    def areas_of(self, account_id: str) -> frozenset[str]:
        """Which schools an account is kept to."""
        return self._store.account_areas.of(account_id)

    @property
    def key(self) -> OfficeKey:
        """What this office signs with."""
        return self._key

    def now(self) -> datetime:
        return self._store.audit.now()

    def console(
        self,
        areas: Areas = (),
        inside: str = "",
        *,
        first: date | None = None,
        last: date | None = None,
        working: Callable[[SeenStation], bool] = lambda _: True,
        most: int = 50,
    ) -> Console:
        """How everything stands, in the schools whose codes begin with `inside`; the work of a span of days, which is the last
        two weeks of captures where nobody asks for another, and of the stations that are `working`; and the first `most` who
        are captured nowhere. The database adds up, once for each change of the store: what is done here grows with stations,
        schools and packages."""
        store, parts, known = self._store, self._parts(first, last), self._known
        sendings = known.get("sendings", store.inbox.sendings)
        here = [
            seen for seen in store.inbox.stations() if within(seen.school_code, areas) and seen.school_code.startswith(inside)
        ]
        stores = tuple(seen.store for seen in here if working(seen))
        work = known.get(("work", parts, stores), lambda: store.inbox.work(parts.cuts, stores))
        stations = tuple(
            _station(seen, work.stations.get(seen.store, StationWork()), sendings.get(seen.store, Sending()), parts)
            for seen in here
        )
        schools = tuple(one for one in self._schools(stations, areas) if one.school.code.startswith(inside))
        lacking = tuple(one.school for one in schools if one.nowhere)
        nowhere = tuple(known.get(("nowhere", lacking, most), lambda: store.progress.nowhere(lacking, most)))
        below = _below(stations, schools, inside)
        if areas or inside:
            return Console(parts, stations, schools, nowhere, work.scanners, below)
        exceptions = known.get(("exceptions", parts), lambda: store.inbox.exceptions(parts.cuts))
        return Console(parts, stations, schools, nowhere, work.scanners, below, exceptions, store.inbox.strangers())

    def _parts(self, first: date | None, last: date | None) -> Parts:
        """What was asked for; what was left out of it is where captures begin or end."""
        known = self._store.inbox.captured_between()
        today = self.now().astimezone().date()
        begun, ended = (at.astimezone().date() for at in known) if known is not None else (today, today)
        until = last or max(ended, first or ended)
        since = first or (max(begun, until - timedelta(days=USUAL_DAYS - 1)) if last is None else min(begun, until))
        return parts_of(min(since, until), max(since, until))

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
        at_school = Counter(row.seen.school_code for row in stations)
        rows = [
            SchoolRow(one.school, one.students, one.captured, one.review, one.nowhere, at_school[one.school.code or "?"])
            for one in self._known.get("schools", self._store.progress.of_schools)
            if within(one.school.code, areas)
        ]
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

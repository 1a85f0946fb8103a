"""What came of each station's work, out of the records that an office has of it, added up by the database.

Of a hundred thousand records nothing comes here but sums: how many in each part of a span of time, how many took so many
seconds, how many presses were worth so much. Times are cut by the caller, who knows the days of this machine's clock.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    CTE,
    ColumnElement,
    Connection,
    Float,
    Integer,
    Select,
    Subquery,
    case,
    cast,
    column,
    extract,
    func,
    literal,
    literal_column,
    select,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import JSONB

from kiosk.records import OWN_FINGER, RecordState, Step
from kiosk.store import tables
from kiosk.store.database import Database

TENTHS: Final = 10
_RECORDS, _CAME, _STEPS = tables.records, tables.received_records, tables.steps
_FINE: Final = 100  # parts of quality, for the middle one
_SECONDS_A_DAY: Final = 86400
_STORE: Final = 32  # characters that a chain begins with
_COMPLETE: Final = _RECORDS.c.state.in_((RecordState.COMPLETE, RecordState.SET_ASIDE))
_OWN: Final = tuple(str(step) for step in OWN_FINGER)


@dataclass(frozen=True)
class Presses:
    """How many presses there were, and what the middle one was worth, 0 to 1."""

    count: int
    quality: float


@dataclass(frozen=True)
class StationWork:
    """Of one station: students ever; and of a span of time how many were captured in each part of it, seconds each took (the
    middle one), the quality of its presses (the middle one, 0 to 1; None where nobody measured), how often each person decided
    something, and by what a scanner calls itself how many presses there were in each tenth of quality."""

    students: int = 0
    captured: tuple[int, ...] = ()
    seconds: float | None = None
    quality: float | None = None
    decided: tuple[tuple[str, int], ...] = ()
    pressed: Mapping[str, tuple[int, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Work:
    """By store, and by what a scanner calls itself the presses in each part of the span. What was set aside counts for its
    station all the same: it was work."""

    stations: Mapping[str, StationWork]
    scanners: Mapping[str, tuple[Presses | None, ...]]


def captured_between(database: Database) -> tuple[datetime, datetime] | None:
    """When the first and the last record was finished; None where there is none."""
    with database.read() as connection:
        first, last = (
            connection.scalar(select(_RECORDS.c.finished_at).where(_COMPLETE).order_by(order).limit(1))
            for order in (_RECORDS.c.finished_at, _RECORDS.c.finished_at.desc())
        )
    return (first, last) if first is not None and last is not None else None


def work_of_stations(database: Database, cuts: Sequence[datetime], stores: Collection[str]) -> Work:
    """Of these stations, between the first and the last of the `cuts`, in the parts that they make."""
    of_these = func.substr(_CAME.c.chain, 1, _STORE).in_(stores)
    came = select(_CAME.c.stored_as, _CAME.c.chain).where(_CAME.c.state == "taken", of_these).subquery()
    within = _COMPLETE & _finished_within(cuts)
    part = _part(cuts)
    with database.scan() as connection:
        captured = defaultdict[str, list[int]](lambda: [0] * (len(cuts) - 1))
        for chain, place, count in connection.execute(_of_records(came, part).where(within)):
            captured[_store(chain)][place] += count
        seconds = defaultdict[str, Counter[int]](Counter)
        for chain, length, count in connection.execute(_of_records(came, _seconds(connection)).where(within)):
            seconds[_store(chain)][length] += count
        decided = defaultdict[str, Counter[str]](Counter)
        for chain, person, count in connection.execute(_decided(came).where(within)):
            decided[_store(chain)][person] += count
        students = Counter[str]()
        for chain, count in connection.execute(_students(came)):
            students[_store(chain)] += count
        pressed = defaultdict[str, defaultdict[str, Counter[int]]](lambda: defaultdict(Counter))
        scanners = defaultdict[str, defaultdict[int, Counter[int]]](lambda: defaultdict(Counter))
        for chain, device, place, worth, count in connection.execute(_added_up(_presses(connection, came, within, part))):
            if chain:
                pressed[_store(chain)][device][worth] += count
            elif device:
                scanners[device][place][worth] += count
    stores = students.keys() | captured.keys()
    stations = {
        store: StationWork(
            students[store],
            tuple(captured[store]),
            _middle(seconds[store]),
            _worth(sum(pressed[store].values(), Counter[int]())),
            tuple(decided[store].most_common()),
            {device: _tenths(found) for device, found in pressed[store].items() if device},
        )
        for store in stores
    }
    parts = range(len(cuts) - 1)
    return Work(stations, {device: tuple(_of_part(found.get(place)) for place in parts) for device, found in scanners.items()})


def exceptions(database: Database, cuts: Sequence[datetime]) -> dict[tuple[Step, str], int]:
    """How often a step was decided by a person, and for which reason, in the records that count of the same span; the most
    frequent first."""
    count = func.count().label("count")
    query = select(_STEPS.c.step, _STEPS.c.reason, count).join(_RECORDS, _RECORDS.c.id == _STEPS.c.record_id)
    query = query.where(_STEPS.c.decided_by != "", _RECORDS.c.state == RecordState.COMPLETE, _finished_within(cuts))
    with database.scan() as connection:
        found = connection.execute(query.group_by(_STEPS.c.step, _STEPS.c.reason).order_by(count.desc(), _STEPS.c.reason))
        return {(Step(step), reason): times for step, reason, times in found}


def _finished_within(cuts: Sequence[datetime]) -> ColumnElement[bool]:
    return (_RECORDS.c.finished_at >= cuts[0]) & (_RECORDS.c.finished_at < cuts[-1])


def _part(cuts: Sequence[datetime]) -> ColumnElement[int]:
    """In which part a record was finished."""
    *ends, _ = cuts[1:]
    whens = [(_RECORDS.c.finished_at < end, place) for place, end in enumerate(ends)]
    return case(*whens, else_=len(ends)) if whens else literal(0)


def _of_records(came: Subquery, by: ColumnElement[int]) -> Select[Any]:
    query = select(came.c.chain, by.label("place"), func.count())
    query = query.join_from(came, _RECORDS, came.c.stored_as == _RECORDS.c.id)
    return query.group_by(came.c.chain, literal_column("place"))


def _students(came: Subquery) -> Select[Any]:
    query = select(came.c.chain, func.count(_RECORDS.c.id_number.distinct()))
    return query.join_from(came, _RECORDS, came.c.stored_as == _RECORDS.c.id).where(_COMPLETE).group_by(came.c.chain)


def _decided(came: Subquery) -> Select[Any]:
    query = select(came.c.chain, _STEPS.c.decided_by, func.count())
    query = query.join_from(came, _STEPS, came.c.stored_as == _STEPS.c.record_id)
    query = query.join(_RECORDS, _RECORDS.c.id == _STEPS.c.record_id).where(_STEPS.c.decided_by != "")
    return query.group_by(came.c.chain, _STEPS.c.decided_by)


def _seconds(connection: Connection) -> ColumnElement[int]:
    """How long a record took, in whole seconds."""
    if _is_postgresql(connection):
        return cast(func.round(extract("epoch", _RECORDS.c.finished_at - _RECORDS.c.started_at)), Integer)
    days = func.julianday(_RECORDS.c.finished_at) - func.julianday(_RECORDS.c.started_at)
    return cast(func.round(days * _SECONDS_A_DAY), Integer)


def _presses(connection: Connection, came: Subquery, within: ColumnElement[bool], part: ColumnElement[int]) -> CTE:
    """A row for each press of the span that was measured: chain, scanner, part, and its worth in hundredths. Details are
    JSON, which both databases take apart themselves."""
    if _is_postgresql(connection):
        detail = cast(_STEPS.c.detail, JSONB)
        press = func.jsonb_array_elements(detail["presses"]).table_valued(column("value", JSONB), name="press")
        device: ColumnElement[str] = detail["device"].astext
        quality: ColumnElement[float] = cast(press.c.value["quality"].astext, Float)
        worth = cast(func.floor(quality * _FINE), Integer)
    else:
        press = func.json_each(_STEPS.c.detail, "$.presses").table_valued("value", name="press")
        device = func.json_extract(_STEPS.c.detail, "$.device")
        quality = func.json_extract(press.c.value, "$.quality")
        worth = cast(quality * _FINE, Integer)
    of_records = came.join(_RECORDS, came.c.stored_as == _RECORDS.c.id).join(_STEPS, _STEPS.c.record_id == _RECORDS.c.id)
    columns = (came.c.chain, func.coalesce(device, "").label("device"), part.label("part"), worth.label("worth"))
    query = select(*columns).select_from(of_records.join(press, true()))
    return query.where(within, _STEPS.c.step.in_(_OWN), quality.is_not(None)).cte("presses").prefix_with("MATERIALIZED")


def _added_up(presses: CTE) -> Any:
    """By station and scanner over the span, and by scanner and part over all stations: read once."""
    count = func.count()
    of_stations = select(presses.c.chain, presses.c.device, literal(0), presses.c.worth, count)
    of_scanners = select(literal(""), presses.c.device, presses.c.part, presses.c.worth, count)
    return union_all(
        of_stations.group_by(presses.c.chain, presses.c.device, presses.c.worth),
        of_scanners.group_by(presses.c.device, presses.c.part, presses.c.worth),
    )


def _is_postgresql(connection: Connection) -> bool:
    return connection.dialect.name == "postgresql"


def _middle(counts: Mapping[int, int]) -> float | None:
    """The middle one of numbers that are told by how often each came."""
    left, values = sum(counts.values()), sorted(counts)
    if not left:
        return None
    low, high = _at(values, counts, (left - 1) // 2), _at(values, counts, left // 2)
    return (low + high) / 2


def _at(values: Iterable[int], counts: Mapping[int, int], place: int) -> int:
    for value in values:
        place -= counts[value]
        if place < 0:
            return value
    raise IndexError(place)


def _worth(counts: Mapping[int, int]) -> float | None:
    middle = _middle(counts)
    return None if middle is None else min((middle + 0.5) / _FINE, 1.0)


def _of_part(counts: Mapping[int, int] | None) -> Presses | None:
    worth = _worth(counts) if counts else None
    return None if worth is None or counts is None else Presses(sum(counts.values()), worth)


def _tenths(counts: Mapping[int, int]) -> tuple[int, ...]:
    found = [0] * TENTHS
    for worth, count in counts.items():
        found[min(worth * TENTHS // _FINE, TENTHS - 1)] += count
    return tuple(found)


def _store(chain: str) -> str:
    return chain.partition(":")[0]

"""The office's book of what came in: each file once, by its digest, and what became of it."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, func, insert, select, update

from kiosk.errors import KioskError
from kiosk.records import ParcelOrigin, ReceivedCounts, ReceivedParcel, ReceivedState, RecordState, SeenStation, Step
from kiosk.store import codec, tables
from kiosk.store.audit import Audit
from kiosk.store.database import Database
from kiosk.store.station_work import Work, captured_between, exceptions, work_of_stations

_RECEIVED, _STATIONS = tables.received, tables.stations
_BATCH: Final = 400  # values in one query
HEARD: Final = "office_at"  # the figure that says, in seconds since 1970, when the newest receipt was issued that a station has
_TURNED_AWAY: Final = "turned_away"  # beside the counts: by hours, as text
_FROM_ORIGIN: Final = ("id", "store", "part", "parts", "before", "entry", "seal", "made_at")


@dataclass(frozen=True)
class Sending:
    """A station's packages: how many were missed, how many refused, and by the hours of its clock how often somebody was turned
    away or broken off there, as its trail says."""

    missing: int = 0
    refused: int = 0
    turned_away: Mapping[datetime, int] = field(default_factory=dict)


class Inbox:
    """Files that came in, and the stations that sent them."""

    def __init__(self, database: Database, audit: Audit) -> None:
        self._database = database
        self._audit = audit

    def lay(self, sha256: str, *, name: str, size: int, by: str) -> ReceivedParcel:
        """Enter a file that lies in the inbox. One that is known already stays what it is; but one that was refused waits
        again: what it was refused for may be over."""
        at = self._audit.now()
        with self._database.write() as connection:
            known = connection.execute(select(_RECEIVED).where(_RECEIVED.c.sha256 == sha256)).one_or_none()
            if known is None:
                values = {"sha256": sha256, "name": name, "size": size, "state": ReceivedState.WAITING, "by": by, "at": at}
                number = connection.scalar(insert(_RECEIVED).values(values).returning(_RECEIVED.c.number))
            else:
                number = known.number
                if known.state == ReceivedState.REFUSED:
                    again = {"state": ReceivedState.WAITING, "by": by, "at": at, "reason": "", "done_at": None}
                    connection.execute(update(_RECEIVED).where(_RECEIVED.c.number == number).values(again))
            assert number is not None
            return _load(connection, [number])[0]

    def waiting(self) -> list[ReceivedParcel]:
        """Those that nobody has worked off, the oldest first."""
        with self._database.read() as connection:
            of = select(_RECEIVED.c.number).where(_RECEIVED.c.state == ReceivedState.WAITING).order_by(_RECEIVED.c.number)
            return _load(connection, connection.scalars(of).all())

    def find(self, number: int) -> ReceivedParcel | None:
        with self._database.read() as connection:
            return next(iter(_load(connection, [number])), None)

    def known(self, sha256: str) -> ReceivedParcel | None:
        """The file of a digest."""
        with self._database.read() as connection:
            of = select(_RECEIVED.c.number).where(_RECEIVED.c.sha256 == sha256)
            return next(iter(_load(connection, connection.scalars(of).all())), None)

    def not_taken(self, by: str, since: datetime) -> int:
        """How many files somebody laid in since then that were not taken: they wait, or were refused."""
        these = (_RECEIVED.c.by == by) & (_RECEIVED.c.at >= since) & (_RECEIVED.c.state != ReceivedState.TAKEN)
        with self._database.read() as connection:
            return connection.scalar(select(func.count()).select_from(_RECEIVED).where(these)) or 0

    def all(self, most: int | None = None, *, store: str = "") -> list[ReceivedParcel]:
        """The newest first; of one station, when given."""
        of = select(_RECEIVED.c.number).order_by(_RECEIVED.c.at.desc(), _RECEIVED.c.number.desc()).limit(most)
        with self._database.read() as connection:
            return _load(connection, connection.scalars(of.where(_RECEIVED.c.store == store) if store else of).all())

    def refuse(self, number: int, error: KioskError, origin: ParcelOrigin | None = None) -> None:
        """It can't be taken, and trying again changes nothing. `origin` is what its head says, where that could be read and
        belongs to one of ours."""
        data = {name: value if isinstance(value, int | float) else str(value) for name, value in error.data.items()}
        values: dict[str, Any] = {name: getattr(origin, name) for name in _FROM_ORIGIN} if origin is not None else {}
        values |= {"state": ReceivedState.REFUSED, "reason": codec.dump([error.code, data]), "done_at": self._audit.now()}
        still = (_RECEIVED.c.number == number) & (_RECEIVED.c.state == ReceivedState.WAITING)
        with self._database.write() as connection:
            if connection.execute(update(_RECEIVED).where(still).values(values)).rowcount:
                self._audit.append(
                    connection, "office.refuse", subject=origin.id if origin else "", file=number, code=error.code
                )

    def received(self, store: str) -> list[tuple[str, str]]:
        """Every state of every record that this office has of a station, by the station's record id and digest: what a receipt
        confirms."""
        records = tables.received_records
        query = select(records.c.record_id, records.c.digest).join(_RECEIVED, _RECEIVED.c.number == records.c.parcel)
        with self._database.read() as connection:
            return [
                tuple(row) for row in connection.execute(query.where(_RECEIVED.c.store == store).order_by(records.c.number))
            ]

    def own_ids(self, store: str) -> dict[str, str]:
        """By the id that a record of a station's has here, the one that it has there."""
        records = tables.received_records
        query = select(records.c.stored_as, records.c.record_id).join(_RECEIVED, _RECEIVED.c.number == records.c.parcel)
        with self._database.read() as connection:
            return {row.stored_as: row.record_id for row in connection.execute(query.where(_RECEIVED.c.store == store))}

    def stations_of(self, record_ids: Sequence[str]) -> dict[str, SeenStation]:
        """By the id that a record has here, the station that it came from."""
        records = tables.received_records
        query = select(records.c.stored_as, _RECEIVED.c.store).join(_RECEIVED, _RECEIVED.c.number == records.c.parcel)
        by_store = {one.store: one for one in self.stations()}
        found: dict[str, SeenStation] = {}
        with self._database.read() as connection:
            for start in range(0, len(record_ids), _BATCH):
                of_these = records.c.stored_as.in_(record_ids[start : start + _BATCH])
                for row in connection.execute(query.where(of_these)):
                    if row.store in by_store:
                        found[row.stored_as] = by_store[row.store]
        return found

    def parcels_of(self, store: str) -> list[str]:
        """The ids of the packages of a station that were taken."""
        taken = (_RECEIVED.c.store == store) & (_RECEIVED.c.state == ReceivedState.TAKEN)
        with self._database.read() as connection:
            return list(connection.scalars(select(_RECEIVED.c.id).where(taken).order_by(_RECEIVED.c.number)))

    def captured_between(self) -> tuple[datetime, datetime] | None:
        """When the first and the last record was finished; None where there is none."""
        return captured_between(self._database)

    def work(self, cuts: Sequence[datetime], stores: Collection[str]) -> Work:
        """What came of these stations' work between the first and the last of the `cuts`, in the parts that they make."""
        return work_of_stations(self._database, cuts, stores)

    def exceptions(self, cuts: Sequence[datetime]) -> Mapping[tuple[Step, str], int]:
        """What people decided in that span, by step and reason, the most frequent first."""
        return exceptions(self._database, cuts)

    def sendings(self) -> Mapping[str, Sending]:
        """By store what its packages come to."""
        columns = ("store", "id", "chain", "before", "part", "parts", "entry", "counts", "state")
        with self._database.read() as connection:
            came = connection.execute(select(*(_RECEIVED.c[name] for name in columns)).where(_RECEIVED.c.store != "")).all()
        taken = [row for row in came if row.state == ReceivedState.TAKEN]
        there, whole = {(row.store, row.id) for row in taken}, _whole(taken)
        missing, refused = Counter[str](), Counter[str]()
        turned_away = defaultdict[str, Counter[datetime]](Counter)
        for row in came:
            missing[row.store] += _is_missing(row, there, whole)
            refused[row.store] += row.state == ReceivedState.REFUSED
        for row in taken:
            for hour, count in json.loads(row.counts).get(_TURNED_AWAY, {}).items():
                turned_away[row.store][datetime.fromisoformat(hour)] += count
        return {store: Sending(missing[store], refused[store], turned_away[store]) for store in missing}

    def strangers(self) -> int:
        """How many were captured, by what counts, who are not on the office's roster."""
        records, students = tables.records, tables.students
        on_it = select(students.c.id_number).where(students.c.gone_at.is_(None))
        captured = (records.c.state == RecordState.COMPLETE) & records.c.id_number.not_in(on_it)
        with self._database.read() as connection:
            return connection.scalar(select(func.count(records.c.id_number.distinct())).where(captured)) or 0

    def stations(self) -> list[SeenStation]:
        """Each that ever sent anything, by school and name."""
        order = _STATIONS.c.school_code, _STATIONS.c.school, _STATIONS.c.name
        with self._database.read() as connection:
            return [
                SeenStation(**row._asdict() | {"figures": json.loads(row.figures)})
                for row in connection.execute(select(_STATIONS).order_by(*order))
            ]


def note_taken(connection: Connection, origin: ParcelOrigin, chain: str, counts: ReceivedCounts, at: datetime) -> bool:
    """A package was taken, within the transaction that does it; the station as it tells of itself, unless something newer of it
    is known: whether it is not."""
    values: dict[str, Any] = {name: getattr(origin, name) for name in _FROM_ORIGIN}
    told = vars(counts) | ({_TURNED_AWAY: dict(origin.turned_away)} if origin.turned_away else {})
    values |= {"chain": chain, "state": ReceivedState.TAKEN, "counts": codec.dump(told), "reason": "", "done_at": at}
    connection.execute(update(_RECEIVED).where(_RECEIVED.c.number == origin.number).values(values))
    known = connection.execute(select(_STATIONS).where(_STATIONS.c.store == origin.store)).one_or_none()
    if known is not None and origin.entry < known.entry and chain == origin.store:
        return False
    skew_s = _skew_s(origin, at, known)
    seen = {
        "name": origin.station,
        "school": origin.school,
        "school_code": origin.school_code,
        "certificate": origin.certificate,
        "recipient": origin.recipient,
        "parcel": origin.id,
        "entry": origin.entry,
        "seal": origin.seal,
        "made_at": origin.made_at,
        "seen_at": at,
        "figures": codec.dump(origin.figures),
        "skew_s": skew_s,
    }
    if known is None:
        connection.execute(insert(_STATIONS).values(store=origin.store, **seen))
    else:
        connection.execute(update(_STATIONS).where(_STATIONS.c.store == origin.store).values(seen))
    return True


def _skew_s(origin: ParcelOrigin, at: datetime, known: Row[Any] | None) -> float:
    """How wrong the station's clock surely is: packages take their time on the way, but come from no future, and are made after
    what they answer."""
    ahead_s = (origin.made_at - at).total_seconds()
    if ahead_s > 0:
        return ahead_s
    earlier: list[datetime] = [known.made_at] if known is not None else []
    if (heard := int(origin.figures.get(HEARD, 0))) > 0:
        earlier.append(datetime.fromtimestamp(heard, UTC))
    return min([0.0, *((origin.made_at - one).total_seconds() for one in earlier)])


def chain_of(connection: Connection, origin: ParcelOrigin) -> str:
    """What a station's packages have in common that follow on each other: its store. Where two packages follow on the same one,
    its data were set back to an earlier state in between, and what came since is a chain of its own."""
    columns = _RECEIVED.c.id, _RECEIVED.c.before, _RECEIVED.c.chain
    own = (_RECEIVED.c.store == origin.store) & (_RECEIVED.c.state == ReceivedState.TAKEN)
    known = connection.execute(select(*columns).where(own)).all()
    same = next((row.chain for row in known if row.id == origin.id), None)
    if same is not None:
        return str(same)
    base = next((row.chain for row in known if row.id == origin.before), origin.store)
    forked = any(row.before == origin.before and row.chain == base for row in known)
    return f"{origin.store}:{origin.number}" if forked else str(base)


def _load(connection: Connection, numbers: Sequence[int]) -> list[ReceivedParcel]:
    """In the order of the numbers."""
    if not numbers:  # of each piece of a file that is being delivered it is asked whether the file is known
        return []
    found: dict[int, ReceivedParcel] = {}
    columns = (_RECEIVED.c[name] for name in ("store", "id", "chain", "before", "part", "parts", "entry", "counts"))
    taken = connection.execute(select(*columns).where(_RECEIVED.c.state == ReceivedState.TAKEN)).all()
    there, whole = {(row.store, row.id) for row in taken}, _whole(taken)
    names = {row.store: row for row in connection.execute(select(_STATIONS))}
    for start in range(0, len(numbers), _BATCH):
        of_these = _RECEIVED.c.number.in_(numbers[start : start + _BATCH])
        for row in connection.execute(select(_RECEIVED).where(of_these)):
            found[row.number] = _parcel(row, names.get(row.store), _is_missing(row, there, whole))
    return [found[number] for number in numbers if number in found]


def _is_missing(row: Row[Any], there: Set[tuple[str, str]], whole: Mapping[str, int]) -> bool:
    """Whether the package before this one was never taken, and nothing came since that has everything."""
    return bool(row.before) and (row.store, row.before) not in there and row.entry > whole.get(row.chain, -1)


def _whole(taken: Sequence[Row[Any]]) -> Mapping[str, int]:
    """By chain, how far the trail was when everything was sent, that nobody had confirmed, and all parts of that are here: what
    was lost before has come again."""
    after = {(row.store, row.before): row for row in taken}
    found: dict[str, int] = {}
    for first in taken:
        row: Row[Any] | None = first
        parts = 0
        while row is not None and (row.part, row.parts) == (parts + 1, first.parts) and json.loads(row.counts).get("whole"):
            parts, row = parts + 1, after.get((row.store, row.id))
        if parts and parts == first.parts:
            found[first.chain] = max(found.get(first.chain, -1), first.entry)
    return found


def _parcel(row: Row[Any], station: Row[Any] | None, missing: bool) -> ReceivedParcel:
    code, data = json.loads(row.reason) if row.reason else ("", {})
    return ReceivedParcel(
        row.number,
        row.sha256,
        row.name,
        row.size,
        ReceivedState(row.state),
        row.by,
        row.at,
        row.id,
        row.store,
        station.name if station is not None else "",
        station.school if station is not None else "",
        station.school_code if station is not None else "",
        row.part,
        row.parts,
        row.before,
        row.made_at,
        code,
        data,
        ReceivedCounts(**{name: value for name, value in json.loads(row.counts).items() if name != _TURNED_AWAY}),
        row.done_at,
        missing,
    )

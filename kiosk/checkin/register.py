"""The register of one exam at one site: a sealed file of its own, with the candidates, and what happened at the doors.

An event is on the disk when `note` returns, and nothing changes it afterwards. Each is sealed with the one before it, so that
one that was taken out by hand is missed.
"""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Self

from sqlalchemy import Connection, Table, func, insert, select, update

from kiosk.checkin import tables
from kiosk.checkin.matching import Known, Matcher, known
from kiosk.checkin.state import Note
from kiosk.ciphers import Suite
from kiosk.errors import StoreError
from kiosk.exchange.attendance_parcel import event_of, event_told
from kiosk.exchange.exam_parcel import enrolled_of, told_of
from kiosk.pipeline.face.compact import unpack as unpack_face
from kiosk.records import Candidate, DoorAct, DoorEvent, Elsewhere, Enrolled, ExamDay
from kiosk.store.database import Database, PageKey
from kiosk.store.folder import make_file, sqlite_url

_FILE: Final = "register.sqlite3"
_BATCH: Final = 200


class Register:
    """Safe to use from any thread. `door` is this station's name in the events: nobody else's is the same."""

    def __init__(self, database: Database, suite: Suite, seal_key: bytes, day: ExamDay) -> None:
        """Of a database that is made; `create` and `open` are the usual ways."""
        self.day = day
        self._database = database
        self._suite = suite
        self._seal_key = seal_key
        facts = self._facts()
        self.exam, self.door = facts["exam"], facts["door"]
        self.simulated = facts["simulated"] == "1"
        self._lock = threading.Lock()
        self._noted = threading.Condition()
        self._enrolled = {one.candidate.number: one for one in self._load()}
        self._know(self._enrolled.values())
        self._events: list[DoorEvent] = []
        self._newest = 0  # the number of the last of them

    @classmethod
    def create(
        cls,
        folder: Path,
        page_key: PageKey,
        suite: Suite,
        day: ExamDay,
        people: Iterable[Enrolled | Elsewhere],
        *,
        exam: str,
        door: str,
        simulated: bool = False,
    ) -> Self:
        """Everything of a package that is being read, or nothing: what raises leaves no register. `exam` is the digest of its
        head."""
        path = folder / _FILE
        make_file(path)
        with ExitStack() as begun:
            database = Database(sqlite_url(path), page_key=page_key)
            begun.callback(database.close)
            with database.write() as connection:
                tables.register.create_all(connection)
                for trigger in tables.APPEND_ONLY:
                    connection.exec_driver_sql(trigger)
                found = {"form": str(tables.FORM), "exam": exam, "door": f"{door} {secrets.token_hex(3)}"}
                found |= {"simulated": str(int(simulated)), "written": "0"}
                connection.execute(insert(tables.facts), [{"name": name, "value": value} for name, value in found.items()])
                rows: dict[Table, list[dict[str, Any]]] = {tables.candidates: [], tables.district: []}
                for one in people:
                    table, row = _row(one)
                    rows[table].append(row)
                    if len(rows[table]) == _BATCH:
                        connection.execute(insert(table), rows[table])
                        rows[table] = []
                for table, left in rows.items():
                    if left:
                        connection.execute(insert(table), left)
            made = cls(database, suite, page_key.key, day)
            begun.pop_all()
            return made

    @classmethod
    def open(cls, folder: Path, page_key: PageKey, suite: Suite, day: ExamDay) -> Self:
        """Raises StoreError("checkin.other_form") for a newer program's, StoreError as every database does."""
        with ExitStack() as begun:
            database = Database(sqlite_url(folder / _FILE), page_key=page_key)
            begun.callback(database.close)
            with database.read() as connection:
                form = connection.scalar(select(tables.facts.c.value).where(tables.facts.c.name == "form"))
            if form != str(tables.FORM):
                raise StoreError("checkin.other_form")
            opened = cls(database, suite, page_key.key, day)
            begun.pop_all()
            return opened

    # -- who

    def candidate(self, number: int) -> Candidate:
        return self._enrolled[number].candidate

    def of_number(self, id_number: str) -> Candidate | None:
        """The candidate of an ID number, as a card has it."""
        return self._by_number.get(id_number.strip().upper())

    def portrait(self, number: int) -> bytes:
        """JPEG; empty where there is none."""
        with self._database.read() as connection:
            query = select(tables.candidates.c.portrait).where(tables.candidates.c.number == number)
            return connection.scalar(query) or b""

    def pictured(self) -> frozenset[int]:
        """Of whom there is a portrait."""
        with self._database.read() as connection:
            query = select(tables.candidates.c.number).where(tables.candidates.c.portrait != b"")
            return frozenset(connection.scalars(query))

    def matcher(self) -> Matcher:
        """Everybody, to be compared with."""
        made = Matcher()
        for one in self._enrolled.values():
            made.put(known_of(one))
        with self._database.read() as connection:
            for number, face in connection.execute(select(tables.district.c.number, tables.district.c.face)):
                made.put_elsewhere(number, unpack_face(face))
        return made

    def elsewhere(self, numbers: Sequence[int]) -> tuple[str, ...]:
        """People of the district as invigilators are told of them, in this order."""
        if not numbers:
            return ()
        with self._database.read() as connection:
            query = select(tables.district).where(tables.district.c.number.in_(numbers))
            found = {row.number: Elsewhere(row.name, row.school, b"").told for row in connection.execute(query)}
        return tuple(found[one] for one in numbers if one in found)

    def forget(self, numbers: Iterable[int]) -> int:
        """Take out all that is of the body of these candidates; of how many something was there. Rewrites the file. Who sits
        where stays: other doors may tell of them."""
        compared = {number for number, one in self._enrolled.items() if one.face or one.chip or one.thumbs}
        gone = set(numbers) & (self.pictured() | compared)
        if not gone:
            return 0
        with self._lock, self._database.write() as connection:
            for number in gone:
                kept = Enrolled(replace(self._enrolled[number].candidate, faced=False, thumbed=False))
                values = {"told": json.dumps(told_of(kept), ensure_ascii=False), "portrait": b""}
                connection.execute(update(tables.candidates).where(tables.candidates.c.number == number).values(values))
                self._enrolled[number] = kept
        self._know(self._enrolled.values())
        self._database.clean(sealed=True)
        return len(gone)

    # -- what happened

    def note(self, notes: Sequence[Note], at: datetime) -> list[DoorEvent]:
        """Keep what happened at this door: all of it on the disk when this returns, or nothing. Raises StoreError."""
        if not notes:
            return []
        with self._lock, self._database.write() as connection:
            self._catch_up(connection)
            sequence = max((one.sequence for one in self._events if one.door == self.door), default=0)
            made = [_event(self.door, sequence + more, one, at) for more, one in enumerate(notes, start=1)]
            self._append(connection, made)
        self.stir()
        return made

    def merge(self, events: Sequence[DoorEvent]) -> int:
        """Take what happened at other doors; how many were new. Taking it again changes nothing. Raises
        StoreError("checkin.events_differ") where one is here otherwise already, ("checkin.events_unknown") where one names a
        candidate or session that the package has not."""
        for one in events:
            if one.session >= len(self.day.sessions) or not {*filter(None, [one.candidate]), *one.like} <= set(self._enrolled):
                raise StoreError("checkin.events_unknown")
        with self._lock, self._database.write() as connection:
            self._catch_up(connection)
            here = {(one.door, one.sequence): event_told(one) for one in self._events}
            new = [one for one in events if (one.door, one.sequence) not in here]
            for one in events:
                if here.get((one.door, one.sequence), event_told(one)) != event_told(one):
                    raise StoreError("checkin.events_differ", door=one.door)
            self._append(connection, sorted(new, key=lambda one: (one.door, one.sequence)))
        return len(new)

    def events(self) -> list[DoorEvent]:
        """All, of every door, in the order in which they came here, whatever program noted them; without pictures."""
        with self._lock, self._database.read() as connection:
            self._catch_up(connection)
            return list(self._events)

    def picture(self, door: str, sequence: int) -> bytes:
        """The photograph of an event; empty where none was taken."""
        with self._database.read() as connection:
            query = select(tables.events.c.picture).where(tables.events.c.door == door, tables.events.c.sequence == sequence)
            return connection.scalar(query) or b""

    def own_events(self, after: int = 0) -> list[DoorEvent]:
        """Of this door, with their pictures, after a number: what its results file holds, and other doors are told."""
        own = (tables.events.c.door == self.door) & (tables.events.c.sequence > after)
        with self._database.read() as connection:
            rows = connection.execute(select(tables.events).where(own).order_by(tables.events.c.sequence)).all()
        return [_read(row.told, row.picture) for row in rows]

    def wait_own(self, after: int, timeout_s: float) -> list[DoorEvent]:
        """As `own_events`, as soon as there are any; none when the time is over."""
        with self._noted:
            if found := self.own_events(after):
                return found
            self._noted.wait(timeout_s)
        return self.own_events(after)

    def stir(self) -> None:
        """Have those look again who wait for an event."""
        with self._noted:
            self._noted.notify_all()

    def doors(self) -> tuple[str, ...]:
        """Every door that is known to have let in or sent away somebody, the first to tell of it first."""
        return tuple(dict.fromkeys(one.door for one in self.events() if one.candidate is not None))

    def newest_of(self, door: str) -> int:
        """The number of the newest event of a door that is known here; 0 without any."""
        return max((one.sequence for one in self.events() if one.door == door), default=0)

    def is_whole(self) -> bool:
        """Whether every event is still as it was kept, and none is missing."""
        with self._database.read() as connection:
            rows = connection.execute(select(tables.events).order_by(tables.events.c.door, tables.events.c.sequence)).all()
        before, door = "", ""
        for row in rows:
            before = before if row.door == door else ""
            door = row.door
            if self._seal(before, row.told, row.picture) != row.seal:
                return False
            before = row.seal
        return True

    def note_written(self) -> None:
        """The results as they are now are in a file."""
        count = sum(one.door == self.door for one in self.events())
        with self._database.write() as connection:
            connection.execute(update(tables.facts).where(tables.facts.c.name == "written").values(value=str(count)))

    @property
    def owed(self) -> int:
        """How many events of this door are in no results file yet."""
        return sum(one.door == self.door for one in self.events()) - int(self._facts()["written"])

    def close(self) -> None:
        """Idempotent."""
        self._database.close()

    # -- inside

    def _know(self, enrolled: Iterable[Enrolled]) -> None:
        self.candidates: tuple[Candidate, ...] = tuple(one.candidate for one in enrolled)
        self._by_number = {one.id_number.upper(): one for one in self.candidates}

    def _append(self, connection: Connection, events: Sequence[DoorEvent]) -> None:
        for one in events:
            newest = select(tables.events.c.seal).where(tables.events.c.door == one.door)
            before = connection.scalar(newest.order_by(tables.events.c.sequence.desc()).limit(1)) or ""
            told = json.dumps(event_told(one), ensure_ascii=False, sort_keys=True)
            row = {"door": one.door, "sequence": one.sequence, "told": told, "picture": one.picture}
            connection.execute(insert(tables.events).values(**row, seal=self._seal(before, told, one.picture)))

    def _seal(self, before: str, told: str, picture: bytes) -> str:
        content = "\0".join((before, told, self._suite.digest(picture)))
        return self._suite.mac(self._seal_key, content.encode())

    def _facts(self) -> dict[str, str]:
        with self._database.read() as connection:
            return {row.name: row.value for row in connection.execute(select(tables.facts))}

    def _load(self) -> list[Enrolled]:
        with self._database.read() as connection:
            query = select(tables.candidates.c.told).order_by(tables.candidates.c.number)
            return [enrolled_of(json.loads(told)) for told in connection.scalars(query)]

    def _catch_up(self, connection: Connection) -> None:
        """Read what is new on the disk: a command may have noted it beside the door."""
        query = select(tables.events.c.number, tables.events.c.told).where(tables.events.c.number > self._newest)
        for number, told in connection.execute(query.order_by(tables.events.c.number)):
            self._events.append(_read(told, b""))
            self._newest = number

    def count(self) -> int:
        """How many events there are on the disk."""
        with self._database.read() as connection:
            return connection.scalar(select(func.count()).select_from(tables.events)) or 0


def known_of(one: Enrolled) -> Known:
    """Raises ValueError for a template that is torn or of another version."""
    return known(one.candidate.number, one.face, one.chip, one.thumbs)


def _row(one: Enrolled | Elsewhere) -> tuple[Table, dict[str, Any]]:
    """What can't be compared is refused before the day: raises ValueError."""
    if isinstance(one, Elsewhere):
        unpack_face(one.face)
        return tables.district, {"name": one.name, "school": one.school, "face": one.face}
    known_of(one)
    told = json.dumps(told_of(one), ensure_ascii=False)
    return tables.candidates, {"number": one.candidate.number, "told": told, "portrait": one.portrait}


def _event(door: str, sequence: int, note: Note, at: datetime) -> DoorEvent:
    return DoorEvent(door, sequence, at=at, **{**vars(note), "told": dict(note.told)})


def _read(told: str, picture: bytes) -> DoorEvent:
    return replace(event_of(json.loads(told)), picture=picture)


def starting(session: int = 0) -> Note:
    """What a door begins with."""
    return Note(DoorAct.STARTED, session, None)

"""学生信息: the items that parents and school filled in, a row of JSON for each time and student.

Nothing is overwritten: what was told last of an item counts. An import can be taken back; its rows stay and don't count.
"""

from __future__ import annotations

import json
import secrets
from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any, Final

from sqlalchemy import Connection, Row, func, insert, select, update

from kiosk.errors import StoreError
from kiosk.records import ParticularsEntry, ParticularsImport, Person
from kiosk.store import codec, tables
from kiosk.store.audit import Audit, require_reason
from kiosk.store.database import Database
from kiosk.store.deadline import require_unlocked

_PARTICULARS: Final = tables.particulars
_TOGETHER: Final = 500  # students asked for in one go
_COUNTING: Final = _PARTICULARS.c.undone_at.is_(None)
Items = Mapping[str, str]


class Particulars:
    """By the student's number."""

    def __init__(self, database: Database, audit: Audit) -> None:
        self._database = database
        self._audit = audit

    def all(self, id_numbers: Iterable[str] | None = None) -> Mapping[str, Items]:
        """Everybody's items as they stand now, or those of these students."""
        with self._database.read() as connection:
            return _standing(connection, id_numbers)

    def marks(self) -> Mapping[str, tuple[int, int]]:
        """By student's number, what changes whenever the items do."""
        number, undone = func.max(_PARTICULARS.c.number), func.count(_PARTICULARS.c.undone_at)
        query = select(_PARTICULARS.c.id_number, number, undone).group_by(_PARTICULARS.c.id_number)
        with self._database.read() as connection:
            return {row[0]: (row[1], row[2]) for row in connection.execute(query)}

    def of(self, id_number: str) -> Items:
        """One student's."""
        with self._database.read() as connection:
            return _standing(connection, [id_number]).get(id_number, {})

    def history(self, id_number: str) -> list[ParticularsEntry]:
        """What was told of a student, the newest first, with what it replaced."""
        query = select(_PARTICULARS).where(_PARTICULARS.c.id_number == id_number).order_by(_PARTICULARS.c.number)
        entries, now = [], dict[str, str]()
        with self._database.read() as connection:
            for row in connection.execute(query):
                entry = _load(row, now)
                entries.append(entry)
                if not entry.undone:
                    now |= entry.told
        return entries[::-1]

    def put_right(self) -> Mapping[str, frozenset[tuple[str, str]]]:
        """By number, what was corrected and still stands: the items with the values that they had before."""
        corrected = select(_PARTICULARS.c.id_number).where(_COUNTING, _PARTICULARS.c.batch == "")
        query = select(_PARTICULARS).where(_COUNTING, _PARTICULARS.c.id_number.in_(corrected)).order_by(_PARTICULARS.c.number)
        now: dict[str, dict[str, str]] = defaultdict(dict)
        wrong: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        with self._database.read() as connection:
            for row in connection.execute(query):
                for field, value in json.loads(row.told).items():
                    if row.batch:
                        wrong[row.id_number].pop(field, None)
                    else:
                        wrong[row.id_number][field].add(now[row.id_number].get(field, ""))
                    now[row.id_number][field] = value
        return {
            number: frozenset((field, value) for field, values in items.items() for value in values)
            for number, items in wrong.items()
        }

    def take(self, told: Mapping[str, Items], *, source: str, by: Person) -> int:
        """Keep what a file tells of these students, where it is new; empty items say nothing. Returns of how many there was
        something. Raises StoreError after the deadline."""
        at = self._audit.now()
        with self._database.write() as connection:
            require_unlocked(connection, at)
            known = _standing(connection)
            news = {number: new for number, items in told.items() if (new := changes(known.get(number, {}), items))}
            if news:
                who = {"batch": secrets.token_hex(16), "source": source, "reason": "", "at": at}
                _insert(connection, news, who, by)
            items = sum(map(len, news.values()))
            self._audit.append(connection, "particulars.import", actor=by.name, students=len(news), items=items)
        return len(news)

    def correct(self, id_number: str, told: Items, *, reason: str, by: Person) -> bool:
        """Put items of a student right; an empty one is taken out. False where nothing differs. Raises StoreError without a
        reason, and after the deadline."""
        require_reason(reason)
        at = self._audit.now()
        with self._database.write() as connection:
            require_unlocked(connection, at)
            known = _standing(connection, [id_number]).get(id_number, {})
            new = {field: value for field, value in told.items() if value != known.get(field, "")}
            if not new:
                return False
            _insert(connection, {id_number: new}, {"batch": "", "source": "", "reason": reason, "at": at}, by)
            subject = self._audit.pseudonym(id_number)
            self._audit.append(connection, "particulars.correct", actor=by.name, subject=subject, items=len(new), reason=reason)
        return True

    def last_import(self) -> ParticularsImport | None:
        """The one that can be taken back: nothing was imported since. None where there is none, or it was taken back."""
        with self._database.read() as connection:
            return _last_import(connection)

    def undo(self, *, by: Person, batch: str = "") -> int:
        """Take the last import back: items are as before it, but for those corrected since. Returns of how many students.
        `batch`: the one that is meant.

        Raises StoreError("store.nothing_to_undo"), ("store.other_import") where another one is the last by now, and after the
        deadline.
        """
        at = self._audit.now()
        with self._database.write() as connection:
            require_unlocked(connection, at)
            last = _last_import(connection)
            if last is None:
                raise StoreError("store.nothing_to_undo")
            if batch not in ("", last.batch):
                raise StoreError("store.other_import", file=last.source)
            connection.execute(update(_PARTICULARS).where(_PARTICULARS.c.batch == last.batch).values(undone_at=at))
            self._audit.append(connection, "particulars.undo", actor=by.name, students=len(last.id_numbers))
        return len(last.id_numbers)


def changes(known: Items, told: Items) -> dict[str, str]:
    """What is told and not known so; what is empty says nothing."""
    return {field: value for field, value in told.items() if value and value != known.get(field, "")}


def _insert(connection: Connection, news: Mapping[str, Items], who: Mapping[str, Any], by: Person) -> None:
    rows = [{"id_number": number, "told": codec.dump(dict(items))} for number, items in news.items()]
    connection.execute(insert(_PARTICULARS), [{**who, **row, "by": by.name, "account": by.account} for row in rows])


def _standing(connection: Connection, id_numbers: Iterable[str] | None = None) -> dict[str, dict[str, str]]:
    query = select(_PARTICULARS.c.id_number, _PARTICULARS.c.told).where(_COUNTING).order_by(_PARTICULARS.c.number)
    wanted = None if id_numbers is None else iter(id_numbers)
    found: dict[str, dict[str, str]] = defaultdict(dict)
    while wanted is None or (few := list(islice(wanted, _TOGETHER))):
        for row in connection.execute(query if wanted is None else query.where(_PARTICULARS.c.id_number.in_(few))):
            found[row.id_number] |= json.loads(row.told)
        if wanted is None:
            break
    return {number: {field: value for field, value in items.items() if value} for number, items in found.items()}


def _last_import(connection: Connection) -> ParticularsImport | None:
    newest = select(_PARTICULARS).where(_PARTICULARS.c.batch != "").order_by(_PARTICULARS.c.number.desc()).limit(1)
    row = connection.execute(newest).one_or_none()
    if row is None or row.undone_at is not None:
        return None
    whose = connection.scalars(select(_PARTICULARS.c.id_number).where(_PARTICULARS.c.batch == row.batch))
    return ParticularsImport(row.batch, row.source, Person(row.by, row.account), row.at, tuple(whose))


def _load(row: Row[Any], now: Items) -> ParticularsEntry:
    told = json.loads(row.told)
    before = {field: now.get(field, "") for field in told}
    return ParticularsEntry(
        told, before, row.source, row.reason, Person(row.by, row.account), row.at, undone=row.undone_at is not None
    )

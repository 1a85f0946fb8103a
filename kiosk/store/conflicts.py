"""What contradicts each other at an office: both are kept, one counts until two people have decided.

A record that is set aside has a state of its own, which nothing else counts, and a version below zero, so that its own is free
for the one that counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, func, insert, or_, select, update

from kiosk.errors import StoreError
from kiosk.records import CaptureRecord, Conflict, ConflictKind, Person, RecordState, name_key
from kiosk.store import rows, tables
from kiosk.store.audit import Audit, require_reason
from kiosk.store.database import Database
from kiosk.store.two_people import decision, people_of

_CONFLICTS, _RECORDS, _CAME = tables.conflicts, tables.records, tables.received_records
_OPEN: Final = _CONFLICTS.c.decided_at.is_(None)


class Conflicts:
    """Looks at them, and decides."""

    def __init__(self, database: Database, audit: Audit) -> None:
        self._database = database
        self._audit = audit

    def all(self, *, only_open: bool = False) -> list[Conflict]:
        """The open ones first, the newest of them first; but for those of whom nothing is kept any more."""
        there = select(_RECORDS.c.id)
        query = select(_CONFLICTS).where(_CONFLICTS.c.first.in_(there) | _CONFLICTS.c.second.in_(there))
        query = query.order_by(_CONFLICTS.c.decided_at.is_not(None), _CONFLICTS.c.number.desc())
        with self._database.read() as connection:
            return [_load(row) for row in connection.execute(query.where(_OPEN) if only_open else query)]

    def find(self, number: int) -> Conflict | None:
        with self._database.read() as connection:
            row = connection.execute(select(_CONFLICTS).where(_CONFLICTS.c.number == number)).one_or_none()
        return None if row is None else _load(row)

    def count(self) -> int:
        """How many are open."""
        with self._database.read() as connection:
            return connection.scalar(select(func.count()).select_from(_CONFLICTS).where(_OPEN)) or 0

    def refresh(self) -> int:
        """Settle what is no contradiction any more, since the roster was put right; how many."""
        names = _OPEN & (_CONFLICTS.c.kind == ConflictKind.NAME)
        with self._database.read() as connection:
            waiting = list(connection.scalars(select(_CONFLICTS.c.first).where(names)))
            records = rows.load_records(connection, waiting, with_steps=False)
        settled = [record.id for record in records if not names_differ(record)]
        if settled:
            with self._database.write() as connection:
                for record_id in settled:
                    settle_name(connection, record_id, self._audit.now())
                    self._audit.append(connection, "conflict.settle", subject=record_id)
        return len(settled)

    def decide(self, number: int, chosen: str, *, reason: str, asked_by: Person, decided_by: Person) -> Conflict:
        """What counts from now on: one of its records; of a name's, none where the record is another's. Two people decide.

        Raises StoreError ("conflict.unknown", "conflict.decided", "conflict.choice", "conflict.same_person"); without a reason.
        """
        require_reason(reason)
        if asked_by.same_as(decided_by):
            raise StoreError("conflict.same_person")
        with self._database.write() as connection:
            row = connection.execute(select(_CONFLICTS).where(_CONFLICTS.c.number == number)).one_or_none()
            if row is None:
                raise StoreError("conflict.unknown")
            if row.decided_at is not None:
                raise StoreError("conflict.decided")
            if chosen not in {row.first, row.second}:
                raise StoreError("conflict.choice")
            decided = {"chosen": chosen, **decision(reason, asked_by, decided_by, self._audit.now())}
            connection.execute(update(_CONFLICTS).where(_CONFLICTS.c.number == number).values(decided))
            if row.second and chosen:
                _let_count(connection, chosen, row.first if chosen == row.second else row.second, decided)
            elif chosen:
                _reinstate(connection, chosen, self._audit.now())
            said = {"kind": row.kind, "other": row.second if chosen == row.first else row.first, "reason": reason}
            self._audit.append(
                connection,
                "conflict.decide",
                actor=decided_by.name,
                subject=chosen or row.first,
                asked_by=asked_by.name,
                **said,
            )
            return _load(connection.execute(select(_CONFLICTS).where(_CONFLICTS.c.number == number)).one())

    def reopen(self, number: int, *, reason: str, by: Person) -> Conflict:
        """Ask anew what was decided for neither: the record stays aside until two people decide again. What was decided stays
        as it was; it is asked under a new number.

        Raises StoreError ("conflict.unknown", "conflict.not_neither"); without a reason.
        """
        require_reason(reason)
        with self._database.write() as connection:
            row = connection.execute(select(_CONFLICTS).where(_CONFLICTS.c.number == number)).one_or_none()
            if row is None:
                raise StoreError("conflict.unknown")
            there = connection.scalar(select(_RECORDS.c.state).where(_RECORDS.c.id == row.first))
            if row.decided_at is None or row.chosen or there != RecordState.SET_ASIDE or _is_contested(connection, row.first):
                raise StoreError("conflict.not_neither")
            values = {"kind": row.kind, "first": row.first, "second": row.second, "found_at": self._audit.now()}
            again = connection.scalar(insert(_CONFLICTS).values(values).returning(_CONFLICTS.c.number))
            self._audit.append(connection, "conflict.reopen", actor=by.name, subject=row.first, reason=reason, before=number)
            return _load(connection.execute(select(_CONFLICTS).where(_CONFLICTS.c.number == again)).one())


def enter(connection: Connection, kind: ConflictKind, first: str, second: str, at: datetime) -> None:
    """Enter a contradiction and set aside what came last."""
    connection.execute(insert(_CONFLICTS).values(kind=kind, first=first, second=second, found_at=at))
    _set_aside(connection, [second or first])


def rival_of(connection: Connection, record_id: str) -> str | None:
    """The record that counts for the same number and comes from other data; None for none."""
    number = select(_RECORDS.c.id_number).where(_RECORDS.c.id == record_id).scalar_subquery()
    counting = (_RECORDS.c.id_number == number) & (_RECORDS.c.state != RecordState.SET_ASIDE) & (_RECORDS.c.id != record_id)
    query = select(_RECORDS.c.id).where(counting).order_by(_RECORDS.c.version.desc())
    found = list(connection.scalars(query))
    chains = _chains(connection, [*found, record_id])
    return next((one for one in found if chains.get(one, "") != chains.get(record_id, "")), None)


def not_alone(connection: Connection, record_ids: Sequence[str]) -> frozenset[str]:
    """Which of these records are not the only one of their number."""
    other = _RECORDS.alias()
    pairs = (other.c.id_number == _RECORDS.c.id_number) & (other.c.id != _RECORDS.c.id)
    query = select(_RECORDS.c.id).join(other, pairs).where(_RECORDS.c.id.in_(record_ids)).distinct()
    return frozenset(connection.scalars(query))


def free_version(connection: Connection, id_number: str, wanted: int) -> int:
    """The version that a record can have here: its own, or one below zero where another has that."""
    taken = select(_RECORDS.c.id).where(_RECORDS.c.id_number == id_number, _RECORDS.c.version == wanted)
    return wanted if wanted > 0 and connection.scalar(taken) is None else _below_zero(connection, id_number)


def names_differ(record: CaptureRecord) -> bool:
    """Whether a record was filed under another name than the roster has for its number."""
    return record.filed is not None and name_key(record.filed.name) != name_key(record.student.name)


def settle_name(connection: Connection, record_id: str, at: datetime) -> None:
    """The name is the roster's now: nobody has to decide."""
    open_name = _OPEN & (_CONFLICTS.c.kind == ConflictKind.NAME) & (_CONFLICTS.c.first == record_id)
    if connection.execute(update(_CONFLICTS).where(open_name).values(decided_at=at, chosen=record_id)).rowcount:
        _reinstate(connection, record_id, at)


def _reinstate(connection: Connection, record_id: str, at: datetime) -> None:
    """Let a record count whose name is no question any more, unless something else speaks against it."""
    if _is_contested(connection, record_id):
        return
    if (rival := rival_of(connection, record_id)) is not None:
        enter(connection, ConflictKind.TWO_STATIONS, rival, record_id, at)
    else:
        _restore(connection, [record_id])


def _let_count(connection: Connection, chosen: str, other: str, decided: dict[str, Any]) -> None:
    """Everything of the number that comes from where the chosen one does counts, and nothing else; what else stands between
    the two sides is decided with it."""
    number = select(_RECORDS.c.id_number).where(_RECORDS.c.id == chosen).scalar_subquery()
    everything = list(connection.scalars(select(_RECORDS.c.id).where(_RECORDS.c.id_number == number)))
    chains = _chains(connection, everything)
    ours = [one for one in everything if chains.get(one, "") == chains.get(chosen, "")]
    theirs = [one for one in everything if one not in ours]
    losers = [one for one in theirs if chains.get(one, "") == chains.get(other, "")]
    between = _OPEN & or_(
        _CONFLICTS.c.first.in_(ours) & _CONFLICTS.c.second.in_(losers),
        _CONFLICTS.c.second.in_(ours) & _CONFLICTS.c.first.in_(losers),
    )
    connection.execute(update(_CONFLICTS).where(between).values(decided))
    connection.execute(
        update(_CONFLICTS).where(_OPEN & _CONFLICTS.c.first.in_(losers) & (_CONFLICTS.c.second != "")).values(first=chosen)
    )
    _set_aside(connection, theirs)
    _restore(connection, [one for one in ours if not _is_contested(connection, one)])


def _is_contested(connection: Connection, record_id: str) -> bool:
    """Whether it was set aside in a matter that nobody has decided."""
    aside = (_CONFLICTS.c.second == record_id) | ((_CONFLICTS.c.second == "") & (_CONFLICTS.c.first == record_id))
    return connection.scalar(select(_CONFLICTS.c.number).where(_OPEN & aside).limit(1)) is not None


def _set_aside(connection: Connection, record_ids: Sequence[str]) -> None:
    for record_id in record_ids:
        row = connection.execute(select(_RECORDS.c.id_number, _RECORDS.c.version).where(_RECORDS.c.id == record_id)).one()
        values: dict[str, Any] = {"state": RecordState.SET_ASIDE}
        if row.version > 0:
            values["version"] = _below_zero(connection, row.id_number)
        connection.execute(update(_RECORDS).where(_RECORDS.c.id == record_id).values(values))


def _restore(connection: Connection, record_ids: Sequence[str]) -> None:
    query = select(_CAME.c.stored_as, _CAME.c.version).where(_CAME.c.stored_as.in_(record_ids)).order_by(_CAME.c.number)
    versions = {row.stored_as: row.version for row in connection.execute(query)}
    for record_id in record_ids:
        values: dict[str, Any] = {"state": RecordState.COMPLETE}
        if record_id in versions:
            values["version"] = versions[record_id]
        connection.execute(update(_RECORDS).where(_RECORDS.c.id == record_id).values(values))


def _below_zero(connection: Connection, id_number: str) -> int:
    lowest = connection.scalar(select(func.min(_RECORDS.c.version)).where(_RECORDS.c.id_number == id_number))
    return min(lowest or 0, 0) - 1


def _chains(connection: Connection, record_ids: Sequence[str]) -> dict[str, str]:
    query = select(_CAME.c.stored_as, _CAME.c.chain).where(_CAME.c.stored_as.in_(record_ids))
    return {row.stored_as: row.chain for row in connection.execute(query)}


def _load(row: Row[Any]) -> Conflict:
    told = (row.number, ConflictKind(row.kind), row.first, row.second, row.found_at)
    return Conflict(*told, row.decided_at, row.chosen, row.reason, *people_of(row))

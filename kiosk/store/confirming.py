"""What the office confirmed of the records here, which of them it wants again, and of whom everything may be deleted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, func, insert, select

from kiosk.records import OfficeWord, Person, RecordState, ReviewOutcome, TakenParcel
from kiosk.store import tables
from kiosk.store.audit import Audit
from kiosk.store.database import Database

_RECORDS, _CONFIRMED, _WORDS, _TAKEN = tables.records, tables.confirmed, tables.office_words, tables.office_parcels
_BATCH: Final = 400
OFFICE: Final = Person("上级办公室")
AGAIN, DECISION = "again", "decision"


class Confirming:
    """Keeps receipts."""

    def __init__(self, database: Database, audit: Audit) -> None:
        self._database = database
        self._audit = audit

    def known(self, record_ids: Sequence[str]) -> frozenset[str]:
        """Which of these are records here."""
        with self._database.read() as connection:
            return _known(connection, record_ids)

    def take(
        self,
        parcel: TakenParcel,
        received: Sequence[tuple[str, str]],
        *,
        may_delete: bool,
        again: Sequence[tuple[str, str]],
        decisions: Sequence[tuple[str, str]],
    ) -> None:
        """Enter a receipt, all of it or nothing. What it wants captured again is sent back as a review does it, where nobody
        was captured again since."""
        with self._database.write() as connection:
            names = ("kind", "version", "office_key", "digest", "head", "by", "at")
            values = {name: getattr(parcel, name) for name in names} | {"done_at": parcel.at}
            number = connection.scalar(insert(_TAKEN).values(values).returning(_TAKEN.c.number))
            here = _known(connection, [record for record, _ in (*received, *again, *decisions)])
            rows = [
                {"parcel": number, "record_id": record, "digest": digest, "may_delete": may_delete}
                for record, digest in dict.fromkeys(received)
                if record in here
            ]
            words = [
                {"parcel": number, "record_id": record, "kind": kind, "text": text}
                for kind, said in ((AGAIN, again), (DECISION, decisions))
                for record, text in said
                if record in here
            ]
            for table, values_of in ((_CONFIRMED, rows), (_WORDS, words)):
                if values_of:
                    connection.execute(insert(table), values_of)
            for record, reason in dict(again).items():
                if record in here:
                    self._send_back(connection, record, reason, parcel.at)
            counts = {"records": len(rows), "again": len(again)}
            self._audit.append(connection, "parcel.receipt", actor=parcel.by, subject="", **counts, may_delete=may_delete)

    def words(self) -> list[OfficeWord]:
        """What the office said of records, the newest first, each once however many receipts have it; `done` where a student
        was captured again since."""
        complete = select(_RECORDS.c.id_number, func.max(_RECORDS.c.version).label("version"))
        newest = complete.where(_RECORDS.c.state == RecordState.COMPLETE).group_by(_RECORDS.c.id_number).subquery()
        query = (
            select(_WORDS, _RECORDS.c.id_number, _RECORDS.c.version, _TAKEN.c.at, newest.c.version.label("newest"))
            .join(_RECORDS, _RECORDS.c.id == _WORDS.c.record_id)
            .join(_TAKEN, _TAKEN.c.number == _WORDS.c.parcel)
            .outerjoin(newest, newest.c.id_number == _RECORDS.c.id_number)
            .order_by(_WORDS.c.number)
        )
        found: dict[tuple[str, str, str], OfficeWord] = {}
        with self._database.read() as connection:
            for row in connection.execute(query):
                done = (row.newest or 0) > row.version
                word = OfficeWord(row.record_id, row.id_number, row.kind, row.text, row.at, done)
                found.setdefault((row.record_id, row.kind, row.text), word)
        return list(reversed(found.values()))

    def _send_back(self, connection: Connection, record_id: str, reason: str, at: datetime) -> None:
        """As a review does it: the student is to be captured again. A review that approved the record gives way."""
        reviews = tables.reviews
        row = connection.execute(select(_RECORDS.c.id_number, _RECORDS.c.version).where(_RECORDS.c.id == record_id)).one()
        newest = connection.scalar(
            select(func.max(_RECORDS.c.version)).where(
                _RECORDS.c.id_number == row.id_number, _RECORDS.c.state == RecordState.COMPLETE
            )
        )
        if newest != row.version:
            return
        connection.execute(reviews.delete().where(reviews.c.record_id == record_id))
        said = {"outcome": ReviewOutcome.SENT_BACK, "reason": reason, "by": OFFICE.name, "account": "", "at": at}
        connection.execute(insert(reviews).values(record_id=record_id, **said))
        self._audit.append(connection, "review.sent_back", actor=OFFICE.name, subject=record_id, reason=reason)


def released(connection: Connection) -> Mapping[str, datetime]:
    """By student's number, since when everything that was captured may be deleted here: the office has every complete record
    in the state in which it was last sent, and nothing about one has changed since."""
    sent = tables.parcel_records
    last = select(sent.c.record_id, func.max(sent.c.parcel).label("parcel")).group_by(sent.c.record_id).subquery()
    query = (
        select(_RECORDS.c.id_number, _RECORDS.c.id, _RECORDS.c.signed_at, sent.c.digest, tables.parcels.c.at)
        .outerjoin(last, last.c.record_id == _RECORDS.c.id)
        .outerjoin(sent, (sent.c.record_id == last.c.record_id) & (sent.c.parcel == last.c.parcel))
        .outerjoin(tables.parcels, tables.parcels.c.number == last.c.parcel)
        .where(_RECORDS.c.state == RecordState.COMPLETE)
    )
    permitted = select(_CONFIRMED.c.record_id, _CONFIRMED.c.digest, _TAKEN.c.at).join(
        _TAKEN, _TAKEN.c.number == _CONFIRMED.c.parcel
    )
    when = {
        (row.record_id, row.digest): row.at for row in connection.execute(permitted.where(_CONFIRMED.c.may_delete.is_(True)))
    }
    if not when:
        return {}
    changed = _changed(connection)
    found: dict[str, list[datetime | None]] = defaultdict(list)
    for row in connection.execute(query):
        later = [changed.get(row.id), changed.get(row.id_number), row.signed_at]
        stale = row.at is None or any(one is not None and one > row.at for one in later)
        found[row.id_number].append(None if stale else when.get((row.id, row.digest)))
    return {number: max(filter(None, times)) for number, times in found.items() if all(times)}


def _changed(connection: Connection) -> Mapping[str, datetime]:
    """When something about a record, or a student, was last put down."""
    found: dict[str, datetime] = {}
    for table, column in ((tables.corrections, "record_id"), (tables.reviews, "record_id"), (tables.consents, "id_number")):
        of = table.c[column]
        for who, at in connection.execute(select(of, func.max(table.c.at)).where(of.is_not(None)).group_by(of)):
            found[who] = max(found.get(who, at), at)
    return found


def _known(connection: Connection, record_ids: Sequence[str]) -> frozenset[str]:
    found: set[str] = set()
    for start in range(0, len(record_ids), _BATCH):
        batch = record_ids[start : start + _BATCH]
        found.update(connection.scalars(select(_RECORDS.c.id).where(_RECORDS.c.id.in_(batch))))
    return frozenset(found)

"""复核: closed by somebody who had no part in the capture; what is sent back is captured again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from kiosk.errors import StoreError
from kiosk.records import CaptureRecord, Person, RecordState, Review, ReviewOutcome, review_causes
from kiosk.store import rows, tables
from kiosk.store.audit import Audit, require_reason
from kiosk.store.database import Database

_RECORDS, _REVIEWS = tables.records, tables.reviews


class Reviews:
    """Reviews of complete records. Who waits for one is told by `Progress`."""

    def __init__(self, database: Database, audit: Audit) -> None:
        self._database = database
        self._audit = audit

    def approve(self, *record_ids: str, by: Person, at: datetime, reason: str = "") -> None:
        """What people decided about these captures is right. All are approved, or none.

        Raises StoreError when the person took part in one, its review is closed, there is nothing to review in it, or a newer
        capture has replaced it.
        """
        self._close(ReviewOutcome.APPROVED, record_ids, reason, by, at)

    def send_back(self, *record_ids: str, by: Person, at: datetime, reason: str) -> None:
        """The students are to be captured again. Raises StoreError as `approve` does, and without a reason."""
        require_reason(reason)
        self._close(ReviewOutcome.SENT_BACK, record_ids, reason, by, at)

    def of(self, record_id: str) -> Review | None:
        """A record's review, once it is closed."""
        with self._database.read() as connection:
            return _of(connection, record_id)

    def sent_back(self, id_number: str) -> Review | None:
        """The review that wants this student captured again, until that is done: its reason is the re-capture's."""
        with self._database.read() as connection:
            newest = _newest_complete(connection, id_number)
            review = _of(connection, newest) if newest else None
        return review if review is not None and review.outcome is ReviewOutcome.SENT_BACK else None

    def _close(self, outcome: ReviewOutcome, record_ids: Sequence[str], reason: str, by: Person, at: datetime) -> None:
        with self._database.write() as connection:
            for record_id in record_ids:
                _require_open_review(connection, rows.load_record(connection, record_id), by)
                values = {"record_id": record_id, "outcome": outcome, "reason": reason, "at": at}
                connection.execute(insert(_REVIEWS).values(by=by.name, account=by.account, **values))
                self._audit.append(connection, f"review.{outcome}", actor=by.name, subject=record_id, reason=reason)


def _require_open_review(connection: Connection, record: CaptureRecord, by: Person) -> None:
    if record.state is not RecordState.COMPLETE:
        raise StoreError("store.record_open", record=record.id)
    if _newest_complete(connection, record.student.id_number) != record.id:
        raise StoreError("store.review_replaced", student=record.student.name)
    if _of(connection, record.id) is not None:
        raise StoreError("store.review_closed", student=record.student.name)
    if not review_causes(record.steps):
        raise StoreError("store.review_nothing", student=record.student.name)
    if any(by.same_as(person) for person in took_part(record)):
        raise StoreError("store.review_own", name=by.name, student=record.student.name)


def took_part(record: CaptureRecord) -> tuple[Person, ...]:
    """The operator, and everybody who decided a step: none of them reviews the record."""
    names = dict.fromkeys((record.operator, *(result.decided_by for result in record.steps)))
    return tuple(Person(name) for name in names if name)


def load_review(row: Row[Any]) -> Review:
    """A row of the table."""
    return Review(row.record_id, ReviewOutcome(row.outcome), row.reason, Person(row.by, row.account), row.at)


def _of(connection: Connection, record_id: str) -> Review | None:
    row = connection.execute(select(_REVIEWS).where(_REVIEWS.c.record_id == record_id)).one_or_none()
    return None if row is None else load_review(row)


def _newest_complete(connection: Connection, id_number: str) -> str | None:
    complete = (_RECORDS.c.id_number == id_number) & (_RECORDS.c.state == RecordState.COMPLETE)
    return connection.scalar(select(_RECORDS.c.id).where(complete).order_by(_RECORDS.c.version.desc()).limit(1))

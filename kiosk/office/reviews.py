"""复核: what people decided at the desk, looked at by somebody who had no part in it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from kiosk.errors import KioskError
from kiosk.records import CaptureRecord, Person, ProgressState, Resemblance, StudentProgress
from kiosk.store import Store


class Reviews:
    """The queue, and what closes its items."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def waiting(self) -> list[StudentProgress]:
        """Who waits for a review, in the roster's order."""
        return self.queue()[0]

    def queue(self) -> tuple[list[StudentProgress], list[StudentProgress]]:
        """Who waits for a review, in the roster's order; and whose is closed, the latest first."""
        students = self._store.progress.students()
        closed = [(entry.review.at, entry) for entry in students if entry.review is not None]
        closed.sort(key=lambda one: one[0], reverse=True)
        return [entry for entry in students if entry.state is ProgressState.REVIEW], [entry for _, entry in closed]

    def records(self, entries: Sequence[StudentProgress]) -> list[CaptureRecord]:
        """The captures that are to be reviewed. For a list that names nobody's number whole, so that no look is noted."""
        return [record for entry in entries if (record := self._store.captures.find(entry.record_id)) is not None]

    def approve(self, record_ids: Sequence[str], *, by: Person, reason: str = "") -> None:
        """Approve all of these, or none; raises StoreError when one can't be."""
        for record_id in record_ids:
            record = self._store.captures.find(record_id)
            if record is not None and any(one.staff and one.staff == by.account for one in resemblances(record)):
                raise KioskError("station.own_likeness", name=by.name)
        self._store.reviews.approve(*record_ids, by=by, at=datetime.now(UTC), reason=reason)

    def send_back(self, record_ids: Sequence[str], *, by: Person, reason: str) -> None:
        """Have these captured again; raises StoreError without a reason, or when one can't be sent back."""
        self._store.reviews.send_back(*record_ids, by=by, at=datetime.now(UTC), reason=reason)


def resemblances(record: CaptureRecord) -> tuple[Resemblance, ...]:
    """Whom this student was suspected to be, in whichever step, whatever was decided since, the most alike first."""
    by_record: dict[str, Resemblance] = {}
    for result in record.steps:
        for other in result.alike:
            by_record[other.record_id or other.staff] = other
    return tuple(by_record.values())

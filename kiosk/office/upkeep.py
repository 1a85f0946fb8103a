"""What happens to students and records beside the capture: absences, signatures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from kiosk.errors import StoreError
from kiosk.records import CaptureRecord, Student
from kiosk.store import Store


class Upkeep:
    """Everything here is decided by a person, who is named."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def absent(self, student: Student, *, reason: str, by: str) -> None:
        """Note that a student can't come; raises StoreError without a reason."""
        self._store.progress.report_absent(student, reason=reason, by=by, at=datetime.now(UTC))

    def sign(self, record_id: str, *, by: str, scan: bytes = b"") -> CaptureRecord:
        """Student and guardian have signed: the record is frozen. Raises StoreError when it is open or signed already."""
        return self._store.aftercare.sign(record_id, by=by, at=datetime.now(UTC), scan=scan)

    def find(self, number: str) -> CaptureRecord:
        """The record whose number stands on a form; raises StoreError when it is unknown or a newer one has replaced it."""
        record = self._store.captures.by_number(number)
        if record is None:
            raise StoreError("store.number_unknown")
        newest = self._store.captures.latest_complete(record.student.id_number)
        if newest is not None and newest.id != record.id:
            raise StoreError("store.number_replaced", number=newest.number)
        return record

    def printed(self, record_ids: Iterable[str]) -> Mapping[str, int]:
        """How often the form of each record was printed."""
        return self._store.aftercare.printed(list(record_ids))

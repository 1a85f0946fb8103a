"""What happens to students and records beside the capture: absences, signatures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from kiosk.errors import ExchangeError, KioskError, StoreError
from kiosk.exchange import ExportRow, profiles
from kiosk.exchange.complete import lacking
from kiosk.records import CaptureRecord, ReviewOutcome, Step, Student
from kiosk.store import Store


class Upkeep:
    """Everything here is decided by a person, who is named."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def absent(self, student: Student, *, reason: str, by: str) -> None:
        """Note that a student can't come; raises StoreError without a reason."""
        self._store.progress.report_absent(student, reason=reason, by=by, at=datetime.now(UTC))

    def sign(self, record_id: str, *, by: str, scan: bytes = b"") -> CaptureRecord:
        """Student and guardian have signed: the record is frozen.

        Raises StoreError when it is open or signed already, and ExchangeError while it can't stand as it is: something that the
        registration system wants is missing, a step is undecided, or a review sent it back.
        """
        record = self._store.captures.find(record_id)
        if record is not None and record.signed_at is None:
            self._require_complete(record)
        return self._store.aftercare.sign(record_id, by=by, at=datetime.now(UTC), scan=scan)

    def sign_all(self, record_ids: Iterable[str], *, by: str) -> tuple[int, list[KioskError]]:
        """The same of several: how many are signed now, and why each of the others is not."""
        signed, refused = 0, []
        for record_id in record_ids:
            try:
                self.sign(record_id, by=by)
                signed += 1
            except KioskError as error:
                refused.append(error)
        return signed, refused

    def _require_complete(self, record: CaptureRecord) -> None:
        name = record.student.name
        known = {profile.name: profile for profile in profiles()}  # an older program may have had others
        row = ExportRow(record, school=self._store.school.get())
        missing = lacking(known[record.profile], row) if record.profile in known else ()
        if missing:
            raise ExchangeError("sign.lacking", name=name, headers="、".join(missing))
        if any(record.result(step) is not None and not record.is_settled(step) for step in Step):
            raise ExchangeError("sign.undecided", name=name)
        review = self._store.reviews.of(record.id)
        if review is not None and review.outcome is ReviewOutcome.SENT_BACK:
            raise ExchangeError("sign.sent_back", name=name, reason=review.reason)

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

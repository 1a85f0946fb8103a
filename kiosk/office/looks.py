"""Looks at what was captured: everybody's progress, and single captures, each look at one kept in the audit trail."""

from __future__ import annotations

from collections.abc import Sequence

from kiosk.idnumber import masked
from kiosk.records import BiometricKind, CaptureRecord, StudentProgress
from kiosk.store import Store


class Looks:
    """For screens and reports; nothing changes but the audit trail."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def students(self) -> Sequence[StudentProgress]:
        """Everybody on the roster, in its order, with what became of them."""
        return self._store.progress.students()

    def record(self, record_id: str, *, by: str) -> CaptureRecord | None:
        """The capture of a student on the roster, or None. That somebody looked is recorded."""
        who = next((entry.student for entry in self.students() if entry.record_id == record_id), None)
        if who is None:
            return None
        captures = self._store.captures
        versions = (captures.latest_complete(who.id_number), captures.unfinished(who.id_number))
        found = next((record for record in versions if record is not None and record.id == record_id), None)
        if found is not None:
            self._store.audit.record("record.look", actor=by, subject=masked(who.id_number))
        return found

    def picture(self, record_id: str, kind: BiometricKind) -> bytes | None:
        """One of a capture's pictures; raises StoreError when it was tampered with."""
        return self._store.captures.biometric(record_id, kind)

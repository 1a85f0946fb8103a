"""Looks at what was captured: everybody's progress, and single captures, each viewing of one kept in the audit trail."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence, Set
from typing import Final

from kiosk.errors import StoreError
from kiosk.records import BiometricKind, CaptureRecord, StudentProgress
from kiosk.store import Store

# Pictures that are fetched within this time of the last look belong to the same viewing: one entry, not one for each picture.
_VIEWING_S: Final = 600.0


class Looks:
    """For screens and reports; nothing changes but the audit trail. Methods may be called from any thread."""

    def __init__(self, store: Store, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._clock = clock
        self._lock = threading.Lock()
        self._viewed_s: dict[tuple[str, str], float] = {}  # by person and record

    def students(self) -> Sequence[StudentProgress]:
        """Everybody on the roster, in its order, with what became of them."""
        return self._store.progress.students()

    def progress_of(self, id_number: str) -> StudentProgress | None:
        """The same of one; None for nobody of the roster's."""
        return self._store.progress.of(id_number)

    def record(self, record_id: str, *, by: str, why: str = "record") -> CaptureRecord | None:
        """One capture, or None. Who looked at which record, and why, is recorded."""
        found = self._store.captures.find(record_id)
        if found is not None:
            self._note(record_id, by, why)
        return found

    def student(self, id_number: str, *, by: str) -> None:
        """Somebody looks at a student of the roster; who, is recorded. Raises StoreError as `record` does."""
        self._note(self._store.audit.pseudonym(id_number), by, "student")

    def piece(self, record_id: str, number: int, *, by: str) -> tuple[BiometricKind, bytes] | None:
        """One of the pieces that are kept for a record, whether it counts or not; recorded as a picture is."""
        found = self._store.captures.piece(record_id, number)
        if found is not None and not self._is_viewing(record_id, by):
            self._note(record_id, by, "picture")
        return found

    def kinds(self, record_id: str) -> Set[BiometricKind]:
        """What was kept for a record."""
        return self._store.captures.kinds(record_id)

    def having(self, kind: BiometricKind) -> Set[str]:
        """The ids of the records that a kind of data was kept for."""
        return self._store.captures.having(kind)

    def picture(self, record_id: str, kind: BiometricKind, *, by: str) -> bytes | None:
        """One of a capture's pictures; raises StoreError when it was tampered with. Who looked is recorded once a viewing."""
        found = self._store.captures.biometric(record_id, kind)
        if found is not None and not self._is_viewing(record_id, by):
            self._note(record_id, by, "picture")
        return found

    def _is_viewing(self, record_id: str, by: str) -> bool:
        with self._lock:
            return self._clock() - self._viewed_s.get((by, record_id), -_VIEWING_S) < _VIEWING_S

    def _note(self, subject: str, by: str, why: str) -> None:
        try:
            self._store.audit.record("record.look", actor=by, subject=subject, why=why)
        except StoreError as error:  # nobody looks without it being kept
            if error.code == "store.disk_full":
                raise StoreError("store.look_disk_full") from None
            raise StoreError("store.look_not_kept", reason=error.code) from None
        with self._lock:
            now_s = self._clock()
            current = {viewing: at_s for viewing, at_s in self._viewed_s.items() if now_s - at_s < _VIEWING_S}
            self._viewed_s = current | {(by, subject): now_s}

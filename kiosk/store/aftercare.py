"""What happens to a complete record: pictures added, forms printed, and the signature that freezes it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import Connection, insert, select, update

from kiosk.errors import StoreError
from kiosk.records import Biometric, BiometricKind, CaptureRecord, RecordState
from kiosk.store import rows, tables
from kiosk.store.audit import Audit
from kiosk.store.database import Database
from kiosk.store.deadline import require_unlocked
from kiosk.store.vault import Vault


class Aftercare:
    """Pictures taken afterwards, printed forms and signatures."""

    def __init__(self, database: Database, vault: Vault, audit: Audit) -> None:
        self._database = database
        self._vault = vault
        self._audit = audit

    def attach(self, record_id: str, kind: BiometricKind, data: bytes, *, by: str, at: datetime) -> CaptureRecord:
        """Keep a picture that was taken after the capture (the ID document's). The newest of a kind counts.

        Raises StoreError when the record is open or signed, or the deadline has passed.
        """
        with self._database.write() as connection:
            require_unlocked(connection, at)
            _require_unsigned(connection, record_id)
            self._keep(connection, record_id, Biometric(kind, data))
            self._audit.append(connection, "record.attach", actor=by, subject=record_id, kind=kind)
            return rows.load_record(connection, record_id)

    def sign(self, record_id: str, *, by: str, at: datetime, scan: bytes = b"") -> CaptureRecord:
        """Student and guardian have signed the form: the record is frozen. `scan` (JPEG or PDF) goes into the vault.

        Raises StoreError when the record is open or signed already.
        """
        with self._database.write() as connection:
            _require_unsigned(connection, record_id)
            if scan:
                self._keep(connection, record_id, Biometric(BiometricKind.FORM, scan))
            connection.execute(update(tables.records).where(tables.records.c.id == record_id).values(signed_at=at))
            self._audit.append(connection, "record.sign", actor=by, subject=record_id, scanned=bool(scan))
            return rows.load_record(connection, record_id)

    def note_prints(self, record_ids: Sequence[str], *, by: str) -> None:
        """Enter that the forms of records are printed."""
        now = datetime.now(UTC)
        with self._database.write() as connection:
            if record_ids:
                new = [{"record_id": record_id, "by": by, "at": now} for record_id in record_ids]
                connection.execute(insert(tables.prints), new)
                self._audit.append(connection, "form.print", actor=by, forms=len(record_ids))

    def printed(self, record_ids: Sequence[str]) -> dict[str, int]:
        """How often the form of each record was printed."""
        with self._database.read() as connection:
            return _printed(connection, record_ids)

    def _keep(self, connection: Connection, record_id: str, biometric: Biometric) -> None:
        """The blob first, then the row that names it."""
        stored = self._vault.put(connection, record_id, [biometric])
        connection.execute(insert(tables.biometrics), [vars(one) for one in stored])


def _printed(connection: Connection, record_ids: Sequence[str]) -> dict[str, int]:
    printed, counted = tables.prints.c.record_id, Counter[str]()
    for start in range(0, len(record_ids), rows.BATCH):
        counted.update(connection.scalars(select(printed).where(printed.in_(record_ids[start : start + rows.BATCH]))))
    return {record_id: counted[record_id] for record_id in record_ids}


def _require_unsigned(connection: Connection, record_id: str) -> CaptureRecord:
    record = rows.load_record(connection, record_id)
    if record.state is not RecordState.COMPLETE:
        raise StoreError("store.record_open", record=record_id)
    if record.signed_at is not None:
        raise StoreError("store.record_signed", record=record_id)
    return record

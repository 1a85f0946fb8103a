"""Who did what, when: an append-only trail in which every entry seals all that came before it.

The seal is HMAC-SHA256 under a key derived from the station's, over the entry and the seal before it: an entry that was
changed, put in or taken out breaks the chain, and nobody without the key can mend it.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, insert, select

from kiosk.errors import StoreError
from kiosk.store import codec, tables
from kiosk.store.database import Database

_START: Final = "0" * 64


@dataclass(frozen=True)
class AuditEntry:
    """One thing that was done. `subject` is a record id or a masked number, never more."""

    number: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: Mapping[str, Any]


class Audit:
    """The trail of one store."""

    def __init__(self, database: Database, key: bytes, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._database = database
        self._key = key
        self._clock = clock

    def append(self, connection: Connection, action: str, *, actor: str = "", subject: str = "", **detail: object) -> None:
        """Add an entry within a write transaction: it stands exactly when the deed does."""
        last = connection.execute(
            select(tables.audit.c.number, tables.audit.c.seal).order_by(tables.audit.c.number.desc()).limit(1)
        ).one_or_none()
        entry: dict[str, Any] = {
            "number": 1 if last is None else last.number + 1,
            "at": self._clock().astimezone(UTC).isoformat(),
            "actor": actor,
            "action": action,
            "subject": subject,
            "detail": codec.dump(detail),
        }
        seal = self._seal(_START if last is None else last.seal, entry)
        connection.execute(insert(tables.audit).values(**entry, seal=seal))

    def record(self, action: str, *, actor: str = "", subject: str = "", **detail: object) -> None:
        """Add an entry on its own: for looks at data, exports and log-ins, which change nothing in the store."""
        with self._database.write() as connection:
            self.append(connection, action, actor=actor, subject=subject, **detail)

    def entries(self) -> Iterator[AuditEntry]:
        """Oldest first."""
        with self._database.read() as connection:
            rows = connection.execute(select(tables.audit).order_by(tables.audit.c.number)).mappings().all()
        for row in rows:
            values = {name: row[name] for name in ("number", "actor", "action", "subject")}
            yield AuditEntry(**values, at=datetime.fromisoformat(row["at"]), detail=json.loads(row["detail"]))

    def first_broken(self) -> int | None:
        """The number of the first entry that is not as it was written, or None when the trail is whole."""
        with self._database.read() as connection:
            rows = connection.execute(select(tables.audit).order_by(tables.audit.c.number)).mappings().all()
        seal = _START
        for expected, row in enumerate(rows, start=1):
            seal = self._seal(seal, row)
            if row["number"] != expected or not hmac.compare_digest(seal, row["seal"]):
                return expected
        return None

    def _seal(self, before: str, entry: Mapping[str, Any] | RowMapping) -> str:
        told = [before, *(str(entry[name]) for name in ("number", "at", "actor", "action", "subject", "detail"))]
        return hmac.new(self._key, codec.dump(told).encode(), "sha256").hexdigest()


def require_reason(reason: str) -> None:
    """Raises StoreError where a person's decision comes without one."""
    if not reason.strip():
        raise StoreError("store.reason_missing")

"""已拒绝、已终止: who was turned away and what was broken off, kept with name and number until somebody has looked into it.

The audit trail names nobody: a pseudonym, or the record.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select

from kiosk.errors import StoreError
from kiosk.records import Person, Refusal, RefusalReason
from kiosk.store import tables
from kiosk.store.audit import Audit, require_reason
from kiosk.store.database import Database

_REFUSALS = tables.refusals


class Refusals:
    """The list. Entries are added and read; nothing takes one away."""

    def __init__(self, database: Database, audit: Audit) -> None:
        self._database = database
        self._audit = audit

    def add(
        self,
        reason: RefusalReason,
        *,
        by: Person,
        at: datetime,
        name: str = "",
        id_number: str = "",
        record_id: str = "",
        note: str = "",
    ) -> Refusal:
        """Keep that somebody was turned away, or that a capture was broken off; the kind follows from the reason.

        Raises StoreError when the reason is `OTHER` and no note says which.
        """
        if reason is RefusalReason.OTHER:
            require_reason(note)
        values: dict[str, Any] = {"name": name, "id_number": id_number, "record_id": record_id, "note": note}
        with self._database.write() as connection:
            number = connection.scalar(
                insert(_REFUSALS)
                .values(kind=reason.kind, reason=reason, at=at, by=by.name, account=by.account, **values)
                .returning(_REFUSALS.c.number)
            )
            self._audit.append(
                connection,
                f"capture.{reason.kind}",
                actor=by.name,
                subject=record_id or (self._audit.pseudonym(id_number) if id_number else ""),
                reason=reason,
                note=note,
            )
        return Refusal(reason, at, by, number=number or 0, **values)

    def all(self, start: datetime | None = None, end: datetime | None = None) -> list[Refusal]:
        """The newest first; from `start` and before `end` when given."""
        query = select(_REFUSALS).order_by(_REFUSALS.c.at.desc(), _REFUSALS.c.number.desc())
        if start is not None:
            query = query.where(_REFUSALS.c.at >= start)
        if end is not None:
            query = query.where(_REFUSALS.c.at < end)
        with self._database.read() as connection:
            return [load_refusal(row) for row in connection.execute(query)]

    def of(self, id_number: str) -> list[Refusal]:
        """Those of one student, the newest first."""
        return [one for one in self.all() if one.id_number == id_number]

    def find(self, number: int) -> Refusal:
        """One entry; raises StoreError when there is none."""
        with self._database.read() as connection:
            row = connection.execute(select(_REFUSALS).where(_REFUSALS.c.number == number)).one_or_none()
        if row is None:
            raise StoreError("store.refusal_unknown", number=number)
        return load_refusal(row)


def load_refusal(row: Row[Any]) -> Refusal:
    """A row of the table."""
    return Refusal(
        RefusalReason(row.reason),
        row.at,
        Person(row.by, row.account),
        row.name,
        row.id_number,
        row.record_id,
        row.note,
        row.number,
    )

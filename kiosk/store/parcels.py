"""采集包: what was written for the office, and which records it has by its own word."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, Table, func, insert, select

from kiosk.records import WrittenParcel
from kiosk.store import tables
from kiosk.store.audit import Audit
from kiosk.store.database import Database

_PARCELS, _SENT, _CONFIRMED = tables.parcels, tables.parcel_records, tables.confirmed


class Parcels:
    """The station's book of what it sent."""

    def __init__(self, database: Database, audit: Audit) -> None:
        self._database = database
        self._audit = audit

    def note(self, parcel: WrittenParcel, records: Mapping[str, str], *, manifest: str) -> None:
        """Enter a parcel that lies written and whole, with the digests of its records; `manifest` is that of its head."""
        with self._database.write() as connection:
            number = connection.scalar(insert(_PARCELS).values(_values(parcel)).returning(_PARCELS.c.number))
            if records:
                rows = [{"parcel": number, "record_id": one, "digest": digest} for one, digest in records.items()]
                connection.execute(insert(_SENT), rows)
            told: dict[str, object] = {"records": len(records), "manifest": manifest}
            self._audit.append(connection, "parcel.captures", actor=parcel.by, subject=parcel.id, **told)

    def last(self) -> WrittenParcel | None:
        """The newest."""
        return next(iter(self.all(1)), None)

    def all(self, most: int | None = None) -> list[WrittenParcel]:
        """The newest first."""
        sent = select(_SENT.c.parcel, func.count().label("records")).group_by(_SENT.c.parcel).subquery()
        query = select(_PARCELS, sent.c.records).outerjoin(sent, sent.c.parcel == _PARCELS.c.number)
        with self._database.read() as connection:
            return [_load(row) for row in connection.execute(query.order_by(_PARCELS.c.number.desc()).limit(most))]

    def known(self, sha256: str) -> WrittenParcel | None:
        """The one whose file has this digest."""
        return next((one for one in self.all() if one.sha256 == sha256), None)

    def sent(self) -> Mapping[str, frozenset[str]]:
        """The digests that each record was sent with."""
        return self._digests(_SENT)

    def confirmed(self) -> Mapping[str, frozenset[str]]:
        """The digests that the office has of each record."""
        return self._digests(_CONFIRMED)

    def _digests(self, table: Table) -> Mapping[str, frozenset[str]]:
        found: dict[str, set[str]] = defaultdict(set)
        with self._database.read() as connection:
            for row in connection.execute(select(table.c.record_id, table.c.digest)):
                found[row.record_id].add(row.digest)
        return {record_id: frozenset(digests) for record_id, digests in found.items()}


_COLUMNS: Final = ("id", "name", "sha256", "size", "entry", "seal", "by", "at")


def _values(parcel: WrittenParcel) -> dict[str, object]:
    return {name: getattr(parcel, name) for name in _COLUMNS}


def _load(row: Row[Any]) -> WrittenParcel:
    at: datetime = row.at
    return WrittenParcel(row.id, row.name, row.sha256, row.size, row.entry, row.seal, row.by, at, row.records or 0)

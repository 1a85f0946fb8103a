"""What the office answered to files that were delivered to it over the network: its last word on each."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Row, insert, select, update

from kiosk.records import Delivered, ReceivedCounts, ReceivedState
from kiosk.store import codec, tables
from kiosk.store.audit import Audit
from kiosk.store.database import Database

_DELIVERED: Final = tables.delivered


class Deliveries:
    """The station's book of what it delivered."""

    def __init__(self, database: Database, audit: Audit) -> None:
        self._database = database
        self._audit = audit

    def note(self, word: Delivered) -> None:
        """Keep the office's word, and in the trail that it changed."""
        values: dict[str, Any] = {"state": word.state, "at": word.at, "counts": codec.dump(vars(word.counts))}
        values["reason"] = codec.dump([word.reason, dict(word.reason_data)]) if word.reason else ""
        this = _DELIVERED.c.sha256 == word.sha256
        with self._database.write() as connection:
            known = connection.execute(select(_DELIVERED).where(this)).one_or_none()
            if known is None:
                connection.execute(insert(_DELIVERED).values(sha256=word.sha256, **values))
            else:
                connection.execute(update(_DELIVERED).where(this).values(values))
            if known is None or known.state != word.state:
                self._audit.append(connection, "parcel.delivered", file=word.sha256, state=word.state, code=word.reason)

    def all(self) -> Mapping[str, Delivered]:
        """By the files' digests."""
        with self._database.read() as connection:
            return {row.sha256: _load(row) for row in connection.execute(select(_DELIVERED))}


def _load(row: Row[Any]) -> Delivered:
    code, data = json.loads(row.reason) if row.reason else ("", {})
    return Delivered(row.sha256, ReceivedState(row.state), row.at, code, data, ReceivedCounts(**json.loads(row.counts)))

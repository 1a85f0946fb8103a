"""The deadline after which a school's data stand still. Reading, summaries and exports go on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from kiosk.clock import moment
from kiosk.errors import StoreError
from kiosk.store import authorisation, tables
from kiosk.store.audit import Audit
from kiosk.store.database import Database

_DEADLINES, _UNLOCKINGS = tables.deadlines, tables.unlockings


@dataclass(frozen=True)
class DeadlineState:
    """`deadline` is None while none is set; `unlocked_until` counts when it lies after the deadline."""

    deadline: datetime | None
    school_code: str
    unlocked_until: datetime | None

    def locked(self, at: datetime) -> bool:
        if self.deadline is None or at < self.deadline:
            return False
        return self.unlocked_until is None or at >= self.unlocked_until


class Deadline:
    """Sets the deadline and takes the district's codes."""

    def __init__(self, database: Database, audit: Audit) -> None:
        self._database = database
        self._audit = audit

    def state(self) -> DeadlineState:
        with self._database.read() as connection:
            return deadline_state(connection)

    def set(self, deadline: datetime, *, school_code: str, office_key: bytes, by: str) -> None:
        """Set it, with the key of the office that may unlock. A later one than is set already needs that office's code."""
        with self._database.write() as connection:
            known = _latest(connection)
            if known is not None and (
                deadline > known.at or office_key != known.office_key or school_code != known.school_code
            ):
                raise StoreError("store.deadline_stands")
            values = {"at": deadline, "school_code": school_code, "office_key": office_key, "by": by}
            connection.execute(insert(_DEADLINES).values(values))
            self._audit.append(connection, "deadline.set", actor=by, deadline=deadline.isoformat())

    def unlock(self, code: str, *, by: str, at: datetime) -> datetime:
        """Take a code: unlocked until when. Raises StoreError when it is misread, for another school or run out."""
        with self._database.write() as connection:
            known = _latest(connection)
            if known is None:
                raise StoreError("store.no_deadline")
            until = authorisation.read_code(known.office_key, known.school_code, code)
            if until <= at:
                raise StoreError("store.code_run_out", until=moment(until))
            letters = "".join(char for char in code.upper() if char.isalnum())
            if connection.scalar(select(_UNLOCKINGS.c.number).where(_UNLOCKINGS.c.code == letters)) is None:
                connection.execute(insert(_UNLOCKINGS).values(until=until, code=letters, by=by, at=at))
                self._audit.append(connection, "deadline.unlock", actor=by, until=until.isoformat())
            return until


def require_unlocked(connection: Connection, at: datetime) -> None:
    """Raises StoreError when the deadline has passed and no code unlocks the school."""
    state = deadline_state(connection)
    if state.deadline is not None and state.locked(at):
        raise StoreError("store.locked", deadline=moment(state.deadline))


def deadline_state(connection: Connection) -> DeadlineState:
    """The deadline as it stands, within a transaction."""
    known = _latest(connection)
    until = connection.scalar(select(_UNLOCKINGS.c.until).order_by(_UNLOCKINGS.c.until.desc()).limit(1))
    return DeadlineState(known.at if known else None, known.school_code if known else "", until)


def _latest(connection: Connection) -> Row[Any] | None:
    return connection.execute(select(_DEADLINES).order_by(_DEADLINES.c.number.desc()).limit(1)).one_or_none()

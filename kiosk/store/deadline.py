"""The deadline after which a school's data stand still. Reading, summaries and exports go on.

A wrong one can be taken back for a day, or until the office signs it; from then on only the office's code opens the school.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, insert, select, update

from kiosk.ciphers import Domain, Suite, suite_of_public_key
from kiosk.clock import moment
from kiosk.errors import StoreError
from kiosk.store import authorisation, tables
from kiosk.store.audit import Audit, require_reason
from kiosk.store.database import Database
from kiosk.store.timekeeping import held_against, latest_seen

_DEADLINES, _UNLOCKINGS = tables.deadlines, tables.unlockings
GRACE: Final = timedelta(days=1)


@dataclass(frozen=True)
class DeadlineState:
    """`deadline` is None while none is set; `unlocked_until` counts when it lies after the deadline. Until `final_from` it can
    be taken back; None where the office has signed it."""

    deadline: datetime | None
    school_code: str
    unlocked_until: datetime | None
    final_from: datetime | None = None
    signed_at: datetime | None = None

    def passed(self, at: datetime) -> bool:
        """Whether it is over, unlocked or not."""
        return self.deadline is not None and at >= self.deadline

    def can_be_withdrawn(self, at: datetime) -> bool:
        return self.final_from is not None and at < self.final_from

    def locked(self, at: datetime) -> bool:
        if self.deadline is None or at < self.deadline:
            return False
        return self.unlocked_until is None or at >= self.unlocked_until


class Deadline:
    """Sets the deadline and takes the district's codes."""

    def __init__(self, database: Database, audit: Audit, suite: Suite) -> None:
        self._database = database
        self._audit = audit
        self._suite = suite

    def state(self) -> DeadlineState:
        with self._database.read() as connection:
            return deadline_state(connection)

    def set(self, deadline: datetime, *, school_code: str, office_key: bytes, by: str) -> None:
        """Set it, with the key of the office that may unlock. A later one than is set already needs that office's code, or
        that one to be taken back. Raises StoreError for a key that is not of the store's suite."""
        self.require_key(office_key)
        with self._database.write() as connection:
            known = _latest(connection)
            if known is not None and (
                deadline > known.at or office_key != known.office_key or school_code != known.school_code
            ):
                raise StoreError("store.deadline_stands")
            values = {
                "at": deadline,
                "school_code": school_code,
                "office_key": office_key,
                "by": by,
                "set_at": self._audit.now(),
            }
            connection.execute(insert(_DEADLINES).values(values))
            self._audit.append(connection, "deadline.set", actor=by, deadline=deadline.isoformat())

    def require_same_office(self, *, school_code: str, office_key: bytes) -> None:
        """Raises StoreError where `set_by_office` would."""
        self.require_key(office_key)
        with self._database.read() as connection:
            _require_same_office(_latest(connection), school_code, office_key)

    def set_by_office(self, deadline: datetime, *, school_code: str, office_key: bytes, by: str) -> None:
        """Set it as the office has signed it: earlier or later than it was, and for nobody here to take back. Raises StoreError
        where the one that is set is another office's or school's."""
        self.require_key(office_key)
        with self._database.write() as connection:
            known = _latest(connection)
            _require_same_office(known, school_code, office_key)
            if known is not None and known.at == deadline and known.signed_at is not None:
                return
            now = self._audit.now()
            values = {"at": deadline, "school_code": school_code, "office_key": office_key, "by": by}
            connection.execute(insert(_DEADLINES).values(values | {"set_at": now, "signed_at": now}))
            self._audit.append(connection, "deadline.set", actor=by, deadline=deadline.isoformat(), signed=True)

    def require_key(self, office_key: bytes) -> None:
        """Raises StoreError for what is no public key of the store's suite."""
        if suite_of_public_key(office_key) is not self._suite:
            raise StoreError("store.office_key_wrong", length=2 * self._suite.signatures.public_bytes, suite=self._suite.name)

    def withdraw(self, *, reason: str, by: str) -> None:
        """Take the newest deadline back: the one before it counts again, or none. Raises StoreError without a reason, when the
        office has signed it, or a day after it was set."""
        require_reason(reason)
        with self._database.write() as connection:
            known = _latest(connection)
            if known is None:
                raise StoreError("store.no_deadline")
            if known.signed_at is not None:
                raise StoreError("store.deadline_signed", at=moment(known.signed_at))
            at = self._audit.now()
            now = max(at, latest_seen(connection) or at)
            if known.set_at is None or now >= known.set_at + GRACE:
                raise StoreError("store.deadline_final", at=moment(known.set_at and known.set_at + GRACE))
            connection.execute(update(_DEADLINES).where(_DEADLINES.c.number == known.number).values(withdrawn_at=at))
            self._audit.append(connection, "deadline.withdraw", actor=by, deadline=known.at.isoformat(), reason=reason)

    def sign(self, code: str, *, by: str) -> datetime:
        """Take the office's word that the deadline is this: from now on it can't be taken back. Raises StoreError when the code
        is misread, for another school or another deadline."""
        with self._database.write() as connection:
            known = _latest(connection)
            if known is None:
                raise StoreError("store.no_deadline")
            signed = authorisation.read_code(known.office_key, known.school_code, code, Domain.DEADLINE)
            if signed != known.at.replace(microsecond=0):
                raise StoreError("store.code_other_deadline", signed=moment(signed), deadline=moment(known.at))
            if known.signed_at is None:
                connection.execute(
                    update(_DEADLINES).where(_DEADLINES.c.number == known.number).values(signed_at=self._audit.now())
                )
                self._audit.append(connection, "deadline.sign", actor=by, deadline=known.at.isoformat())
            return signed

    def unlock(self, code: str, *, by: str, at: datetime) -> datetime:
        """Take a code: unlocked until when. Raises StoreError when it is misread, for another school or run out."""
        with self._database.write() as connection:
            known = _latest(connection)
            if known is None:
                raise StoreError("store.no_deadline")
            until = authorisation.read_code(known.office_key, known.school_code, code)
            if until <= at:
                raise StoreError("store.code_run_out", until=moment(until))
            letters = "".join(char for char in code.upper() if char.isascii() and char.isalnum())
            if connection.scalar(select(_UNLOCKINGS.c.number).where(_UNLOCKINGS.c.code == letters)) is None:
                connection.execute(insert(_UNLOCKINGS).values(until=until, code=letters, by=by, at=at))
                self._audit.append(connection, "deadline.unlock", actor=by, until=until.isoformat())
            return until


def _require_same_office(known: Row[Any] | None, school_code: str, office_key: bytes) -> None:
    if known is not None and (office_key != known.office_key or school_code != known.school_code):
        raise StoreError("store.deadline_stands")


def require_unlocked(connection: Connection, at: datetime) -> None:
    """Raises StoreError when the deadline has passed and no code unlocks the school."""
    state = deadline_state(connection)

    def rule(now: datetime) -> None:
        if state.locked(now):
            raise StoreError("store.locked", deadline=moment(state.deadline))

    if state.deadline is not None:
        held_against(connection, at, rule)


def deadline_state(connection: Connection) -> DeadlineState:
    """The deadline as it stands, within a transaction."""
    known = _latest(connection)
    until = connection.scalar(select(_UNLOCKINGS.c.until).order_by(_UNLOCKINGS.c.until.desc()).limit(1))
    if known is None:
        return DeadlineState(None, "", until)
    final_from = known.set_at + GRACE if known.set_at is not None and known.signed_at is None else None
    return DeadlineState(known.at, known.school_code, until, final_from, known.signed_at)


def _latest(connection: Connection) -> Row[Any] | None:
    standing = select(_DEADLINES).where(_DEADLINES.c.withdrawn_at.is_(None))
    return connection.execute(standing.order_by(_DEADLINES.c.number.desc()).limit(1)).one_or_none()

"""Whether the machine's clock can be believed. A laptop's clock jumps: an empty battery, a wrong time zone, or somebody who
would like to be earlier than the deadline.

What the rules of time are held against is never earlier than what the audit trail has seen already. Each jump is entered into
the trail, and stands on the office's pages until somebody answers for the time.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, func, select

from kiosk.clock import moment
from kiosk.errors import StoreError
from kiosk.store import tables
from kiosk.store.audit import CLOCK_JUMP, SLACK, Audit, require_reason
from kiosk.store.database import Database

CONFIRMED: Final = ("clock.confirm", "deadline.unlock")  # the office's code says what time it is, too
_LOOKED_S: Final = 5.0  # screens ask often
_AUDIT: Final = tables.audit


@dataclass(frozen=True)
class ClockState:
    """`latest` is what the trail has seen since somebody answered for the time; `jumped_from` what the clock should have said
    when it jumped to `jumped_to`, if it did."""

    now: datetime
    latest: datetime
    jumped_from: datetime | None = None
    jumped_to: datetime | None = None

    @property
    def behind(self) -> bool:
        """The clock says an earlier time than what has been already."""
        return self.now < self.latest - SLACK

    @property
    def doubtful(self) -> bool:
        """Somebody should look at the clock."""
        return self.behind or self.jumped_to is not None


class Timekeeping:
    """Looks at the clock, and takes a person's word for it."""

    def __init__(self, database: Database, audit: Audit) -> None:
        self._database = database
        self._audit = audit
        self._seen: tuple[float, ClockState] | None = None

    def now(self) -> datetime:
        """The machine's time, and never earlier than what the trail has seen."""
        return max(self._audit.now(), self.look().latest)

    def look(self) -> ClockState:
        """How the clock stands; a jump that nobody has noticed is entered first."""
        jumped, looked_s, seen = self._audit.jumped(), time.monotonic(), self._seen
        if seen is not None and not jumped and 0 <= looked_s - seen[0] < _LOOKED_S:
            return seen[1]
        if jumped:
            with suppress(StoreError):  # a full disk: it is entered as soon as anything can be
                self._audit.note_jump()
        with self._database.read() as connection:
            state = self._state(connection)
        self._seen = looked_s, state
        return state

    def confirm(self, *, reason: str, by: str) -> None:
        """Somebody answers for the time that the clock shows. Raises StoreError without a reason, and where that would undo a
        deadline that has passed: then the office's code says what time it is."""
        require_reason(reason)
        with self._database.write() as connection:
            now, latest = self._audit.now(), latest_seen(connection)
            deadline = connection.scalar(
                select(tables.deadlines.c.at)
                .where(tables.deadlines.c.withdrawn_at.is_(None))
                .order_by(tables.deadlines.c.number.desc())
                .limit(1)
            )
            if deadline is not None and latest is not None and now < deadline <= latest:
                raise StoreError("store.clock_needs_office", deadline=moment(deadline))
            self._audit.append(connection, CONFIRMED[0], actor=by, reason=reason, seen=moment(latest))
        self._seen = None

    def _state(self, connection: Connection) -> ClockState:
        now = self._audit.now()
        latest = latest_seen(connection) or now
        jump = connection.execute(
            select(_AUDIT.c.at, _AUDIT.c.detail)
            .where(_AUDIT.c.action == CLOCK_JUMP, _AUDIT.c.number > _last_word(connection))
            .order_by(_AUDIT.c.number.desc())
            .limit(1)
        ).one_or_none()
        if jump is None:
            return ClockState(now, latest)
        return ClockState(
            now, latest, datetime.fromisoformat(json.loads(jump.detail)["should_be"]), datetime.fromisoformat(jump.at)
        )


def latest_seen(connection: Connection) -> datetime | None:
    """The latest time that stands in the trail since somebody answered for the clock; None when it is empty."""
    latest = connection.scalar(select(func.max(_AUDIT.c.at)).where(_AUDIT.c.number >= _last_word(connection)))
    return datetime.fromisoformat(latest) if latest else None


def held_against(connection: Connection, at: datetime, rule: Callable[[datetime], None]) -> None:
    """Hold a rule of time against now, and against the latest time that the trail has seen when the clock is behind it.

    `rule` raises StoreError; what only the later time breaks is told as the clock's fault.
    """
    rule(at)
    latest = latest_seen(connection)
    if latest is None or latest <= at:
        return
    try:
        rule(latest)
    except StoreError:
        if latest - at <= SLACK:
            raise
        raise StoreError("store.clock_behind", now=moment(at), latest=moment(latest)) from None


def _last_word(connection: Connection) -> int:
    """The number of the entry by which somebody last answered for the clock."""
    return connection.scalar(select(func.max(_AUDIT.c.number)).where(_AUDIT.c.action.in_(CONFIRMED))) or 0

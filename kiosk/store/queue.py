"""Slots of the windows, so that a class knows when who comes; and the register's own window."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from statistics import median
from typing import Final

from sqlalchemy import delete, insert, select, update

from kiosk.errors import StoreError
from kiosk.records import RegistrationWindow, Slot
from kiosk.store import tables
from kiosk.store.audit import Audit, require_reason
from kiosk.store.database import Database
from kiosk.store.rounds import Window, standing_windows

_SLOTS, _REGISTRATION, _RECORDS = tables.capture_slots, tables.registration_windows, tables.records
_LONGEST_S: Final = 600  # between two students: more is a pause
_ENOUGH: Final = 20  # gaps: fewer say nothing


class Queue:
    """Who comes when. A plan replaces the one before of its window."""

    def __init__(self, database: Database, audit: Audit) -> None:
        self._database = database
        self._audit = audit

    def pace_s(self) -> float | None:
        """Seconds from one student to the next at a station, the median of all that were captured here; None for too few."""
        query = select(_RECORDS.c.station, _RECORDS.c.started_at).order_by(_RECORDS.c.station, _RECORDS.c.started_at)
        with self._database.read() as connection:
            starts = connection.execute(query).all()
        gaps = [
            (after.started_at - before.started_at).total_seconds()
            for before, after in pairwise(starts)
            if before.station == after.station
        ]
        usual = [gap for gap in gaps if 0 < gap <= _LONGEST_S]
        return median(usual) if len(usual) >= _ENOUGH else None

    def plan(self, window: int, slots: Sequence[Slot], *, by: str) -> None:
        """Keep a window's slots, and no others of it. Raises StoreError("store.window_unknown")."""
        with self._database.write() as connection:
            if all(one.number != window for one in standing_windows(connection)):
                raise StoreError("store.window_unknown", number=window)
            connection.execute(delete(_SLOTS).where(_SLOTS.c.window == window))
            if slots:
                connection.execute(insert(_SLOTS), [{"window": window, **vars(one)} for one in slots])
            self._audit.append(connection, "slots.plan", actor=by, window=window, students=len(slots))

    def slots(self) -> list[tuple[Window, Slot]]:
        """Every slot of the windows that stand, in the order of coming."""
        with self._database.read() as connection:
            windows = {one.number: one for one in standing_windows(connection)}
            rows = connection.execute(select(_SLOTS).order_by(_SLOTS.c.starts_at, _SLOTS.c.window, _SLOTS.c.position))
            return [
                (windows[row.window], Slot(row.id_number, row.position, row.starts_at, row.ends_at))
                for row in rows
                if row.window in windows
            ]

    def registration(self) -> RegistrationWindow | None:
        """The register's window that was set last and stands."""
        standing = _REGISTRATION.c.withdrawn_at.is_(None)
        query = select(_REGISTRATION).where(standing).order_by(_REGISTRATION.c.number.desc()).limit(1)
        with self._database.read() as connection:
            row = connection.execute(query).one_or_none()
        return RegistrationWindow(row.opens_at, row.closes_at, row.by, row.at) if row is not None else None

    def set_registration(self, opens_at: datetime, closes_at: datetime, *, by: str) -> None:
        """Set the register's window. It closes nothing here; raises StoreError when it closes before it opens."""
        if closes_at <= opens_at:
            raise StoreError("store.window_backwards")
        with self._database.write() as connection:
            values = {"opens_at": opens_at, "closes_at": closes_at, "by": by, "at": self._audit.now()}
            connection.execute(insert(_REGISTRATION).values(values))
            self._audit.append(connection, "registration.set", actor=by, opens=str(opens_at), closes=str(closes_at))

    def withdraw_registration(self, *, reason: str, by: str) -> None:
        """Take the register's window back. Raises StoreError without a reason, or when there is none."""
        require_reason(reason)
        with self._database.write() as connection:
            standing = _REGISTRATION.c.withdrawn_at.is_(None)
            if not connection.execute(update(_REGISTRATION).where(standing).values(withdrawn_at=self._audit.now())).rowcount:
                raise StoreError("store.nothing_to_undo")
            self._audit.append(connection, "registration.withdraw", actor=by, reason=reason)

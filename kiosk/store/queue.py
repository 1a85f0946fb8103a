"""Slots of the windows, so that a class knows when who comes; and the register's own window."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from statistics import median
from typing import Final

from sqlalchemy import delete, insert, select, update

from kiosk.errors import StoreError
from kiosk.records import EVERYBODY, ClassKey, RegistrationWindow, Slot
from kiosk.store import tables
from kiosk.store.audit import Audit, require_reason
from kiosk.store.database import Database
from kiosk.store.rounds import Window, require_sound_window, standing_windows

_SLOTS, _REGISTRATION, _RECORDS = tables.capture_slots, tables.registration_windows, tables.records
_LONGEST_S: Final = 600  # between two students: more is a pause
_REGISTERING: Final = "考籍注册"
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

    def registrations(self) -> list[RegistrationWindow]:
        """The register's windows that stand, in the order of their groups: of each group the one that was set last. Whose it is
        stands in the trail, which nobody can change afterwards."""
        newest = {one.group: one for one in self._registrations()}
        return sorted(newest.values(), key=lambda one: one.group.order)

    def set_registration(self, opens_at: datetime, closes_at: datetime, *, by: str, group: ClassKey = EVERYBODY) -> None:
        """Set the register's window of a group. It closes nothing here; raises StoreError when it closes before it opens, or
        nobody is of the group."""
        with self._database.write() as connection:
            whose = Window(_REGISTERING, opens_at, closes_at, group.grade, group.class_name, group.school)
            require_sound_window(connection, whose)
            values = {"opens_at": opens_at, "closes_at": closes_at, "by": by, "at": self._audit.now()}
            number = connection.scalar(insert(_REGISTRATION).values(values).returning(_REGISTRATION.c.number))
            told = {"opens": str(opens_at), "closes": str(closes_at), "window": number, "group": list(group)}
            self._audit.append(connection, "registration.set", actor=by, **told)

    def withdraw_registration(self, *, reason: str, by: str, group: ClassKey = EVERYBODY) -> None:
        """Take the register's window of a group back. Raises StoreError without a reason, or when there is none."""
        require_reason(reason)
        standing = [one.number for one in self._registrations() if one.group == group]
        if not standing:
            raise StoreError("store.nothing_to_undo")
        with self._database.write() as connection:
            of_group = _REGISTRATION.c.number.in_(standing)
            connection.execute(update(_REGISTRATION).where(of_group).values(withdrawn_at=self._audit.now()))
            self._audit.append(connection, "registration.withdraw", actor=by, reason=reason, group=list(group))

    def _registrations(self) -> list[RegistrationWindow]:
        """All that stand, in the order in which they were set."""
        entries = self._audit.entries(action="registration.set")
        groups = {one.detail["window"]: ClassKey(*one.detail["group"]) for one in entries if "window" in one.detail}
        query = select(_REGISTRATION).where(_REGISTRATION.c.withdrawn_at.is_(None)).order_by(_REGISTRATION.c.number)
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        return [
            RegistrationWindow(row.opens_at, row.closes_at, row.by, row.at, groups.get(row.number, EVERYBODY), row.number)
            for row in rows
        ]

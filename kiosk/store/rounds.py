"""Rounds (正式采集, 补采) with a window of time per group of students, and the supervisor's exceptions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, insert, select, update

from kiosk.errors import StoreError
from kiosk.records import Student
from kiosk.store import tables
from kiosk.store.audit import Audit, require_reason
from kiosk.store.database import Database

_WINDOWS, _ADMISSIONS = tables.windows, tables.admissions


@dataclass(frozen=True)
class Window:
    """When a group may be captured. An empty grade or class means every one."""

    round: str
    opens_at: datetime
    closes_at: datetime
    grade: str = ""
    class_name: str = ""
    number: int = 0  # given by the store

    def is_for(self, student: Student) -> bool:
        """Whether a student belongs to its group."""
        return self.grade in ("", student.grade) and self.class_name in ("", student.class_name)


@dataclass(frozen=True)
class Admission:
    """One student let in outside the group's window."""

    id_number: str
    until: datetime
    reason: str
    by: str
    at: datetime


class Rounds:
    """While no window is set, everybody on the roster may come at any time."""

    def __init__(self, database: Database, audit: Audit) -> None:
        self._database = database
        self._audit = audit

    def windows(self) -> list[Window]:
        """In the order of their opening."""
        with self._database.read() as connection:
            return standing_windows(connection)

    def add(self, window: Window, *, by: str) -> None:
        """Open a window; raises StoreError when it closes before it opens."""
        if window.closes_at <= window.opens_at:
            raise StoreError("store.window_backwards")
        values = {name: value for name, value in vars(window).items() if name != "number"}
        with self._database.write() as connection:
            connection.execute(insert(_WINDOWS).values(values))
            self._audit.append(connection, "window.add", actor=by, **{name: str(value) for name, value in values.items()})

    def withdraw(self, number: int, *, reason: str, by: str) -> None:
        """Take a window back. Raises StoreError without a reason."""
        require_reason(reason)
        with self._database.write() as connection:
            now = datetime.now(UTC)
            connection.execute(update(_WINDOWS).where(_WINDOWS.c.number == number).values(withdrawn_at=now))
            self._audit.append(connection, "window.withdraw", actor=by, window=number, reason=reason)

    def authorise(self, student: Student, *, by: str, reason: str, at: datetime, until: datetime) -> None:
        """Let one student in outside the group's window. Raises StoreError without a reason, or when that time is over."""
        require_reason(reason)
        if until <= at:
            raise StoreError("store.window_backwards")
        with self._database.write() as connection:
            values = {"id_number": student.id_number, "until": until, "reason": reason, "by": by, "at": at}
            connection.execute(insert(_ADMISSIONS).values(values))
            self._audit.append(connection, "window.authorise", actor=by, reason=reason)

    def admissions(self) -> list[Admission]:
        """The newest first."""
        with self._database.read() as connection:
            rows = connection.execute(select(_ADMISSIONS).order_by(_ADMISSIONS.c.number.desc())).all()
        return [Admission(row.id_number, row.until, row.reason, row.by, row.at) for row in rows]

    def require_open(self, student: Student, at: datetime) -> None:
        """Raises StoreError when the student's group has no open window and no supervisor let the student in."""
        with self._database.read() as connection:
            require_window(connection, student, at)


def require_window(connection: Connection, student: Student, at: datetime) -> None:
    """The same within a transaction."""
    standing = standing_windows(connection)
    windows = [window for window in standing if window.is_for(student)]
    if not standing or any(window.opens_at <= at < window.closes_at for window in windows):
        return
    let_in = select(_ADMISSIONS.c.number).where(
        _ADMISSIONS.c.id_number == student.id_number, _ADMISSIONS.c.at <= at, _ADMISSIONS.c.until > at
    )
    if connection.scalar(let_in.limit(1)) is not None:
        return
    coming = next((window for window in windows if window.opens_at > at), None)
    if coming is None:
        raise StoreError("store.window_over")
    raise StoreError("store.window_not_yet", round=coming.round, opens=f"{coming.opens_at.astimezone():%m-%d %H:%M}")


def standing_windows(connection: Connection) -> list[Window]:
    """The windows that were not withdrawn, in the order of their opening."""
    query = select(_WINDOWS).where(_WINDOWS.c.withdrawn_at.is_(None)).order_by(_WINDOWS.c.opens_at, _WINDOWS.c.number)
    rows = connection.execute(query)
    return [Window(row.round, row.opens_at, row.closes_at, row.grade, row.class_name, row.number) for row in rows]

"""Rounds (正式采集, 补采) with a window of time per group of students, and the supervisor's exceptions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import Any, Final, Literal

from sqlalchemy import Connection, Select, insert, select, update

from kiosk.errors import StoreError
from kiosk.records import ClassKey, Student
from kiosk.store import tables
from kiosk.store.audit import Audit, require_reason
from kiosk.store.database import Database
from kiosk.store.timekeeping import held_against

_WINDOWS, _ADMISSIONS, _STUDENTS = tables.windows, tables.admissions, tables.students
AdmissionKind = Literal["window", "school"]
_ROUND_LENGTH: Final = 40
_NEAR: Final = 3  # groups that are named to whoever mistypes one


@dataclass(frozen=True)
class Window:
    """When a group may be captured. An empty school (by its key), grade or class means every one."""

    round: str
    opens_at: datetime
    closes_at: datetime
    grade: str = ""
    class_name: str = ""
    school: str = ""
    category: str = ""  # 考生类别; empty: every one
    number: int = 0  # given by the store

    def is_for(self, student: Student) -> bool:
        """Whether a student belongs to its group."""
        if self.category not in ("", student.category_told):
            return False
        return all(wanted in ("", own) for wanted, own in zip(self.group, student.group, strict=True))

    @property
    def group(self) -> ClassKey:
        """Who it is for."""
        return ClassKey(self.school, self.grade, self.class_name)


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
        """Open a window; raises StoreError when it closes before it opens, its round can't be called so, or nobody on the
        roster is of its group: a window for a mistyped class would close the station for everybody else."""
        values = {name: value for name, value in vars(window).items() if name != "number"}
        with self._database.write() as connection:
            require_sound_window(connection, window)
            connection.execute(insert(_WINDOWS).values(values))
            self._audit.append(connection, "window.add", actor=by, **{name: str(value) for name, value in values.items()})

    def require_sound(self, window: Window) -> None:
        """Raises StoreError as `add` would."""
        with self._database.read() as connection:
            require_sound_window(connection, window)

    def withdraw(self, number: int, *, reason: str, by: str) -> None:
        """Take a window back. Raises StoreError without a reason, or when there is none of this number."""
        require_reason(reason)
        with self._database.write() as connection:
            now = datetime.now(UTC)
            standing = (_WINDOWS.c.number == number) & _WINDOWS.c.withdrawn_at.is_(None)
            if not connection.execute(update(_WINDOWS).where(standing).values(withdrawn_at=now)).rowcount:
                raise StoreError("store.window_unknown", number=number)
            self._audit.append(connection, "window.withdraw", actor=by, window=number, reason=reason)

    def authorise(
        self, student: Student, *, by: str, reason: str, at: datetime, until: datetime, kind: AdmissionKind = "window"
    ) -> None:
        """Let one student in outside the group's window, or (`kind`) of a school that is not captured here.

        Raises StoreError without a reason, or when that time is over.
        """
        require_reason(reason)
        if until <= at:
            raise StoreError("store.window_backwards")
        with self._database.write() as connection:
            values = {"id_number": student.id_number, "kind": kind, "until": until, "reason": reason, "by": by, "at": at}
            connection.execute(insert(_ADMISSIONS).values(values))
            subject = self._audit.pseudonym(student.id_number)
            self._audit.append(connection, f"{kind}.authorise", actor=by, subject=subject, reason=reason)

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
    if standing:
        held_against(connection, at, lambda now: _require_window(connection, standing, student, now))


def _require_window(connection: Connection, standing: Sequence[Window], student: Student, at: datetime) -> None:
    windows = [window for window in standing if window.is_for(student)]
    if any(window.opens_at <= at < window.closes_at for window in windows):
        return
    if is_admitted(connection, student, "window", at):
        return
    coming = next((window for window in windows if window.opens_at > at), None)
    if coming is None:
        raise StoreError("store.window_over")
    raise StoreError("store.window_not_yet", round=coming.round, opens=f"{coming.opens_at.astimezone():%m-%d %H:%M}")


def require_sound_window(connection: Connection, window: Window) -> None:
    """As `Rounds.require_sound`, within a transaction."""
    if window.closes_at <= window.opens_at:
        raise StoreError("store.window_backwards")
    if not is_plain(window.round, _ROUND_LENGTH):
        raise StoreError("store.round_name", most=_ROUND_LENGTH)
    if not any((*window.group, window.category)):
        return
    parts = [_STUDENTS.c[name] for name in ("grade", "class_name", "school", "school_code", "category")]
    enrolled = connection.execute(select(*parts).where(_STUDENTS.c.gone_at.is_(None)).distinct())
    groups = [
        Student("", "", grade, name, school=school, school_code=code, category=category)
        for grade, name, school, code, category in enrolled
    ]
    if any(window.is_for(group) for group in groups):
        return
    parts_asked = (*window.group, window.category)
    asked = " ".join(filter(None, parts_asked))
    known = dict.fromkeys(
        " ".join(own for own, wanted in zip((*one.group, one.category_told), parts_asked, strict=True) if own and wanted)
        for one in groups
    )
    near = get_close_matches(asked, known, _NEAR, 0.0)
    if not near:
        raise StoreError("store.group_no_roster", group=asked)
    raise StoreError("store.group_unknown", group=asked, near="、".join(near))


def is_plain(text: str, most: int) -> bool:
    """Whether a name is one that can be read: not empty, not longer than that, and without control or bidi characters."""
    return 0 < len(text) <= most and text.isprintable() and text == text.strip()


def admitted(kind: AdmissionKind, at: datetime) -> Select[Any]:
    """The ID numbers of those whom somebody lets in at a moment."""
    return select(_ADMISSIONS.c.id_number).where(_ADMISSIONS.c.kind == kind, _ADMISSIONS.c.at <= at, _ADMISSIONS.c.until > at)


def is_admitted(connection: Connection, student: Student, kind: AdmissionKind, at: datetime) -> bool:
    """Whether a student is one of them."""
    own = admitted(kind, at).where(_ADMISSIONS.c.id_number == student.id_number)
    return connection.scalar(own.limit(1)) is not None


def standing_windows(connection: Connection) -> list[Window]:
    """The windows that were not withdrawn, in the order of their opening."""
    query = select(_WINDOWS).where(_WINDOWS.c.withdrawn_at.is_(None)).order_by(_WINDOWS.c.opens_at, _WINDOWS.c.number)
    rows = connection.execute(query)
    return [
        Window(row.round, row.opens_at, row.closes_at, row.grade, row.class_name, row.school, row.category, row.number)
        for row in rows
    ]

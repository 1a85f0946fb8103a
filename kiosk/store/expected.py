"""When nobody of a group is expected any more, so that who has not come is 未到场 and not just 待采集."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, func, select

from kiosk.records import ClassKey, SchoolName, Student
from kiosk.store import tables
from kiosk.store.deadline import deadline_state
from kiosk.store.rounds import Window, admitted, standing_windows

_RECORDS, _STUDENTS = tables.records, tables.students
_GROUP = tuple(_STUDENTS.c[name] for name in ("school", "school_code", "grade", "class_name"))


@dataclass(frozen=True)
class GroupTimes:
    """The rules at one moment.

    After the deadline everybody's time is over. A group with windows: once one of them has closed, and while none is open. A
    group without any: at the end of the last day on which somebody of the class was captured; where nobody was yet, the class
    has not had its turn.
    """

    at: datetime
    locked: bool
    windows: Sequence[Window]
    let_in: frozenset[str]  # ID numbers that a supervisor lets in at this moment
    last_days: Mapping[ClassKey, date]

    def over(self, student: Student) -> bool:
        """Whether a student who was not seen should have come by now."""
        if self.locked:
            return True
        if student.id_number in self.let_in:
            return False
        own = [window for window in self.windows if window.is_for(student)]
        if own:
            is_open = any(window.opens_at <= self.at < window.closes_at for window in own)
            return not is_open and any(window.closes_at <= self.at for window in own)
        last = self.last_days.get(student.group)
        return last is not None and last < self.at.astimezone().date()


def group_times(connection: Connection, at: datetime, last_days: Mapping[ClassKey, date]) -> GroupTimes:
    """The rules of the store at a moment."""
    return GroupTimes(
        at,
        deadline_state(connection).locked(at),
        standing_windows(connection),
        frozenset(connection.scalars(admitted("window", at))),
        last_days,
    )


def last_days(connection: Connection) -> dict[ClassKey, date]:
    """The last day on which somebody of a class was captured, of those where somebody was."""
    query = (
        select(*_GROUP, func.max(_RECORDS.c.started_at))
        .join(_RECORDS, _RECORDS.c.id_number == _STUDENTS.c.id_number)
        .where(_STUDENTS.c.gone_at.is_(None))
        .group_by(*_GROUP)
    )
    return {
        ClassKey(SchoolName(*school).key, grade, name): last.astimezone().date()
        for *school, grade, name, last in connection.execute(query)
    }

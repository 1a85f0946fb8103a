"""联系人与值班: whom to call for what, who is there on which day, and the days that lack somebody."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from kiosk.clock import moment
from kiosk.errors import KioskError
from kiosk.exchange.duty_sheet import CallSheet, print_calls, write_calls
from kiosk.records import SUBJECTS, DeviceKind, Duty, Gap, HelpLine, Person, Subject, Task, Whose
from kiosk.store import Store

_NEEDED: Final = (Task.SUPERVISOR, Task.OPERATOR, Task.TECHNICIAN)  # of a day of capturing
_MOST_DAYS: Final = 62  # at once
_NUMBER: Final = re.compile(r"[\d+()（） 转x#-]{5,40}")
_WIDE: Final = {ord("－"): "-", ord("—"): "-", **{0xFF10 + digit: str(digit) for digit in range(10)}}


class Duties:
    """The school's own contacts are those of its page; the others are kept here."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def lines(self) -> Sequence[HelpLine]:
        """Contacts of vendors and of the district."""
        return self._store.duties.lines()

    def for_device(self, kind: DeviceKind) -> Sequence[HelpLine]:
        """Whom to call about a device that does not work."""
        wanted = Subject(kind.value)
        return [one for one in self.lines() if one.whose is Whose.VENDOR and one.subject is wanted]

    def add_line(self, line: HelpLine, *, by: Person) -> None:
        """Enter a contact; raises KioskError for one without a name or a number, a number of another shape, or a subject that
        is the other's."""
        phone = _phone(line.phone)
        if not line.name or not phone:
            raise KioskError("contact.half")
        if line.subject not in SUBJECTS[line.whose]:
            raise KioskError("contact.subject")
        self._store.duties.add_line(replace(line, phone=phone), by=by)

    def drop_line(self, number: int, *, by: Person) -> None:
        """Take a contact off."""
        self._store.duties.drop_line(number, by=by)

    def duties(self) -> Sequence[Duty]:
        """The duty list, by day."""
        return self._store.duties.duties()

    def assign(self, first: date, last: date, task: Task, name: str, phone: str, *, by: Person) -> int:
        """Somebody does this from a day to a day; on how many days that is new. Raises KioskError without a name, and for days
        that are in the wrong order or too many."""
        days = (last - first).days + 1
        if not name:
            raise KioskError("duty.name")
        if not 1 <= days <= _MOST_DAYS:
            raise KioskError("duty.days", most=_MOST_DAYS)
        account = next((one.id for one in self._store.accounts.open() if one.name == name), "")
        told = Duty(first, task, name, _phone(phone), account)
        return self._store.duties.add_duties([replace(told, day=first + timedelta(days=at)) for at in range(days)], by=by)

    def drop(self, number: int, *, by: Person) -> None:
        """Take somebody off the list."""
        self._store.duties.drop_duty(number, by=by)

    def gaps(self) -> list[Gap]:
        """Days of capturing from today on that lack somebody."""
        today = self._store.audit.now().astimezone().date()
        days: set[date] = set()
        for window in self._store.rounds.windows():
            first, last = (at.astimezone().date() for at in (window.opens_at, window.closes_at))
            days |= {first + timedelta(days=at) for at in range(min((last - first).days + 1, _MOST_DAYS))}
        there = {(one.day, one.task) for one in self.duties()}
        lacking = [
            Gap(day, tuple(task for task in _NEEDED if (day, task) not in there)) for day in sorted(days) if day >= today
        ]
        return [gap for gap in lacking if gap.tasks]

    def sheet(self) -> CallSheet:
        """Everything, the school's own contacts too."""
        return CallSheet(self._store.school.get(), self.lines(), self.duties(), self.gaps())

    def write(self, path: Path) -> None:
        """As .xlsx."""
        write_calls(self.sheet(), path, simulated=self._store.simulated)

    def paper(self) -> bytes:
        """As a PDF to hang up; raises ExchangeError."""
        return print_calls(self.sheet(), made=moment(self._store.audit.now()), simulated=self._store.simulated)


def _phone(text: str) -> str:
    clean = text.translate(_WIDE).strip()
    if clean and not _NUMBER.fullmatch(clean):
        raise KioskError("contact.phone", value=text)
    return clean

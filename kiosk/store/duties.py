"""Whom to call beside the school's own contacts, and who is on duty on which day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sqlalchemy import delete, insert, select

from kiosk.errors import StoreError
from kiosk.records import Duty, HelpLine, Person, Subject, Task, Whose
from kiosk.store import tables
from kiosk.store.audit import Audit
from kiosk.store.database import Database

_LINES, _DUTIES = tables.help_lines, tables.duties


class Duties:
    """Contacts and the duty list. What is taken off is gone; the trail keeps that it was there."""

    def __init__(self, database: Database, audit: Audit) -> None:
        self._database = database
        self._audit = audit

    def lines(self) -> list[HelpLine]:
        """Every contact, in the order in which they were entered."""
        with self._database.read() as connection:
            rows = connection.execute(select(_LINES).order_by(_LINES.c.number)).all()
        return [
            HelpLine(Whose(row.whose), Subject(row.subject), row.name, row.person, row.phone, row.note, row.number)
            for row in rows
        ]

    def add_line(self, line: HelpLine, *, by: Person) -> None:
        """Enter a contact."""
        values = {name: value for name, value in vars(line).items() if name != "number"}
        with self._database.write() as connection:
            connection.execute(insert(_LINES).values(values))
            self._audit.append(connection, "contact.add", actor=by.name, called_about=line.subject, contact=line.told)

    def drop_line(self, number: int, *, by: Person) -> None:
        """Take a contact off; raises StoreError("store.nothing_there") for one that is off already."""
        with self._database.write() as connection:
            name = connection.scalar(delete(_LINES).where(_LINES.c.number == number).returning(_LINES.c.name))
            if name is None:
                raise StoreError("store.nothing_there")
            self._audit.append(connection, "contact.drop", actor=by.name, contact=name)

    def duties(self) -> list[Duty]:
        """By day, then by task."""
        with self._database.read() as connection:
            rows = connection.execute(select(_DUTIES).order_by(_DUTIES.c.day, _DUTIES.c.number)).all()
        order = list(Task)
        found = [
            Duty(date.fromisoformat(row.day), Task(row.task), row.name, row.phone, row.account, row.number) for row in rows
        ]
        return sorted(found, key=lambda one: (one.day, order.index(one.task)))

    def add_duties(self, duties: Iterable[Duty], *, by: Person) -> int:
        """Enter who does what; whoever has that task on that day already is passed over. How many are new."""
        count = 0
        with self._database.write() as connection:
            for one in duties:
                day = one.day.isoformat()
                same = (_DUTIES.c.day == day) & (_DUTIES.c.task == one.task) & (_DUTIES.c.name == one.name)
                if connection.scalar(select(_DUTIES.c.number).where(same)) is not None:
                    continue
                values = {"day": day, "task": one.task, "name": one.name, "phone": one.phone, "account": one.account}
                connection.execute(insert(_DUTIES).values(values))
                self._audit.append(connection, "duty.add", actor=by.name, day=day, task=one.task, name=one.name)
                count += 1
        return count

    def drop_duty(self, number: int, *, by: Person) -> None:
        """Take somebody off the list; raises StoreError("store.nothing_there")."""
        with self._database.write() as connection:
            gone = delete(_DUTIES).where(_DUTIES.c.number == number)
            row = connection.execute(gone.returning(_DUTIES.c.day, _DUTIES.c.task, _DUTIES.c.name)).one_or_none()
            if row is None:
                raise StoreError("store.nothing_there")
            self._audit.append(connection, "duty.drop", actor=by.name, day=row.day, task=row.task, name=row.name)

"""The school's own data, kept once."""

from __future__ import annotations

from dataclasses import fields

from sqlalchemy import Connection, delete, insert, select

from kiosk.records import Person, School
from kiosk.store import codec, tables
from kiosk.store.audit import Audit
from kiosk.store.database import Database

_SCHOOL = tables.school


class SchoolData:
    """What the office has entered about its school and whom to call."""

    def __init__(self, database: Database, audit: Audit) -> None:
        self._database = database
        self._audit = audit

    def get(self) -> School:
        """Empty before anybody has entered anything."""
        with self._database.read() as connection:
            return _load(connection)

    def put(self, school: School, *, by: Person) -> None:
        """Enter it anew; the trail keeps who changed which parts."""
        with self._database.write() as connection:
            before = _load(connection)
            changed = [one.name for one in fields(School) if getattr(before, one.name) != getattr(school, one.name)]
            if changed:
                connection.execute(delete(_SCHOOL))
                connection.execute(insert(_SCHOOL).values(number=1, told=codec.dump_school(school)))
                self._audit.append(connection, "school.change", actor=by.name, changed=changed)


def _load(connection: Connection) -> School:
    told = connection.scalar(select(_SCHOOL.c.told))
    return codec.load_school(told) if told else School()

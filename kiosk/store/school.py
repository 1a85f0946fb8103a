"""The school's own data, kept once."""

from __future__ import annotations

from dataclasses import fields

from sqlalchemy import Connection, delete, insert, select

from kiosk.records import Person, School, SchoolName
from kiosk.store import codec, tables
from kiosk.store.audit import Audit
from kiosk.store.database import Database
from kiosk.store.schools import respell, schools_of, spelling

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
                _follow(connection, before, school)
                self._audit.append(connection, "school.change", actor=by.name, changed=changed)


def own_school(connection: Connection) -> SchoolName:
    """The station's own, within a transaction; nothing while nobody has named it."""
    school = _load(connection)
    return SchoolName(school.name, school.code)


def _follow(connection: Connection, before: School, after: School) -> None:
    """The station's own students are of the school as it is called now. Another name and another code are another school."""
    was, now = SchoolName(before.name, before.code), SchoolName(after.name, after.code)
    if now == SchoolName():
        return
    by = dict(spelling(now, schools_of(connection, enrolled=False)))
    if was != SchoolName() and (was.name == now.name or was.code == now.code):
        by[was] = now
    respell(connection, by)


def _load(connection: Connection) -> School:
    told = connection.scalar(select(_SCHOOL.c.told))
    return codec.load_school(told) if told else School()

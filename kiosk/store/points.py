"""Whom the station may capture when it is a 报名点."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from kiosk.errors import StoreError
from kiosk.records import NO_POINT, Person, Point, SchoolName, Served, Student
from kiosk.store import codec, tables
from kiosk.store.audit import Audit
from kiosk.store.database import Database
from kiosk.store.rounds import is_admitted
from kiosk.store.school import own_school
from kiosk.store.schools import schools_of, spelling

_POINT = tables.point


class Points:
    """What the office has entered of it."""

    def __init__(self, database: Database, audit: Audit) -> None:
        self._database = database
        self._audit = audit

    def get(self) -> Point:
        """Of no 报名点 before anybody has entered anything."""
        with self._database.read() as connection:
            return _load(connection)

    def put(self, point: Point, *, by: Person) -> Point:
        """Enter it anew, its schools spelt as the roster has them; the trail keeps who permitted what."""
        with self._database.write() as connection:
            told = [one.school for one in point.schools]
            by_name = spelling(own_school(connection), schools_of(connection, enrolled=False), told)
            point = replace(point, schools=tuple(replace(one, school=by_name[one.school]) for one in point.schools))
            if point != _load(connection):
                text = codec.dump(asdict(point))
                connection.execute(delete(_POINT))
                connection.execute(insert(_POINT).values(number=1, told=text))
                served = [[*one.school, one.permitted_by, one.permitted_on] for one in point.schools]
                self._audit.append(
                    connection,
                    "point.change",
                    actor=by.name,
                    active=point.active,
                    categories=list(point.categories),
                    schools=served,
                )
        return point


def require_here(connection: Connection, student: Student, at: datetime) -> None:
    """Raises StoreError("store.other_school") when the student is of a school that is not captured here, and nobody permitted
    it."""
    point = _load(connection)
    if not point.active or point.takes(student, own_school(connection)):
        return
    if not is_admitted(connection, student, "school", at):
        raise StoreError("store.other_school", school=student.school or student.school_code)


def _load(connection: Connection) -> Point:
    text = connection.scalar(select(_POINT.c.told))
    if not text:
        return NO_POINT
    told = json.loads(text)
    served = (Served(SchoolName(*one["school"]), one["permitted_by"], one["permitted_on"]) for one in told["schools"])
    return Point(told["active"], tuple(told["categories"]), tuple(served))

"""名单包 and 回执包 that were taken: which version stands, whom each listed, and the way back.

A package is entered before anything of it is taken, and as done when all is: one that was broken off counts for nothing, and is
taken anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, insert, select, update

from kiosk.records import Student, TakenParcel
from kiosk.store import codec, tables
from kiosk.store.audit import Audit
from kiosk.store.database import Database

_PARCELS, _STUDENTS = tables.office_parcels, tables.parcel_students
_KEPT: Final = 5  # versions whose students are kept


class OfficeParcels:
    """The station's book of what the office sent."""

    def __init__(self, database: Database, audit: Audit) -> None:
        self._database = database
        self._audit = audit

    def all(self, kind: str) -> list[TakenParcel]:
        """Of a kind, the newest first; what was broken off is not among them."""
        query = select(_PARCELS).where(_PARCELS.c.kind == kind, _PARCELS.c.done_at.is_not(None))
        with self._database.read() as connection:
            return [_load(row) for row in connection.execute(query.order_by(_PARCELS.c.number.desc()))]

    def standing(self, kind: str) -> TakenParcel | None:
        """The one that counts: the newest that nobody went back from."""
        return next((one for one in self.all(kind) if one.left_at is None), None)

    def find(self, digest: str) -> TakenParcel | None:
        """One that was taken, by the digest of its head."""
        query = select(_PARCELS).where(_PARCELS.c.digest == digest, _PARCELS.c.done_at.is_not(None))
        with self._database.read() as connection:
            row = connection.execute(query.order_by(_PARCELS.c.number.desc()).limit(1)).one_or_none()
        return None if row is None else _load(row)

    def offices(self) -> frozenset[bytes]:
        """Whose packages were taken: each was believed by a person once."""
        with self._database.read() as connection:
            return frozenset(connection.scalars(select(_PARCELS.c.office_key).where(_PARCELS.c.done_at.is_not(None))))

    def students(self, number: int) -> list[Student]:
        """Whom a version listed, in its order; but for those whose data were deleted since."""
        query = select(_STUDENTS.c.told).where(_STUDENTS.c.parcel == number).order_by(_STUDENTS.c.position)
        with self._database.read() as connection:
            return [codec.load_student(told) for told in connection.scalars(query)]

    def begin(self, parcel: TakenParcel, students: Sequence[Student]) -> int:
        """Enter one that is about to be taken; its number."""
        with self._database.write() as connection:
            _forget(connection, connection.scalars(select(_PARCELS.c.number).where(_PARCELS.c.done_at.is_(None))).all())
            names = ("kind", "version", "office_key", "digest", "head", "by", "at")
            values = {name: getattr(parcel, name) for name in names}
            number: int | None = connection.scalar(insert(_PARCELS).values(values).returning(_PARCELS.c.number))
            assert number is not None
            rows = [
                {"parcel": number, "id_number": one.id_number, "position": place, "told": codec.dump_student(one)}
                for place, one in enumerate(students)
            ]
            if rows:
                connection.execute(insert(_STUDENTS), rows)
        return number

    def finish(self, number: int, at: datetime, *, by: str, version: int, action: str) -> None:
        """All of it was taken."""
        with self._database.write() as connection:
            connection.execute(update(_PARCELS).where(_PARCELS.c.number == number).values(done_at=at))
            old = select(_PARCELS.c.number).where(_PARCELS.c.kind == _kind_of(number)).order_by(_PARCELS.c.number.desc())
            older = connection.scalars(old.offset(_KEPT)).all()
            connection.execute(delete(_STUDENTS).where(_STUDENTS.c.parcel.in_(older)))
            self._audit.append(connection, action, actor=by, version=version)

    def leave(self, number: int, at: datetime, *, by: str, version: int) -> None:
        """Somebody went back from it."""
        with self._database.write() as connection:
            connection.execute(update(_PARCELS).where(_PARCELS.c.number == number).values(left_at=at))
            self._audit.append(connection, "parcel.back", actor=by, version=version)


def _kind_of(number: int) -> Any:
    return select(_PARCELS.c.kind).where(_PARCELS.c.number == number).scalar_subquery()


def _forget(connection: Connection, numbers: Sequence[int]) -> None:
    """What was broken off: the next one takes its place."""
    for table in (_STUDENTS, tables.confirmed, tables.office_words):
        connection.execute(delete(table).where(table.c.parcel.in_(numbers)))
    connection.execute(delete(_PARCELS).where(_PARCELS.c.number.in_(numbers)))


def _load(row: Row[Any]) -> TakenParcel:
    told = (row.kind, row.version, row.office_key, row.digest, row.head, row.by)
    at: datetime = row.at
    return TakenParcel(*told, at, row.number, row.left_at)

"""The numbers that the exam office's rule gave to students without a resident's number: kept for good, never given again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import Connection, insert, select

from kiosk import idnumber, substitute
from kiosk.clock import day
from kiosk.codes import RESIDENT_CARD
from kiosk.errors import StoreError
from kiosk.records import Student, name_key
from kiosk.store import tables
from kiosk.store.audit import Audit
from kiosk.store.database import Database
from kiosk.store.roster_rows import on_roster

_GIVEN = tables.substitutes


@dataclass(frozen=True)
class Given:
    """A student without a resident's number, and the number that stands for it; empty while none was given."""

    student: Student
    number: str = ""


class Substitutes:
    """One number a student. A student is known by the document's number or, as in the national register, by name, sex and birth
    date: a new passport changes nothing."""

    def __init__(self, database: Database, audit: Audit) -> None:
        self._database = database
        self._audit = audit

    def of(self, students: Sequence[Student]) -> list[Given]:
        """Those of these who need a number, each with the one that was given."""
        with self._database.read() as connection:
            return _of(connection, students)

    def school_code(self) -> str:
        """The four digits that the last number was given with; empty before the first."""
        with self._database.read() as connection:
            known = select(_GIVEN.c.number).where(_GIVEN.c.id_number != "")  # the others' data are deleted
            last = connection.scalar(known.order_by(_GIVEN.c.given_at.desc(), _GIVEN.c.number).limit(1))
        return last[:4] if last else ""

    def give(self, students: Sequence[Student], *, school_code: str, by: str) -> list[Given]:
        """Give a number to those of these who need one and have none, and a birth date; all who need one, as `of`.

        Raises KioskError("manual.school_code") unless the code has four digits, StoreError("store.substitutes_used_up").
        """
        now = datetime.now(UTC)
        with self._database.write() as connection:
            taken = set(connection.scalars(select(_GIVEN.c.number)))
            taken |= set(connection.scalars(select(tables.students.c.id_number)))  # what rosters have already
            new = []
            for one in _of(connection, students):
                born = _birth(one.student)
                if one.number or born is None:
                    continue
                free = (text for text in substitute.numbers(school_code, born) if not {text, self._audit.spent(text)} & taken)
                number = next(free, None)
                if number is None:
                    raise StoreError("store.substitutes_used_up", birth=f"{born:%Y-%m-%d}")
                taken.add(number)
                who = {"id_number": one.student.id_number, "person": _person(one.student)}
                new.append({"number": number, "given_at": now, "given_by": by, **who})
            if new:
                connection.execute(insert(_GIVEN), new)
                self._audit.append(connection, "substitutes.give", actor=by, students=len(new), school_code=school_code)
            return _of(connection, students)


def _of(connection: Connection, students: Sequence[Student]) -> list[Given]:
    needing = [student for student in students if _needs_one(student)]
    if not needing:
        return []
    rows = connection.execute(select(_GIVEN).order_by(_GIVEN.c.given_at)).all()
    by_number = {row.id_number: row.number for row in reversed(rows)}
    # A namesake who is on the roster beside the student is somebody else: of another school, say.
    present = on_roster(connection, list(by_number))
    by_person = {row.person: row.number for row in reversed(rows) if row.person and row.id_number not in present}
    return [Given(student, _known(student, by_number, by_person)) for student in needing]


def _known(student: Student, by_number: Mapping[str, str], by_person: Mapping[str, str]) -> str:
    return by_number.get(student.id_number) or by_person.get(_person(student) or "-", "")


def _needs_one(student: Student) -> bool:
    """Whether the roster has neither a resident's number nor one by the rule."""
    kind, number = student.document_type, student.id_number
    is_resident = kind in ("", RESIDENT_CARD) and idnumber.problem(number) is None
    return not is_resident and not substitute.is_substitute(number, kind)


def _birth(student: Student) -> date | None:
    if student.birth_text:
        return day(student.birth_text)
    return idnumber.birth_date(student.id_number) if idnumber.problem(student.id_number) is None else None


def _person(student: Student) -> str:
    """Name, sex and birth date; empty where one of them is not known."""
    known = (name_key(student.name), student.sex, student.birth_text)
    return "|".join(known) if all(known) else ""

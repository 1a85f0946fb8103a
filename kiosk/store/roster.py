"""花名册: the students whom the school filed, the only basis of a capture."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, delete, func, insert, or_, select, update

from kiosk.errors import StoreError
from kiosk.records import RecordState, SchoolName, Student
from kiosk.store import codec, tables
from kiosk.store.audit import Audit
from kiosk.store.database import Database
from kiosk.store.deadline import require_unlocked
from kiosk.store.kept import Kept
from kiosk.store.near import candidates, distance
from kiosk.store.roster_rows import (
    COLUMNS,
    batches,
    enrolled_students,
    load_student,
    numbers_in_order,
    of_school,
    on_roster,
    student_values,
)
from kiosk.store.school import own_school
from kiosk.store.schools import Spelling, respell, schools_of, spelling, spelt

_STUDENTS = tables.students
_UNDO = tables.roster_undo
_SCHOOL: Final = 1_000_000  # places for the students of one school
_PLACES: Final = select(*(_STUDENTS.c[name] for name in ("id_number", "position", "school", "school_code")))
_SHARED: Final = tuple(_STUDENTS.c[name] for name in ("grade", "class_name", "school", "school_code"))
_NEAR_LOOKED_AT: Final = 200  # rows of each kind; more of one name or birthday is no hint any more


@dataclass(frozen=True)
class StudentChange:
    """A student whose row reads differently now."""

    before: Student
    after: Student


@dataclass(frozen=True)
class RosterChange:
    """What an import does to the roster. `elsewhere` stand on it under another school, and stay as they are there."""

    added: tuple[Student, ...] = ()
    changed: tuple[StudentChange, ...] = ()
    gone: tuple[Student, ...] = ()
    elsewhere: tuple[StudentChange, ...] = ()


@dataclass(frozen=True)
class Departure:
    """A student who is no longer on the roster, since when, and whether a capture was completed."""

    student: Student
    at: datetime
    captured: bool


class Roster:
    """The students on the roster, by ID number."""

    def __init__(self, database: Database, audit: Audit) -> None:
        self._database = database
        self._audit = audit
        self.enrolled = Kept(enrolled_students)

    def preview(
        self, students: Iterable[Student], leaving: Callable[[Student], bool] | None = None, *, transfer: bool = False
    ) -> RosterChange:
        """What `replace_or_update` would do."""
        filed = list(students)
        with self._database.read() as connection:
            by = _spelling(connection, filed)
            return _compare(connection, _by_number(spelt(one, by) for one in filed), by, leaving, transfer=transfer)

    def replace_or_update(
        self,
        students: Iterable[Student],
        *,
        actor: str = "",
        leaving: Callable[[Student], bool] | None = None,
        in_order: bool = True,
        transfer: bool = False,
    ) -> RosterChange:
        """Take these onto the roster. Of those of the same schools who are not among them, whom `leaving` picks (everybody,
        unless it is given) leave the roster; records of captures stay as they are. They come in the order of these
        (`in_order`), or each keeps its place and new ones come last. What it changed is kept until the next import, for `undo`.
        Schools are spelt as the roster has them; whoever stands there under another school comes over with `transfer` only.

        Raises StoreError when a number occurs twice or the deadline has passed; then nothing has changed.
        """
        filed = list(students)
        now = datetime.now(UTC)
        with self._database.write() as connection:
            require_unlocked(connection, now)
            by = _spelling(connection, filed)
            wanted = _by_number(spelt(one, by) for one in filed)
            respell(connection, by)
            change = _compare(connection, wanted, by, leaving, transfer=transfer)
            for one in change.elsewhere:
                del wanted[one.after.id_number]
            listed = connection.execute(_PLACES).all()
            places = {row.id_number: row.position for row in listed}
            positions = _positions(listed, wanted, in_order=in_order)
            rows = [{**student_values(student), "position": positions[number]} for number, student in wanted.items()]
            new = [row for row in rows if row["id_number"] not in places]
            if new:
                connection.execute(insert(_STUDENTS), new)
            known = [{f"new_{name}": value for name, value in row.items()} for row in rows if row["id_number"] in places]
            if known:
                connection.execute(_UPDATE, known)
            if change.gone:
                connection.execute(_LEAVE, [{"new_id_number": student.id_number, "now": now} for student in change.gone])
            _remember(connection, change)
            added, changed, gone = len(change.added), len(change.changed), len(change.gone)
            moved = sum(one.before.school_name != one.after.school_name for one in change.changed)
            told = {"moved": str(moved)} if moved else {}
            self._audit.append(connection, "roster.import", actor=actor, added=added, changed=changed, gone=gone, **told)
        return change

    def undoable(self) -> RosterChange:
        """What `undo` would take back: what the last import changed and nobody changed since."""
        with self._database.read() as connection:
            return _remembered(connection)

    def undo(self, *, actor: str) -> RosterChange:
        """Take the last import back: whom it added leave, whom it took off return, what it changed is as before. What changed
        since for other reasons (exam numbers, say) stays. Returns what was taken back.

        Raises StoreError("store.nothing_to_undo"), ("store.locked").
        """
        now = datetime.now(UTC)
        with self._database.write() as connection:
            require_unlocked(connection, now)
            change = _remembered(connection)
            if not (change.added or change.changed or change.gone):
                raise StoreError("store.nothing_to_undo")
            back = [_new(one.before) for one in change.changed]
            if back:
                connection.execute(_RESTORE, back)
            if change.gone:
                connection.execute(_RETURN, [{"new_id_number": student.id_number} for student in change.gone])
            if change.added:
                connection.execute(_LEAVE, [{"new_id_number": student.id_number, "now": now} for student in change.added])
            connection.execute(delete(_UNDO))
            added, changed, gone = len(change.added), len(change.changed), len(change.gone)
            self._audit.append(connection, "roster.undo", actor=actor, added=added, changed=changed, gone=gone)
        return change

    def assign_exam_numbers(self, numbers: Mapping[str, str], *, actor: str, field: str = "exam_number") -> None:
        """Enter 考号, or (`field`) 考籍号, by ID number. They are made after the deadline, so that it does not stand in their
        way."""
        with self._database.write() as connection:
            students = {student.id_number: student for student in enrolled_students(connection)}
            changed = [
                _new(replace(students[number], **{field: given})) for number, given in numbers.items() if number in students
            ]
            if changed:
                connection.execute(_RESTORE, changed)
            self._audit.append(connection, "roster.exam_numbers", actor=actor, students=len(changed), field=field)

    def departures(self) -> list[Departure]:
        """Who left the roster, the latest first; their captures stay as they are."""
        records = tables.records
        with self._database.read() as connection:
            gone = connection.execute(select(_STUDENTS).where(_STUDENTS.c.gone_at.is_not(None))).all()
            complete = select(records.c.id_number).where(records.c.state == RecordState.COMPLETE).distinct()
            captured = set(connection.scalars(complete))
        left = [Departure(load_student(row), row.gone_at, row.id_number in captured) for row in gone]
        return sorted(left, key=lambda one: one.at, reverse=True)

    def find(self, id_number: str) -> Student | None:
        """The student with this number, or None when the roster has none (any more)."""
        with self._database.read() as connection:
            query = select(_STUDENTS).where(_STUDENTS.c.id_number == id_number, _STUDENTS.c.gone_at.is_(None))
            row = connection.execute(query).one_or_none()
        return None if row is None else load_student(row)

    def on_it(self, id_numbers: Sequence[str]) -> Mapping[str, Student]:
        """Those of a few whom it has, by ID number."""
        with self._database.read() as connection:
            return on_roster(connection, id_numbers)

    def search(self, text: str, most: int) -> list[Student]:
        """Up to `most` students whose name holds the text, or whose ID or registration number begins or ends with it."""
        number = text.upper()
        fits = (
            _STUDENTS.c.name.contains(text, autoescape=True),
            _STUDENTS.c.id_number.startswith(number, autoescape=True),
            _STUDENTS.c.id_number.endswith(number, autoescape=True),
            _STUDENTS.c.registration_number.endswith(number, autoescape=True),
        )
        query = select(_STUDENTS).where(_STUDENTS.c.gone_at.is_(None), or_(*fits)).order_by(_STUDENTS.c.position).limit(most)
        with self._database.read() as connection:
            return [load_student(row) for row in connection.execute(query)]

    def near(self, id_number: str, name: str, most: int = 5) -> tuple[Student, ...]:
        """Up to `most` students who may be meant by a number and name that the roster doesn't have, the likeliest first: one
        digit different, two neighbours exchanged; or the name, or all but one character of it. A few ms at 100,000 students."""
        found: dict[str, Student] = {}
        with self._database.read() as connection:
            for condition in candidates(id_number, name):
                query = select(_STUDENTS).where(condition, _STUDENTS.c.gone_at.is_(None)).limit(_NEAR_LOOKED_AT)
                found.update((row.id_number, load_student(row)) for row in connection.execute(query))
        off = ((distance(student, id_number, name), student) for student in found.values())
        near = sorted(((far, student.id_number) for far, student in off if far is not None))
        return tuple(found[number] for _, number in near[:most])

    def schools(self) -> list[SchoolName]:
        """The schools of those on the roster, in its order."""
        with self._database.read() as connection:
            return schools_of(connection)

    def spelling(self, students: Iterable[Student]) -> Spelling:
        """How the roster spells its schools and those of these students."""
        with self._database.read() as connection:
            return _spelling(connection, students)

    def count(self, school: str = "") -> int:
        """How many students it has, or has of the school of this key."""
        with self._database.read() as connection:
            return enrolled(connection, school)

    def each(self, school: str = "") -> Iterator[Student]:
        """All of them, or those of the school of this key, in the roster's own order, in flat memory."""
        with self._database.read() as connection:
            listed = numbers_in_order(connection, school)
        for numbers in batches(listed):
            with self._database.read() as connection:
                found = on_roster(connection, numbers)
            yield from (found[number] for number in numbers if number in found)

    def students(self) -> list[Student]:
        """All of them, in the roster's own order."""
        with self._database.read() as connection:
            return list(self.enrolled.get(connection))

    def usual(self) -> Mapping[str, Sequence[str]]:
        """By field, what its students have of grade, class and school, each once and in its order; nothing that is empty."""
        query = (
            select(*_SHARED).where(_STUDENTS.c.gone_at.is_(None)).group_by(*_SHARED).order_by(func.min(_STUDENTS.c.position))
        )
        with self._database.read() as connection:
            rows = connection.execute(query).mappings().all()
        return {column.name: [*dict.fromkeys(filter(None, (row[column] for row in rows)))] for column in _SHARED}

    def ever(self) -> list[Student]:
        """The same, and after them those who left the roster."""
        query = select(_STUDENTS).where(_STUDENTS.c.gone_at.is_not(None)).order_by(_STUDENTS.c.position)
        with self._database.read() as connection:
            return [*self.enrolled.get(connection), *(load_student(row) for row in connection.execute(query))]


def enrolled(connection: Connection, school: str = "") -> int:
    """How many students the roster has, or has of the school of this key."""
    query = select(func.count()).where(_STUDENTS.c.gone_at.is_(None), of_school(connection, school))
    return connection.scalar(query) or 0


def _spelling(connection: Connection, students: Iterable[Student]) -> Spelling:
    told = dict.fromkeys(student.school_name for student in students)
    return spelling(own_school(connection), schools_of(connection, enrolled=False), told)


def _compare(
    connection: Connection,
    wanted: Mapping[str, Student],
    by: Spelling,
    leaving: Callable[[Student], bool] | None = None,
    *,
    transfer: bool,
) -> RosterChange:
    present = {student.id_number: spelt(student, by) for student in enrolled_students(connection)}
    of_these = _schools_of(wanted, present)
    missing = (one for number, one in present.items() if number not in wanted and one.school_name.key in of_these)
    elsewhere = {
        number: StudentChange(known, wanted[number])
        for number, known in present.items()
        if not transfer and number in wanted and known.school_name.key not in ("", wanted[number].school_name.key)
    }
    wanted = {number: student for number, student in wanted.items() if number not in elsewhere}
    return RosterChange(
        elsewhere=tuple(elsewhere.values()),
        added=tuple(student for number, student in wanted.items() if number not in present),
        changed=tuple(
            StudentChange(present[number], student)
            for number, student in wanted.items()
            if number in present and present[number] != student
        ),
        gone=tuple(student for student in missing if leaving is None or leaving(student)),
    )


def _positions(listed: Sequence[Row[Any]], wanted: Mapping[str, Student], *, in_order: bool) -> dict[str, int]:
    """Where each of these stands: school by school, the schools as they were filed first, so that one may grow without
    another's rows being touched."""
    taken: dict[str, list[int]] = defaultdict(list)
    for row in listed:
        taken[SchoolName(row.school, row.school_code).key].append(row.position)
    last = max((row.position for row in listed), default=-_SCHOOL)
    known = {row.id_number: row.position for row in listed}
    following: dict[str, int] = {}
    found = {}
    for number, student in wanted.items():
        key = student.group.school
        if key not in following:
            own = taken[key]
            if not own:
                last = (last // _SCHOOL + 1) * _SCHOOL
            following[key] = (min(own) // _SCHOOL * _SCHOOL if in_order else max(own) + 1) if own else last
        if in_order or number not in known:
            found[number], following[key] = following[key], following[key] + 1
        else:
            found[number] = known[number]
    return found


def _schools_of(wanted: Mapping[str, Student], present: Mapping[str, Student]) -> set[str]:
    """The schools that a list is about, by their keys: nobody leaves another one because of it. A list of nobody is about the
    school of a roster that has only one; one that says for the first time which school it is, about those of no school too."""
    found = {student.school_name.key for student in wanted.values()}
    if any(number in wanted and not student.school_name.key for number, student in present.items()):
        found.add("")
    known = {student.school_name.key for student in present.values()}
    return found or (known if len(known) == 1 else set())


def _remember(connection: Connection, change: RosterChange) -> None:
    connection.execute(delete(_UNDO))
    pairs: list[tuple[str, Student | None, Student | None]] = []
    pairs += [(student.id_number, None, student) for student in change.added]
    pairs += [(student.id_number, student, None) for student in change.gone]
    pairs += [(one.before.id_number, one.before, one.after) for one in change.changed]
    rows = [{"id_number": number, "before": _dumped(before), "after": _dumped(after)} for number, before, after in pairs]
    if rows:
        connection.execute(insert(_UNDO), rows)


def _remembered(connection: Connection) -> RosterChange:
    of_these = select(_STUDENTS).join(_UNDO, _UNDO.c.id_number == _STUDENTS.c.id_number).where(_STUDENTS.c.gone_at.is_(None))
    present = {row.id_number: load_student(row) for row in connection.execute(of_these)}
    added, changed, gone = [], [], []
    for row in connection.execute(select(_UNDO)):
        before, after, now = _loaded(row.before), _loaded(row.after), present.get(row.id_number)
        if before is None and now is not None:
            added.append(now)
        elif after is None and before is not None and now is None:
            gone.append(before)
        elif before is not None and after is not None and now is not None:
            put_back = {
                name: value
                for name, value in vars(before).items()
                if value != getattr(after, name) and getattr(now, name) == getattr(after, name)
            }
            if put_back:
                changed.append(StudentChange(replace(now, **put_back), now))
    return RosterChange(tuple(added), tuple(changed), tuple(gone))


def _dumped(student: Student | None) -> str:
    return "" if student is None else codec.dump_student(student)


def _loaded(text: str) -> Student | None:
    return codec.load_student(text) if text else None


def _by_number(students: Iterable[Student]) -> dict[str, Student]:
    wanted: dict[str, Student] = {}
    for position, student in enumerate(students, start=1):
        if student.id_number in wanted:
            raise StoreError("store.duplicate_student", position=position)
        wanted[student.id_number] = student
    return wanted


def _new(student: Student) -> dict[str, object]:
    """A student's row, as the statements that follow bind it."""
    return {f"new_{name}": value for name, value in student_values(student).items()}


_SAME: Final = _STUDENTS.c.id_number == bindparam("new_id_number")
_LEAVE: Final = update(_STUDENTS).where(_SAME).values(gone_at=bindparam("now"))
_UPDATE: Final = (
    update(_STUDENTS)
    .where(_SAME)
    .values({name: bindparam(f"new_{name}") for name in (*COLUMNS, "more", "position")} | {"gone_at": None})
)
_RESTORE: Final = update(_STUDENTS).where(_SAME).values({name: bindparam(f"new_{name}") for name in (*COLUMNS, "more")})
_RETURN: Final = update(_STUDENTS).where(_SAME).values(gone_at=None)

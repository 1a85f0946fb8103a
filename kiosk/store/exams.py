"""Exams: their sessions, and who sits where. Papers that are printed again later are the same, because all of it is stored."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Row, Table, delete, func, insert, select, update

from kiosk.errors import StoreError
from kiosk.records import Exam, ExamSession, Seating, room_order
from kiosk.store import tables
from kiosk.store.audit import Audit, require_reason
from kiosk.store.database import Database
from kiosk.store.rounds import is_plain

_EXAMS, _SESSIONS, _SEATINGS, _BEFORE = tables.exams, tables.exam_sessions, tables.exam_seatings, tables.exam_seatings_before
LONGEST: Final = 60  # characters of a title, a site, a subject


class Exams:
    """Several are kept; one that was withdrawn stays as it was, and is shown no more. The deadline for the students' data does
    not stand in their way: numbers and seats come after it."""

    def __init__(self, database: Database, audit: Audit) -> None:
        self._database = database
        self._audit = audit

    def all(self) -> list[Exam]:
        """Those that were not withdrawn, the newest first."""
        with self._database.read() as connection:
            return _exams(connection)

    def get(self, number: int) -> Exam:
        """One of them; raises StoreError("store.exam_unknown")."""
        with self._database.read() as connection:
            return _exam(connection, number)

    def add(self, exam: Exam, *, by: str) -> Exam:
        """Set an exam up, without seats yet. Raises StoreError as `require_sound` does."""
        require_sound(exam)
        with self._database.write() as connection:
            number = connection.scalar(
                insert(_EXAMS)
                .values(title=exam.title, site=exam.site, undoable=False, by=by, at=self._audit.now())
                .returning(_EXAMS.c.number)
            )
            assert number is not None
            _put_sessions(connection, number, exam.sessions)
            self._audit.append(connection, "exam.add", actor=by, exam=number, title=exam.title, sessions=len(exam.sessions))
            return _exam(connection, number)

    def change(self, exam: Exam, *, by: str) -> Exam:
        """Another title, site or other sessions; the seats stay. Raises StoreError."""
        require_sound(exam)
        with self._database.write() as connection:
            _exam(connection, exam.number)
            values = {"title": exam.title, "site": exam.site}
            connection.execute(update(_EXAMS).where(_EXAMS.c.number == exam.number).values(values))
            connection.execute(delete(_SESSIONS).where(_SESSIONS.c.exam == exam.number))
            _put_sessions(connection, exam.number, exam.sessions)
            self._audit.append(
                connection, "exam.change", actor=by, exam=exam.number, title=exam.title, sessions=len(exam.sessions)
            )
            return _exam(connection, exam.number)

    def withdraw(self, number: int, *, reason: str, by: str) -> None:
        """Take an exam back. Raises StoreError without a reason, or when there is none of this number."""
        require_reason(reason)
        with self._database.write() as connection:
            _exam(connection, number)
            connection.execute(update(_EXAMS).where(_EXAMS.c.number == number).values(withdrawn_at=self._audit.now()))
            self._audit.append(connection, "exam.withdraw", actor=by, exam=number, reason=reason)

    def seatings(self, number: int) -> list[Seating]:
        """Who sits where, by room and seat; raises StoreError("store.exam_unknown")."""
        with self._database.read() as connection:
            _exam(connection, number)
            return _in_order(map(_seating, connection.execute(select(_SEATINGS).where(_SEATINGS.c.exam == number))))

    def of_student(self, id_number: str) -> list[tuple[Exam, Seating]]:
        """Every seat of a student, the newest exam first."""
        with self._database.read() as connection:
            rows = connection.execute(select(_SEATINGS).where(_SEATINGS.c.id_number == id_number)).all()
            known = {exam.number: exam for exam in _exams(connection)}
        found = ((known[row.exam], _seating(row)) for row in rows if row.exam in known)
        return sorted(found, key=lambda one: -one[0].number)

    def seat(self, number: int, seatings: Sequence[Seating], *, how: str, by: str) -> None:
        """Give an exam these seats and no others; what it had before is kept for one step back. `how`: made or imported.

        Raises StoreError when two have one number, one seat or somebody two seats; then nothing has changed.
        """
        require_apart(seatings)
        with self._database.write() as connection:
            _exam(connection, number)
            connection.execute(delete(_BEFORE).where(_BEFORE.c.exam == number))
            _copy(connection, _SEATINGS, _BEFORE, number)
            connection.execute(delete(_SEATINGS).where(_SEATINGS.c.exam == number))
            if seatings:
                connection.execute(insert(_SEATINGS), [{"exam": number, **vars(one)} for one in seatings])
            connection.execute(update(_EXAMS).where(_EXAMS.c.number == number).values(undoable=True))
            self._audit.append(connection, "exam.seat", actor=by, exam=number, how=how, candidates=len(seatings))

    def undo(self, number: int, *, by: str) -> int:
        """Take the last change of an exam's seats back, once; how many have a seat then. Whose data were deleted since does not
        come back. Raises StoreError("store.nothing_to_undo")."""
        with self._database.write() as connection:
            if not _exam(connection, number).undoable:
                raise StoreError("store.nothing_to_undo")
            before = connection.scalar(select(func.count()).select_from(_BEFORE).where(_BEFORE.c.exam == number)) or 0
            connection.execute(delete(_SEATINGS).where(_SEATINGS.c.exam == number))
            _copy(connection, _BEFORE, _SEATINGS, number)
            connection.execute(delete(_BEFORE).where(_BEFORE.c.exam == number))
            connection.execute(update(_EXAMS).where(_EXAMS.c.number == number).values(undoable=False))
            self._audit.append(connection, "exam.undo", actor=by, exam=number, candidates=before)
        return before


def require_sound(exam: Exam) -> None:
    """Raises StoreError when a title, site or subject can't be read, or times run backwards."""
    if not is_plain(exam.title, LONGEST) or (exam.site and not is_plain(exam.site, LONGEST)):
        raise StoreError("store.exam_title", most=LONGEST)
    for one in exam.sessions:
        if not is_plain(one.subject, LONGEST):
            raise StoreError("store.exam_subject", most=LONGEST)
        if not one.starts_at < one.ends_at:
            raise StoreError("store.exam_backwards", subject=one.subject)
        if one.latest_entry > one.ends_at:
            raise StoreError("store.exam_latest_entry", subject=one.subject)
    if len({(one.subject, one.starts_at) for one in exam.sessions}) < len(exam.sessions):
        raise StoreError("store.exam_session_twice")


def require_apart(seatings: Sequence[Seating]) -> None:
    """Raises StoreError when two have one number or one seat, or somebody has two seats."""
    if twice := _twice(one.exam_number for one in seatings):
        raise StoreError("store.exam_number_twice", number=twice)
    if twice := _twice(f"{one.room}-{one.seat:02d}" for one in seatings):
        raise StoreError("store.exam_seat_twice", seat=twice)
    if _twice(one.id_number for one in seatings):
        raise StoreError("store.exam_student_twice")


def _twice(values: Iterable[str]) -> str:
    return next((value for value, count in Counter(values).items() if count > 1), "")


def _exams(connection: Connection) -> list[Exam]:
    rows = connection.execute(select(_EXAMS).where(_EXAMS.c.withdrawn_at.is_(None)).order_by(_EXAMS.c.number.desc())).all()
    sessions: Mapping[int, list[ExamSession]] = defaultdict(list)
    for row in connection.execute(select(_SESSIONS).order_by(_SESSIONS.c.starts_at, _SESSIONS.c.number)):
        sessions[row.exam].append(ExamSession(row.subject, row.starts_at, row.ends_at, row.latest_entry))
    seated = connection.execute(select(_SEATINGS.c.exam, func.count()).group_by(_SEATINGS.c.exam))
    counts: dict[int, int] = {number: count for number, count in seated}  # noqa: C416  # rows aren't pairs to mypy
    return [
        Exam(
            row.title,
            row.site,
            tuple(sessions[row.number]),
            row.number,
            row.at,
            row.by,
            counts.get(row.number, 0),
            row.undoable,
        )
        for row in rows
    ]


def _exam(connection: Connection, number: int) -> Exam:
    found = next((exam for exam in _exams(connection) if exam.number == number), None)
    if found is None:
        raise StoreError("store.exam_unknown", number=number)
    return found


def _put_sessions(connection: Connection, number: int, sessions: Sequence[ExamSession]) -> None:
    if sessions:
        connection.execute(insert(_SESSIONS), [{"exam": number, **vars(one)} for one in sessions])


def _copy(connection: Connection, source: Table, target: Table, number: int) -> None:
    names = [column.name for column in source.c]
    connection.execute(insert(target).from_select(names, select(source).where(source.c.exam == number)))


def _seating(row: Row[Any]) -> Seating:
    return Seating(row.id_number, row.exam_number, row.room, row.seat, row.place)


def _in_order(seatings: Iterable[Seating]) -> list[Seating]:
    return sorted(seatings, key=lambda one: (room_order(one.room), one.seat))

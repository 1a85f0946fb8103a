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
        """Another title, site or other sessions; the seats stay. Raises StoreError, also where a subject that has seats would
        go."""
        require_sound(exam)
        with self._database.write() as connection:
            _exam(connection, exam.number)
            _require_subjects(connection, exam)
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
        """Who sits where, by subject as they are written, room and seat; raises StoreError("store.exam_unknown")."""
        with self._database.read() as connection:
            exam = _exam(connection, number)
            found = map(_seating, connection.execute(select(_SEATINGS).where(_SEATINGS.c.exam == number)))
            order = {subject: at for at, subject in enumerate(exam.subjects, start=1)}
            return sorted(found, key=lambda one: (order.get(one.subject, 0), room_order(one.room), one.seat))

    def seatings_of(self, id_number: str) -> list[tuple[Exam, Seating]]:
        """Where one student sits, the newest exam first, in each by subject as they are written."""
        with self._database.read() as connection:
            rows = connection.execute(select(_SEATINGS).where(_SEATINGS.c.id_number == id_number)).all()
            exams = _exams(connection) if rows else []
        found = [(exam, _seating(row)) for exam in exams for row in rows if row.exam == exam.number]
        places = {exam.number: {subject: at for at, subject in enumerate(exam.subjects)} for exam in exams}
        return sorted(found, key=lambda one: (-one[0].number, places[one[0].number].get(one[1].subject, 0)))

    def seat(self, number: int, seatings: Sequence[Seating], *, how: str, by: str) -> None:
        """Give an exam these seats and no others; what it had before is kept for one step back. `how`: made or imported.

        Raises StoreError when two have one number, one seat or somebody two seats or numbers, or when a seat is for a subject
        that the exam has not; then nothing has changed.
        """
        require_apart(seatings)
        with self._database.write() as connection:
            exam = _exam(connection, number)
            connection.execute(delete(_BEFORE).where(_BEFORE.c.exam == number))
            _copy(connection, _SEATINGS, _BEFORE, number)
            connection.execute(delete(_SEATINGS).where(_SEATINGS.c.exam == number))
            if seatings:
                connection.execute(insert(_SEATINGS), [{"exam": number, **vars(one)} for one in seatings])
            _require_subjects(connection, exam)
            connection.execute(update(_EXAMS).where(_EXAMS.c.number == number).values(undoable=True))
            count = len({one.id_number for one in seatings})
            self._audit.append(connection, "exam.seat", actor=by, exam=number, how=how, candidates=count)

    def undo(self, number: int, *, by: str) -> int:
        """Take the last change of an exam's seats back, once; how many have a seat then. Whose data were deleted since does not
        come back. Raises StoreError, also where the exam has lost a subject of theirs since."""
        with self._database.write() as connection:
            exam = _exam(connection, number)
            if not exam.undoable:
                raise StoreError("store.nothing_to_undo")
            connection.execute(delete(_SEATINGS).where(_SEATINGS.c.exam == number))
            _copy(connection, _BEFORE, _SEATINGS, number)
            _require_subjects(connection, exam)
            connection.execute(delete(_BEFORE).where(_BEFORE.c.exam == number))
            connection.execute(update(_EXAMS).where(_EXAMS.c.number == number).values(undoable=False))
            now = _exam(connection, number).candidates
            self._audit.append(connection, "exam.undo", actor=by, exam=number, candidates=now)
        return now


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
    """Raises StoreError when two have one number or one seat in a subject, or somebody has two numbers, or two seats in one."""
    if twice := _twice(number for number, _ in {(one.exam_number, one.id_number) for one in seatings}):
        raise StoreError("store.exam_number_twice", number=twice)
    if _twice(who for _, who in {(one.exam_number, one.id_number) for one in seatings}):
        raise StoreError("store.exam_student_two_numbers")
    whole = [one for one in seatings if not one.subject]  # a seat for the whole exam is one in each subject
    for subject in {one.subject for one in seatings}:
        together = [*(one for one in seatings if subject and one.subject == subject), *whole]
        if twice := _twice(f"{one.room}-{one.seat:02d}" for one in together):
            raise StoreError("store.exam_seat_twice", seat=twice)
        if _twice(one.id_number for one in together):
            raise StoreError("store.exam_student_twice")


def _require_subjects(connection: Connection, exam: Exam) -> None:
    """Raises StoreError when seats are for a subject that the exam has not."""
    seated = connection.scalars(select(_SEATINGS.c.subject).where(_SEATINGS.c.exam == exam.number).distinct())
    if gone := sorted(set(seated) - {"", *exam.subjects}):
        raise StoreError("store.exam_subject_seated", subject="、".join(gone))


def _twice(values: Iterable[str]) -> str:
    return next((value for value, count in Counter(values).items() if count > 1), "")


def _exams(connection: Connection) -> list[Exam]:
    rows = connection.execute(select(_EXAMS).where(_EXAMS.c.withdrawn_at.is_(None)).order_by(_EXAMS.c.number.desc())).all()
    sessions: Mapping[int, list[ExamSession]] = defaultdict(list)
    for row in connection.execute(select(_SESSIONS).order_by(_SESSIONS.c.starts_at, _SESSIONS.c.number)):
        sessions[row.exam].append(ExamSession(row.subject, row.starts_at, row.ends_at, row.latest_entry))
    candidates = func.count(_SEATINGS.c.id_number.distinct())
    seated = connection.execute(select(_SEATINGS.c.exam, candidates).group_by(_SEATINGS.c.exam))
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
    return Seating(row.id_number, row.exam_number, row.room, row.seat, row.place, row.subject)

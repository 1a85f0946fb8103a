"""Exams: set up here, seated by the platform's list or by rule, and kept, so that papers can be printed again."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Final

from kiosk.errors import ExchangeError
from kiosk.exchange import RowProblem
from kiosk.exchange.seat_file import SeatRow, read_seats
from kiosk.exchange.seating import Order, Seat, arrange
from kiosk.records import Exam, Message, Seating, Student, name_key
from kiosk.store import Store

Of = Callable[[Student], bool]
_DIGITS: Final = 4  # of the order in a number that is made here
_IMPORTED, _MADE = "imported", "made"
# What a list may know a student by, the surest first.
_KNOWN_BY: Final = ("id_number", "registration_number", "student_number", "exam_number")


@dataclass(frozen=True)
class SeatImport:
    """What a list of seats says about the roster. `missing` are on the roster and not in it: whoever does not take part."""

    seatings: tuple[Seating, ...]
    problems: tuple[RowProblem, ...]  # of cells
    unknown: tuple[SeatRow, ...]  # nobody on the roster: other schools' candidates, or a mistake
    differing: tuple[SeatRow, ...]  # found, under another name
    unnumbered: tuple[SeatRow, ...]  # without an exam number, here and there
    twice: tuple[SeatRow, ...]  # two rows that turn out to be one student
    missing: tuple[Student, ...] = ()
    overlooked: tuple[Message, ...] = ()  # sheets that were not read, rows that nobody sees

    @property
    def doubts(self) -> Mapping[str, Sequence[SeatRow]]:
        """Rows that don't fit the roster, by the code of the words for them."""
        return {f"seatlist.{name}": getattr(self, name) for name in ("differing", "unnumbered", "twice", "unknown")}

    @property
    def sound(self) -> bool:
        """Whether it can be taken: a wrong seat stays on printed papers."""
        return bool(self.seatings) and not (self.problems or self.differing or self.unnumbered or self.twice)


@dataclass(frozen=True)
class SeatRule:
    """How rooms are made here. With a `prefix` everybody gets a number made of it and an order; else the roster's counts."""

    per_room: int = 30
    order: Order = Order.MIXED
    prefix: str = ""


class Exams:
    """What the school does before an exam."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def all(self) -> Sequence[Exam]:
        """The newest first."""
        return self._store.exams.all()

    def get(self, number: int) -> Exam:
        """Raises StoreError("store.exam_unknown")."""
        return self._store.exams.get(number)

    def of(self, id_number: str) -> Sequence[tuple[Exam, Seating]]:
        """Where a student sits, in all exams."""
        return self._store.exams.seatings_of(id_number)

    def add(self, exam: Exam, *, by: str) -> Exam:
        """Set an exam up; raises StoreError."""
        return self._store.exams.add(exam, by=by)

    def change(self, exam: Exam, *, by: str) -> Exam:
        """Another title, site or other sessions; raises StoreError."""
        return self._store.exams.change(exam, by=by)

    def withdraw(self, number: int, *, reason: str, by: str) -> None:
        """Take an exam back; raises StoreError."""
        self._store.exams.withdraw(number, reason=reason, by=by)

    def preview(self, number: int, path: Path, columns: Mapping[str, str] | None = None) -> SeatImport:
        """Read a list of an exam's seats and hold it against the roster; nothing changes. Raises ExchangeError, StoreError."""
        reading = read_seats(path, columns, self.get(number).subjects)
        roster = self._store.roster.students()
        found = _match(reading.rows, roster)
        schools = _schools_of(found.seatings, roster)
        missing = tuple(one for one in found.missing if one.group.school in schools or not found.seatings)
        return replace(found, problems=reading.problems, overlooked=reading.overlooked, missing=missing)

    def take(self, number: int, path: Path, columns: Mapping[str, str] | None = None, *, by: str) -> SeatImport:
        """Give an exam the seats of a list, and no others of its schools. All or none: raises ExchangeError when the list is
        not sound, StoreError when a number or seat is another school's."""
        found = self.preview(number, path, columns)
        if not found.sound:
            raise ExchangeError("seating.list_unsound")
        kept = self._of_others(number, _schools_of(found.seatings, self._store.roster.students()))
        self._store.exams.seat(number, [*kept, *found.seatings], how=_IMPORTED, by=by)
        return found

    def plan(self, rule: SeatRule, of: Of = bool) -> list[Seat]:
        """Who would sit where by a rule; raises ExchangeError as `arrange` does."""
        return self._arranged(rule, of, ())

    def _arranged(self, rule: SeatRule, of: Of, kept: Sequence[Seating]) -> list[Seat]:
        schools = {school.key: at for at, school in enumerate(self._store.roster.schools())}
        students = [student for student in self._store.roster.students() if of(student)]
        students.sort(key=lambda student: schools[student.group.school])  # each school's numbers together, in its own order
        if rule.prefix:
            if not (rule.prefix.isascii() and rule.prefix.isalnum()):
                raise ExchangeError("seating.prefix")
            taken = {one.exam_number for one in kept}
            free = (number for at in count(1) if (number := f"{rule.prefix}{at:0{_DIGITS}d}") not in taken)
            students = [replace(one, exam_number=number) for one, number in zip(students, free, strict=False)]
        seats = arrange(students, per_room=rule.per_room, order=rule.order)
        used = {one.room.lstrip("0") for one in kept}
        rooms = dict(
            zip(dict.fromkeys(one.room for one in seats), (str(n) for n in count(1) if str(n) not in used), strict=False)
        )
        return [replace(one, room=rooms[one.room]) for one in seats]

    def _of_others(self, number: int, schools: Collection[str]) -> list[Seating]:
        """Seats of an exam of candidates of other schools than these."""
        of = {student.id_number: student.group.school for student in self._store.roster.ever()}
        kept = self._store.exams.seatings(number)
        return [one for one in kept if one.id_number in of and of[one.id_number] not in schools]

    def make(self, number: int, rule: SeatRule, of: Of = bool, *, by: str) -> list[Seat]:
        """Give an exam seats by a rule, and no others of the schools that are seated; raises ExchangeError."""
        kept = self._of_others(number, {one.group.school for one in self._store.roster.students() if of(one)})
        seats = self._arranged(rule, of, kept)
        made = [Seating(one.student.id_number, one.student.exam_number, one.room, one.number, one.place) for one in seats]
        self._store.exams.seat(number, [*kept, *made], how=_MADE, by=by)
        return seats

    def undo(self, number: int, *, by: str) -> int:
        """Take the last change of an exam's seats back; how many have one then. Raises StoreError."""
        return self._store.exams.undo(number, by=by)

    def seats(self, number: int) -> list[Seat]:
        """Who sits where, each student under the number of this exam; also who left the roster since. Each has one seat, or one
        for each subject."""
        seatings = self._store.exams.seatings(number)
        numbers = {one.id_number: one.exam_number for one in seatings}
        known = {
            student.id_number: replace(student, exam_number=numbers[student.id_number])
            for student in self._store.roster.ever()
            if student.id_number in numbers
        }
        return [
            Seat(one.room, one.seat, known[one.id_number], one.place, one.subject) for one in seatings if one.id_number in known
        ]


def _schools_of(seatings: Sequence[Seating], roster: Sequence[Student]) -> frozenset[str]:
    seated = {one.id_number for one in seatings}
    return frozenset(student.group.school for student in roster if student.id_number in seated)


def _match(rows: Sequence[SeatRow], roster: Sequence[Student]) -> SeatImport:
    by: dict[str, dict[str, list[Student]]] = {field: defaultdict(list) for field in _KNOWN_BY}
    for student in roster:
        for field in _KNOWN_BY:
            by[field][getattr(student, field).upper()].append(student)
    found = [(row, _find(row, by)) for row in rows]
    known = [(row, student) for row, student in found if student is not None]
    held = {(row.exam_number or student.exam_number or row.name, student.id_number) for row, student in known}
    holders, numbers = Counter(number for number, _ in held), Counter(who for _, who in held)
    seats = Counter((student.id_number, row.subject) for row, student in known)
    people = {student.id_number for _, student in known}
    seatings = [
        Seating(student.id_number, row.exam_number or student.exam_number, row.room, int(row.seat), row.place, row.subject)
        for row, student in known
    ]
    return SeatImport(
        tuple(seatings),
        (),
        unknown=tuple(row for row, student in found if student is None),
        differing=tuple(row for row, student in known if name_key(student.name) != name_key(row.name)),
        unnumbered=tuple(row for row, student in known if not (row.exam_number or student.exam_number)),
        twice=tuple(
            row
            for row, student in known
            if seats[student.id_number, row.subject] > 1
            or numbers[student.id_number] > 1
            or holders[row.exam_number or student.exam_number or row.name] > 1
        ),
        missing=tuple(student for student in roster if student.id_number not in people),
    )


def _find(row: SeatRow, by: Mapping[str, Mapping[str, Sequence[Student]]]) -> Student | None:
    """By the first of the numbers that the row has: where that is nobody's, no other one makes it somebody's. An exam number
    alone counts only where the roster has it."""
    told = next((field for field in _KNOWN_BY if getattr(row, field)), "")
    found = by[told].get(getattr(row, told).upper(), ()) if told else ()
    return found[0] if len(found) == 1 else None

"""Rosters in: looked at, marked up, taken."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path

from kiosk.errors import ExchangeError
from kiosk.exchange import RosterReading, RowProblem, TeacherReading, read_roster, read_teachers
from kiosk.exchange.marked_up import write_marked_up
from kiosk.office.exam_numbers import ExamNumbers, match
from kiosk.records import Message, Student
from kiosk.store import Departure, RosterChange, Store


@dataclass(frozen=True)
class RosterImport:
    """What came of a roster file: rows read = taken + refused."""

    taken: int
    refused: int
    added: int
    changed: int
    gone: int
    problems: tuple[RowProblem, ...]
    warnings: tuple[RowProblem, ...] = ()


@dataclass(frozen=True)
class RosterPreview:
    """What a file says and what taking it would do."""

    reading: RosterReading
    change: RosterChange


class Rosters:
    """The school's lists."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def preview(self, path: Path, columns: Mapping[str, str] | None = None) -> RosterPreview:
        """Read a file and compare it with the roster; nothing changes. `columns` corrects what headers were understood as."""
        reading = read_roster(path, columns)
        return RosterPreview(reading, self._store.roster.preview(self._completed(reading)))

    def take(self, path: Path, columns: Mapping[str, str] | None = None, *, actor: str = "") -> RosterImport:
        """Make a file's good rows the roster; raises ExchangeError when the file itself can't be read, StoreError after the
        deadline."""
        reading = read_roster(path, columns)
        change = self._store.roster.replace_or_update(self._completed(reading), actor=actor)
        return RosterImport(
            taken=len(reading.students),
            refused=reading.rows_refused,
            added=len(change.added),
            changed=len(change.changed),
            gone=len(change.gone),
            problems=reading.problems,
            warnings=reading.warnings,
        )

    def search(self, text: str, most: int = 8) -> Sequence[Student]:
        """Students by a part of their name, or by how their number begins or ends."""
        return self._store.roster.search(text, most)

    def _completed(self, reading: RosterReading) -> list[Student]:
        """What the file says; where it has no column for something, what the roster knew before stays (exam numbers, say)."""
        told = {column.field for column in reading.columns}
        silent = [field.name for field in fields(Student) if field.name not in told]
        known = {student.id_number: student for student in self._store.roster.students()}
        return [
            replace(student, **{name: getattr(known[student.id_number], name) for name in silent})
            if student.id_number in known
            else student
            for student in reading.students
        ]

    def mark_up(self, path: Path, out: Path, say: Callable[[Message], str], columns: Mapping[str, str] | None = None) -> None:
        """Write the file again with its bad cells marked and commented."""
        reading = read_roster(path, columns)
        write_marked_up(path, out, reading.problems, reading.warnings, say=say)

    def preview_exam_numbers(self, path: Path, columns: Mapping[str, str] | None = None) -> ExamNumbers:
        """Read a list with exam numbers and hold it against the roster; nothing changes."""
        return match(read_roster(path, columns), self._store.roster.students())

    def take_exam_numbers(self, path: Path, columns: Mapping[str, str] | None = None, *, actor: str = "") -> ExamNumbers:
        """Enter a list's exam numbers; raises ExchangeError when it is not sound. The rest of the roster stays as it is."""
        found = self.preview_exam_numbers(path, columns)
        if not found.sound:
            raise ExchangeError("exam_numbers.unsound")
        self._store.roster.assign_exam_numbers(found.assigned, actor=actor)
        return found

    def students(self) -> Sequence[Student]:
        """Everybody on the roster, in its order."""
        return self._store.roster.students()

    def departures(self) -> Sequence[Departure]:
        """Who left the roster, the latest first."""
        return self._store.roster.departures()

    def read_teachers(self, path: Path, columns: Mapping[str, str] | None = None) -> TeacherReading:
        """Read the teachers' sheet; they may teach the classes of the roster only."""
        classes = {student.class_name for student in self._store.roster.students()}
        return read_teachers(path, classes, columns)

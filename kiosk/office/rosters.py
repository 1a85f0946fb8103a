"""Rosters in: looked at, marked up, taken."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from pathlib import Path
from typing import Final

from kiosk.errors import ExchangeError
from kiosk.exchange import RosterReading, RowProblem, TeacherReading, read_roster, read_teachers
from kiosk.exchange.marked_up import write_marked_up
from kiosk.office.exam_numbers import ExamNumbers, match
from kiosk.office.numbers_given import given_before
from kiosk.records import Correction, Message, SchoolName, Student, name_key
from kiosk.store import Departure, Given, RosterChange, Store
from kiosk.store.schools import spelling, spelt
from kiosk.surrogate import is_surrogate, surrogate


class ImportMode(StrEnum):
    """Who leaves the roster when a file is taken. Nobody ever does whose row is in the file and could not be read, nor whose
    school is not in it."""

    ADD = "add"  # 追加、更新: nobody
    GROUPS = "groups"  # 按年级班级替换: those of the file's grades and classes who are not in it
    WHOLE = "whole"  # 整校替换: everybody of its schools who is not in it


@dataclass(frozen=True)
class RosterImport:
    """What came of a roster file: rows read = taken + repeated + refused."""

    taken: int
    refused: int
    added: int
    changed: int
    gone: int
    problems: tuple[RowProblem, ...]
    warnings: tuple[RowProblem, ...] = ()
    elsewhere: int = 0  # of those taken: they stay where they stand, under another school


@dataclass(frozen=True)
class Elsewhere:
    """A row of a file about somebody who stands on the roster under another school."""

    sheet: str
    row: int
    before: Student
    after: Student


@dataclass(frozen=True)
class RosterPreview:
    """What a file says and what taking it in a mode would do. `kept` stay although the mode would have them leave: a row about
    them could not be read. `corrected` have something that was put right here, which the file has as it was before: it stays.
    `gone_by` counts who would leave in each mode."""

    reading: RosterReading
    change: RosterChange
    kept: tuple[Student, ...] = ()
    corrected: tuple[Student, ...] = ()
    gone_by: Mapping[ImportMode, int] = field(default_factory=dict)
    elsewhere: tuple[Elsewhere, ...] = ()


class Rosters:
    """The school's lists."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def preview(
        self,
        path: Path,
        columns: Mapping[str, str] | None = None,
        *,
        mode: ImportMode = ImportMode.WHOLE,
        school: str = "",
        transfer: bool = False,
    ) -> RosterPreview:
        """Read a file and compare it with the roster; nothing changes. `columns` corrects what headers were understood as;
        `school` (name or code) is that of rows that name none. Raises ExchangeError as `take`."""
        reading, students, corrected = self._read(path, columns, school, transfer=transfer)
        change = self._store.roster.preview(students, transfer=transfer)
        places = {filed.id_number: place for filed, place in zip(students, reading.places, strict=False)}
        elsewhere = tuple(
            Elsewhere(*places.get(one.after.id_number, ("", 0)), one.before, one.after) for one in change.elsewhere
        )
        leaving = {one: _leaving(reading, students, one) for one in ImportMode}
        gone = {one: tuple(student for student in change.gone if leaving[one](student)) for one in ImportMode}
        counts = {one: len(listed) for one, listed in gone.items()}
        wanted = _wanted(students, mode)
        kept = tuple(student for student in change.gone if wanted(student) and not leaving[mode](student))
        return RosterPreview(reading, replace(change, gone=gone[mode]), kept, corrected, counts, elsewhere)

    def take(
        self,
        path: Path,
        columns: Mapping[str, str] | None = None,
        *,
        mode: ImportMode = ImportMode.WHOLE,
        school: str = "",
        transfer: bool = False,
        actor: str = "",
    ) -> RosterImport:
        """Take a file's good rows onto the roster. Who stands there under another school comes over with `transfer` only.

        Raises ExchangeError when the file can't be read, or nobody knows which `school` it is of, StoreError after the
        deadline.
        """
        reading, students, _ = self._read(path, columns, school, transfer=transfer)
        change = self._store.roster.replace_or_update(
            students,
            actor=actor,
            leaving=_leaving(reading, students, mode),
            in_order=mode is ImportMode.WHOLE,
            transfer=transfer,
        )
        return RosterImport(
            taken=len(reading.students),
            refused=reading.rows_refused,
            added=len(change.added),
            changed=len(change.changed),
            gone=len(change.gone),
            problems=reading.problems,
            warnings=reading.warnings,
            elsewhere=len(change.elsewhere),
        )

    def preview_listed(self, students: Sequence[Student], told: Collection[str]) -> tuple[RosterChange, tuple[Student, ...]]:
        """What taking the office's list of a whole school would do, which tells these fields; and who keeps something that was
        put right here."""
        completed, corrected = self._completed(
            told, self._of_schools(students, ""), self._store.roster.students(), transfer=False
        )
        return self._store.roster.preview(completed), corrected

    def take_listed(self, students: Sequence[Student], told: Collection[str], *, actor: str) -> RosterChange:
        """Take it; raises StoreError after the deadline."""
        completed, _ = self._completed(told, self._of_schools(students, ""), self._store.roster.students(), transfer=False)
        return self._store.roster.replace_or_update(completed, actor=actor)

    def undoable(self) -> RosterChange:
        """What `undo` would take back of the last import."""
        return self._store.roster.undoable()

    def undo(self, *, actor: str) -> RosterChange:
        """Take the last import back; raises StoreError when there is nothing to take back, or after the deadline."""
        return self._store.roster.undo(actor=actor)

    def search(self, text: str, most: int = 8) -> Sequence[Student]:
        """Students by a part of their name, or by how their number begins or ends."""
        return self._store.roster.search(text, most)

    def schools(self) -> Sequence[SchoolName]:
        """Those of the roster, in its order."""
        return self._store.roster.schools()

    def _read(
        self, path: Path, columns: Mapping[str, str] | None, school: str, *, transfer: bool
    ) -> tuple[RosterReading, list[Student], tuple[Student, ...]]:
        """A file, its students as they would be taken, and those whose corrections stay."""
        reading = self._reading(path, columns)
        told = {column.field for column in reading.columns}
        roster = self._store.roster.students()
        students, corrected = self._completed(told, self._of_schools(reading.students, school), roster, transfer=transfer)
        known = [*roster, *(one.student for one in self._store.roster.departures())]
        given = tuple(given_before(reading, students, known))
        warned = {"warnings": (*reading.warnings, *given), "warning_count": reading.warning_count + len(given)}
        return replace(reading, **warned), students, corrected  # type: ignore[arg-type]

    def _reading(self, path: Path, columns: Mapping[str, str] | None) -> RosterReading:
        return read_roster(path, columns, self._store.cases.shared_numbers())

    def _of_schools(self, filed: Sequence[Student], school: str) -> list[Student]:
        """Each with a school, spelt as the roster has it."""
        nameless = any(not one.school_name.key for one in filed)
        told = self._meant(school) if nameless else SchoolName()
        named = [one if one.school_name.key else replace(one, school=told.name, school_code=told.code) for one in filed]
        by = self._store.roster.spelling(named)
        return [spelt(one, by) for one in named]

    def _meant(self, school: str) -> SchoolName:
        """The school of a list that names none: the one that somebody chose, else the only one that there is."""
        own = self._store.school.get()
        known = dict.fromkeys([*filter(any, [SchoolName(own.name, own.code)]), *self._store.roster.schools()])
        schools = list(dict.fromkeys(map(spelling(SchoolName(own.name, own.code), known).__getitem__, known)))
        if school:
            found = [one for one in schools if school == one.code or name_key(school) == name_key(one.name)]
            if len(found) > 1:
                raise ExchangeError("roster.which_school", schools=_in_words(found))
            return found[0] if found else SchoolName(code=school) if school.isdigit() else SchoolName(school)
        if len(schools) > 1:
            raise ExchangeError("roster.which_school", schools=_in_words(schools))
        return schools[0] if schools else SchoolName()

    def _completed(
        self, told: Collection[str], filed_students: Sequence[Student], roster: Sequence[Student], *, transfer: bool
    ) -> tuple[list[Student], tuple[Student, ...]]:
        """What a list says that tells these fields, also within another cell (the grade in 高一(1)班). Of all others, what the
        roster knew before stays (exam numbers, say); and so does what was put right here, while the list says what was wrong:
        of whom, is told."""
        told = {*told, *_OF_SCHOOL}
        silent = [one.name for one in fields(Student) if one.name not in told]
        known = {student.id_number: student for student in roster}
        corrections = self._store.corrections.by_student()
        students, corrected = [], []
        decided = {key for one in self._store.cases.shared_numbers() for _, key in one.others}
        for filed in _keyed(filed_students, roster, decided):
            now = known.get(filed.id_number)
            if now is None or not (transfer or now.school_name.key in ("", filed.school_name.key)):
                students.append(filed)
                continue
            kept = _put_right(filed, now, corrections.get(filed.id_number, ()))
            students.append(
                replace(filed, **({name: getattr(now, name) for name in silent if not getattr(filed, name)} | kept))
            )
            if kept.keys() & told:
                corrected.append(students[-1])
        return students, tuple(corrected)

    def mark_up(self, path: Path, out: Path, say: Callable[[Message], str], columns: Mapping[str, str] | None = None) -> None:
        """Write the file again with its bad cells marked and commented."""
        reading = self._reading(path, columns)
        write_marked_up(path, out, reading.problems, reading.warnings, say=say, simulated=self._store.simulated)

    def preview_exam_numbers(self, path: Path, columns: Mapping[str, str] | None = None) -> ExamNumbers:
        """Read a list with exam numbers and hold it against the roster; nothing changes."""
        return match(self._reading(path, columns), self._store.roster.students())

    def take_exam_numbers(self, path: Path, columns: Mapping[str, str] | None = None, *, actor: str = "") -> ExamNumbers:
        """Enter a list's 考号, or 考籍号; raises ExchangeError when it is not sound. The rest of the roster stays as it is."""
        found = self.preview_exam_numbers(path, columns)
        if not found.sound:
            raise ExchangeError("exam_numbers.unsound")
        self._store.roster.assign_exam_numbers(found.assigned, actor=actor, field=found.field)
        return found

    def substitutes(self, students: Sequence[Student] | None = None) -> Sequence[Given]:
        """Who of these (on the roster) has no resident's number, each with the number by the exam office's rule, where one was
        given."""
        return self._store.substitutes.of(self._store.roster.students() if students is None else students)

    def substitutes_school(self) -> str:
        """The four digits that the last of these numbers began with; empty before the first."""
        return self._store.substitutes.school_code()

    def give_substitutes(self, school_code: str, *, actor: str, school: str = "") -> Sequence[Given]:
        """Give one to everybody of a school on the roster who needs it and has a birth date. It never changes and is never
        given again. `school` (name or code) may be empty where there is one: the four digits are a school's own.

        Raises KioskError("manual.school_code") unless the code has four digits, ExchangeError("roster.which_school").
        """
        students = self._store.roster.students()
        if len(self._store.roster.schools()) > 1:
            key = self._meant(school).key
            students = [one for one in students if one.group.school == key]
        return self._store.substitutes.give(students, school_code=school_code, by=actor)

    def count(self) -> int:
        """How many they are."""
        return self._store.roster.count()

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


_OF_SCHOOL: Final = frozenset({"school", "school_code"})


def _in_words(schools: Sequence[SchoolName]) -> str:
    return "、".join(" ".join(filter(None, one)) or "—" for one in schools)


def _keyed(filed: Sequence[Student], roster: Sequence[Student], decided: Collection[str]) -> Iterator[Student]:
    """Who has no number keeps the key that the roster has for them, also where their name was put right since; nobody else
    gets it then, whatever they are called. Keys that cases `decided` stand as they are."""

    def keyed(student: Student) -> bool:
        return is_surrogate(student.id_number) and student.id_number not in decided

    known = {_person(student): student.id_number for student in filter(keyed, roster)}
    without = [_person(student) for student in filter(keyed, filed)]
    claimed = {known[person] for person in without if person in known}
    for student in filed:
        number, person = student.id_number, _person(student)
        if keyed(student):
            school, name, sex, birth = person
            taken = number in claimed or any(number == key and of[0] != school for of, key in known.items())
            number = known.get(person) or (surrogate(name, sex, f"{birth} {school or 2}") if taken else number)
        yield student if number == student.id_number else replace(student, id_number=number)


def _person(student: Student) -> tuple[str, str, str, str]:
    """Whom the register takes for one person, in one school."""
    return student.school_name.key, name_key(student.name), student.sex, student.birth_text


def _put_right(filed: Student, now: Student, corrections: Sequence[Correction]) -> dict[str, str]:
    """Fields that the roster has as they were last put right, and the file as they were before."""
    last = {one.field: one.after for one in corrections}
    wrong = {(one.field, one.before) for one in corrections}
    return {
        field: after
        for field, after in last.items()
        if getattr(now, field) == after != getattr(filed, field) and (field, getattr(filed, field)) in wrong
    }


def _wanted(filed: Sequence[Student], mode: ImportMode) -> Callable[[Student], bool]:
    """Whom a mode takes off the roster, of those whom the file does not list."""
    if mode is ImportMode.ADD:
        return lambda _: False
    if mode is ImportMode.WHOLE:
        return lambda _: True
    groups = {student.group for student in filed}
    groups |= {group._replace(school="") for group in groups}  # whose school is named for the first time
    return lambda student: student.group in groups


def _leaving(reading: RosterReading, filed: Sequence[Student], mode: ImportMode) -> Callable[[Student], bool]:
    """The same, but for those whom a refused row is about: its number, or its name where the number can't be read."""
    wanted = _wanted(filed, mode)
    numbers = {row["id_number"] for row in reading.refused if row.get("id_number")}
    names = {name_key(row["name"]) for row in reading.refused if row.get("name")}
    # A refused row that does not even tell a name could be about anybody of its class, or of the school.
    unnamed = [
        (row.get("grade"), row.get("class_name")) for row in reading.refused if not (row.get("name") or row.get("id_number"))
    ]

    def leaving(student: Student) -> bool:
        if not wanted(student) or student.id_number in numbers or name_key(student.name) in names:
            return False
        return not any(
            grade in (None, student.grade) and class_name in (None, student.class_name) for grade, class_name in unnamed
        )

    return leaving

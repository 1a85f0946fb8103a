"""The school's lists: the roster as it is filed, roll-calls, the public list, who was never seen, who lacks a number, and what
the register said of names and numbers."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol, TypeVar

from kiosk.errors import ExchangeError, StoreError
from kiosk.exchange import RowProblem
from kiosk.exchange.file_names import file_name, marked
from kiosk.exchange.finding_file import FindingKind, FindingRow, read_findings
from kiosk.exchange.folder import write_file
from kiosk.exchange.progress_list import note_on
from kiosk.exchange.school_lists import Head, is_public, public_list, roll_call_sheets, roster_list
from kiosk.exchange.school_sheets import write_refused_numbers, write_requests, write_roll_call, write_unseen
from kiosk.office.jobs import Telling, untold
from kiosk.records import (
    ClassKey,
    Filing,
    Finding,
    IdCheck,
    Message,
    ProgressState,
    RollCall,
    SchoolName,
    Student,
    StudentProgress,
    name_key,
    school_words,
)
from kiosk.store import Store
from kiosk.surrogate import number_of

T = TypeVar("T")
T_contra = TypeVar("T_contra", contravariant=True)
Of = Callable[[Student], bool]
_LISTS: Final = "lists"
_TOGETHER: Final = 300  # students in one file: some seconds
# What of a student makes the roster. Exam numbers and consents come later, and change nothing of it.
_FILED: Final = (
    *("id_number", "name", "sex", "birth_text", "ethnicity", "document_type", "grade", "class_name", "stream"),
    *("school", "school_code", "student_number", "registration_number"),
)


class SheetWriter(Protocol[T_contra]):
    """How a list's rows become a sheet."""

    def __call__(self, rows: Sequence[T_contra], out: Path, /, *, schools: Sequence[SchoolName], simulated: bool) -> None: ...


@dataclass(frozen=True)
class Standing:
    """How a school's roster stands to what it filed last. `version`: what is printed on it; `words`: what the school is called
    beside others, empty where there is one."""

    school: SchoolName
    words: str
    digest: str
    students: int
    filed: Filing | None

    @property
    def changed(self) -> bool:
        """Whether it is another roster than the one that was filed, or none was."""
        return self.filed is None or self.filed.digest != self.digest

    @property
    def version(self) -> str:
        """`第 2 版`, or what says that it is none that was filed."""
        if self.filed is None:
            return "未备案"
        return f"第 {self.filed.version} 版{'之后有改动，未备案' if self.changed else ''}"


@dataclass(frozen=True)
class FindingImport:
    """What a list of findings says about the roster. `waiting` rows have nothing decided yet."""

    found: Mapping[str, tuple[RollCall | IdCheck, str]]  # by ID number
    problems: tuple[RowProblem, ...]
    unknown: tuple[FindingRow, ...]
    differing: tuple[FindingRow, ...]
    waiting: int
    overlooked: tuple[Message, ...]  # sheets that were not read, rows that nobody sees

    @property
    def doubts(self) -> Mapping[str, Sequence[FindingRow]]:
        """Rows that don't fit the roster, by the code of the words for them."""
        return {"findings.differing": self.differing, "findings.unknown": self.unknown}

    @property
    def sound(self) -> bool:
        return bool(self.found) and not (self.problems or self.differing)


@dataclass(frozen=True)
class Failure:
    """A number that the register refused. `mended`: something of the student was put right since: to be checked again."""

    student: Student
    found: Finding
    mended: bool


Unseen = tuple[Student, Finding | None, str]


@dataclass(frozen=True)
class Overview:
    """All of it at once. `roster`: everybody, whoever was asked for; `called`, `checked`: of how many a roll-call or the
    register found something."""

    roster: Sequence[Student]
    standings: Sequence[Standing]
    unseen: Sequence[Unseen]
    failures: Sequence[Failure]
    without_number: int
    called: int
    checked: int


class Lists:
    """Files are marked where everything is simulated, and known from then on: they are deleted with the rest."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def overview(self, of: Of = bool) -> Overview:
        """How it stands with these students."""
        entries = self._store.progress.students()
        everybody = [entry.student for entry in entries]
        students = [one for one in everybody if of(one)]
        calls, checks = self._store.lists.roll_calls.newest(), self._store.lists.id_checks.newest()
        return Overview(
            everybody,
            self._standings(everybody, students),
            _unseen(entries, of, calls),
            self._failures(students, checks),
            sum(not one.registration_number for one in students),
            called=sum(one.id_number in calls for one in students),
            checked=sum(one.id_number in checks for one in students),
        )

    def standings(self, of: Of = bool) -> list[Standing]:
        """Of each school that has some of these students, now: always of its whole roster, which is what it signs."""
        everybody = self._store.roster.students()
        return self._standings(everybody, [one for one in everybody if of(one)])

    def filings(self) -> Sequence[Filing]:
        """Of all schools, the newest first."""
        return self._store.lists.filings()

    def file(self, *, note: str, by: str, of: Of = bool) -> list[Filing]:
        """File the roster of each school that has some of these students, where it is another one than was filed last; raises
        StoreError when none is."""
        if not (standings := self.standings(of)):
            raise StoreError("store.filing_empty")
        return [
            self._store.lists.file(one.school.key, one.digest, one.students, note=note, by=by)
            for one in [one for one in standings if one.changed] or standings
        ]

    def print_roster(
        self, path: Path, told: Telling = untold, *, title: str, school: str = "", actor: str = "", of: Of = bool
    ) -> list[Path]:
        """花名册 to be signed, with version and digest on every page, a file for each school that has some of these students,
        a large one in parts of whole classes; raises ExchangeError for nobody."""
        students, written = _by_school(self._store.roster.students()), []
        standings = _some(self.standings(of))
        count = _Count(told, sum(one.students for one in standings))
        for one in standings:
            whose = students[one.school.key]
            head = self._head(title, one.words or school)
            for part, members in _parts(whose, lambda student: student):
                content = roster_list(members, head, version=one.version, digest=one.digest, whole=len(whose))
                written.append(self._write(_named(path, one.words, part), content, members, actor))
                count.add(len(members))
            detail = {"school": one.school.key, "version": one.version, "sha256": one.digest}
            self._store.audit.record("roster.print", actor=actor, **detail)
        return written

    def print_roll_call(
        self, path: Path, told: Telling = untold, *, title: str, school: str = "", actor: str = "", of: Of = bool
    ) -> list[Path]:
        """点名表 by class, files as of `print_roster`; raises ExchangeError for nobody."""
        students = _some([one for one in self._store.roster.students() if of(one)])
        count, written = _Count(told, len(students)), []
        for words, whose in self._apart(students):
            head = self._head(title, words or school)
            for part, members in _parts(whose, lambda student: student):
                written.append(self._write(_named(path, words, part), roll_call_sheets(members, head), members, actor))
                count.add(len(members))
        return written

    def print_public(
        self, path: Path, told: Telling = untold, *, title: str, school: str = "", actor: str = "", of: Of = bool
    ) -> list[Path]:
        """公示名单 by class, files as of `print_roster`: each school hangs up its own. Raises ExchangeError when nobody is
        captured."""
        shown = [one for one in self._store.progress.students() if of(one.student) and is_public(one)]
        count, written = _Count(told, len(_some(shown))), []
        for words, entries in schools_apart(shown, lambda one: one.student, self._store.roster.schools()):
            head = self._head(title, words or school)
            for part, members in _parts(entries, lambda one: one.student):
                whose = [one.student for one in members]
                written.append(self._write(_named(path, words, part), public_list(members, head), whose, actor))
                count.add(len(members))
        return written

    def write_roll_call(self, path: Path, *, actor: str = "", kept: bool = True, of: Of = bool) -> Path:
        """点名结果 to be filled in and read back; raises ExchangeError for nobody."""
        students = _some([one for one in self._store.roster.students() if of(one)])
        return self._sheet(path, write_roll_call, students, students, actor, kept=kept)

    def unseen(self, of: Of = bool) -> list[Unseen]:
        """空挂学籍: on the roster and never seen, or away by the roll-call and not captured; with what the roll-call found."""
        return _unseen(self._store.progress.students(), of, self._store.lists.roll_calls.newest())

    def write_unseen(self, path: Path, *, actor: str = "", kept: bool = True, of: Of = bool) -> Path:
        """空挂学籍 as a sheet for the 招办."""
        found = self.unseen(of)
        return self._sheet(path, write_unseen, found, [student for student, _, _ in found], actor, kept=kept)

    def without_number(self, of: Of = bool) -> list[Student]:
        """Who has no 考籍号 yet."""
        return [one for one in self._store.roster.students() if not one.registration_number and of(one)]

    def write_requests(self, path: Path, *, actor: str = "", kept: bool = True, of: Of = bool) -> Path:
        """考籍号申请表."""
        students = self.without_number(of)
        return self._sheet(path, write_requests, students, students, actor, kept=kept)

    def failures(self, of: Of = bool) -> list[Failure]:
        """Whose number the register refused last and has not passed since, in the roster's order."""
        students = [one for one in self._store.roster.students() if of(one)]
        return self._failures(students, self._store.lists.id_checks.newest())

    def write_failures(self, path: Path, *, actor: str = "", kept: bool = True, of: Of = bool) -> Path:
        """身份证验证未通过, by class."""
        found = self.failures(of)
        rows = [(one.student, one.found, one.mended) for one in found]
        return self._sheet(path, write_refused_numbers, rows, [one.student for one in found], actor, kept=kept)

    def preview(self, path: Path, kind: FindingKind, columns: Mapping[str, str] | None = None) -> FindingImport:
        """Read a list of findings and hold it against the roster; nothing changes. Raises ExchangeError."""
        reading = read_findings(path, kind, columns)
        found = list(zip(reading.rows, _whose(reading.rows, self._store.roster.students()), strict=True))
        known = [(row, student) for row, student in found if student is not None]
        outcome: Callable[[str], RollCall | IdCheck] = RollCall if kind == "roll_calls" else IdCheck
        return FindingImport(
            {student.id_number: (outcome(row.outcome), row.note) for row, student in known},
            reading.problems,
            unknown=tuple(row for row, student in found if student is None),
            differing=tuple(row for row, student in known if row.name and name_key(row.name) != name_key(student.name)),
            waiting=reading.waiting,
            overlooked=reading.overlooked,
        )

    def take(self, path: Path, kind: FindingKind, columns: Mapping[str, str] | None = None, *, by: str) -> FindingImport:
        """Enter a list of findings. All or none: raises ExchangeError when it is not sound."""
        found = self.preview(path, kind, columns)
        if not found.sound:
            raise ExchangeError("findings.unsound")
        lists = self._store.lists
        (lists.roll_calls if kind == "roll_calls" else lists.id_checks).enter(found.found, by=by)
        return found

    def _head(self, title: str, footer: str) -> Head:
        return Head(title, footer, self._store.roster.schools(), self._store.simulated)

    def _write(self, path: Path, content: bytes, whose: Sequence[Student], actor: str) -> Path:
        out = path.with_name(marked(path.name, simulated=self._store.simulated))
        write_file(out, content)
        self._store.written.note(_LISTS, out, [student.id_number for student in whose], by=actor)
        return out

    def _sheet(
        self, path: Path, write: SheetWriter[T], rows: Sequence[T], whose: Sequence[Student], actor: str, *, kept: bool
    ) -> Path:
        """`kept`: the file stays there, and is not on its way to a browser."""
        out = path.with_name(marked(path.name, simulated=self._store.simulated))
        write(rows, out, schools=self._store.roster.schools(), simulated=self._store.simulated)
        if kept:
            self._store.written.note(_LISTS, out, [student.id_number for student in whose], by=actor)
        self._store.audit.record("lists.write", actor=actor, file=out.name, students=len(whose))
        return out

    def _standings(self, everybody: Sequence[Student], students: Sequence[Student]) -> list[Standing]:
        schools, by_school = self._store.roster.schools(), _by_school(everybody)
        wanted = {student.group.school for student in students}
        filed = {one.school: one for one in reversed(self._store.lists.filings())}
        return [
            Standing(one, school_words(one, schools), digest_of(whole := by_school[one.key]), len(whole), filed.get(one.key))
            for one in schools
            if one.key in wanted
        ]

    def _failures(self, students: Sequence[Student], checks: Mapping[str, Finding]) -> list[Failure]:
        corrections = self._store.corrections.by_student()
        failed = [(one, found) for one in students if (found := checks.get(one.id_number)) and found.outcome == IdCheck.FAILED]
        return [
            Failure(one, found, any(correction.at > found.at for correction in corrections.get(one.id_number, ())))
            for one, found in failed
        ]

    def _apart(self, students: Sequence[Student]) -> list[tuple[str, list[Student]]]:
        return schools_apart(students, lambda student: student, self._store.roster.schools())


def schools_apart(entries: Sequence[T], of: Callable[[T], Student], schools: Sequence[SchoolName]) -> list[tuple[str, list[T]]]:
    """Each school's own, in the roster's order, with what the school is called beside the others: for a paper of its own."""
    found: dict[str, list[T]] = defaultdict(list)
    for entry in entries:
        found[of(entry).group.school].append(entry)
    return [(school_words(one, schools), found[one.key]) for one in schools if one.key in found]


def _by_school(students: Sequence[Student]) -> Mapping[str, list[Student]]:
    found: dict[str, list[Student]] = defaultdict(list)
    for student in students:
        found[student.group.school].append(student)
    return dict(found)


def _unseen(entries: Sequence[StudentProgress], of: Of, calls: Mapping[str, Finding]) -> list[Unseen]:
    found: list[Unseen] = []
    for entry in entries:
        if not of(entry.student):
            continue
        call = calls.get(entry.student.id_number)
        away = call is not None and call.outcome in (RollCall.NOT_HERE, RollCall.LEFT)
        if entry.state is ProgressState.NOT_SEEN or (away and not entry.captured):
            found.append((entry.student, call, note_on(entry)))
    return found


def _whose(rows: Sequence[FindingRow], roster: Sequence[Student]) -> list[Student | None]:
    """Whose row each is: by the number; who has none of any kind, by a name that nobody else without one has."""
    numbers, names = {}, defaultdict(list)
    for student in roster:
        if number := number_of(student.id_number).upper():
            numbers[number] = student
        else:
            names[name_key(student.name)].append(student)
    found: list[Student | None] = []
    for row in rows:
        alike = names[name_key(row.name)] if not row.id_number else []
        found.append(alike[0] if len(alike) == 1 else numbers.get(row.id_number))
    return found


def _named(path: Path, words: str, part: str) -> Path:
    """A file beside those of other schools, and beside its other parts."""
    named = "-".join(filter(None, (path.stem, words, part)))
    return path.with_name(file_name(named, path.suffix)) if words or part else path


def _parts(entries: Sequence[T], of: Callable[[T], Student]) -> Iterator[tuple[str, list[T]]]:
    """Whole classes together, some hundred students at a time, and what to call them; all in one where there are no more."""
    classes: dict[ClassKey, list[T]] = defaultdict(list)
    for entry in entries:
        classes[of(entry).group].append(entry)
    parts: list[list[T]] = [[]]
    for found in classes.values():
        if parts[-1] and len(parts[-1]) + len(found) > _TOGETHER:
            parts.append([])
        parts[-1] += found
    return ((str(at) if len(parts) > 1 else "", members) for at, members in enumerate(parts, start=1))


class _Count:
    """Tells how many are printed."""

    def __init__(self, told: Telling, total: int) -> None:
        self._told, self._total, self._done = told, total, 0
        told(0, total)

    def add(self, more: int) -> None:
        self._done += more
        self._told(self._done, self._total)


def digest_of(students: Sequence[Student]) -> str:
    """SHA-256 over the roster's rows in canonical form: JSON, ASCII, one line a student, in the order of the ID numbers."""
    rows = sorted([getattr(student, name) for name in _FILED] for student in students)
    text = "\n".join(json.dumps(row, ensure_ascii=True, separators=(",", ":")) for row in rows)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def _some(found: Sequence[T]) -> Sequence[T]:
    if not found:
        raise ExchangeError("paper.nobody")
    return found

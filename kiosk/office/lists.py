"""The school's lists: the roster as it is filed, roll-calls, the public list, who was never seen, who lacks a number, and what
the register said of names and numbers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kiosk.errors import ExchangeError
from kiosk.exchange import RowProblem
from kiosk.exchange.file_names import marked
from kiosk.exchange.finding_file import FindingKind, FindingRow, read_findings
from kiosk.exchange.folder import write_file
from kiosk.exchange.progress_list import note_on
from kiosk.exchange.school_lists import Head, is_public, public_list, roll_call_sheets, roster_list
from kiosk.exchange.school_sheets import write_refused_numbers, write_requests, write_roll_call, write_unseen
from kiosk.records import Filing, Finding, IdCheck, ProgressState, RollCall, Student, name_key
from kiosk.store import Store
from kiosk.surrogate import number_of

Of = Callable[[Student], bool]
_LISTS: Final = "lists"
# What of a student makes the roster. Exam numbers and consents come later, and change nothing of it.
_FILED: Final = (
    *("id_number", "name", "sex", "birth_text", "ethnicity", "document_type", "grade", "class_name", "stream"),
    *("school", "school_code", "student_number", "registration_number"),
)


@dataclass(frozen=True)
class Standing:
    """How the roster stands to what was filed last. `version`: what is printed on it."""

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

    @property
    def sound(self) -> bool:
        return bool(self.found) and not (self.problems or self.differing)


@dataclass(frozen=True)
class Failure:
    """A number that the register refused. `mended`: something of the student was put right since: to be checked again."""

    student: Student
    found: Finding
    mended: bool


class Lists:
    """Files are marked where everything is simulated, and known from then on: they are deleted with the rest."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def standing(self) -> Standing:
        """Of the whole roster, now."""
        students = self._store.roster.students()
        return Standing(digest_of(students), len(students), next(iter(self._store.lists.filings()), None))

    def filings(self) -> Sequence[Filing]:
        """The newest first."""
        return self._store.lists.filings()

    def file(self, *, note: str, by: str) -> Filing:
        """File the roster as it is now; raises StoreError when it is empty or the same as the last version."""
        now = self.standing()
        return self._store.lists.file(now.digest, now.students, note=note, by=by)

    def print_roster(self, path: Path, *, title: str, school: str = "", actor: str = "") -> Path:
        """花名册 to be signed, with version and digest on every page; raises ExchangeError for nobody."""
        students, now = self._store.roster.students(), self.standing()
        content = roster_list(_some(students), self._head(title, school), version=now.version, digest=now.digest)
        written = self._write(path, content, students, actor)
        self._store.audit.record("roster.print", actor=actor, version=now.version, sha256=now.digest)
        return written

    def print_roll_call(self, path: Path, *, title: str, school: str = "", actor: str = "", of: Of = bool) -> Path:
        """点名表 by class; raises ExchangeError for nobody."""
        students = _some([one for one in self._store.roster.students() if of(one)])
        content = roll_call_sheets(students, self._head(title, school))
        return self._write(path, content, students, actor)

    def print_public(self, path: Path, *, title: str, school: str = "", actor: str = "", of: Of = bool) -> Path:
        """公示名单; raises ExchangeError when nobody is captured."""
        entries = [one for one in self._store.progress.students() if of(one.student)]
        shown = _some([one.student for one in entries if is_public(one)])
        content = public_list(entries, self._head(title, school))
        return self._write(path, content, shown, actor)

    def write_roll_call(self, path: Path, *, actor: str = "", kept: bool = True, of: Of = bool) -> Path:
        """点名结果 to be filled in and read back; raises ExchangeError for nobody."""
        students = _some([one for one in self._store.roster.students() if of(one)])
        return self._sheet(
            path, lambda out: write_roll_call(students, out, simulated=self._store.simulated), students, actor, kept=kept
        )

    def unseen(self) -> list[tuple[Student, Finding | None, str]]:
        """空挂学籍: on the roster and never seen, or away by the roll-call and not captured; with what the roll-call found."""
        calls = self._store.lists.roll_calls.newest()
        found = []
        for entry in self._store.progress.students():
            call = calls.get(entry.student.id_number)
            away = call is not None and call.outcome in (RollCall.NOT_HERE, RollCall.LEFT)
            if entry.state is ProgressState.NOT_SEEN or (away and not entry.captured):
                found.append((entry.student, call, note_on(entry)))
        return found

    def write_unseen(self, path: Path, *, actor: str = "", kept: bool = True) -> Path:
        """空挂学籍 as a sheet for the 招办."""
        found = self.unseen()
        whose = [student for student, _, _ in found]
        return self._sheet(path, lambda out: write_unseen(found, out, simulated=self._store.simulated), whose, actor, kept=kept)

    def without_number(self) -> list[Student]:
        """Who has no 考籍号 yet."""
        return [one for one in self._store.roster.students() if not one.registration_number]

    def write_requests(self, path: Path, *, actor: str = "", kept: bool = True) -> Path:
        """考籍号申请表."""
        students = self.without_number()
        return self._sheet(
            path, lambda out: write_requests(students, out, simulated=self._store.simulated), students, actor, kept=kept
        )

    def called(self) -> Mapping[str, Finding]:
        """What the last roll-call found, by ID number."""
        return self._store.lists.roll_calls.newest()

    def failures(self) -> list[Failure]:
        """Whose number the register refused last and has not passed since, in the roster's order."""
        checks, corrections = self._store.lists.id_checks.newest(), self._store.corrections.by_student()
        failed = [
            (one, checks[one.id_number])
            for one in self._store.roster.students()
            if one.id_number in checks and checks[one.id_number].outcome == IdCheck.FAILED
        ]
        return [
            Failure(one, found, any(correction.at > found.at for correction in corrections.get(one.id_number, ())))
            for one, found in failed
        ]

    def checked(self) -> int:
        """Of how many on the roster the register said something."""
        known = self._store.lists.id_checks.newest()
        return sum(one.id_number in known for one in self._store.roster.students())

    def write_failures(self, path: Path, *, actor: str = "", kept: bool = True) -> Path:
        """身份证验证未通过, by class."""
        found = [(one.student, one.found, one.mended) for one in self.failures()]
        return self._sheet(
            path,
            lambda out: write_refused_numbers(found, out, simulated=self._store.simulated),
            [one[0] for one in found],
            actor,
            kept=kept,
        )

    def preview(self, path: Path, kind: FindingKind, columns: Mapping[str, str] | None = None) -> FindingImport:
        """Read a list of findings and hold it against the roster; nothing changes. Raises ExchangeError."""
        reading = read_findings(path, kind, columns)
        roster = {number_of(one.id_number).upper(): one for one in self._store.roster.students() if number_of(one.id_number)}
        known = [(row, roster[row.id_number]) for row in reading.rows if row.id_number in roster]
        outcome: Callable[[str], RollCall | IdCheck] = RollCall if kind == "roll_calls" else IdCheck
        return FindingImport(
            {student.id_number: (outcome(row.outcome), row.note) for row, student in known},
            reading.problems,
            unknown=tuple(row for row in reading.rows if row.id_number not in roster),
            differing=tuple(row for row, student in known if row.name and name_key(row.name) != name_key(student.name)),
            waiting=reading.waiting,
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

    def _sheet(self, path: Path, write: Callable[[Path], None], whose: Sequence[Student], actor: str, *, kept: bool) -> Path:
        """`kept`: the file stays there, and is not on its way to a browser."""
        out = path.with_name(marked(path.name, simulated=self._store.simulated))
        write(out)
        if kept:
            self._store.written.note(_LISTS, out, [student.id_number for student in whose], by=actor)
        self._store.audit.record("lists.write", actor=actor, file=out.name, students=len(whose))
        return out


def digest_of(students: Sequence[Student]) -> str:
    """SHA-256 over the roster's rows in canonical form: JSON, ASCII, one line a student, in the order of the ID numbers."""
    rows = sorted([getattr(student, name) for name in _FILED] for student in students)
    text = "\n".join(json.dumps(row, ensure_ascii=True, separators=(",", ":")) for row in rows)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def _some(students: Sequence[Student]) -> Sequence[Student]:
    if not students:
        raise ExchangeError("paper.nobody")
    return students

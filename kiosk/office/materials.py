"""材料与存档, and what the school hands out about students without a resident's number."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

from kiosk.errors import KioskError
from kiosk.exchange.file_names import file_name, free_name, marked
from kiosk.exchange.folder import write_file
from kiosk.exchange.material_file import MaterialReading, MaterialRow, read_materials
from kiosk.exchange.material_list import in_boxes, print_boxes, print_materials, write_materials
from kiosk.exchange.school_letters import Certified, certificates, slips
from kiosk.office.jobs import Telling
from kiosk.records import BiometricKind, Leaving, Material, Message, Person, Student, StudentMaterials, name_key
from kiosk.store import Given, Store
from kiosk.surrogate import NO_NUMBER

Of = Callable[[Student], bool]
T = TypeVar("T")

_AT_ONCE: Final = 300  # of a paper, in one file
_KIND: Final = "lists"
_MOST_TOLD: Final = 5  # cells of a list that are named


class MaterialPaper(StrEnum):
    """What there is to print."""

    LIST = "list"  # 材料清单
    BOXES = "boxes"  # 存档清单
    CERTIFICATES = "certificates"  # 在校就读证明
    SLIPS = "slips"  # 代用号码告知单


_NAMES: Final = {
    MaterialPaper.LIST: "材料清单",
    MaterialPaper.BOXES: "存档清单",
    MaterialPaper.CERTIFICATES: "在校就读证明",
    MaterialPaper.SLIPS: "代用号码告知单",
}
_SETTING: Final = {MaterialPaper.CERTIFICATES: certificates, MaterialPaper.SLIPS: slips}


@dataclass(frozen=True)
class MaterialImport:
    """What came of a list: papers that are new, papers in another box, and those whom the roster does not know for certain."""

    new: int
    boxed: int
    unknown: tuple[str, ...]
    overlooked: tuple[Message, ...] = ()  # of the file: what was not read


@dataclass(frozen=True)
class _Part:
    """A file of a paper: whose data lie in it, and how it is set."""

    whose: Sequence[str]
    set: Callable[[], bytes]


class Materials:
    """The check-list of every student."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def kinds(self) -> Sequence[str]:
        """What is asked of everybody."""
        return self._store.materials.kinds()

    def set_kinds(self, names: Sequence[str], *, by: Person) -> None:
        """Ask for these; raises StoreError for none."""
        self._store.materials.set_kinds(names, by=by)

    def all(self, of: Of = bool) -> list[StudentMaterials]:
        """Everybody on the roster whom `of` picks, in its order."""
        kinds, there = self.kinds(), self._store.materials.all()
        return [_standing(one, there.get(one.id_number, {}), kinds) for one in self._store.roster.students() if of(one)]

    def hand_in(self, students: Sequence[Student], kinds: Sequence[str], *, handed_by: str, by: Person) -> int:
        """Enter papers as handed in; how many are new."""
        _require_kinds(kinds)
        return self._store.materials.hand_in([one.id_number for one in students], kinds, handed_by=handed_by, by=by)

    def put_in_box(self, students: Sequence[Student], kinds: Sequence[str], box: str, *, by: Person) -> int:
        """These papers lie in a box; how many."""
        _require_kinds(kinds)
        return self._store.materials.put_in_box([one.id_number for one in students], kinds, box, by=by)

    def give_back(self, student: Student, kind: str, *, by: Person) -> None:
        """A paper went back to the student."""
        self._store.materials.give_back(student.id_number, kind, by=by)

    def read(self, path: Path) -> MaterialReading:
        """A list that a class keeps: a column for each paper, or a line for each. Raises ExchangeError."""
        return read_materials(path, self.kinds())

    def take(self, reading: MaterialReading, *, by: Person) -> MaterialImport:
        """Enter a list. Nothing is taken back: a paper that the list lacks stays. All or nothing: raises
        KioskError("material.list_refused") while a cell can't be read."""
        if reading.problems:
            first = tuple(
                Message("ui.law.row", {"row": one.row, "column": one.column, "problem": one.message})
                for one in reading.problems[:_MOST_TOLD]
            )
            raise KioskError("material.list_refused", count=len(reading.problems), problems=first)
        roster, at = self._store.roster.students(), self._store.audit.now()
        find = _finder(roster, self._store.substitutes.of(roster))
        told: dict[tuple[str, str], Material] = {}
        unknown = []
        for row in reading.rows:
            student = find(row)
            if student is None:
                unknown.append(row.name)
                continue
            for kind in row.kinds:
                before = told.get((student.id_number, kind))
                handed_by, box = (
                    row.handed_by or (before.handed_by if before else ""),
                    row.box or (before.box if before else ""),
                )
                told[student.id_number, kind] = Material(kind, handed_by, by.name, at, box)
        new, boxed = self._store.materials.take_list([(number, one) for (number, _), one in told.items()], by=by)
        return MaterialImport(new, boxed, tuple(dict.fromkeys(unknown)), reading.overlooked)

    def write(self, path: Path, of: Of = bool) -> None:
        """As .xlsx; a class can fill it in, and it is taken back."""
        schools = self._store.roster.schools()
        write_materials(self.all(of), self.kinds(), path, schools=schools, simulated=self._store.simulated)

    def papers(self, which: MaterialPaper, folder: Path, progress: Telling, *, of: Of = bool, by: str) -> list[Path]:
        """Set one of the papers as PDF files of some hundred students each, whole classes and boxes together.

        Raises KioskError("paper.nobody"), "letter.nobody" and "letter.no_numbers" when there is nobody to set it for.
        """
        parts, whole = self._parts(which, of, by), []
        done, total = 0, sum(len(part.whose) for part in parts)
        for at, part in enumerate(parts, start=1):
            name = f"{_NAMES[which]}-{at}" if len(parts) > 1 else _NAMES[which]
            path = free_name(folder, file_name(marked(name, simulated=self._store.simulated), ".pdf"))
            write_file(path, part.set())
            self._store.written.note(_KIND, path, part.whose, by=by)
            whole.append(path)
            done += len(part.whose)
            progress(done, total)
        return whole

    def leavings(self) -> Mapping[str, tuple[Leaving, str]]:
        """Why students left the roster, as somebody said."""
        return self._store.materials.leavings()

    def say_why_left(self, student: Student, cause: Leaving, note: str, *, by: Person) -> None:
        """Enter why one of them left."""
        self._store.materials.say_why_left(student.id_number, cause, note, by=by)

    def _parts(self, which: MaterialPaper, of: Of, by: str) -> list[_Part]:
        footer, schools, made_up = self._store.school.get().name, self._store.roster.schools(), self._store.simulated
        set_list = partial(print_materials, kinds=self.kinds(), footer=footer, schools=schools, simulated=made_up)
        set_boxes = partial(print_boxes, footer=footer, schools=schools, simulated=made_up)
        if which is MaterialPaper.LIST:
            found = [(one.student.id_number, one) for one in self.all(of)]
            classes = _together(found, lambda one: one.student.group)
            parts = [_Part(whose, partial(set_list, some)) for whose, some in classes]
        elif which is MaterialPaper.BOXES:
            boxed = [(paper[1].student.id_number, paper) for paper in in_boxes(self.all(of))]
            boxes = _together(boxed, lambda paper: (paper[0], "" if paper[0] else paper[1].student.group))
            parts = [_Part(whose, partial(set_boxes, some)) for whose, some in boxes]
        else:
            parts = self._letters(which, of, by)
        if not parts:
            raise KioskError("paper.nobody")
        return parts

    def _letters(self, which: MaterialPaper, of: Of, by: str) -> list[_Part]:
        """在校就读证明 of those without a resident's number, or what tells them their substitute number."""
        given = self._store.substitutes.of([one for one in self._store.roster.students() if of(one)])
        if which is MaterialPaper.CERTIFICATES:
            others = {key for shared in self._store.cases.shared_numbers() for _, key in shared.others}  # they have a number
            given = [one for one in given if one.student.id_number not in others]
        if not given:
            raise KioskError("letter.nobody")
        if which is MaterialPaper.SLIPS and not (given := [one for one in given if one.number]):
            raise KioskError("letter.no_numbers")
        self._store.audit.record(f"letter.{which}", actor=by, students=len(given))
        setting, own, made_up = _SETTING[which], self._store.school.get(), self._store.simulated

        def set_part(some: Sequence[Given]) -> bytes:
            faces = which is MaterialPaper.CERTIFICATES
            people = [Certified(one.student, self._portrait(one.student) if faces else None, one.number) for one in some]
            return setting(people, own, simulated=made_up)

        parts = _together([(one.student.id_number, one) for one in given], lambda one: one.student.id_number)
        return [_Part(whose, partial(set_part, some)) for whose, some in parts]

    def _portrait(self, student: Student) -> bytes | None:
        record = self._store.captures.latest_complete(student.id_number)
        return self._store.captures.biometric(record.id, BiometricKind.PORTRAIT) if record else None


def _standing(student: Student, there: Mapping[str, Material], kinds: Sequence[str]) -> StudentMaterials:
    return StudentMaterials(student, there, tuple(kind for kind in kinds if kind not in there))


def _require_kinds(kinds: Sequence[str]) -> None:
    if not kinds:
        raise KioskError("material.no_kind")


def _together(found: Sequence[tuple[str, T]], what: Callable[[T], Hashable]) -> list[tuple[list[str], list[T]]]:
    """In parts of some hundred, with whose they are; neighbours that have `what` in common stay in one."""
    parts: list[tuple[list[str], list[T]]] = []
    last: Hashable = None
    for number, one in found:
        if not parts or (len(parts[-1][1]) >= _AT_ONCE and what(one) != last):
            parts.append(([], []))
        parts[-1][0].append(number)
        parts[-1][1].append(one)
        last = what(one)
    return parts


def _finder(roster: Sequence[Student], given: Sequence[Given]) -> Callable[[MaterialRow], Student | None]:
    """Whom a row is about: by number (a substitute one too), by 考籍号, else by name, where one alone of the roster has it,
    or of the class and school that the row names. A number that the roster has under another name is nobody's."""
    by_number = {one.id_number: one for one in roster} | {one.number: one.student for one in given if one.number}
    by_registration = {one.registration_number: one for one in roster if one.registration_number}
    by_name: dict[str, list[Student]] = {}
    for one in roster:
        by_name.setdefault(name_key(one.name), []).append(one)

    def find(row: MaterialRow) -> Student | None:
        name, number = name_key(row.name), row.number.upper() if row.number != NO_NUMBER else ""
        if number or row.registration_number:
            found = by_number.get(number) or by_registration.get(row.registration_number)
            return found if found is not None and name_key(found.name) == name else None
        told = (name_key(row.school), row.grade, row.class_name)
        near = [
            one
            for one in by_name.get(name, ())
            if all(said in ("", own) for said, own in zip(told, (name_key(one.school), one.grade, one.class_name), strict=True))
        ]
        return near[0] if len(near) == 1 else None

    return find

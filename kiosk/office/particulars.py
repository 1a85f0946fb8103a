"""学生信息: what parents filled in, looked at, taken, checked by everybody whom it concerns, and put right."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kiosk.errors import ExchangeError, KioskError
from kiosk.exchange import ExportRow, particulars_sheets
from kiosk.exchange.file_names import file_name, free_name, marked
from kiosk.exchange.folder import write_file
from kiosk.exchange.forms import class_title
from kiosk.exchange.particulars import ITEMS, ParticularsReading, read_particulars, value_of, write_list
from kiosk.office.particulars_match import Finder
from kiosk.office.particulars_standing import Of, Standing, Standings, stand
from kiosk.records import ClassKey, Message, ParticularsEntry, ParticularsImport, Person, SchoolName, Student
from kiosk.store import Store, changes
from kiosk.tables.cells import Unreadable
from kiosk.tables.mending import doubt_of, mended
from kiosk.tables.particulars import check

_KIND: Final = "particulars"  # of a paper
KEY: Final = "id_number"  # whose row it is


@dataclass(frozen=True)
class Unmatched:
    """A row that is about nobody on the roster, or nobody knows about whom."""

    sheet: str
    row: int
    name: str
    message: Message


@dataclass(frozen=True)
class Change:
    """What taking a file would do to a student's items: by field, what was known and what is told. `group` is what the class is
    called."""

    student: Student
    group: str
    items: Mapping[str, tuple[str, str]]


@dataclass(frozen=True)
class ParticularsPreview:
    """What a file says: students read = matched + unmatched. `changes` are those of whom it says something new."""

    reading: ParticularsReading
    matched: int
    unmatched: tuple[Unmatched, ...]
    changes: tuple[Change, ...]


class ParticularsDesk:
    """What the office does about the items."""

    def __init__(self, store: Store, station: str) -> None:
        self._store = store
        self._station = station
        self._standings = Standings(store)

    def preview(self, path: Path, columns: Mapping[str, str] | None = None, *, school: str = "") -> ParticularsPreview:
        """Read a file and hold it against the roster and what is known; nothing changes. `school` is the key of the one whose
        list it is: nobody else's students are touched. Raises ExchangeError, also where nobody knows which school it is of."""
        return self._look(read_particulars(path, columns), school)

    def take(self, path: Path, columns: Mapping[str, str] | None = None, *, source: str, by: Person, school: str = "") -> int:
        """Keep what a file tells of students on the roster; of how many there was something new. Raises ExchangeError as
        `preview`, and StoreError after the deadline."""
        seen = self._look(read_particulars(path, columns), school)
        told = {one.student.id_number: {field: after for field, (_, after) in one.items.items()} for one in seen.changes}
        return self._store.particulars.take(told, source=source, by=by)

    def last_import(self) -> ParticularsImport | None:
        """The one that can be taken back, if any: one step and no more."""
        return self._store.particulars.last_import()

    def schools_of(self, taken: ParticularsImport) -> list[SchoolName]:
        """Whose students an import was about, in the roster's order; who left it is known, too."""
        known = {one.id_number: one.school_name for one in self._store.roster.ever()}
        keys = {known[number].key for number in taken.id_numbers if number in known}
        return [one for one in self._store.roster.schools() if one.key in keys]

    def undo(self, *, by: Person, batch: str = "") -> int:
        """Take the last import back, the one that is meant by `batch`; raises StoreError when there is none, when it is another
        one by now, or after the deadline."""
        return self._store.particulars.undo(by=by, batch=batch)

    def standing(self, of: Of = bool) -> list[Standing]:
        """Everybody on the roster, in its order."""
        return self._standings.of(self._students(of))

    def row(self, student: Student) -> ExportRow:
        """All that is known of one student's items."""
        return next(self._standings.rows([student]))

    def of(self, student: Student) -> Standing:
        """How it stands with one student."""
        return stand(self.row(student))

    def history(self, student: Student) -> Sequence[ParticularsEntry]:
        """Who brought which items in, the newest first."""
        return self._store.particulars.history(student.id_number)

    @staticmethod
    def doubts(told: Mapping[str, str]) -> dict[str, Message]:
        """Items of a correction whose list is not from the notice, and does not have what is written: by field, what it has.
        They are taken as they are written."""
        found = {}
        for field, text in told.items():
            rule = ITEMS.column(field)
            if rule.open and (doubt := doubt_of(rule, text, _mended(field, text))) is not None:
                found[field] = doubt
        return found

    def correct(self, student: Student, told: Mapping[str, str], *, reason: str, by: Person) -> bool:
        """Put items right, as they would be written into the list; an empty one is taken out. False where nothing differs.

        Raises KioskError naming the first item that can't be taken, and as `Store.particulars.correct` does.
        """
        items = {field: _mended(field, text, student.grade) for field, text in told.items()}
        whole = {**self._store.particulars.of(student.id_number), **items, KEY: student.id_number}
        for field, message in check(whole).items():
            raise KioskError("particulars.item", item=ITEMS.column(field).header, problem=message)
        return self._store.particulars.correct(student.id_number, items, reason=reason, by=by)

    def write_list(self, path: Path, of: Of = bool, *, actor: str) -> None:
        """The list for parents or class teacher to fill in, with what is known. That it was made is kept."""
        rows = list(self._standings.rows(self._students(of)))
        write_list(rows, path)
        self._store.audit.record("particulars.list", actor=actor, students=len(rows))

    def sheets(self, of: Of, *, actor: str) -> bytes:
        """核对表 of these students, a page each, to be signed by student, parent, class teacher and principal, as PDF.

        That they were printed is kept. Raises ExchangeError.
        """
        students = self._students(of)
        content = self._sheets(students)
        self._store.audit.record("particulars.print", actor=actor, students=len(students))
        return content

    def write_sheets(self, folder: Path, of: Of = bool, *, actor: str) -> list[Path]:
        """The same, one file a class, into a folder. That they were printed is kept."""
        written = []
        classes: dict[ClassKey, list[Student]] = defaultdict(list)
        for one in self._students(of):
            classes[one.group].append(one)
        schools = self._store.roster.schools()
        for group, members in classes.items():
            content = self._sheets(members)
            name = marked(f"学生信息核对表-{class_title(group, schools)}", simulated=self._store.simulated)
            path = free_name(folder, file_name(name, ".pdf"))
            write_file(path, content)
            self._store.written.note(_KIND, path, [one.id_number for one in members], by=actor)
            written.append(path)
        return written

    def _students(self, of: Of) -> list[Student]:
        return [one for one in self._store.roster.students() if of(one)]

    def _sheets(self, students: list[Student]) -> bytes:
        if not students:
            raise KioskError("particulars.nobody")
        own = self._store.school.get().name
        entries = [
            particulars_sheets.SheetEntry(row, stand(row).differing, one.school or own)
            for one, row in zip(students, self._standings.rows(students), strict=True)
        ]
        return particulars_sheets.check_sheets(entries, footer=self._station, simulated=self._store.simulated)

    def _look(self, reading: ParticularsReading, school: str) -> ParticularsPreview:
        students, schools = self._store.roster.students(), self._store.roster.schools()
        if len(schools) > 1 and not school and any("school_code" not in one.told for one in reading.rows):
            raise ExchangeError("roster.which_school", schools="、".join(" ".join(filter(None, one)) for one in schools))
        finder = Finder(students, self._store.substitutes.of(students), school)
        put_right = self._store.particulars.put_right()  # the file may say what was wrong before: then it stays as it is
        unmatched, found = [], dict[Student, int]()
        for at, one in enumerate(reading.rows):
            whose = finder.find(one.told)
            if isinstance(whose, Student) and whose in found:
                whose = Message("particulars.twice", {"row": reading.rows[found[whose]].row})
            if isinstance(whose, Student):
                found[whose] = at
            else:
                unmatched.append(Unmatched(one.sheet, one.row, one.told.get("name", ""), whose))
        titles = {group: class_title(group, schools) for group in {one.group for one in found}}
        changed = []
        for student, row in zip(found, self._standings.rows(list(found)), strict=True):
            wrong = put_right.get(student.id_number, frozenset())
            told = {two: value for two, value in _news_of(reading.rows[found[student]].told, row) if (two, value) not in wrong}
            if news := changes(row.particulars, told):
                items = {field: (row.particulars.get(field, ""), after) for field, after in news.items()}
                changed.append(Change(student, titles[student.group], items))
        return ParticularsPreview(reading, len(found), tuple(unmatched), tuple(changed))


def lacking(standing: Sequence[Standing]) -> Mapping[str, int]:
    """The starred items that would go out empty, with how many of these students lack each, those that most lack first."""
    return dict(Counter(field for one in standing for field in one.missing).most_common())


def _news_of(told: Mapping[str, str], row: ExportRow) -> Iterator[tuple[str, str]]:
    """What a row tells, but for what the list was handed out with: an answer that card or roster gave already."""
    for field, value in told.items():
        rule = ITEMS.column(field)
        if field != KEY and (field in row.particulars or not rule.answered_by or value != value_of(row, rule)):
            yield field, value


def _mended(field: str, text: str, grade: str = "") -> str:
    rule = ITEMS.column(field)
    try:
        return mended(rule, text, grade)
    except Unreadable as fault:
        raise KioskError("particulars.item", item=rule.header, problem=fault.message) from None

"""学生信息: what parents filled in, looked at, taken, checked by everybody whom it concerns, and put right."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kiosk.errors import KioskError
from kiosk.exchange import ExportRow, particulars_sheets
from kiosk.exchange.file_names import file_name, free_name, marked
from kiosk.exchange.folder import write_file
from kiosk.exchange.forms import class_title
from kiosk.exchange.particulars import (
    ITEMS,
    Difference,
    ParticularsReading,
    differences,
    missing,
    read_particulars,
    value_of,
    write_list,
)
from kiosk.exchange.particulars_sheets import shown
from kiosk.office.plan_words import PlanWords
from kiosk.records import CaptureRecord, ClassKey, Message, ParticularsEntry, Person, Student, name_key
from kiosk.store import Store, changes
from kiosk.tables.cells import Unreadable
from kiosk.tables.mending import mended
from kiosk.tables.particulars import check
from kiosk.words import say, say_message, say_parts

Of = Callable[[Student], bool]
_KIND = "particulars"  # of a paper
KEY = "id_number"  # whose row it is


@dataclass(frozen=True)
class Unmatched:
    """A row that nobody on the roster is, or that has one student's number and another's name."""

    sheet: str
    row: int
    name: str
    message: Message


@dataclass(frozen=True)
class Change:
    """What taking a file would do to a student's items: by field, what was known and what is told."""

    student: Student
    items: Mapping[str, tuple[str, str]]


@dataclass(frozen=True)
class ParticularsPreview:
    """What a file says: students read = matched + unmatched. `changes` are those of whom it says something new."""

    reading: ParticularsReading
    matched: int
    unmatched: tuple[Unmatched, ...]
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Standing:
    """How it stands with one student: starred items that nobody answers, and where who filled it in is contradicted."""

    row: ExportRow
    filled: bool
    missing: tuple[str, ...]
    differing: tuple[Difference, ...]

    @property
    def student(self) -> Student:
        assert self.row.student is not None
        return self.row.student


class ParticularsDesk:
    """What the office does about the items."""

    def __init__(self, store: Store, station: str) -> None:
        self._store = store
        self._station = station

    def preview(self, path: Path, columns: Mapping[str, str] | None = None) -> ParticularsPreview:
        """Read a file and hold it against the roster and what is known; nothing changes. Raises ExchangeError."""
        return self._look(read_particulars(path, columns))

    def take(self, path: Path, columns: Mapping[str, str] | None = None, *, source: str, by: Person) -> int:
        """Keep what a file tells of students on the roster; of how many there was something new. Raises ExchangeError, and
        StoreError after the deadline."""
        seen = self._look(read_particulars(path, columns))
        told = {one.student.id_number: {field: after for field, (_, after) in one.items.items()} for one in seen.changes}
        return self._store.particulars.take(told, source=source, by=by)

    def undoable(self) -> int:
        """Of how many students the last import can be taken back."""
        return self._store.particulars.undoable()

    def undo(self, *, by: Person) -> int:
        """Take the last import back; raises StoreError when there is none, or after the deadline."""
        return self._store.particulars.undo(by=by)

    def standing(self, of: Of = bool) -> list[Standing]:
        """Everybody on the roster, in its order."""
        return [_stand(row) for row in self._rows(of)]

    def of(self, student: Student) -> Standing:
        """One student's."""
        store = self._store
        record = next(iter(store.captures.versions(student.id_number)), None)
        filled_in = store.particulars.of(student.id_number)
        return _stand(ExportRow(record, student=student, school=store.school.get(), particulars=filled_in))

    def history(self, student: Student) -> Sequence[ParticularsEntry]:
        """Who brought which items in, the newest first."""
        return self._store.particulars.history(student.id_number)

    def correct(self, student: Student, told: Mapping[str, str], *, reason: str, by: Person) -> bool:
        """Put items right, as they would be written into the list; an empty one is taken out. False where nothing differs.

        Raises KioskError naming the first item that can't be taken, and as `Store.particulars.correct` does.
        """
        items = {field: _mended(field, text, student) for field, text in told.items()}
        whole = {**self._store.particulars.of(student.id_number), **items, "id_number": student.id_number}
        for field, message in check(whole).items():
            raise KioskError("particulars.item", item=ITEMS.column(field).header, problem=message)
        return self._store.particulars.correct(student.id_number, items, reason=reason, by=by)

    def in_words(self, language: str, one: Difference) -> str:
        """Where who filled it in is contradicted, by whom, and what goes out."""
        rule = ITEMS.column(one.field)
        values = {"filled_in": shown(rule, one.filled_in), "counts": shown(rule, one.counts)}
        code = "particulars.chip_says" if one.of_chip else "particulars.roster_says"
        return say(language, code, item=say(language, f"item.{one.field}"), **values)

    def lacking(self, of: Of = bool) -> Mapping[str, int]:
        """The starred items that would go out empty, with how many students lack each, by header."""
        counts = Counter(field for row in self._rows(of) for field in missing(row))
        return {rule.header: counts[rule.field] for rule in ITEMS.columns if counts[rule.field]}

    def write_list(self, path: Path, of: Of = bool, *, actor: str) -> None:
        """The list for parents or class teacher to fill in, with what is known. That it was made is kept."""
        rows = list(self._rows(of))
        write_list(rows, path)
        self._store.audit.record("particulars.list", actor=actor, students=len(rows))

    def sheets(self, of: Of, *, actor: str) -> bytes:
        """核对表 of these students, a page each, to be signed by student, parent, class teacher and principal, as PDF.

        That they were printed is kept. Raises ExchangeError.
        """
        standing = self.standing(of)
        content = self._sheets(standing)
        self._store.audit.record("particulars.print", actor=actor, students=len(standing))
        return content

    def write_sheets(self, folder: Path, of: Of = bool, *, actor: str) -> list[Path]:
        """The same, one file a class, into a folder. That they were printed is kept."""
        written = []
        classes: dict[ClassKey, list[Standing]] = defaultdict(list)
        for one in self.standing(of):
            classes[one.student.group].append(one)
        schools = self._store.roster.schools()
        for group, members in classes.items():
            content = self._sheets(members)
            name = marked(f"学生信息核对表-{class_title(group, schools)}", simulated=self._store.simulated)
            path = free_name(folder, file_name(name, ".pdf"))
            write_file(path, content)
            self._store.written.note(_KIND, path, [one.student.id_number for one in members], by=actor)
            written.append(path)
        return written

    def _sheets(self, standing: Sequence[Standing]) -> bytes:
        if not standing:
            raise KioskError("particulars.nobody")
        own = self._store.school.get().name
        entries = [particulars_sheets.SheetEntry(one.row, one.differing, one.student.school or own) for one in standing]
        return particulars_sheets.check_sheets(entries, footer=self._station, simulated=self._store.simulated)

    def _look(self, reading: ParticularsReading) -> ParticularsPreview:
        roster = {one.id_number: one for one in self._store.roster.students()}
        classes = {(name_key(one.name), one.group): one.id_number for one in roster.values()}
        known, school = self._store.particulars.all(), self._store.school.get()
        records = _newest(self._store.captures.records())
        put_right = self._store.particulars.put_right()  # the file may say what was wrong before: then it stays as it is
        unmatched, changed, matched = [], [], 0
        for one in reading.rows:
            number, name = one.told.get("id_number", ""), one.told.get("name", "")
            student = roster.get(number)
            message = None
            if student is None:
                message = Message("particulars.unknown")
            elif name_key(student.name) != name_key(name) and classes.get((name_key(name), student.group), number) != number:
                message = Message("particulars.others_number", {"name": student.name})
            if student is None or message is not None:
                unmatched.append(Unmatched(one.sheet, one.row, name, message or Message("particulars.unknown")))
                continue
            matched += 1
            before = known.get(number, {})
            told = dict(_news_of(one.told, before, ExportRow(records.get(number), student=student, school=school)))
            told = {field: value for field, value in told.items() if (field, value) not in put_right.get(number, ())}
            if news := changes(before, told):
                changed.append(Change(student, {field: (before.get(field, ""), after) for field, after in news.items()}))
        return ParticularsPreview(reading, matched, tuple(unmatched), tuple(changed))

    def _rows(self, of: Of) -> Iterator[ExportRow]:
        store = self._store
        records = _newest(store.captures.records())
        known, school = store.particulars.all(), store.school.get()
        for student in store.roster.students():
            if of(student):
                number = student.id_number
                yield ExportRow(records.get(number), student=student, school=school, particulars=known.get(number, {}))


def particulars_in_words(language: str, seen: ParticularsPreview, *, most: int) -> PlanWords:
    """What a file says and what taking it would do; of each kind the first `most`. Warnings have the place: row and column."""
    reading = seen.reading
    counts = {
        "read": len(reading.rows) + reading.refused,
        "matched": seen.matched,
        "changed": len(seen.changes),
        "items": sum(len(one.items) for one in seen.changes),
    }
    lines = [say(language, "particulars.summary", **counts)]
    for change in seen.changes[:most]:
        told = say_parts(language, (change_in_words(language, *one) for one in change.items.items()))
        lines.append(f"{change.student.grade}{change.student.class_name} {change.student.name}：{told}")
    if len(seen.changes) > most:
        lines.append(say(language, "particulars.more", count=len(seen.changes) - most))
    warnings = [_place(language, one.sheet, one.row, one.name, one.message) for one in seen.unmatched[:most]]
    for problem in reading.problems[:most]:
        place = say(language, "cli.roster_row", row=problem.row, column=problem.column, value=problem.value)
        warnings.append(f"{place}{say_message(language, problem.message)}")
    left = len(seen.unmatched) + reading.problem_count - len(warnings)
    if warnings:
        warnings.insert(0, say(language, "particulars.left", unmatched=len(seen.unmatched), problems=reading.problem_count))
    if left > 0:
        warnings.append(say(language, "particulars.more", count=left))
    return PlanWords(tuple(lines), tuple(warnings))


def change_in_words(language: str, field: str, values: tuple[str, str]) -> str:
    """An item as it was and as it is told."""
    before, after = (shown(ITEMS.column(field), value) or "—" for value in values)
    return (
        f"{say(language, f'item.{field}')}：{before} → {after}" if values[0] else f"{say(language, f'item.{field}')}：{after}"
    )


def _place(language: str, sheet: str, row: int, name: str, message: Message) -> str:
    return say(language, "particulars.row", sheet=sheet, row=row, name=name) + say_message(language, message)


def _newest(records: Iterator[CaptureRecord] | Sequence[CaptureRecord]) -> dict[str, CaptureRecord]:
    return {one.student.id_number: one for one in sorted(records, key=lambda one: one.version)}


def _news_of(told: Mapping[str, str], before: Mapping[str, str], row: ExportRow) -> Iterator[tuple[str, str]]:
    """What a row tells, but for what the list was handed out with: an answer that card or roster gave already."""
    for field, value in told.items():
        rule = ITEMS.column(field)
        if field != KEY and (field in before or not rule.answered_by or value != value_of(row, rule)):
            yield field, value


def _stand(row: ExportRow) -> Standing:
    return Standing(row, bool(row.particulars), missing(row), tuple(differences(row)))


def _mended(field: str, text: str, student: Student) -> str:
    rule = ITEMS.column(field)
    try:
        return mended(rule, text, student.grade)
    except Unreadable as fault:
        raise KioskError("particulars.item", item=rule.header, problem=fault.message) from None

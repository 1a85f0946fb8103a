"""Reads a table by its rules: rows of mended values, every cell that can't be taken, and what became of everything else."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import IO, Final

from kiosk import idnumber
from kiosk.records import Message
from kiosk.surrogate import number_of
from kiosk.tables.asides import is_example, is_footer, is_hint, is_of_departed, says_departed
from kiosk.tables.cell import Cell, Spoilt, shown
from kiosk.tables.cells import said
from kiosk.tables.errors import BadTable
from kiosk.tables.headers import SEARCHED_ROWS, Block, Header, Names, find_header, nearest, repeats
from kiosk.tables.mending import Fault, Mender
from kiosk.tables.rules import TableRules
from kiosk.tables.sheet import Area, Row, Sheet, column_letters, place_of
from kiosk.tables.sheets import read_sheets
from kiosk.tables.titles import Title, Titles, is_like_class, labelled, may_be_title, texts_of, title_of

_DIGIT: Final = re.compile(r"\d")
_LONGEST_TITLE: Final = 200  # characters
_LONGEST_SUM: Final = 5  # digits or characters
_OF_COMMENT: Final = 40  # characters that are told
_LABEL_AND_VALUE: Final = 2  # cells: 班主任： and who that is
_COLON: Final = re.compile("[:：]")
_PERSON: Final = re.compile(r"[^\W\d]+(?:[ ·•][^\W\d]+)*")
# What a row may say without being about anybody: prefilled below the last student, or merged over the rows of a class.
_OF_GROUPS: Final = frozenset({"grade", "class_name", "school", "school_code", "stream", "category", "document_type"})
_PERSONAL: Final = frozenset({"name", "id_number"})
MOST_PLACES: Final = 20  # places told of one thing that was left out


@dataclass(frozen=True)
class Problem:
    """Something about a cell: its row was refused, or (a warning) taken all the same. Row and column as Excel shows them."""

    sheet: str
    row: int
    column: str
    value: str
    message: Message
    entry: int = 0  # which of several lists side by side


@dataclass
class ColumnUse:
    """What a column was understood as: `field` is empty when nothing was; `cells` counts what stands in one not used."""

    sheet: str
    column: str
    header: str
    field: str
    cells: int = 0
    note: Message | None = None


@dataclass
class SheetUse:
    """What became of a sheet. Rows with content = above + header + students + repeated headers + hints + blank."""

    name: str
    state: str = "read"  # read, hidden, no_header, empty
    rows: int = 0
    above: int = 0
    header: int = 0
    students: int = 0
    blank: int = 0  # rows with nothing in any column that is used
    repeated_headers: int = 0
    hints: int = 0  # rows that say or show how the list is to be filled in
    places: list[str] = field(default_factory=list)  # of blank rows, the first few
    hint_places: list[str] = field(default_factory=list)
    found: str = ""  # where there is no header: what looks most like one
    hidden_rows: list[int] = field(default_factory=list)
    struck_rows: list[int] = field(default_factory=list)  # of students whose name or number is struck through
    gone_rows: list[int] = field(default_factory=list)  # of students beside whom it says that they have left
    gone_words: list[str] = field(default_factory=list)  # the first few of what it says there
    comments: list[str] = field(default_factory=list)  # that somebody noted at cells, with their places
    merged: int = 0  # cells that were filled from a merged area
    encoding: str = ""  # of a text, where it had to be found out
    titles: list[tuple[Title, int]] = field(default_factory=list)  # what classes were taken from, and of how many students
    unclear_titles: list[str] = field(default_factory=list)  # that speak of a class where nothing says which, with their rows


class TableRow:
    """A row with all its values mended, and where it stood."""

    __slots__ = ("index", "place", "values")

    def __init__(self, place: "Place", index: int, values: tuple[str, ...]) -> None:
        self.place = place
        self.index = index
        self.values = values

    def __getitem__(self, name: str) -> str:
        return self.values[self.place.order[name]]

    def put(self, name: str, value: str) -> None:
        """Let a field have another value."""
        at = self.place.order[name]
        self.values = (*self.values[:at], value, *self.values[at + 1 :])

    @property
    def where(self) -> tuple[str, int, int]:
        """Sheet, row as Excel shows it, list within the row."""
        return self.place.sheet, self.index + 1, self.place.entry

    def problem(self, name: str, code: str, /, **data: object) -> Problem:
        """A problem at this row's cell of a field (at its first cell when the sheet has no such column)."""
        column = self.place.block.columns.get(name, 0)
        value = number_of(self[name]) if name in self.place.block.columns else ""
        return Problem(self.place.sheet, self.index + 1, column_letters(column), value, Message(code, data), self.place.entry)


@dataclass(frozen=True)
class Place:
    """What the rows of one list have in common. `order`: where in a row's values each field is."""

    sheet: str
    block: Block
    entry: int
    order: Mapping[str, int]


@dataclass(frozen=True)
class TableReading:
    """A whole file. Rows of students read = `rows` + the rows named in `problems`."""

    rows: list[TableRow]
    problems: list[Problem]
    warnings: list[Problem]
    columns: list[ColumnUse]
    sheets: list[SheetUse]
    refused: list["RefusedRow"]


@dataclass(frozen=True)
class RefusedRow:
    """What could be read of a row that was refused: values by field."""

    sheet: str
    row: int
    entry: int
    values: Mapping[str, str]


def read_table(
    file: IO[bytes], name: str, rules: TableRules, columns: Mapping[str, str], groups: Sequence[str] = ()
) -> TableReading:
    """Read all sheets that are shown and have a header. `columns` (header → field, or "" for none) corrects what was
    understood; `groups`: words that go before the headers of columns that come once for each of them.

    Raises BadTable when no sheet has the required headers, or the file is no table.
    """
    unused = [header for header, name in columns.items() if not name]
    names = Names(_names(rules, columns), [rule.field for rule in rules.columns if rule.grouped], groups, unused)
    reading = TableReading([], [], [], [], [], [])
    for sheet in read_sheets(file, name):
        use = SheetUse(sheet.name, encoding=sheet.encoding)
        use.comments = [f"{one.place} {' '.join(one.text.split())[:_OF_COMMENT]}".strip() for one in sheet.comments]
        reading.sheets.append(use)
        if sheet.hidden:
            use.state = "hidden"
            use.rows = sum(1 for _ in sheet.rows)
            continue
        _read_sheet(sheet, use, name, names, rules, reading)
    if not any(use.state == "read" for use in reading.sheets):
        wanted = "、".join(rules.column(one).header for one in rules.required)
        like = next((one for one in reading.sheets if one.found), None)
        if like is None:
            hidden = "、".join(one.name for one in reading.sheets if one.state == "hidden" and one.rows)
            raise BadTable("roster.only_hidden", sheets=hidden) if hidden else BadTable("roster.no_header", wanted=wanted)
        raise BadTable("roster.no_header_like", wanted=wanted, sheet=like.name, found=like.found)
    return reading


def _names(rules: TableRules, corrections: Mapping[str, str]) -> dict[str, list[str]]:
    """Each field's headers: the rules' own, less those that were corrected away, and those that were given."""
    names = {rule.field: [name for name in rule.names if name not in corrections] for rule in rules.columns}
    for header, name in corrections.items():
        if name:
            names[name].insert(0, header)
    return names


def _read_sheet(sheet: Sheet, use: SheetUse, file: str, names: Names, rules: TableRules, reading: TableReading) -> None:
    rows = sheet.rows
    beginning: list[Row] = []
    for row in rows:
        beginning.append(row)
        if row.at >= SEARCHED_ROWS + 2:
            break
    header = find_header(beginning, names, rules.required, sheet.merged)
    if header is None:
        use.state = "no_header" if beginning else "empty"
        use.rows = len(beginning) + sum(1 for _ in rows)
        at, words = nearest(beginning, names)
        use.found = f"{at}：{words}" if words else ""
        return
    titles = Titles(sheet.name, file, use.titles)
    above = [row for row in beginning if row.at < header.first]
    unclear = titles.above(above, len(header.blocks))
    part = _Part(sheet, header, names, rules, use, titles, above)
    for row in chain(beginning, rows):
        use.rows += 1
        if row.at < header.first:
            use.above += 1
        elif row.at <= header.last:
            use.header += 1
        elif (other := part.take(row)) is not None:
            part.finish(reading)
            part = _Part(sheet, other, names, rules, use, titles, above)
            use.header += 1
    part.finish(reading)
    titles.finish()
    has_class = any("class_name" in block.columns for block in header.blocks) or any(one.class_name for one, _ in use.titles)
    if not has_class and any(rule.field == "class_name" for rule in rules.columns):
        use.unclear_titles = unclear[:MOST_PLACES]


class _Part:
    """The rows below one header: as many lists as stand side by side."""

    def __init__(
        self, sheet: Sheet, header: Header, names: Names, rules: TableRules, use: SheetUse, titles: Titles, above: Sequence[Row]
    ) -> None:
        """`above`: the rows above the first header, which printed lists repeat on every page."""
        self._header = header
        self._above = {tuple(row.cells.items()) for row in above if not any(map(may_be_title, row.cells.values()))}
        self._header_words = {"".join(text.split()) for above in header.rows for text in above.values()}
        self._names = names
        self._required = rules.required
        self._sheet = sheet
        self._use = use
        self._titles = titles
        self._lists = [_List(sheet, header, block, at, rules, titles) for at, block in enumerate(header.blocks)]
        self._strays = _Strays(sheet, header)
        self._persons = {block.columns[name] for block in header.blocks for name in _PERSONAL & block.columns.keys()}
        self._merged = _Merged(sheet.merged, header.last, self._persons)
        self._used = {column for block in header.blocks for column in (*block.columns.values(), *chain(*block.twins.values()))}
        self._at_top = True  # nobody yet since the header
        self._left: Message | None = None  # of the heading of those who are gone, once there is one

    def take(self, row: Row) -> Header | None:
        """Take a row of students, or count what else it is: the header again, a title, nothing that is used. Returns another
        header, below which columns have other places."""
        use = self._use
        cells = self._merged.fill(row, self._used, use)
        is_hint = self._is_hint(row, cells)
        taken = (
            [one.take(row, cells, self._left) for one in self._lists] if not is_hint and not self._is_other(row, cells) else []
        )
        is_student = any(taken)
        if is_student:
            self._at_top = False
            use.students += 1
            self._look_at(row)
        elif is_hint:
            use.hints += 1
            _put_place(use.hint_places, row.at, cells)
        elif (other := self._other_header(row)) is not None:
            return other
        elif self._is_repeated(row):
            self._at_top = True
            use.repeated_headers += 1
        elif found := self._title(row):
            self._titles.take(found)
            self._left = None
            use.above += 1
            return None
        else:
            use.blank += 1
            _put_place(use.places, row.at, cells)
            if len(row.cells) == 1 and is_of_departed(words := next(iter(row.cells.values()))):
                self._left = Message("roster.below_heading", {"row": row.at + 1, "heading": shown(words).strip()[:20]})
        if len(cells) > len(self._used) or not self._used.issuperset(cells):
            self._strays.count(row.at, cells, self._used)
            self._look_beside(row, is_student=is_student)
        return None

    def _look_at(self, row: Row) -> None:
        """What of a student's own cells makes it doubtful that the row is meant."""
        if row.hidden:
            self._use.hidden_rows.append(row.at + 1)
        if row.struck and not self._persons.isdisjoint(row.struck):
            self._use.struck_rows.append(row.at + 1)

    def _look_beside(self, row: Row, *, is_student: bool) -> None:
        """What columns that nobody uses make doubtful of a student."""
        others = ((column, cell) for column, cell in row.cells.items() if column not in self._used) if is_student else ()
        told = (says_departed(cell, self._header.titles.get(column, "")) for column, cell in others)
        if said := next(filter(None, told), ""):
            self._use.gone_rows.append(row.at + 1)
            if said not in self._use.gone_words and len(self._use.gone_words) < MOST_PLACES:
                self._use.gone_words.append(said)

    def finish(self, reading: TableReading) -> None:
        """Say what became of the lists."""
        columns: list[ColumnUse] = []
        for one in self._lists:
            one.finish(reading)
            columns += one.uses()
        self._strays.finish(columns)
        _put_together(reading.columns, columns)

    def _is_hint(self, row: Row, cells: Mapping[int, Cell]) -> bool:
        """Whether a row says how the list is to be filled in: as an example anywhere, in other words below a header only."""
        first = next(iter(row.cells.values()), "")
        for one in self._lists:
            name = cells.get(one.name_column, "")
            if is_example(first) or is_example(name):
                return True
        return self._at_top and all(one.is_hint(row, cells) for one in self._lists)

    def _is_other(self, row: Row, cells: Mapping[int, Cell]) -> bool:
        """Whether a row is none of students but a header, a title, or something below the list."""
        first = next(iter(row.cells.values()), "")
        for one in self._lists:
            if not one.may_be_heading(cells.get(one.name_column, ""), cells):
                return False
        if self._other_header(row) is not None or self._is_repeated(row) or bool(self._title(row)):
            return True
        if len(row.cells) == 1 and is_of_departed(first):
            return True
        return is_footer(first) and all(one.is_without_person(row, first) for one in self._lists)

    def _title(self, row: Row) -> tuple[Title, ...]:
        """What a row says if it is a title, and names no student."""
        if not any(map(may_be_title, row.cells.values())):
            return ()
        named = filter(None, (said(row.cells.get(one.name_column, "")) for one in self._lists))
        if not labelled(texts_of(row)) and not all(
            title_of(text) or is_like_class(text) or _COLON.search(text) for text in named
        ):
            return ()
        return self._titles.look(row, len(self._lists))

    def _is_repeated(self, row: Row) -> bool:
        if self._above and tuple(row.cells.items()) in self._above:
            return True
        if not any(type(cell) is str and "".join(cell.split()) in self._header_words for cell in row.cells.values()):
            return False
        return any(repeats(row, self._header, block) for block in self._header.blocks)

    def _other_header(self, row: Row) -> Header | None:
        """The header that a row is, where it is not this one."""
        texts = [cell for cell in row.cells.values() if isinstance(cell, str) and len(cell) <= _LONGEST_TITLE]
        if len(texts) < len(row.cells) or not self._names.is_header(texts, self._required) or self._is_repeated(row):
            return None
        return find_header([row], self._names, self._required, self._sheet.merged, within=row.at + 1)


class _List:
    """One list of students within a sheet."""

    def __init__(self, sheet: Sheet, header: Header, block: Block, entry: int, rules: TableRules, titles: Titles) -> None:
        self._rules = rules
        self._titles = titles
        self._header = header
        order = {rule.field: at for at, rule in enumerate(rules.columns)}
        self.place = Place(sheet.name, block, entry, order)
        self._width = len(rules.columns)
        self._mender = Mender(rules, block, since_1904=sheet.since_1904)
        named = set(rules.required) >= _PERSONAL
        personal = (column for name, column in block.columns.items() if not (named and name in _OF_GROUPS))
        self._columns = block.own or frozenset(personal)  # in a group, those that it shares say nothing of it
        self.name_column, *self._other_required = (block.columns[name] for name in rules.required)
        self._number_column = block.columns.get("id_number")
        self._name_title = header.titles[self.name_column].strip()
        self._grade_at = order.get("grade") if "grade" not in block.columns else None
        self._class_at = order.get("class_name") if "class_name" not in block.columns else None
        self._rows: list[TableRow] = []
        self._problems: list[Problem] = []
        self._refused: list[RefusedRow] = []
        self._hidden_columns = sheet.hidden_columns

    def may_be_heading(self, name: Cell, cells: Mapping[int, Cell]) -> bool:
        """Whether a row lacks what a student's has: what is required, and digits in the number."""
        if name == "" or (type(name) is str and name.strip() == self._name_title):
            return True
        for column in self._other_required:
            cell = cells.get(column, "")
            if _is_no_number(cell) or (type(cell) is str and _DIGIT.search(cell) is None):
                return True
        return False

    def is_hint(self, row: Row, cells: Mapping[int, Cell]) -> bool:
        """Whether a row below the header says how this list is to be filled in."""
        if self._number_column is None:
            return False
        person = cells.get(self.name_column, ""), cells.get(self._number_column, "")
        return is_hint(*person, list(row.cells.values()))

    def is_without_person(self, row: Row, first: Cell) -> bool:
        """Whether nobody is named in a row that begins with a word about the list."""
        others = [row.cells.get(column, "") for column in self._other_required]
        if not all(_is_no_number(cell) or is_footer(cell) for cell in others):
            return False
        name = row.cells.get(self.name_column, "")
        if type(first) is str and first.rstrip().endswith((":", "：")) and len(row.cells) == _LABEL_AND_VALUE:
            return True
        return name == "" or name is first or type(name) is not str or not _PERSON.fullmatch(name.strip())

    def take(self, row: Row, cells: Mapping[int, Cell], doubt: Message | None) -> bool:
        """Whether the row is one of students: taken, with a `doubt` or none, or refused with what is wrong."""
        for column in self._columns:
            if column in cells and _says_something(cells[column]):
                break
        else:
            return False
        values = [""] * self._width
        faults = self._mender.mend(row.at, cells, values)
        if not faults and (self._class_at is not None or self._grade_at is not None):
            unclear = self._titles.put(values, self._grade_at, self._class_at, self.place.entry)
            if unclear is not None:
                place = {"row": unclear.row, "title": unclear.text}
                faults = [Fault(self.name_column, Message("roster.title_unclear", place))]
        if faults:
            self._problems += [self._problem(row.at, cells, fault) for fault in faults]
            known = {rule.field: value for rule, value in zip(self._rules.columns, values, strict=True) if value}
            self._refused.append(RefusedRow(self.place.sheet, row.at + 1, self.place.entry, known))
        else:
            self._rows.append(TableRow(self.place, row.at, tuple(values)))
            if doubt is not None:
                self._mender.doubts.append((row.at, cells.get(self.name_column, ""), Fault(self.name_column, doubt)))
        return True

    def finish(self, reading: TableReading) -> None:
        """Say what became of the list: its rows, and what is wrong with the others."""
        late = self._mender.late_faults()
        if late:
            problems = [self._problem(index, {fault.column: cell}, fault) for index, cell, fault in late]
            bad = {problem.row for problem in problems}
            self._problems += problems
            for row in self._rows:
                if row.index + 1 in bad:
                    known = {rule.field: value for rule, value in zip(self._rules.columns, row.values, strict=True) if value}
                    self._refused.append(RefusedRow(*row.where, known))
            self._rows = [row for row in self._rows if row.index + 1 not in bad]
        reading.warnings.extend(self._problem(index, {fault.column: cell}, fault) for index, cell, fault in self._mender.doubts)
        reading.rows.extend(self._rows)
        reading.problems.extend(self._problems)
        reading.refused.extend(self._refused)

    def uses(self) -> Iterator[ColumnUse]:
        """What the columns of the list were understood as."""
        block, others = self.place.block, self._mender.other_columns
        known = {column: name for name, column in block.columns.items()}
        known |= {column: name for name, columns in block.twins.items() for column in columns}
        for column in sorted(block.own if self.place.entry and block.group else {*known, *block.passed_over}):
            name = known.get(column, "")
            title = self._header.titles[column]
            use = ColumnUse(self.place.sheet, column_letters(column), title, name)
            place = {"sheet": use.sheet, "column": use.column, "header": title}
            if column in block.passed_over:
                meant, preferred = block.passed_over[column], block.columns[block.passed_over[column]]
                data = {"field": self._own(meant), "used": column_letters(preferred), "title": self._header.titles[preferred]}
                use.note = Message("roster.column.passed_over", {**place, **data})
            elif name in others:
                use.field, use.cells = "", others[name].cells
                data = {"field": self._own(name), "values": "、".join(others[name].values)}
                use.note = Message("roster.column.other_values", {**place, **data})
            elif column in self._hidden_columns:
                use.note = Message("roster.column.hidden", place)
            yield use

    def _own(self, name: str) -> str:
        return self._rules.column(name).header

    def _problem(self, index: int, cells: Mapping[int, Cell], fault: Fault) -> Problem:
        value = shown(cells.get(fault.column, ""))
        return Problem(self.place.sheet, index + 1, column_letters(fault.column), value, fault.message, self.place.entry)


class _Strays:
    """Counts what stands in columns that nobody uses: with a header of their own, or far away without one."""

    def __init__(self, sheet: Sheet, header: Header) -> None:
        self._sheet = sheet
        self._header = header
        self._counts: dict[int, int] = {}
        self._first: dict[int, int] = {}
        self._numbers: dict[int, int] = {}  # sound ones of people, in columns without a header

    def count(self, index: int, cells: Mapping[int, Cell], used: set[int]) -> None:
        for column, cell in cells.items():
            if column not in used:
                self._counts[column] = self._counts.get(column, 0) + 1
                self._first.setdefault(column, index + 1)
                if column not in self._header.titles and type(cell) is str and idnumber.problem(cell.strip()) is None:
                    self._numbers[column] = self._numbers.get(column, 0) + 1

    def finish(self, columns: list[ColumnUse]) -> None:
        """Say it beside what the lists say of their columns."""
        told = {use.column: use for use in columns}
        for column in sorted({*self._counts, *self._header.titles}):
            letters, count = column_letters(column), self._counts.get(column, 0)
            if letters in told:
                told[letters].cells = told[letters].cells or count
                continue
            title = self._header.titles.get(column, "")
            use = ColumnUse(self._sheet.name, letters, title, "", count)
            if not title:
                place = {"sheet": use.sheet, "column": letters, "count": count, "row": self._first[column]}
                numbers = self._numbers.get(column, 0)
                use.note = Message(
                    "roster.column.numbers" if numbers else "roster.column.no_header", {**place, "numbers": numbers}
                )
            columns.append(use)


def _put_together(told: list[ColumnUse], columns: Sequence[ColumnUse]) -> None:
    """Add what the lists below one header say to what those above it did: one line for the same column, in their order."""
    sheet = columns[0].sheet if columns else ""
    mine: dict[tuple[object, ...], ColumnUse] = {}
    for use in (*(one for one in told if one.sheet == sheet), *columns):
        first = mine.setdefault((use.column, use.header, use.field, use.note.code if use.note else ""), use)
        if first is use:
            continue
        first.cells += use.cells
        if first.note is not None and "count" in first.note.data:
            first.note = Message(first.note.code, {**first.note.data, "count": first.cells})
    others = [use for use in told if use.sheet != sheet]
    told[:] = [*others, *sorted(mine.values(), key=lambda use: (len(use.column), use.column))]


class _Merged:
    """Fills merged areas: what stands in their first cell holds for all of them. What other programs left in the cells below it
    nobody sees."""

    def __init__(self, areas: Sequence[Area], header: int, persons: Collection[int]) -> None:
        """`persons`: the columns that say who somebody is; a name over two rows is not two people's."""
        self._persons = persons
        self._areas: dict[int, list[Area]] = {}
        for area in sorted(area for area in areas if area.bottom > header):
            for column in range(area.left, min(area.right, area.left + 50) + 1):
                self._areas.setdefault(column, []).append(area)
        self._tops = {column: [area.top for area in listed] for column, listed in self._areas.items()}
        self._values: dict[Area, Cell] = {}

    def fill(self, row: Row, used: set[int], use: SheetUse) -> Mapping[int, Cell]:
        """The row's cells and what merged areas say in it. A row that is nothing but a part of such areas stays as it is."""
        if not self._areas:
            return row.cells
        found: dict[int, Cell] = {}
        covered: dict[int, Cell] = {}
        for column in used:
            area = self._area_at(row.at, column)
            if area is None:
                continue
            if row.at == area.top and area.left in row.cells:
                self._values[area] = row.cells[area.left]
            seen, own = self._values.get(area, ""), row.cells.get(column, "")
            if own != "" and shown(own).strip() not in ("", shown(seen).strip()):
                covered[column] = Spoilt.because("roster.covered", shown(own)[:40], seen=shown(seen).strip()[:40])
            elif row.at > area.top and own == "" and seen != "" and column not in self._persons:
                found[column] = seen
        if not (found or covered) or not any(_says_something(cell) for cell in row.cells.values()):
            return row.cells
        use.merged += len(found)
        return {**row.cells, **found, **covered}

    def _area_at(self, row: int, column: int) -> Area | None:
        at = bisect_right(self._tops.get(column, ()), row) - 1
        area = self._areas[column][at] if at >= 0 else None
        return area if area is not None and row <= area.bottom else None


def _put_place(places: list[str], at: int, cells: Mapping[int, Cell]) -> None:
    """Remember a row by its first cell, the first few of them."""
    if len(places) < MOST_PLACES:
        column, cell = next(iter(cells.items()), (0, ""))
        places.append(f"{place_of(at, column)} {shown(cell).strip()[:20]}".strip())


def _is_no_number(cell: Cell) -> bool:
    """Whether a cell is too short for a person's number: empty, `3人`, a sum."""
    if isinstance(cell, str):
        return len(cell) <= _LONGEST_SUM
    return isinstance(cell, int | float) and abs(cell) < 10**_LONGEST_SUM


def _says_something(cell: Cell) -> bool:
    return not isinstance(cell, str) or not cell.isspace()

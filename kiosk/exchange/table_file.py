"""Reads a table by its rules: rows of mended values, every cell that can't be taken, and what each column was understood as."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kiosk.codes import RESIDENT_CARD
from kiosk.errors import ExchangeError
from kiosk.exchange import cells
from kiosk.exchange.cells import Unreadable
from kiosk.exchange.headers import Header, column_letters, find_header
from kiosk.exchange.rules import ColumnRule, Kind, TableRules
from kiosk.exchange.sheets import Cell, Sheet, read_sheets
from kiosk.records import Message

_MENDERS: Final[Mapping[Kind, Callable[[Cell], str]]] = {
    Kind.TEXT: cells.plain,
    Kind.NAME: cells.name,
    Kind.ID_NUMBER: cells.id_number,
    Kind.CODE: cells.code,
    Kind.DIGITS: cells.digits,
    Kind.SEX: cells.sex,
    Kind.ETHNICITY: cells.ethnicity,
    Kind.DATE: cells.day,
    Kind.MONTH: cells.month,
}


@dataclass(frozen=True)
class RowProblem:
    """Something about a cell: its row was refused, or (a warning) taken all the same. Row and column as Excel shows them."""

    sheet: str
    row: int
    column: str
    value: str
    message: Message


@dataclass(frozen=True)
class ColumnReading:
    """What a column was understood as: `field` is empty when nothing was."""

    sheet: str
    column: str
    header: str
    field: str


@dataclass(frozen=True)
class TableRow:
    """A row with all its values mended, and where it stood."""

    sheet: Sheet
    header: Header
    index: int
    values: Mapping[str, str]

    def problem(self, field: str, code: str, **data: object) -> RowProblem:
        """A problem at this row's cell of a field (at its first cell when the sheet has no such column)."""
        return _problem(self.sheet, self.header, self.index, field, Message(code, data))


@dataclass(frozen=True)
class TableReading:
    """A whole file: rows read = `rows` + rows named in `problems`."""

    rows: tuple[TableRow, ...]
    problems: tuple[RowProblem, ...]
    columns: tuple[ColumnReading, ...]
    unread_sheets: tuple[str, ...]  # sheets with cells and no header


def read_table(path: Path, rules: TableRules, columns: Mapping[str, str] | None = None) -> TableReading:
    """Read all sheets that have a header. `columns` (header → field, or "" for none) corrects what synonyms understood.

    Raises ExchangeError when no sheet has the required headers, or the file is no table.
    """
    names = _names(rules, columns or {})
    rows: list[TableRow] = []
    problems: list[RowProblem] = []
    understood: list[ColumnReading] = []
    unread: list[str] = []
    for sheet in read_sheets(path):
        header = find_header(sheet.rows, names, rules.required)
        if header is None:
            if any(cell != "" for row in sheet.rows for cell in row):
                unread.append(sheet.name)
            continue
        understood += _columns(sheet, header)
        for index in _filled(sheet, header):
            row = _read_row(sheet, header, index, rules, problems)
            if row is not None:
                rows.append(row)
    if not understood:
        wanted = "、".join(rules.column(field).header for field in rules.required)
        raise ExchangeError("roster.no_header", file=path.name, wanted=wanted)
    return TableReading(tuple(rows), tuple(problems), tuple(understood), tuple(unread))


def _names(rules: TableRules, corrections: Mapping[str, str]) -> dict[str, list[str]]:
    """Each field's headers: the rules' own, less those that were corrected away, and those that were given."""
    names = {rule.field: [name for name in rule.names if name not in corrections] for rule in rules.columns}
    for header, field in corrections.items():
        if field:
            names[field].insert(0, header)
    return names


def _filled(sheet: Sheet, header: Header) -> Iterator[int]:
    return (index for index in range(header.row + 1, len(sheet.rows)) if any(cell != "" for cell in sheet.rows[index]))


def _read_row(sheet: Sheet, header: Header, index: int, rules: TableRules, problems: list[RowProblem]) -> TableRow | None:
    values: dict[str, str] = {}
    sound = True
    for rule in rules.columns:
        if rule.field not in header.columns:
            continue
        cell = sheet.rows[index][header.columns[rule.field]]
        try:
            if rule.required and (not isinstance(cell, int | float) and not cells.plain(cell)):
                raise Unreadable("roster.cell_empty")
            values[rule.field] = _mend(rule, cell, sheet, header, index)
        except Unreadable as fault:
            problems.append(_problem(sheet, header, index, rule.field, fault.message))
            sound = False
    return TableRow(sheet, header, index, values) if sound else None


def _mend(rule: ColumnRule, cell: Cell, sheet: Sheet, header: Header, index: int) -> str:
    if rule.kind is Kind.CHOICE:
        return _choose(rule, cell)
    if rule.kind is Kind.CHOICES:
        return ",".join(_choose(rule, part) for part in cells.half_width(cells.plain(cell)).replace("、", ",").split(","))
    if rule.kind is Kind.CLASS_NUMBER:
        return cells.class_number(cell, _neighbour(sheet, header, index, "grade"))
    if rule.kind is Kind.ID_NUMBER and _neighbour(sheet, header, index, "document_type") not in ("", *_RESIDENT_NAMES):
        return cells.code(cell).upper()
    try:
        return _MENDERS[rule.kind](cell)
    except Unreadable:
        if rule.kind is Kind.ID_NUMBER and _is_substitute(cell):
            return cells.code(cell)
        raise


_RESIDENT_NAMES: Final = (RESIDENT_CARD, "居民身份证", "身份证")


def _is_substitute(cell: Cell) -> bool:
    return isinstance(cell, str) and cells.is_substitute_number(cells.code(cell))


def _neighbour(sheet: Sheet, header: Header, index: int, field: str) -> str:
    column = header.columns.get(field)
    try:
        return "" if column is None else cells.half_width(cells.plain(sheet.rows[index][column]))
    except Unreadable:
        return ""


def _choose(rule: ColumnRule, cell: Cell) -> str:
    text = cells.half_width(cells.plain(cell)).strip()
    if text and text not in rule.choices:
        raise Unreadable("roster.choice", choices="、".join(dict.fromkeys(rule.choices.values())))
    return rule.choices.get(text, "")


def _columns(sheet: Sheet, header: Header) -> list[ColumnReading]:
    fields = {column: field for field, column in header.columns.items()}
    return [
        ColumnReading(sheet.name, column_letters(index), cells.shown(cell), fields.get(index, ""))
        for index, cell in enumerate(sheet.rows[header.row])
        if cell != ""
    ]


def _problem(sheet: Sheet, header: Header, index: int, field: str, message: Message) -> RowProblem:
    column = header.columns.get(field, 0)
    return RowProblem(sheet.name, index + 1, column_letters(column), cells.shown(sheet.rows[index][column]), message)

"""学生信息: what parents filled in, read at arm's length and written to be filled in; and where chip or roster differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import xlsxwriter

from kiosk.codes import OTHER_DOCUMENT
from kiosk.exchange.fields import FIELDS, ExportRow, Value
from kiosk.exchange.left_out import overlooked
from kiosk.exchange.reading import ColumnReading, Gathered, RowProblem, SheetReading, gather
from kiosk.exchange.sheet_style import OPTIONS, Style, write_head
from kiosk.records import CardEntry, Message, name_key
from kiosk.tables.rules import ColumnRule, Kind, TableRules, load_rules

ITEMS: Final[TableRules] = load_rules("particulars")
_FIELDS: Final = tuple(rule.field for rule in ITEMS.columns)
_STARRED: Final = tuple(rule for rule in ITEMS.columns if rule.starred)
_ANSWERED: Final = tuple(rule for rule in ITEMS.columns if rule.answered_by)
_TASK: Final = "kiosk.tables.particulars:read_particulars"
# What a chip answers; everything else that is answered, the roster does.
_OF_CHIP: Final = frozenset(
    {"name", "sex", "birth_text", "ethnicity", "nationality", "document_type", "id_number", "valid_period"}
)
_WIDTHS: Final = {Kind.ID_NUMBER: 22, Kind.AREA: 18, Kind.TEXT: 18}
_NARROW: Final = 12
_MOST_ROWS: Final = 3000  # lines with drop-downs in a list of nobody
_LONGEST: Final = 255  # characters of what Excel shows beside a cell
_LISTS: Final = "代码"


@dataclass(frozen=True)
class FilledRow:
    """One row of a file: where it stood, and what it tells, by field."""

    sheet: str
    row: int
    told: Mapping[str, str]


@dataclass(frozen=True)
class ParticularsReading:
    """What a file gave. `problems` are cells that were left out; `refused` rows don't tell whom they are about."""

    rows: tuple[FilledRow, ...]
    problems: tuple[RowProblem, ...]
    columns: tuple[ColumnReading, ...]
    sheets: tuple[SheetReading, ...]
    problem_count: int
    refused: int
    warnings: tuple[RowProblem, ...] = ()  # cells that were taken as they are written, though no list has them so
    warning_count: int = 0

    @property
    def overlooked(self) -> tuple[Message, ...]:
        """Sheets that were not read, rows that nobody sees, columns that nobody understood."""
        return overlooked(self.sheets, self.columns)


@dataclass(frozen=True)
class Difference:
    """An item that was filled in otherwise than a better witness has it; the witness's goes out."""

    field: str
    filled_in: str
    counts: str
    of_chip: bool


def read_particulars(path: Path, columns: Mapping[str, str] | None = None) -> ParticularsReading:
    """What parents filled in, of all sheets that have a header. Raises ExchangeError as `read_roster` does."""
    found: Gathered[FilledRow] = gather(_TASK, path, "rows", _filled_row, columns=dict(columns or {}))
    return ParticularsReading(
        tuple(found.records),
        tuple(found.problems),
        tuple(found.columns),
        tuple(found.sheets),
        found.counts["problems"],
        found.counts["refused"],
        tuple(found.warnings),
        found.counts["warnings"],
    )


def _filled_row(sheet: str, row: str, *cells: str) -> FilledRow:
    return FilledRow(sheet, int(row), {field: cell for field, cell in zip(_FIELDS, cells, strict=True) if cell})


def value_of(row: ExportRow, rule: ColumnRule) -> str:
    """What goes out of an item: the better witness's answer, else what was filled in."""
    if not rule.answered_by:
        return row.particulars.get(rule.field, "")
    return _as_filled_in(FIELDS[rule.answered_by](row)) or row.particulars.get(rule.field, "")


def _as_filled_in(value: Value) -> str:
    return value.strftime("%Y%m%d") if isinstance(value, date) else str(value or "")


def differences(row: ExportRow) -> Iterator[Difference]:
    """Where chip or roster say something else than what was filled in."""
    card = row.record.card if row.record else None
    chip = card is not None and card.entry is not CardEntry.TYPED
    for rule in _ANSWERED:
        filled_in = row.particulars.get(rule.field, "")
        counts = _as_filled_in(FIELDS[rule.answered_by](row)) if filled_in else ""
        if counts and _key(rule, counts) != _key(rule, filled_in):
            yield Difference(rule.field, filled_in, counts, chip and rule.field in _OF_CHIP)


def _key(rule: ColumnRule, value: str) -> str:
    return name_key(value) if rule.kind is Kind.NAME else value.casefold()


def missing(row: ExportRow) -> tuple[str, ...]:
    """The starred items that nobody answers."""
    told = row.particulars
    return tuple(
        rule.field for rule in _STARRED if not told.get(rule.field) and not value_of(row, rule) and not _may_lack(rule, row)
    )


def _may_lack(rule: ColumnRule, row: ExportRow) -> bool:
    """The number of 其他 may be empty, and so may what only residents have."""
    kind = FIELDS["document_type"](row)
    return (rule.field == "id_number" and kind == OTHER_DOCUMENT) or (rule.field == "ethnicity" and kind != "1")


def write_list(rows: Sequence[ExportRow], path: Path) -> None:
    """The list to be filled in as .xlsx: all items of these students, with what is known already, drop-downs with the
    register's codes and words, and what is to be written beside the cell that is chosen."""
    with xlsxwriter.Workbook(path, OPTIONS) as book:
        style, page = Style(book), book.add_worksheet(ITEMS.title)
        widths = (
            (f"{rule.header}*" if rule.starred else rule.header, _WIDTHS.get(rule.kind, _NARROW)) for rule in ITEMS.columns
        )
        write_head(page, widths, style, landscape=True)
        page.freeze_panes(1, 2 + _FIELDS.index("name"))
        lists = book.add_worksheet(_LISTS)
        lists.hide()
        last = len(rows) or _MOST_ROWS
        for at, rule in enumerate(ITEMS.columns):
            page.set_column(at, at, _WIDTHS.get(rule.kind, _NARROW), style.text)
            told = _help(rule)
            choices = [rule.code_and_word(value) for value in rule.kept]
            if choices:
                lists.write_column(0, at, choices, style.text)
                column = xlsxwriter.utility.xl_col_to_name(at, col_abs=True)
                source = f"='{_LISTS}'!{column}$1:{column}${len(choices)}"
                page.data_validation(1, at, last, at, {"validate": "list", "source": source, "error_type": "warning"} | told)
            elif told:
                page.data_validation(1, at, last, at, {"validate": "any"} | told)
        for line, row in enumerate(rows, start=1):
            for at, rule in enumerate(ITEMS.columns):
                if value := value_of(row, rule):
                    page.write_string(line, at, rule.code_and_word(value), style.text)


def _help(rule: ColumnRule) -> dict[str, str]:
    words = rule.hint or (_OPEN if rule.open else _HINTS.get(rule.kind, ""))
    return {"input_title": rule.header[:32], "input_message": words[:_LONGEST]} if words else {}


_OPEN: Final = "代码未见于通知，以本省下发的表为准；表中没有的代码或文字可以照填"
_HINTS: Final = {
    Kind.AREA: "6 位或 12 位行政区划代码，精确到县（区），如 630103；也可以写全称：青海省西宁市城中区",
    Kind.PHONE: "11 位手机号，或带区号的固定电话 0971-6123456",
    Kind.POSTCODE: "6 位数字",
}

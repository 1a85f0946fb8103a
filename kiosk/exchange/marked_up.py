"""Gives a refused roster back: the same sheets with the bad cells marked and commented, to be mended and imported again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import xlsxwriter

from kiosk.exchange import cells
from kiosk.exchange.headers import column_letters
from kiosk.exchange.sheet_style import ALARM, OPTIONS, Style, write_head
from kiosk.exchange.sheets import read_sheets
from kiosk.exchange.table_file import RowProblem
from kiosk.records import Message

_COMMENT: Final = {"author": "采集站", "x_scale": 2}
_WIDTH: Final = 18
_LIST: Final = {"sheet": 14, "row": 8, "column": 8, "value": 24, "kind": 8, "problem": 70}  # title → width


def write_marked_up(
    path: Path, out: Path, problems: Sequence[RowProblem], warnings: Sequence[RowProblem], *, say: Callable[[Message], str]
) -> None:
    """Write `out` (.xlsx): every sheet of `path` as it is, cells as text, errors red and warnings yellow with a comment each.

    A first sheet lists them all. `say` turns messages into words. Raises ExchangeError as `read_sheets` does.
    """
    marks: dict[tuple[str, int, str], list[tuple[bool, str]]] = defaultdict(list)
    for serious, listed in ((True, problems), (False, warnings)):
        for problem in listed:
            marks[problem.sheet, problem.row, problem.column].append((serious, say(problem.message)))
    sheets = read_sheets(path)
    with xlsxwriter.Workbook(out, OPTIONS) as book:
        style = Style(book)
        red = style.cell(**ALARM, border=1)
        yellow = style.cell(bg_color="#FFEB9C", font_color="#7A5A00", border=1)
        summary = book.add_worksheet(_free_name(say(Message("roster.list.title")), [sheet.name for sheet in sheets]))
        _list_problems(summary, [*_rows(problems, say, "error"), *_rows(warnings, say, "warning")], style, say)
        for sheet in sheets:
            page = book.add_worksheet(sheet.name)
            page.set_column(0, max((len(row) for row in sheet.rows), default=1), _WIDTH, style.text)
            for line, row in enumerate(sheet.rows):
                for column, cell in enumerate(row):
                    said = marks.get((sheet.name, line + 1, column_letters(column)), [])
                    look = red if any(serious for serious, _ in said) else yellow if said else style.text
                    page.write_string(line, column, cells.shown(cell), look)
                    if said:
                        page.write_comment(line, column, "\n".join(words for _, words in said), _COMMENT)


def _rows(listed: Sequence[RowProblem], say: Callable[[Message], str], kind: str) -> list[tuple[str, ...]]:
    name = say(Message(f"roster.list.{kind}"))
    return [(one.sheet, str(one.row), one.column, one.value, name, say(one.message)) for one in listed]


def _list_problems(
    page: xlsxwriter.worksheet.Worksheet, rows: Sequence[Sequence[str]], style: Style, say: Callable[[Message], str]
) -> None:
    write_head(page, ((say(Message(f"roster.list.{title}")), width) for title, width in _LIST.items()), style)
    for line, row in enumerate(rows, start=1):
        for column, value in enumerate(row):
            page.write_string(line, column, value, style.wrapped)
    page.autofilter(0, 0, max(len(rows), 1), len(_LIST) - 1)


def _free_name(wanted: str, taken: Sequence[str]) -> str:
    name, number = wanted, 1
    while name in taken:
        number += 1
        name = f"{wanted}{number}"
    return name

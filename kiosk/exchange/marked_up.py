"""Gives a refused roster back: the same sheets with the bad cells marked and commented, to be mended and imported again."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import xlsxwriter

from kiosk.exchange.file_names import marked
from kiosk.exchange.reading import RowProblem, read_cells, sheet_names
from kiosk.exchange.sheet_style import ALARM, OPTIONS, SIMULATED, Style, write_head
from kiosk.records import Message
from kiosk.tables.sheet import column_letters

_COMMENT: Final = {"author": "采集站", "x_scale": 2}
_WIDTH: Final = 18
_MOST_WIDE: Final = 200
_LONGEST_NAME: Final = 31
_FORBIDDEN: Final = re.compile(r"[\[\]:*?/\\]")
_LIST: Final = {"sheet": 14, "row": 8, "column": 8, "value": 24, "kind": 8, "problem": 70}  # title → width


def write_marked_up(
    path: Path,
    out: Path,
    problems: Sequence[RowProblem],
    warnings: Sequence[RowProblem],
    *,
    say: Callable[[Message], str],
    simulated: bool = False,
) -> None:
    """Write `out` (.xlsx): every sheet of `path` as it is, cells as text, errors red and warnings yellow with a comment each.

    A first sheet lists them all. On a station with simulated devices its name says so, and so does every page that is printed.
    `say` turns messages into words. Raises ExchangeError as `read_roster` does.
    """
    marks: dict[tuple[str, int, str], list[tuple[bool, str]]] = defaultdict(list)
    for serious, listed in ((True, problems), (False, warnings)):
        for problem in listed:
            marks[problem.sheet, problem.row, problem.column].append((serious, say(problem.message)))
    with xlsxwriter.Workbook(out, OPTIONS) as book:
        style = Style(book)
        red = style.cell(**ALARM, border=1)
        yellow = style.cell(bg_color="#FFEB9C", font_color="#7A5A00", border=1)
        taken = {name.casefold() for name in sheet_names(path)}
        summary = book.add_worksheet(_free_name(marked(say(Message("roster.list.title")), simulated=simulated), taken))
        _list_problems(summary, [*_rows(problems, say, "error"), *_rows(warnings, say, "warning")], style, say)
        taken = {summary.name.casefold()}
        for sheet, rows in read_cells(path):
            page = book.add_worksheet(_free_name(sheet, taken))
            widest = 0
            for line, cells in rows:
                for column, text in cells:
                    said = marks.get((sheet, line + 1, column_letters(column)), [])
                    look = red if any(serious for serious, _ in said) else yellow if said else style.text
                    page.write_string(line, column, text, look)
                    widest = max(widest, min(column, _MOST_WIDE))
                    if said:
                        page.write_comment(line, column, "\n".join(words for _, words in said), _COMMENT)
            page.set_column(0, widest, _WIDTH, style.text)
        for page in book.worksheets() if simulated else ():
            page.set_header(f"&C{SIMULATED}")


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


def _free_name(wanted: str, taken: set[str]) -> str:
    """A sheet's name as workbooks allow it: 31 characters, no brackets, colons or slashes, no apostrophe at the ends, no two
    alike."""
    base = _FORBIDDEN.sub("_", wanted).strip("'")[:_LONGEST_NAME] or "_"
    name, number = base, 1
    while name.casefold() in taken:
        number += 1
        name = f"{base[: _LONGEST_NAME - len(str(number))]}{number}"
    taken.add(name.casefold())
    return name

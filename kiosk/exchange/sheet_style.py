"""What the sheets that we write have in common: the looks of cells, the head of a list, and how a page is printed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

# Nothing that a name holds may become a formula, a link or a number.
OPTIONS: Final = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
HEAD: Final = {"bold": True, "bg_color": "#E8EEF4"}
SIMULATED: Final = "模拟数据，不可用于报名"
ALARM: Final = {"bg_color": "#FFC7CE", "font_color": "#9C0006"}

_A4: Final = 9  # ECMA-376 18.3.1.63


class Style:
    """The looks of a book's cells; all of them text."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self._book = book
        self.text = self.cell()
        self.heading = self.cell(**HEAD, bottom=1)
        self.wrapped = self.cell(text_wrap=True, valign="top")
        self.alarming = self.cell(**ALARM)

    def cell(self, **look: Any) -> object:
        """One more look, in the words of xlsxwriter."""
        return self._book.add_format({"num_format": "@", **look})


def write_head(page: Worksheet, headers: Iterable[tuple[str, float]], style: Style, *, landscape: bool = False) -> None:
    """The first line of a list, with the widths of its columns in characters; it stays in sight and on every page."""
    for column, (header, width) in enumerate(headers):
        page.set_column(column, column, width)
        page.write_string(0, column, header, style.heading)
    set_up_page(page, landscape=landscape)


def set_up_page(page: Worksheet, *, head: int = 0, landscape: bool = False) -> None:
    """A4, as wide as the sheet; all down to the line `head` stays in sight, and that line is printed on every page."""
    page.freeze_panes(head + 1, 0)
    page.repeat_rows(head)
    page.set_paper(_A4)
    if landscape:
        page.set_landscape()
    page.fit_to_pages(1, 0)

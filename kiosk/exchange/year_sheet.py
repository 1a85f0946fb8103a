"""年报 as a workbook, for those who audit how minors' data are handled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import xlsxwriter

from kiosk.exchange.sheet_style import OPTIONS, Style, write_head

Table = tuple[Mapping[str, int], Sequence[Sequence[str | int]]]  # headers with their widths, rows


def write_year_report(sheets: Mapping[str, Table], out: Path) -> None:
    """One sheet a table, by its name."""
    with xlsxwriter.Workbook(out, OPTIONS) as book:
        style = Style(book)
        for name, (headers, rows) in sheets.items():
            page = book.add_worksheet(name)
            write_head(page, headers.items(), style, landscape=True)
            for line, row in enumerate(rows, start=1):
                for column, cell in enumerate(row):
                    if isinstance(cell, int):
                        page.write_number(line, column, cell, style.text)
                    else:
                        page.write_string(line, column, cell, style.wrapped)

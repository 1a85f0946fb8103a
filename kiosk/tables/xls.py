"""Workbooks of Excel 97-2003 and of WPS (.xls, .et): BIFF, read with xlrd."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any, Final

import xlrd
from xlrd.biffh import error_text_from_code

from kiosk.tables.cell import Cell, Spoilt, text
from kiosk.tables.errors import BadTable
from kiosk.tables.number_format import Format, format_of
from kiosk.tables.sheet import MOST_MERGED, Area, Row, Sheet

_BUILT_IN: Final = 164  # formats below have a fixed meaning and, for Chinese dates, no code in the file


def read_xls(content: bytes) -> Iterator[Sheet]:
    """The sheets, hidden ones marked. Raises BadTable("table.password"), ("table.unreadable"), and what xlrd raises."""
    try:
        book = xlrd.open_workbook(
            file_contents=content, formatting_info=True, on_demand=True, ragged_rows=True, logfile=io.StringIO()
        )
    except xlrd.XLRDError as error:
        code = "table.password" if "encrypt" in str(error).lower() else "table.unreadable"
        raise BadTable(code, **({} if code == "table.password" else {"reason": "XLRDError"})) from None
    for number in range(book.nsheets):
        sheet = book.sheet_by_index(number)
        if len(sheet.merged_cells) > MOST_MERGED:
            raise BadTable("table.too_many_merged", most=MOST_MERGED)
        merged = tuple(Area(top, left, bottom - 1, right - 1) for top, bottom, left, right in sheet.merged_cells)
        hidden = frozenset(column for column, info in sheet.colinfo_map.items() if info.hidden)
        yield Sheet(sheet.name, _rows(book, sheet), merged, sheet.visibility != 0, hidden)
        book.unload_sheet(number)


def _rows(book: Any, sheet: Any) -> Iterator[Row]:
    formats: dict[int, Format | None] = {}
    for index in range(sheet.nrows):
        cells: dict[int, Cell] = {}
        for column, (kind, value) in enumerate(zip(sheet.row_types(index), sheet.row_values(index), strict=True)):
            if kind in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK) or value == "":
                continue
            style = sheet.cell_xf_index(index, column)
            if style not in formats:
                formats[style] = _format(book, style)
            cells[column] = _cell(kind, value, formats[style])
        if cells:
            info = sheet.rowinfo_map.get(index)
            yield Row(index, cells, bool(info is not None and info.hidden))


def _format(book: Any, style: int) -> Format | None:
    number = book.xf_list[style].format_key
    code = book.format_map[number].format_str if number >= _BUILT_IN and number in book.format_map else None
    return format_of(number, code, since_1904=bool(book.datemode))


def _cell(kind: int, value: Any, form: Format | None) -> Cell:
    if kind == xlrd.XL_CELL_TEXT:
        return text(str(value))
    if kind == xlrd.XL_CELL_BOOLEAN:
        return bool(value)
    if kind == xlrd.XL_CELL_ERROR:
        said = error_text_from_code.get(value, "#?")
        return Spoilt.because("roster.formula_error", said, error=said)
    return form(float(value)) if form is not None else float(value)

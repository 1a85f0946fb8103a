"""Workbooks of Excel 97-2003 and of WPS (.xls, .et): BIFF, read with xlrd."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, Final

import olefile
import xlrd
from xlrd.biffh import error_text_from_code

from kiosk.tables.cell import Cell, Spoilt, text
from kiosk.tables.errors import BadTable
from kiosk.tables.number_format import Format, format_of
from kiosk.tables.sheet import MOST_MERGED, Area, Comment, Row, Sheet, place_of

_STREAMS: Final = ("Workbook", "Book")
_UNICODE: Final = 80  # the version from which on texts are
_WESTERN: Final = ("iso-8859-1", "latin_1", "ascii", "cp1252", "cp437", "cp850")
_RECORD: Final = struct.Struct("<HH")
_FORMULAS: Final = (0x0006, 0x0206, 0x0406)
_RESULT: Final = 6  # where in them it is
_BUILT_IN: Final = 164  # formats below have a fixed meaning and, for Chinese dates, no code in the file


def read_xls(content: bytes) -> Iterator[Sheet]:
    """The sheets, hidden ones marked. Raises BadTable("table.password"), ("table.unreadable"), and what xlrd raises."""
    stream = _stream(content)
    try:
        book = _opened(stream)
        if book.biff_version < _UNICODE and book.encoding in _WESTERN:  # what programs write that don't say, in GBK
            book = _opened(stream, encoding_override="gb18030")
    except xlrd.XLRDError as error:
        code = "table.password" if "encrypt" in str(error).lower() else "table.unreadable"
        raise BadTable(code, **({} if code == "table.password" else {"reason": "XLRDError"})) from None
    nobody_calculated = cache(lambda: _uncalculated(stream))
    for number in range(book.nsheets):
        sheet = book.sheet_by_index(number)
        if len(sheet.merged_cells) > MOST_MERGED:
            raise BadTable("table.too_many_merged", most=MOST_MERGED)
        merged = tuple(Area(top, left, bottom - 1, right - 1) for top, bottom, left, right in sheet.merged_cells)
        hidden = frozenset(column for column, info in sheet.colinfo_map.items() if info.hidden)
        rows = _rows(book, sheet, nobody_calculated)
        comments = tuple(Comment(place_of(*place), note.text) for place, note in sorted(sheet.cell_note_map.items()))
        yield Sheet(sheet.name, rows, merged, sheet.visibility != 0, hidden, bool(book.datemode), comments=comments)
        book.unload_sheet(number)


def _stream(content: bytes) -> bytes:
    """The workbook out of its compound file (MS-CFB). olefile counts sectors; xlrd itself follows a damaged chain for ever."""
    if not content.startswith(olefile.MAGIC):
        return content  # Excel 4 and before: no compound file
    with olefile.OleFileIO(io.BytesIO(content)) as compound:
        name = next((name for name in _STREAMS if compound.exists(name)), None)
        if name is None:
            raise BadTable("table.unknown_kind")
        with compound.openstream(name) as stream:
            return bytes(stream.read())


def _opened(stream: bytes, **more: Any) -> Any:
    return xlrd.open_workbook(
        file_contents=stream, formatting_info=True, on_demand=True, ragged_rows=True, logfile=io.StringIO(), **more
    )


def _uncalculated(stream: bytes) -> bool:
    """Whether there are formulas and none has a result: a program wrote them, and no Excel has been there. What is empty then
    is no empty text."""
    at, formulas = 0, False
    while at + 4 <= len(stream):
        kind, length = _RECORD.unpack_from(stream, at)
        at += 4
        if kind in _FORMULAS:
            result = stream[at + _RESULT :][:8]
            if not (result[:1] == b"\3" and result[6:] == b"\xff\xff"):  # MS-XLS 2.5.133: an empty text
                return False
            formulas = True
        at += length
    return formulas


def _rows(book: Any, sheet: Any, nobody_calculated: Callable[[], bool]) -> Iterator[Row]:
    formats: dict[int, Format | None] = {}
    struck_fonts = {at for at, font in enumerate(book.font_list) if font.struck_out}
    struck_styles = {at for at, style in enumerate(book.xf_list) if style.font_index in struck_fonts}
    for index in range(sheet.nrows):
        cells: dict[int, Cell] = {}
        struck = set()
        for column, (kind, value) in enumerate(zip(sheet.row_types(index), sheet.row_values(index), strict=True)):
            if kind in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK):
                continue
            if value == "":
                if nobody_calculated():
                    cells[column] = Spoilt.because("roster.formula_without_value", "=…")
                continue
            style = sheet.cell_xf_index(index, column)
            if style not in formats:
                formats[style] = _format(book, style)
            cells[column] = _cell(kind, value, formats[style])
            if style in struck_styles:
                struck.add(column)
        if cells:
            info = sheet.rowinfo_map.get(index)
            yield Row(index, cells, bool(info is not None and info.hidden), frozenset(struck))


def _format(book: Any, style: int) -> Format | None:
    if style >= len(book.xf_list):
        return None  # a file without formats
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

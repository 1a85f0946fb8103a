"""Rows of a worksheet (ECMA-376 part 1, 18.3.1.73), every cell a text that stands in the cell, and how they come into a
workbook that has its head already: a library that is called for each cell would take four times as long.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import IO, Final
from xml.sax.saxutils import escape

from kiosk.errors import ExchangeError
from kiosk.tables.sheet import column_letters

_SHEET: Final = "xl/worksheets/sheet1.xml"  # the only one of our workbooks
_STYLE: Final = re.compile(rb'<col [^>]*style="(\d+)"')
_DIMENSION: Final = re.compile(rb'<dimension ref="[^"]*"/>')
_END: Final = b"</sheetData>"
_SPECIAL: Final = re.compile("[&<>]")
_STYLE_MARK: Final = b"\x01"  # no XML holds it: the style's number is known when the workbook is finished
_LEVEL: Final = 4  # of zlib: half of the time of its usual 6, and a tenth more
_CHUNK: Final = 1 << 20
_LARGE: Final = 1 << 30  # a ZIP needs to know beforehand


def row_xml(opened: Sequence[str], number: int, cells: Sequence[str]) -> str:
    """One row; empty cells are no cells. `opened`: how a cell of each column begins, as `openings` has it."""
    if _SPECIAL.search("".join(cells)):
        cells = [escape(cell) for cell in cells]
    middle = f'{number}" s="\x01" t="inlineStr"><is><t'
    found = [
        f"{begin}{middle}{_KEPT if cell[0].isspace() or cell[-1].isspace() else '>'}{cell}</t></is></c>"
        for begin, cell in zip(opened, cells, strict=True)
        if cell
    ]
    return f'<row r="{number}">{"".join(found)}</row>' if found else ""


_KEPT: Final = ' xml:space="preserve">'


@cache
def openings(columns: int) -> tuple[str, ...]:
    """How a cell begins in each of so many columns."""
    return tuple(f'<c r="{column_letters(column)}' for column in range(columns))


def put_rows(book: Path, rows: Path, *, last_row: int, columns: int) -> None:
    """Put rows, a file of what `row_xml` makes, behind those that the workbook has; all columns have one style, and so do the
    cells. Raises OSError."""
    draft = book.with_suffix(".part")
    with zipfile.ZipFile(book) as found, zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as made:
        for entry in found.infolist():
            content = found.read(entry)
            if entry.filename != _SHEET:
                made.writestr(entry.filename, content)
                continue
            before, end, after = content.partition(_END)
            style = _STYLE.search(before)
            if style is None or not end:
                raise ExchangeError("export.not_readable", file=book.name, reason="sheetData")
            reach = f'<dimension ref="A1:{column_letters(max(columns, 1) - 1)}{last_row}"/>'.encode()
            with (
                made.open(entry.filename, "w", force_zip64=rows.stat().st_size > _LARGE) as part,
                rows.open("rb") as written,
            ):
                part.write(_DIMENSION.sub(reach, before))
                _copy(written, part, style[1])
                part.write(end + after)
    draft.replace(book)
    rows.unlink()


def _copy(source: IO[bytes], target: IO[bytes], style: bytes) -> None:
    while chunk := source.read(_CHUNK):
        target.write(chunk.replace(_STYLE_MARK, style))

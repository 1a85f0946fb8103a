"""Writes one sheet as .xlsx in flat memory, every cell a text cell, and reads it back to compare it cell by cell."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import nullcontext, suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self

import xlsxwriter
from xlsxwriter.exceptions import XlsxWriterException

from kiosk.errors import ExchangeError
from kiosk.exchange.read_back import read_rows
from kiosk.exchange.sheet_style import OPTIONS, Style, set_up_page
from kiosk.tables.headers import column_letters

MAX_ROWS: Final = 1_048_576  # of a sheet, ECMA-376
MAX_CELL: Final = 32_767  # characters
_UNWRITABLE: Final = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")


class SheetWriter:
    """Rows go in one after the other. What was meant is kept beside the sheet until `check` has seen that it is there."""

    def __init__(self, path: Path, sheet: str, headers: Sequence[str], widths: Sequence[float], titles: Sequence[str]) -> None:
        self.path = path
        self.rows = 0
        self._sheet_name = sheet
        self._next = 0
        self._journal_path = path.with_suffix(".cells")
        self._journal: IO[str] = self._journal_path.open("w", encoding="ascii")
        self._book = xlsxwriter.Workbook(path, {**OPTIONS, "constant_memory": True, "tmpdir": str(path.parent)})
        self._sheet = self._book.add_worksheet(sheet)
        style = Style(self._book)
        self._text = style.text
        for column, width in enumerate(widths):
            self._sheet.set_column(column, column, width, self._text)
        for line in titles:
            self._write([line], style.cell(bold=True, font_size=14))
        self._write(headers, style.heading)
        set_up_page(self._sheet, head=self._next - 1, landscape=True)

    def add(self, cells: Sequence[str]) -> None:
        """Write a row; raises ExchangeError naming the cell that a sheet can't hold."""
        self._write(cells, self._text)
        self.rows += 1

    def close(self) -> None:
        """Finish the file; raises OSError when the disk is full or gone. Closing again does nothing."""
        if self._journal.closed:
            return
        self._journal.close()
        try:
            self._book.close()
        except XlsxWriterException as error:
            raise error.__context__ if isinstance(error.__context__, OSError) else OSError(str(error)) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        with suppress(OSError) if error else nullcontext():
            self.close()

    def check(self) -> None:
        """Read the file back, row beside row; raises ExchangeError naming the first cell that differs."""
        found = read_rows(self.path)
        for row, meant in enumerate(self._meant(), start=1):
            self._compare(row, meant, next(found, []))
        if any(cell != "" for row in found for cell in row):
            raise ExchangeError("export.differs", file=self.path.name, cell=f"A{self._next + 1}")
        self._journal_path.unlink()

    def _write(self, cells: Sequence[str], style: object) -> None:
        if self._next >= MAX_ROWS:
            raise ExchangeError("export.too_many_rows", file=self.path.name, limit=MAX_ROWS)
        for column, cell in enumerate(cells):
            if len(cell) > MAX_CELL or not writable(cell):
                raise ExchangeError(
                    "export.cell_unwritable", file=self.path.name, cell=f"{column_letters(column)}{self._next + 1}"
                )
            if cell:  # an empty cell is no cell; its column is text already
                self._sheet.write_string(self._next, column, cell, style)
        self._journal.write(json.dumps(list(cells)) + "\n")
        self._next += 1

    def _meant(self) -> Iterator[list[str]]:
        with self._journal_path.open(encoding="ascii") as journal:
            for line in journal:
                yield json.loads(line)

    def _compare(self, row: int, meant: list[str], found: Sequence[object]) -> None:
        for column in range(max(len(meant), len(found))):
            wanted = meant[column] if column < len(meant) else ""
            if wanted != (found[column] if column < len(found) else ""):
                raise ExchangeError("export.differs", file=self.path.name, cell=f"{column_letters(column)}{row}")


def writable(text: str) -> bool:
    """Whether XML 1.0 can hold it: no control characters, no lone surrogates, none of the two non-characters."""
    return _UNWRITABLE.search(text) is None

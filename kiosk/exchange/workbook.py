"""Writes one sheet as .xlsx in flat memory, every cell a text cell, and reads it back to compare it cell by cell."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import nullcontext, suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self

import xlsxwriter
from xlsxwriter.exceptions import XlsxWriterException

from kiosk.errors import ExchangeError
from kiosk.exchange.file_names import marked
from kiosk.exchange.read_back import read_rows
from kiosk.exchange.sheet_rows import openings, put_rows, row_xml
from kiosk.exchange.sheet_style import OPTIONS, SIMULATED, Style, set_up_page
from kiosk.tables.headers import column_letters

MAX_ROWS: Final = 1_048_576  # of a sheet, ECMA-376
MAX_CELL: Final = 32_767  # characters
MAX_NAME: Final = 31  # of a sheet's name
_UNWRITABLE: Final = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
# How a row is kept beside the sheet: characters that no cell can hold stand between cells and for line ends.
_BETWEEN, _NEWLINE = "\x1f", "\x1e"


class SheetWriter:
    """Rows go in one after the other. What was meant is kept beside the sheet until `check` has seen that it is there.

    Simulated data have it written above the sheet's own first line.
    """

    def __init__(
        self,
        path: Path,
        sheet: str,
        headers: Sequence[str],
        widths: Sequence[float],
        titles: Sequence[str],
        *,
        simulated: bool = False,
    ) -> None:
        self.path = path
        self.rows = 0
        self._next = 0
        self._columns = len(headers)
        self._opened = openings(self._columns)
        self._journal_path = path.with_suffix(".cells")
        self._journal: IO[str] = self._journal_path.open("w", encoding="utf-8", newline="\n")
        self._rows_path = path.with_suffix(".rows")
        self._rows: IO[str] = self._rows_path.open("w", encoding="utf-8", newline="\n")
        self._book = xlsxwriter.Workbook(path, {**OPTIONS, "constant_memory": True, "tmpdir": str(path.parent)})
        self._sheet = self._book.add_worksheet(marked(sheet, simulated=simulated)[:MAX_NAME])
        style = Style(self._book)
        for column, width in enumerate(widths):
            self._sheet.set_column(column, column, width, style.text)
        for line in (SIMULATED, *titles) if simulated else titles:
            self._write_head([line], style.cell(bold=True, font_size=14))
        self._write_head(headers, style.heading)
        set_up_page(self._sheet, head=self._next - 1, landscape=True)

    def add(self, cells: Sequence[str]) -> None:
        """Write a row; raises ExchangeError naming the cell that a sheet can't hold."""
        self._keep(cells)
        self._rows.write(row_xml(self._opened, self._next, cells))
        self.rows += 1

    def close(self) -> None:
        """Finish the file; raises OSError when the disk is full or gone. Closing again does nothing."""
        if self._journal.closed:
            return
        try:
            self._journal.close()
        finally:
            self._rows.close()
        try:
            self._book.close()
        except XlsxWriterException as error:
            raise error.__context__ if isinstance(error.__context__, OSError) else OSError(str(error)) from None
        put_rows(self.path, self._rows_path, last_row=self._next, columns=self._columns)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        with suppress(OSError) if error else nullcontext():
            self.close()

    def check(self) -> None:
        """Read the file back, row beside row; raises ExchangeError naming the first cell that differs."""
        found = read_rows(self.path)
        for row, meant in enumerate(self._meant(), start=1):
            there = next(found, [])
            if meant[: len(there)] != there or any(meant[len(there) :]):
                self._tell_difference(row, meant, there)
        if any(cell != "" for row in found for cell in row):
            raise ExchangeError("export.differs", file=self.path.name, cell=f"A{self._next + 1}")
        self._journal_path.unlink()

    def _write_head(self, cells: Sequence[str], style: object) -> None:
        self._keep(cells)
        for column, cell in enumerate(cells):
            if cell:  # an empty cell is no cell; its column is text already
                self._sheet.write_string(self._next - 1, column, cell, style)

    def _keep(self, cells: Sequence[str]) -> None:
        """Note a row as meant; it becomes the next one."""
        if self._next >= MAX_ROWS:
            raise ExchangeError("export.too_many_rows", file=self.path.name, limit=MAX_ROWS)
        row = "\n".join(cells)  # a character that may be in a cell: what is not in the row is in none of its cells
        if len(row) > MAX_CELL or not writable(row):
            for column, cell in enumerate(cells):
                if len(cell) > MAX_CELL or not writable(cell):
                    place = f"{column_letters(column)}{self._next + 1}"
                    raise ExchangeError("export.cell_unwritable", file=self.path.name, cell=place)
        self._journal.write(_BETWEEN.join(cells).replace("\n", _NEWLINE) + "\n")
        self._next += 1

    def _meant(self) -> Iterator[list[str]]:
        with self._journal_path.open(encoding="utf-8", newline="\n") as journal:
            for line in journal:
                yield line[:-1].replace(_NEWLINE, "\n").split(_BETWEEN)

    def _tell_difference(self, row: int, meant: list[str], found: Sequence[object]) -> None:
        for column in range(max(len(meant), len(found))):
            wanted = meant[column] if column < len(meant) else ""
            if wanted != (found[column] if column < len(found) else ""):
                raise ExchangeError("export.differs", file=self.path.name, cell=f"{column_letters(column)}{row}")


def writable(text: str) -> bool:
    """Whether XML 1.0 can hold it: no control characters, no lone surrogates, none of the two non-characters."""
    return _UNWRITABLE.search(text) is None

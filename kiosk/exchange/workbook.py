"""Writes one sheet as .xlsx in flat memory, every cell a text cell, and reads it back to compare it cell by cell."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Final

import xlsxwriter
from xlsxwriter.exceptions import XlsxWriterException

from kiosk.errors import ExchangeError
from kiosk.exchange.file_names import marked
from kiosk.exchange.read_back import read_rows
from kiosk.exchange.sheet_rows import openings, put_rows, row_xml
from kiosk.exchange.sheet_style import OPTIONS, SIMULATED, Style, set_up_page
from kiosk.tables.sheet import column_letters

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
        self._name = marked(sheet, simulated=simulated)[:MAX_NAME]
        self._titles = (SIMULATED, *titles) if simulated else tuple(titles)
        self._headers, self._widths = headers, widths
        self._opened = openings(len(headers))
        self._journal_path, self._rows_path = path.with_suffix(".cells"), path.with_suffix(".rows")
        self._files: tuple[IO[str], IO[str]] | None = None
        path.touch(exist_ok=False)  # the name is taken
        for line in self._titles:
            self._keep([line])
        self._keep(headers)

    def add(self, cells: Sequence[str]) -> None:
        """Write a row; raises ExchangeError naming the cell that a sheet can't hold."""
        self._keep(cells)
        self._opened_files()[1].write(row_xml(self._opened, self._next, cells))
        self.rows += 1

    def shut(self) -> None:
        """Hold no file open, until more rows come: an export has more sheets than files that can be open."""
        if self._files is not None:
            (journal, rows), self._files = self._files, None
            try:
                journal.close()
            finally:
                rows.close()

    def close(self) -> None:
        """Finish the file; raises OSError when the disk is full or gone."""
        self._opened_files()
        self.shut()
        self._write_book()
        put_rows(self.path, self._rows_path, last_row=self._next, columns=len(self._headers))

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

    def _write_book(self) -> None:
        """A workbook with nothing but its head."""
        book = xlsxwriter.Workbook(self.path, {**OPTIONS, "constant_memory": True, "tmpdir": str(self.path.parent)})
        sheet, style = book.add_worksheet(self._name), Style(book)
        for column, width in enumerate(self._widths):
            sheet.set_column(column, column, width, style.text)
        for number, line in enumerate(self._titles):
            sheet.write_string(number, 0, line, style.cell(bold=True, font_size=14))
        for column, header in enumerate(self._headers):
            if header:  # an empty cell is no cell; its column is text already
                sheet.write_string(len(self._titles), column, header, style.heading)
        set_up_page(sheet, head=len(self._titles), landscape=True)
        try:
            book.close()
        except XlsxWriterException as error:
            raise error.__context__ if isinstance(error.__context__, OSError) else OSError(str(error)) from None

    def _opened_files(self) -> tuple[IO[str], IO[str]]:
        """What was meant, and the rows."""
        if self._files is None:
            journal = self._journal_path.open("a", encoding="utf-8", newline="\n")
            self._files = (journal, self._rows_path.open("a", encoding="utf-8", newline="\n"))
        return self._files

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
        self._opened_files()[0].write(_BETWEEN.join(cells).replace("\n", _NEWLINE) + "\n")
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

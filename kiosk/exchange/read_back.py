"""Reads a sheet that was just written, row by row, so that a big one takes no more memory than a small one.

The file is unpacked and parsed here as ECMA-376 part 1 §18.3 has it: nothing is taken over from what wrote it.
"""

from __future__ import annotations

import zipfile
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from xml.parsers.expat import ExpatError, ParserCreate

from kiosk.errors import ExchangeError

_SHEET: Final = "xl/worksheets/sheet1.xml"  # the only one of our workbooks
_CHUNK: Final = 1 << 16
_INLINE: Final = "inlineStr"  # 18.18.11: the cell's text stands in the cell
_DIGITS: Final = "0123456789"

Row = list[str | None]


def read_rows(path: Path) -> Iterator[Row]:
    """The sheet's rows from its first, each as long as its last cell; None stands for a cell that is no text cell.

    Raises ExchangeError when the file is no workbook or damaged (a ZIP's checksums are looked at, too).
    """
    reader = _Reader()
    try:
        with zipfile.ZipFile(path) as archive, archive.open(_SHEET) as sheet:
            while chunk := sheet.read(_CHUNK):
                reader.feed(chunk)
                yield from reader.finished()
            reader.feed(b"", last=True)
            yield from reader.finished()
    except (zipfile.BadZipFile, KeyError, ExpatError, ValueError) as error:
        raise ExchangeError("export.not_readable", file=path.name, reason=type(error).__name__) from None


class _Reader:
    """Collects rows out of the parser's events. A cell ends where the next one, the next row or what follows the rows begins:
    the ends of elements need not be asked for."""

    def __init__(self) -> None:
        self._parser = ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._rows: deque[Row] = deque()
        self._row: Row | None = None
        self._next = 1  # number of the row that comes
        self._texts: list[str] = []
        self._columns: dict[str, int] = {}
        self._in_cell = self._is_text = False

    def feed(self, chunk: bytes, *, last: bool = False) -> None:
        self._parser.Parse(chunk, last)
        if last:
            self._end_row()

    def finished(self) -> Iterator[Row]:
        while self._rows:
            yield self._rows.popleft()

    def _start(self, name: str, attributes: dict[str, str]) -> None:  # noqa: C901  # calls would cost as much as the parsing
        if name == "t":
            self._parser.CharacterDataHandler = self._texts.append
        elif name == "c" and self._row is not None:
            if self._in_cell:
                self._end_cell()
            letters = attributes["r"].rstrip(_DIGITS)
            column = self._columns.get(letters)
            if column is None:
                column = self._columns[letters] = _column(letters)
            row = self._row
            if int(attributes["r"][len(letters) :]) != self._next or column < len(row):
                raise ValueError(attributes["r"])
            if column > len(row):
                row += [""] * (column - len(row))
            self._in_cell, self._is_text = True, attributes.get("t") == _INLINE
        elif name == "row":
            self._end_row()
            while self._next < int(attributes["r"]):  # rows without a cell are not written
                self._rows.append([])
                self._next += 1
            self._row = []
        elif name != "is":
            self._parser.CharacterDataHandler = None
            if name not in _IN_CELL:
                self._end_row()

    def _end_cell(self) -> None:
        assert self._row is not None
        self._parser.CharacterDataHandler = None
        self._row.append("".join(self._texts) if self._is_text else None)
        self._texts.clear()
        self._in_cell = False

    def _end_row(self) -> None:
        if self._in_cell:
            self._end_cell()
        if self._row is not None:
            self._rows.append(self._row)
            self._row = None
            self._next += 1


_IN_CELL: Final = frozenset({"v", "f", "r", "rPr"})


def _column(letters: str) -> int:
    """A is 0, AA is 26; raises ValueError for what is no column."""
    index = 0
    for letter in letters:
        if not "A" <= letter <= "Z":
            raise ValueError(letters)
        index = index * 26 + ord(letter) - ord("A") + 1
    return index - 1

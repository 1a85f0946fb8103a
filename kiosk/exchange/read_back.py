"""Reads a sheet that was just written, row by row, so that a big one takes no more memory than a small one.

The file is unpacked and parsed here as ECMA-376 part 1 §18.3 has it: nothing is taken over from the library that wrote it.
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
    """Collects rows out of the parser's events."""

    def __init__(self) -> None:
        self._parser = ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._rows: deque[Row] = deque()
        self._row: Row = []
        self._next = 1  # number of the row that comes
        self._place = ""  # its number, as cells name it
        self._texts: list[str] = []
        self._columns: dict[str, int] = {}
        self._is_text = False

    def feed(self, chunk: bytes, *, last: bool = False) -> None:
        self._parser.Parse(chunk, last)

    def finished(self) -> Iterator[Row]:
        while self._rows:
            yield self._rows.popleft()

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "c":
            letters = attributes["r"].removesuffix(self._place)
            if letters not in self._columns:
                self._columns[letters] = _column(letters)
            self._row += [""] * (self._columns[letters] - len(self._row))
            self._is_text = attributes.get("t") == _INLINE
            self._texts = []
        elif name == "t":
            self._parser.CharacterDataHandler = self._texts.append
        elif name == "row":
            self._place = attributes["r"]
            while self._next < int(self._place):  # rows without a cell are not written
                self._rows.append([])
                self._next += 1
            self._row = []

    def _end(self, name: str) -> None:
        if name == "c":
            self._row.append("".join(self._texts) if self._is_text else None)
        elif name == "t":
            self._parser.CharacterDataHandler = None
        elif name == "row":
            self._rows.append(self._row)
            self._next += 1


def _column(letters: str) -> int:
    """A is 0, AA is 26; raises ValueError for what is no column."""
    index = 0
    for letter in letters:
        if not "A" <= letter <= "Z":
            raise ValueError(letters)
        index = index * 26 + ord(letter) - ord("A") + 1
    return index - 1

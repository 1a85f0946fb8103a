"""The cells of a worksheet part (ECMA-376 18.3.1), row by row while it is unpacked: what is empty costs nothing."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Final

from kiosk.tables import xml
from kiosk.tables.cell import Cell, Spoilt, text
from kiosk.tables.errors import BadTable
from kiosk.tables.number_format import Format
from kiosk.tables.sheet import MOST_MERGED, Area, Row

LAST_ROW: Final = 1_048_576
LAST_COLUMN: Final = 16_384  # XFD
_DIGITS: Final = "0123456789"
_REFERENCE: Final = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7})")
_ESCAPED: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")  # 22.9.2.19: ST_Xstring
_BETWEEN_TAGS: Final = re.compile(rb">\s+<")
_MERGED: Final = b"mergeCell"
_TRUE: Final = ("1", "true", "on")


@dataclass(frozen=True)
class SheetHead:
    """What is to be known of a sheet before its rows."""

    merged: tuple[Area, ...]
    hidden_columns: frozenset[int]


def read_head(part: Callable[[], AbstractContextManager[IO[bytes]]]) -> SheetHead | None:
    """Merged areas and hidden columns; None when the part is no worksheet.

    Columns stand before the rows, merged areas behind them: those are looked for by their name first, and the whole part parsed
    for them only where it occurs.
    """
    head = _Head()
    with part() as stream:
        chunk = stream.read(xml.CHUNK)
        whole = not chunk.lstrip().startswith(b"<")  # UTF-16
        while chunk and not head.rows:
            head.parser.Parse(chunk, False)
            chunk = stream.read(xml.CHUNK)
        before = b""
        while chunk and not whole:
            whole = _MERGED in before + chunk
            before, chunk = chunk[-len(_MERGED) :], stream.read(xml.CHUNK)
    if whole or head.merged:
        head = _Head()
        with part() as stream:
            xml.feed_all(head.parser, stream)
    return SheetHead(tuple(head.merged), frozenset(head.hidden)) if head.kind == "worksheet" else None


class _Head:
    def __init__(self) -> None:
        self.parser = xml.parser()
        self.parser.StartElementHandler = self._start
        self.kind = ""
        self.rows = False
        self.hidden: set[int] = set()
        self.merged: list[Area] = []

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        name = xml.local(name)
        self.kind = self.kind or name
        if name == "sheetData":
            self.rows = True
        elif name == "mergeCell":
            self.merged.append(_area(attributes.get("ref", "")))
            if len(self.merged) > MOST_MERGED:
                raise BadTable("table.too_many_merged", most=MOST_MERGED)
        elif name == "col" and attributes.get("hidden") in _TRUE:
            last = min(int(attributes["max"]), LAST_COLUMN)
            self.hidden.update(range(int(attributes["min"]) - 1, last))


def read_rows(stream: IO[bytes], strings: Sequence[Cell], formats: Sequence[Format | None], sheet: str) -> Iterator[Row]:
    """Rows that have a cell that is not empty.

    Raises BadTable("table.bad_cell") for a cell outside of what a sheet has, expat.ExpatError, ValueError, IndexError.
    """
    reader = _Rows(strings, formats, sheet)
    chunk = stream.read(xml.CHUNK)
    reader.begin(exact=_BETWEEN_TAGS.search(chunk) is not None)
    while chunk:
        reader.parser.Parse(chunk, False)
        while reader.found:
            yield reader.found.popleft()
        chunk = stream.read(xml.CHUNK)
    reader.parser.Parse(b"", True)
    reader.end_row()
    while reader.found:
        yield reader.found.popleft()


class _Rows:
    """Collects rows out of the parser's events. A cell ends where the next one or the next row begins: half of the events, the
    ends of elements, are not even asked for where there is no text between them."""

    def __init__(self, strings: Sequence[Cell], formats: Sequence[Format | None], sheet: str) -> None:
        self.parser = xml.parser()
        self.found: deque[Row] = deque()
        self._strings = strings
        self._formats = formats
        self._sheet = sheet
        self._index = -1
        self._place = ""  # the row's number, as its cells name it
        self._hidden = False
        self._cells: dict[int, Cell] = {}
        self._columns: dict[str, int] = {}
        self._finish: Callable[[], None] = _nothing

    def end_row(self) -> None:
        """The row that is under way is complete."""
        self._finish()
        if self._cells:
            self.found.append(Row(self._index, self._cells, self._hidden))
            self._cells = {}

    def begin(self, *, exact: bool) -> None:  # noqa: C901, PLR0915  # closures: methods would cost as much again as the parsing
        """Set the handlers; `exact` for files that have blanks between elements."""
        made, texts = self.parser, []  # type: ignore[var-annotated]
        strings, formats, columns = self._strings, self._formats, self._columns
        take = texts.append
        column = -1  # of the cell under way, -1: none
        kind: str | None = None
        style: str | None = None
        formula = silent = False
        c, v, t, f, row, reading, value = "c", "v", "t", "f", "row", "rPh", False

        def root(name: str, _: dict[str, str]) -> None:
            nonlocal c, v, t, f, row, reading
            prefix = name[: -len(xml.local(name))]
            c, v, t, f, row, reading = (prefix + known for known in (c, v, t, f, row, reading))
            made.StartElementHandler = start
            if exact:
                made.EndElementHandler = end

        def start(name: str, attributes: dict[str, str]) -> None:  # noqa: C901
            nonlocal column, kind, style, formula, silent, value
            if name == v:
                value = True
                made.CharacterDataHandler = take
            elif name == c:
                if column >= 0:
                    finish()
                reference = attributes.get("r")
                if reference is None:
                    column += 1
                else:
                    letters = reference.rstrip(_DIGITS)
                    if letters not in columns:
                        columns[letters] = self._column(letters, reference)
                    column = columns[letters]
                    if reference[len(letters) :] != self._place:
                        raise BadTable("table.bad_cell", sheet=self._sheet, cell=reference[:20])
                kind, style, formula, silent, value = attributes.get("t"), attributes.get("s"), False, False, False
                made.CharacterDataHandler = None
            elif name == t:
                if not silent:
                    made.CharacterDataHandler = take
            elif name == row:
                self.end_row()
                self._next_row(attributes)
                column = -1
            elif name == f:
                formula = True
                made.CharacterDataHandler = None
            elif name == reading:
                silent = True
                made.CharacterDataHandler = None

        def end(name: str) -> None:
            nonlocal silent
            if name in (v, t):
                made.CharacterDataHandler = None
            elif name == reading:
                silent = False

        def finish() -> None:
            made.CharacterDataHandler = None
            try:
                take_cell()
            except (ValueError, IndexError):
                self._cells[column] = Spoilt.because("roster.cell_broken", "".join(texts)[:20])
            texts.clear()

        def take_cell() -> None:
            if texts:
                said = texts[0] if len(texts) == 1 else "".join(texts)
                if kind is None or kind == "n":
                    number = float(said)
                    form = formats[int(style)] if style and formats else None
                    self._cells[column] = number if form is None else form(number)
                elif kind == "s":
                    cell = strings[int(said)]
                    if cell != "":
                        self._cells[column] = cell
                else:
                    self._cells[column] = _typed(kind, said)
            elif formula and not (kind == "str" and value):
                self._cells[column] = Spoilt.because("roster.formula_without_value", "=…")

        def finish_last() -> None:
            nonlocal column
            if column >= 0:
                finish()
            column = -1

        self._finish = finish_last
        made.StartElementHandler = root

    def _next_row(self, attributes: dict[str, str]) -> None:
        number = attributes.get("r")
        self._index = self._index + 1 if number is None else int(number) - 1
        if not 0 <= self._index < LAST_ROW:
            raise BadTable("table.bad_cell", sheet=self._sheet, cell=str(number)[:20])
        self._place = str(self._index + 1)
        self._hidden = attributes.get("hidden") in _TRUE

    def _column(self, letters: str, reference: str) -> int:
        try:
            index = column_index(letters)
        except ValueError:
            raise BadTable("table.bad_cell", sheet=self._sheet, cell=reference[:20]) from None
        return index


def _nothing() -> None:
    pass


def _typed(kind: str, said: str) -> Cell:
    if kind in ("str", "inlineStr"):
        return text_of([said])
    if kind == "b":
        return said.strip() in ("1", "true")
    if kind == "e":
        return Spoilt.because("roster.formula_error", said[:20], error=said[:20])
    if kind == "d":
        return datetime.fromisoformat(said.removesuffix("Z"))
    raise ValueError(kind)


def text_of(pieces: Sequence[str]) -> Cell:
    """Runs of a text together, its escaped characters as they are meant."""
    said = pieces[0] if len(pieces) == 1 else "".join(pieces)
    if "_x" in said:
        said = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), said)
    return text(said)


def column_index(letters: str) -> int:
    """A is 0, XFD is 16383; raises ValueError for what is no column."""
    index = 0
    if not 1 <= len(letters) <= 3:
        raise ValueError(letters)
    for letter in letters:
        if not "A" <= letter <= "Z":
            raise ValueError(letters)
        index = index * 26 + ord(letter) - ord("A") + 1
    if index > LAST_COLUMN:
        raise ValueError(letters)
    return index - 1


def _area(reference: str) -> Area:
    first, _, last = reference.partition(":")
    ends = [_REFERENCE.fullmatch(end) for end in (first, last or first)]
    if None in ends:
        raise BadTable("table.bad_cell", sheet="", cell=reference[:20])
    (left, top), (right, bottom) = ((column_index(end[1]), int(end[2]) - 1) for end in ends if end)
    return Area(min(top, bottom), min(left, right), max(top, bottom), max(left, right))

"""The cells of a worksheet part (ECMA-376 18.3.1), row by row while it is unpacked: what is empty costs nothing."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import IO, Final

from kiosk.tables import xml
from kiosk.tables.cell import LONGEST, Cell, Spoilt
from kiosk.tables.errors import BadTable
from kiosk.tables.number_format import Format
from kiosk.tables.sheet import MOST_MERGED, Area, Row
from kiosk.tables.xlsx_cell import LAST_COLUMN, LAST_ROW, column_index, one_of, typed
from kiosk.tables.xlsx_plain import PlainRows

_DIGITS: Final = "0123456789"
_REFERENCE: Final = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7})")
_ROWS_BEGIN: Final = b"<sheetData>"
_ROW_END: Final = b"</row>"
_LONGEST_ROW: Final = 1 << 20
# Comments, CDATA, instructions; what a parser refuses or changes: they are left to it, and all behind them.
_NO_ELEMENT: Final = re.compile(rb"<!|<\?(?!xml )")
# Each after its rarest byte, which is looked for twenty times as fast.
_UNUSUAL: Final = ((b"!", b"<!"), (b"?", b"<?"), (b"]", b"]]>"), (b"\xef", b"\xef\xbf\xbe"), (b"\xef", b"\xef\xbf\xbf"))
_CONTROLS: Final = bytes({*range(32)} - {9, 10})
_ENCODING: Final = re.compile(rb"<\?xml [^>]*encoding=[\"']([^\"']*)")
_MERGED: Final = b"mergeCell"
_TRUE: Final = ("1", "true", "on")
_NO_SIZE: Final = ("0", "0.0")  # rows and columns drawn together until nothing is seen of them


@dataclass(frozen=True)
class SheetHead:
    """What is to be known of a sheet before its rows."""

    merged: tuple[Area, ...]
    hidden_columns: frozenset[int]


@dataclass(frozen=True)
class Styles:
    """What each cell style does to numbers, by its index; those that strike through, as the cells name them."""

    formats: Sequence[Format | None] = ()
    struck: frozenset[str] = frozenset()


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
        elif name == "col" and (attributes.get("hidden") in _TRUE or attributes.get("width") in _NO_SIZE):
            last = min(int(attributes["max"]), LAST_COLUMN)
            self.hidden.update(range(int(attributes["min"]) - 1, last))


def read_rows(stream: IO[bytes], strings: Sequence[Cell], styles: Styles, sheet: str) -> Iterator[Row]:
    """Rows that have a cell that is not empty.

    Raises BadTable("table.bad_cell") for a cell outside of what a sheet has, expat.ExpatError, ValueError, IndexError.
    """
    reader = _Rows(strings, styles, sheet)
    chunk = stream.read(xml.CHUNK)
    start = chunk.find(_ROWS_BEGIN) + len(_ROWS_BEGIN)
    plain = start >= len(_ROWS_BEGIN) and _plain_head(chunk[:start])
    reader.begin()
    if plain:
        reader.parser.Parse(chunk[:start], False)
        chunk = chunk[start:]
    while chunk:
        if plain:
            end = chunk.rfind(_ROW_END) + len(_ROW_END)
            block = chunk[:end] if end >= len(_ROW_END) else b""
            plain = not _is_unusual(chunk) and (bool(block) or len(chunk) < _LONGEST_ROW)
            if plain:
                reader.take_block(block)
                chunk = chunk[len(block) :]
        if not plain:
            reader.parser.Parse(chunk, False)
            chunk = b""
        while reader.found:
            yield reader.found.popleft()
        more = stream.read(xml.CHUNK)
        if not more:
            break
        chunk += more
    reader.parser.Parse(chunk, True)
    reader.end_row()
    while reader.found:
        yield reader.found.popleft()


def _is_unusual(chunk: bytes) -> bool:
    if any(rare in chunk and whole in chunk for rare, whole in _UNUSUAL):
        return True
    return len(chunk.translate(None, _CONTROLS)) < len(chunk)


def _plain_head(head: bytes) -> bool:
    """Whether what stands before the rows is as programs write it: UTF-8, no prefixes, nothing but elements."""
    encoding = _ENCODING.search(head)
    usual = encoding is None or encoding[1].lower() in (b"utf-8", b"us-ascii")
    return usual and b"<worksheet" in head and _NO_ELEMENT.search(head) is None


class _Rows:
    """Collects rows: out of their text where they are written as usual, else out of the parser's events."""

    def __init__(self, strings: Sequence[Cell], styles: Styles, sheet: str) -> None:
        self.parser = xml.parser()
        self.found: deque[Row] = deque()
        self._strings = strings
        self._formats = styles.formats
        self._struck_styles = styles.struck
        self._sheet = sheet
        self._index = -1
        self._place = ""  # the row's number, as its cells name it
        self._hidden = False
        self._cells: dict[int, Cell] = {}
        self._struck: set[int] = set()  # columns of the row under way
        self._columns: dict[str, int] = {}
        self._plain = PlainRows(strings, styles.formats, styles.struck)
        self._finish: Callable[[], None] = _nothing

    def take_block(self, block: bytes) -> None:
        """Whole rows: those that are not written as nearly all are, the parser reads, the same parser in their order."""
        try:
            text = block.decode("utf-8")
        except UnicodeDecodeError:
            self._parse(block)  # which says where
            return
        for row in self._plain.take(text):
            if isinstance(row, str):
                self._parse(row.encode())
            else:
                self._index = row.at
                if row.cells:
                    self.found.append(row)

    def _parse(self, rows: bytes) -> None:
        self.parser.Parse(rows, False)
        self.end_row()

    def end_row(self) -> None:
        """The row that is under way is complete."""
        self._finish()
        if self._cells:
            self.found.append(Row(self._index, self._cells, self._hidden, frozenset(self._struck)))
            self._cells = {}
            self._struck.clear()

    def begin(self) -> None:  # noqa: C901, PLR0915  # closures: methods would cost as much again as the parsing
        """Set the handlers."""
        made, texts = self.parser, []  # type: ignore[var-annotated]
        strings, formats, columns, struck = self._strings, self._formats, self._columns, self._struck_styles
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
            made.StartElementHandler, made.EndElementHandler = start, end

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
            else:
                silent = silent or name == reading
                made.CharacterDataHandler = None

        def end(name: str) -> None:
            nonlocal silent
            if name in (v, t):
                made.CharacterDataHandler = None
            elif name == reading:
                silent = False

        def finish() -> None:
            made.CharacterDataHandler = None
            earlier = self._cells.pop(column, "")
            try:
                take_cell()
            except (ValueError, IndexError):
                self._cells[column] = Spoilt.because("roster.cell_broken", "".join(texts)[:20])
            texts.clear()
            if style in struck and column in self._cells:
                self._struck.add(column)
            if earlier != "":
                self._cells[column] = one_of(earlier, self._cells.get(column, ""))

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
                elif kind in ("inlineStr", "str") and len(said) <= LONGEST and "_x" not in said:
                    self._cells[column] = said
                else:
                    self._cells[column] = typed(kind, said)
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
        self._hidden = attributes.get("hidden") in _TRUE or attributes.get("ht") in _NO_SIZE

    def _column(self, letters: str, reference: str) -> int:
        try:
            index = column_index(letters)
        except ValueError:
            raise BadTable("table.bad_cell", sheet=self._sheet, cell=reference[:20]) from None
        return index


def _nothing() -> None:
    pass


def _area(reference: str) -> Area:
    first, _, last = reference.partition(":")
    ends = [_REFERENCE.fullmatch(end) for end in (first, last or first)]
    if None in ends:
        raise BadTable("table.bad_cell", sheet="", cell=reference[:20])
    (left, top), (right, bottom) = ((column_index(end[1]), int(end[2]) - 1) for end in ends if end)
    return Area(min(top, bottom), min(left, right), max(top, bottom), max(left, right))

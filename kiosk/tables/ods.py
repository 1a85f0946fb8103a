"""OpenDocument spreadsheets (ODF 1.3 part 3, 9): repeated cells and rows are one event each, however many they stand for."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from datetime import date, datetime
from typing import IO, Final

from kiosk.tables import xml
from kiosk.tables.cell import Cell, Shown, Spoilt, text
from kiosk.tables.errors import BadTable
from kiosk.tables.package import Package
from kiosk.tables.sheet import MOST_MERGED, MOST_ROWS, Area, Comment, Row, Sheet, place_of

FLAT: Final = b"urn:oasis:names:tc:opendocument:xmlns:office:1.0"
_CONTENT: Final = "content.xml"
_HIDDEN: Final = ("collapse", "filter")
_ERRORS: Final = ("#N/A", "#REF!", "#NAME?", "#VALUE!", "#DIV/0!", "#NUM!", "#NULL!", "Err:")
_MOST_COLUMNS: Final = 16_384
_SHAPES: Final = frozenset(
    "frame custom-shape rect ellipse circle line polyline polygon path caption connector measure g".split()
)


def read_ods(package: Package) -> Iterator[Sheet]:
    """The sheets, hidden ones marked. Raises as `read_xlsx` does."""
    with package.part(_CONTENT) as stream:
        yield from read_flat_ods(stream)


def read_flat_ods(stream: IO[bytes]) -> Iterator[Sheet]:
    """The same of a document that is one XML file (.fods)."""
    reader = _Reader()
    made = xml.parser()
    made.StartElementHandler, made.EndElementHandler = reader.start, reader.end
    made.CharacterDataHandler = reader.characters
    for _ in xml.feed(made, stream):
        while reader.sheets:
            yield reader.sheets.popleft()


class _Reader:
    """Collects sheets out of the parser's events. A sheet is held whole: its merged areas stand in its cells."""

    def __init__(self) -> None:
        self.sheets: deque[Sheet] = deque()
        self._depth = 0  # of tables within tables: those are no sheets
        self._name = ""
        self._hidden_styles: set[str] = set()
        self._struck_styles: set[str] = set()
        self._style = ""
        self._hidden = False
        self._rows: list[Row] = []
        self._merged: list[Area] = []
        self._hidden_columns: set[int] = set()
        self._row = self._column = self._columns = 0
        self._repeat_row = self._repeat = 1
        self._row_hidden = False
        self._cells: dict[int, Cell] = {}
        self._struck: set[int] = set()
        self._comments: list[Comment] = []
        self._noted: list[str] = []
        self._cell: dict[str, str] | None = None
        self._texts: list[str] = []
        self._paragraphs = 0
        self._in_text = 0
        self._in_note = 0
        self._in_shape = 0  # stamps and text boxes lie in the cell that they hang on

    def start(self, name: str, attributes: dict[str, str]) -> None:
        kind = xml.local(name)
        known = {xml.local(key): value for key, value in attributes.items()}
        if kind == "style":
            self._style = known.get("name", "")
        elif kind == "table-properties" and known.get("display") == "false":
            self._hidden_styles.add(self._style)
        elif kind == "text-properties" and known.get("text-line-through-style", "none") != "none":
            self._struck_styles.add(self._style)
        elif kind == "table":
            self._depth += 1
            if self._depth == 1:
                self._begin(known)
        elif self._depth == 1:
            self._start_within(kind, known)

    def _start_within(self, kind: str, known: dict[str, str]) -> None:
        if kind == "table-column":
            count = _count(known, "number-columns-repeated")
            if known.get("visibility") in _HIDDEN:
                self._hidden_columns.update(range(self._columns, min(self._columns + count, _MOST_COLUMNS)))
            self._columns += count
        elif kind == "table-row":
            self._repeat_row = _count(known, "number-rows-repeated")
            self._row_hidden = known.get("visibility") in _HIDDEN
            self._column, self._cells, self._struck = 0, {}, set()
        elif kind in ("table-cell", "covered-table-cell"):
            self._cell, self._texts, self._paragraphs = known, [], 0
            self._repeat = _count(known, "number-columns-repeated")
            self._merge(known)
        elif kind == "annotation":
            self._in_note += 1
            self._noted = []
        elif kind in _SHAPES:
            self._in_shape += 1
        elif self._cell is not None:
            self._within(kind, known)

    def end(self, name: str) -> None:
        kind = xml.local(name)
        if kind == "table":
            if self._depth == 1:
                hidden, comments = frozenset(self._hidden_columns), tuple(self._comments)
                rows, merged = iter(self._rows), tuple(self._merged)
                self.sheets.append(Sheet(self._name, rows, merged, self._hidden, hidden, comments=comments))
            self._depth -= 1
        elif self._depth != 1:
            return
        elif kind in ("table-cell", "covered-table-cell") and self._cell is not None:
            self._take(_cell(self._cell, "".join(self._texts)))
            self._cell = None
        elif kind == "table-row":
            self._end_row()
        elif kind == "annotation":
            self._in_note -= 1
            self._comments.append(Comment(place_of(self._row, self._column), "".join(self._noted)))
        elif kind in _SHAPES:
            self._in_shape -= 1
        elif kind == "p" and self._cell is not None:
            self._in_text -= 1

    def characters(self, data: str) -> None:
        if self._in_text and self._cell is not None and not self._in_shape:
            (self._noted if self._in_note else self._texts).append(data)

    def _begin(self, known: dict[str, str]) -> None:
        self._name = known.get("name", "")
        self._hidden = known.get("style-name", "-") in self._hidden_styles
        self._rows, self._merged, self._hidden_columns, self._comments = [], [], set(), []
        self._row = self._columns = 0

    def _within(self, kind: str, known: dict[str, str]) -> None:
        if kind == "p":
            self._in_text += 1
        if self._in_note or self._in_shape:
            return
        if kind == "p":
            self._texts.append("\n" if self._paragraphs else "")
            self._paragraphs += 1
        elif kind == "s":
            self._texts.append(" " * min(_count(known, "c"), 1000))
        elif kind == "tab":
            self._texts.append("\t")
        elif kind == "line-break":
            self._texts.append("\n")

    def _merge(self, known: dict[str, str]) -> None:
        high, wide = _count(known, "number-rows-spanned"), _count(known, "number-columns-spanned")
        if high > 1 or wide > 1:
            self._merged.append(Area(self._row, self._column, self._row + high - 1, self._column + wide - 1))
            if len(self._merged) > MOST_MERGED:
                raise BadTable("table.too_many_merged", most=MOST_MERGED)

    def _take(self, cell: Cell) -> None:
        if cell != "":
            if self._repeat > _MOST_COLUMNS:
                raise BadTable("table.bad_cell", sheet=self._name, cell=str(self._repeat))
            columns = range(self._column, self._column + self._repeat)
            self._cells.update(dict.fromkeys(columns, cell))
            if self._cell is not None and self._cell.get("style-name") in self._struck_styles:
                self._struck.update(columns)
        self._column += self._repeat

    def _end_row(self) -> None:
        if self._cells:
            if len(self._rows) + self._repeat_row > MOST_ROWS:
                raise BadTable("table.too_many_rows", sheet=self._name, most=MOST_ROWS)
            struck = frozenset(self._struck)
            for index in range(self._row, self._row + self._repeat_row):
                self._rows.append(Row(index, self._cells, self._row_hidden, struck))
        self._row += self._repeat_row


def _count(known: dict[str, str], name: str) -> int:
    return max(int(known.get(name, "1")), 1)


def _cell(known: dict[str, str], seen: str) -> Cell:
    """A cell by its type (ODF 19.387); what is seen of a number is what its format makes of it."""
    kind = known.get("value-type", "")
    if known.get("formula") and (seen.startswith(_ERRORS) or kind == "error"):
        return Spoilt.because("roster.formula_error", seen[:20], error=seen[:20])
    if known.get("formula") and not kind and not seen:
        return Spoilt.because("roster.formula_without_value", "=…")
    if kind in ("float", "currency", "percentage"):
        number = float(known.get("value", "nan"))
        plain = str(int(number)) if number.is_integer() and abs(number) < 10**15 else ""
        return number if seen in ("", plain) or "E+" in seen or _is_decorated(seen, number) else Shown(number, seen)
    if kind == "date":
        moment = datetime.fromisoformat(known.get("date-value", ""))
        return date(moment.year, moment.month, moment.day) if moment.time() == datetime.min.time() else moment
    if kind == "boolean":
        return known.get("boolean-value") == "true"
    return text(known.get("string-value", seen))


def _is_decorated(seen: str, number: float) -> bool:
    """`1,523.00` says no more than 1523 does."""
    try:
        return float(seen.replace(",", "")) == number and not seen.startswith("0")
    except ValueError:
        return False

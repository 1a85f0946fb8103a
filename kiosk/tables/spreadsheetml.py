"""“XML Spreadsheet 2003”, which systems hand out under the name .xls (Microsoft Office 2003 XML reference schemas)."""

from __future__ import annotations

import io
from collections import deque
from collections.abc import Iterator
from datetime import date, datetime
from typing import Final

from kiosk.tables import xml
from kiosk.tables.cell import Cell, Spoilt, text
from kiosk.tables.errors import BadTable
from kiosk.tables.number_format import Format, format_of
from kiosk.tables.sheet import MOST_MERGED, MOST_ROWS, Area, Comment, Row, Sheet, place_of
from kiosk.tables.text import decode
from kiosk.tables.xlsx_cell import LAST_COLUMN, LAST_ROW

NAMESPACE: Final = b"urn:schemas-microsoft-com:office:spreadsheet"
_NAMED: Final = {
    "General Number": "General",
    "Fixed": "0.00",
    "Standard": "#,##0.00",
    "Percent": "0%",
    "Scientific": "0.00E+00",
}
_DATES: Final = ("General Date", "Long Date", "Medium Date", "Short Date", "Long Time", "Medium Time", "Short Time")


def read_spreadsheetml(content: bytes) -> Iterator[Sheet]:
    """The sheets, hidden ones marked. Raises as `read_xlsx` does."""
    reader = _Reader()
    made = xml.parser("utf-8")
    made.StartElementHandler, made.EndElementHandler = reader.start, reader.end
    made.CharacterDataHandler = reader.characters
    for _ in xml.feed(made, io.BytesIO(_in_utf8(content))):
        while reader.sheets:
            yield reader.sheets.popleft()


def _in_utf8(content: bytes) -> bytes:
    """The parser knows no Chinese encoding; programs write `encoding="gb2312"`, and sometimes something else than they say."""
    return decode(content).text.encode("utf-8", "surrogatepass")


class _Reader:
    """Collects sheets out of the parser's events."""

    def __init__(self) -> None:
        self.sheets: deque[Sheet] = deque()
        self._formats: dict[str, Format | None] = {}
        self._style = self._row_style = ""
        self._name = ""
        self._since_1904 = False
        self._hidden = self._row_hidden = False
        self._rows: list[Row] = []
        self._merged: list[Area] = []
        self._hidden_columns: set[int] = set()
        self._row = self._column = -1
        self._row_span = 0  # empty rows that a row stands for besides itself
        self._next_column = 0
        self._cells: dict[int, Cell] = {}
        self._struck_styles: set[str] = set()
        self._struck: set[int] = set()
        self._comments: list[Comment] = []
        self._noted: list[str] = []
        self._known: dict[str, str] = {}
        self._kind = ""
        self._has_data = False
        self._in_note = 0
        self._texts: list[str] | None = None

    def start(self, name: str, attributes: dict[str, str]) -> None:
        kind = xml.local(name)
        known = {xml.local(key): value for key, value in attributes.items()}
        self._in_note += kind == "Comment"
        if self._in_note:
            return
        begin = {
            "Style": self._begin_style,
            "NumberFormat": self._format,
            "Font": self._font,
            "Worksheet": self._begin_sheet,
            "Column": self._begin_column,
            "Row": self._begin_row,
            "Cell": self._begin_cell,
            "Data": self._begin_data,
        }.get(kind)
        if begin is not None:
            begin(known)
        elif kind == "Visible":
            self._texts = []
        elif kind == "Date1904":
            self._since_1904 = True

    def end(self, name: str) -> None:
        kind = xml.local(name)
        if self._in_note:
            if kind == "Comment":
                self._end_comment()
        elif kind == "Data" and self._texts is not None:
            cell = self._cell_of("".join(self._texts))
            if cell != "":
                self._cells[self._column] = cell
            self._texts = None
        elif kind == "Cell":
            self._end_cell()
        elif kind == "Row":
            self._end_row()
        elif kind == "Visible" and self._texts is not None:
            self._hidden = "".join(self._texts).strip() in ("SheetHidden", "SheetVeryHidden")
            self._texts = None
        elif kind == "Worksheet":
            hidden, comments = frozenset(self._hidden_columns), tuple(self._comments)
            rows, merged = iter(self._rows), tuple(self._merged)
            self.sheets.append(Sheet(self._name, rows, merged, self._hidden, hidden, self._since_1904, comments=comments))

    def _end_comment(self) -> None:
        self._in_note -= 1
        self._comments.append(Comment(place_of(self._row, self._column), "".join(self._noted)))
        self._noted = []

    def _end_cell(self) -> None:
        if not self._has_data and "Formula" in self._known:
            self._cells[self._column] = Spoilt.because("roster.formula_without_value", "=…")
        if (self._known.get("StyleID") or self._row_style) in self._struck_styles and self._column in self._cells:
            self._struck.add(self._column)
        self._column += int(self._known.get("MergeAcross", "0"))

    def _end_row(self) -> None:
        if self._cells:
            self._rows.append(Row(self._row, self._cells, self._row_hidden, frozenset(self._struck)))
            if len(self._rows) > MOST_ROWS:
                raise BadTable("table.too_many_rows", sheet=self._name, most=MOST_ROWS)
        self._row = min(self._row + self._row_span, LAST_ROW)

    def characters(self, data: str) -> None:
        if self._in_note:
            self._noted.append(data)
        elif self._texts is not None:
            self._texts.append(data)

    def _begin_style(self, known: dict[str, str]) -> None:
        self._style = known.get("ID", "")

    def _format(self, known: dict[str, str]) -> None:
        code = known.get("Format", "General")
        code = "yyyy-mm-dd" if code in _DATES else _NAMED.get(code, code)
        self._formats[self._style] = format_of(-1, code)

    def _font(self, known: dict[str, str]) -> None:
        if known.get("StrikeThrough") == "1":
            self._struck_styles.add(self._style)

    def _begin_sheet(self, known: dict[str, str]) -> None:
        self._name, self._hidden = known.get("Name", ""), False
        self._rows, self._merged, self._hidden_columns, self._comments = [], [], set(), []
        self._row, self._next_column = -1, 0

    def _begin_column(self, known: dict[str, str]) -> None:
        first = int(known.get("Index", self._next_column + 1)) - 1
        self._next_column = min(first + int(known.get("Span", "0")) + 1, LAST_COLUMN)
        if known.get("Hidden") == "1":
            self._hidden_columns.update(range(first, self._next_column))

    def _begin_row(self, known: dict[str, str]) -> None:
        self._row = self._placed(known, self._row, LAST_ROW)
        self._row_span = int(known.get("Span", "0"))
        self._column, self._cells, self._struck = -1, {}, set()
        self._row_hidden, self._row_style = known.get("Hidden") == "1", known.get("StyleID", "")

    def _begin_cell(self, known: dict[str, str]) -> None:
        self._column = self._placed(known, self._column, LAST_COLUMN)
        self._known, self._has_data = known, False
        high, wide = int(known.get("MergeDown", "0")), int(known.get("MergeAcross", "0"))
        if high > 0 or wide > 0:
            self._merged.append(Area(self._row, self._column, self._row + high, self._column + wide))
            if len(self._merged) > MOST_MERGED:
                raise BadTable("table.too_many_merged", most=MOST_MERGED)

    def _begin_data(self, known: dict[str, str]) -> None:
        self._kind, self._has_data, self._texts = known.get("Type", "String"), True, []

    def _placed(self, known: dict[str, str], last: int, most: int) -> int:
        place = int(known.get("Index", last + 2)) - 1
        if not last < place < most:  # Excel opens no file that goes back to a row or cell
            raise BadTable("table.bad_cell", sheet=self._name, cell=known.get("Index", "")[:20])
        return place

    def _cell_of(self, said: str) -> Cell:
        try:
            return self._cell(said) if said else ""
        except ValueError:
            return Spoilt.because("roster.cell_broken", said[:20])

    def _cell(self, said: str) -> Cell:
        if self._kind == "Number":
            form = self._formats.get(self._known.get("StyleID") or self._row_style)
            return form(float(said)) if form is not None else float(said)
        if self._kind == "DateTime":
            moment = datetime.fromisoformat(said.strip().removesuffix("Z"))
            return date(moment.year, moment.month, moment.day) if moment.time() == datetime.min.time() else moment
        if self._kind == "Boolean":
            return said.strip() == "1"
        if self._kind == "Error":
            return Spoilt.because("roster.formula_error", said[:20], error=said[:20])
        return text(said)

"""Tables in web pages, which many systems hand out under the name .xls: numbers stand in them as they were written."""

from __future__ import annotations

import email
import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from typing import Final

from kiosk.tables.cell import Cell, text
from kiosk.tables.errors import BadTable
from kiosk.tables.sheet import MOST_MERGED, MOST_ROWS, Area, Row, Sheet
from kiosk.tables.text import decode

_CELLS: Final = ("td", "th")
_PARTS_OF_TABLES: Final = (*_CELLS, "tr", "table", "thead", "tbody", "tfoot")
_EMPTY: Final = ("br", "input", "img", "hr", "col", "wbr")  # tags that nothing is in
_UNSEEN: Final = ("script", "style", "head", "title", "xml")
_HIDDEN: Final = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_MOST_SPAN: Final = 65_534  # HTML standard, 4.9.11: what a rowspan can be
_MOST_WIDE: Final = 1000  # and a colspan
_PIECE: Final = 1 << 16
_NO_FIELDS: Final = ("hidden", "checkbox", "radio", "button", "submit", "reset", "image", "file", "password")
_A_LIST: Final = 2  # rows of two cells and more
_DEEPEST: Final = 100  # tables within tables


def read_html(content: bytes) -> Iterator[Sheet]:
    """Each table as a sheet, by its number. Raises BadTable("table.encoding"), ("table.no_table")."""
    reader = _Tables()
    page, guessed = decode(content)
    for start in range(0, len(page), _PIECE):
        reader.feed(page[start : start + _PIECE])
    reader.close()
    reader.finish()
    if not reader.sheets:
        raise BadTable("table.no_table")
    yield from (replace(sheet, encoding=guessed) for sheet in reader.sheets)


def from_mime(content: bytes) -> bytes:
    """The page in a “single file web page” (MHTML); raises BadTable("table.no_table")."""
    for part in email.message_from_bytes(content).walk():
        if part.get_content_type() == "text/html":
            page = part.get_payload(decode=True)
            if isinstance(page, bytes) and b"<table" in page.lower():
                return page
    raise BadTable("table.no_table")


class _Table:
    """One table that is under way."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.merged: list[Area] = []
        self.wide_rows = 0  # of two cells or more
        self.said: list[str] = []
        self.texts: list[str] | None = None  # of the cell that is under way
        self.options: list[tuple[bool, list[str]]] | None = None  # of a list to choose from in it
        self._taken: dict[int, int] = {}  # column → first row below a merged cell that stands in it
        self._hidden_columns: set[int] = set()
        self._index = -1
        self._hidden = False
        self._cells: dict[int, Cell] = {}
        self._column = 0
        self._span = (1, 1)

    def begin_row(self, attributes: dict[str, str | None]) -> None:
        self.end_row()
        self._index += 1
        self._column = 0
        self._hidden = _is_hidden(attributes)

    def begin_cell(self, attributes: dict[str, str | None]) -> None:
        self.end_cell()
        self._index = max(self._index, 0)
        while self._taken.get(self._column, 0) > self._index:
            self._column += 1
        self._span = (
            _count(attributes.get("rowspan"), _MOST_SPAN) or _MOST_SPAN,
            _count(attributes.get("colspan"), _MOST_WIDE) or 1,
        )
        if _is_hidden(attributes):
            self._hidden_columns.update(range(self._column, self._column + self._span[1]))
        self.texts, self.options = [], None

    def take(self, text: str) -> None:
        if self.options is not None:
            if self.options:
                self.options[-1][1].append(text)
        elif self.texts is not None:
            self.texts.append(text)

    def end_options(self) -> None:
        """What is seen of a list to choose from: the chosen one, else the first."""
        options, self.options = self.options, None
        chosen = [texts for is_chosen, texts in options or () if is_chosen] or [texts for _, texts in options or ()]
        self.take("".join(chosen[0]) if chosen else "")

    def end_cell(self) -> None:
        if self.texts is None:
            return
        self.end_options()
        said, self.texts = "".join(self.texts).strip(" \t\r\n"), None
        high, wide = self._span
        if said:
            self._cells[self._column] = text(said)
            self.said.append(said)
        if high > 1 or wide > 1:
            bottom, right = self._index + high - 1, self._column + wide - 1
            self.merged.append(Area(self._index, self._column, bottom, right))
            self._taken.update(dict.fromkeys(range(self._column, right + 1), bottom + 1))
            if len(self.merged) > MOST_MERGED:
                raise BadTable("table.too_many_merged", most=MOST_MERGED)
        self._column += wide

    def end_row(self) -> None:
        self.end_cell()
        if self._cells:
            self.rows.append(Row(self._index, self._cells, self._hidden))
            self.wide_rows += len(self._cells) > 1
            self._cells = {}
            if len(self.rows) > MOST_ROWS:
                raise BadTable("table.too_many_rows", sheet="", most=MOST_ROWS)

    def sheet(self, name: str) -> Sheet:
        return Sheet(name, iter(self.rows), tuple(self.merged), hidden_columns=frozenset(self._hidden_columns))


class _Unseen:
    """Within what a page does not show: scripts, its head, orders for sorting that are hidden in a cell."""

    def __init__(self) -> None:
        self._tag = ""
        self.depth = 0

    def begin(self, tag: str, attributes: dict[str, str | None]) -> None:
        if tag in _PARTS_OF_TABLES:
            self.depth = 0  # whoever opened it forgot to close it
        elif self.depth:
            self.depth += tag == self._tag
        elif tag in _UNSEEN or (tag not in _EMPTY and _is_hidden(attributes)):
            self._tag, self.depth = tag, 1

    def end(self, tag: str) -> None:
        if tag in _PARTS_OF_TABLES:
            self.depth = 0
        elif self.depth:
            self.depth -= tag == self._tag


class _Tables(HTMLParser):
    """Collects tables. One within a cell is a list of its own where a page is laid out by tables: with several rows of several
    cells; a smaller one is a part of the cell's text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.sheets: list[Sheet] = []
        self._open: list[_Table] = []
        self._unseen = _Unseen()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._unseen.begin(tag, dict(attrs))
        if tag == "table":
            if len(self._open) >= _DEEPEST:
                raise BadTable("table.unreadable", reason="table")
            self._open.append(_Table())
        elif self._open:
            self._start_within(self._open[-1], tag, dict(attrs))

    def _start_within(self, table: _Table, tag: str, attributes: dict[str, str | None]) -> None:
        if tag == "tr":
            table.begin_row(attributes)
        elif tag in _CELLS:
            table.begin_cell(attributes)
        elif tag in ("br", "p", "div") and table.texts:
            table.take("\n")
        elif tag == "input" and (attributes.get("type") or "text").lower() not in _NO_FIELDS:
            table.take(attributes.get("value") or "")
        elif tag == "select" and table.texts is not None:
            table.options = []
        elif tag == "option" and table.options is not None:
            table.options.append(("selected" in attributes, []))

    def handle_endtag(self, tag: str) -> None:
        self._unseen.end(tag)
        if not self._open:
            return
        if tag in (*_CELLS, "tr"):
            self._open[-1].end_cell()
        elif tag == "select":
            self._open[-1].end_options()
        elif tag == "table":
            self._end_table()

    def handle_data(self, data: str) -> None:
        if self._open and not self._unseen.depth:
            self._open[-1].take(data)

    def finish(self) -> None:
        """The page is at its end, the last tables perhaps not."""
        while self._open:
            self._end_table()

    def _end_table(self) -> None:
        table = self._open.pop()
        table.end_row()
        if self._open and table.wide_rows < _A_LIST:
            self._open[-1].take(" ".join(table.said))
        elif table.rows:
            self.sheets.append(table.sheet(str(len(self.sheets) + 1)))


def _is_hidden(attributes: dict[str, str | None]) -> bool:
    return "hidden" in attributes or _HIDDEN.search(attributes.get("style") or "") is not None


def _count(said: str | None, most: int) -> int:
    return min(int(said), most) if said and said.isascii() and said.isdigit() else 1

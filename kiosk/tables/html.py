"""Tables in web pages, which many systems hand out under the name .xls: numbers stand in them as they were written."""

from __future__ import annotations

import email
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Final

from kiosk.tables.cell import Cell, text
from kiosk.tables.errors import BadTable
from kiosk.tables.sheet import MOST_MERGED, MOST_ROWS, Area, Row, Sheet
from kiosk.tables.text import decode

_CHARSET: Final = re.compile(rb"charset\s*=\s*[\"']?\s*([\w-]+)", re.IGNORECASE)
_CELLS: Final = ("td", "th")
_UNSEEN: Final = ("script", "style", "head", "title", "xml")
_HIDDEN: Final = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_MOST_SPAN: Final = 65_534  # HTML standard, 4.9.11: what a rowspan can be
_MOST_WIDE: Final = 1000  # and a colspan
_PIECE: Final = 1 << 16


def read_html(content: bytes) -> Iterator[Sheet]:
    """Each outermost table as a sheet, by its caption or number. Raises BadTable("table.encoding"), ("table.no_table")."""
    reader = _Tables()
    page = _decoded(content)
    for start in range(0, len(page), _PIECE):
        reader.feed(page[start : start + _PIECE])
    reader.close()
    reader.finish()
    if not reader.sheets:
        raise BadTable("table.no_table")
    yield from reader.sheets


def from_mime(content: bytes) -> bytes:
    """The page in a “single file web page” (MHTML); raises BadTable("table.no_table")."""
    for part in email.message_from_bytes(content).walk():
        if part.get_content_type() == "text/html":
            page = part.get_payload(decode=True)
            if isinstance(page, bytes) and b"<table" in page.lower():
                return page
    raise BadTable("table.no_table")


def _decoded(content: bytes) -> str:
    told = _CHARSET.search(content[:4096])
    if told is not None:
        try:
            return content.decode(told[1].decode("ascii").lower().replace("gb2312", "gb18030").replace("gbk", "gb18030"))
        except (LookupError, UnicodeDecodeError):
            pass
    return decode(content)


class _Tables(HTMLParser):
    """Collects tables; a table within a cell is a part of its text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.sheets: list[Sheet] = []
        self._depth = 0
        self._unseen = 0
        self._rows: list[Row] = []
        self._merged: list[Area] = []
        self._taken: dict[int, int] = {}  # column → first row below a merged cell that stands in it
        self._index = -1
        self._hidden = False
        self._cells: dict[int, Cell] = {}
        self._column = 0
        self._span = (1, 1)
        self._texts: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNSEEN:
            self._unseen += 1
        elif tag == "table":
            self._depth += 1
            if self._depth == 1:
                self._rows, self._merged, self._taken, self._index = [], [], {}, -1
        elif self._depth == 1 and tag == "tr":
            self._end_row()
            self._index += 1
            self._column = 0
            self._hidden = _HIDDEN.search(dict(attrs).get("style") or "") is not None
        elif self._depth == 1 and tag in _CELLS:
            self._begin_cell(dict(attrs))
        elif tag in ("br", "p", "div") and self._texts:
            self._texts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSEEN:
            self._unseen = max(self._unseen - 1, 0)
        elif self._depth == 1 and tag in (*_CELLS, "tr"):
            self._end_cell()
        elif tag == "table" and self._depth:
            if self._depth == 1:
                self._end_table()
            self._depth -= 1

    def handle_data(self, data: str) -> None:
        if self._texts is not None and not self._unseen:
            self._texts.append(data)

    def finish(self) -> None:
        """The page is at its end, the last table perhaps not."""
        if self._depth:
            self._end_table()

    def _begin_cell(self, attributes: dict[str, str | None]) -> None:
        self._end_cell()
        self._index = max(self._index, 0)
        while self._taken.get(self._column, 0) > self._index:
            self._column += 1
        self._span = (_count(attributes.get("rowspan"), _MOST_SPAN), _count(attributes.get("colspan"), _MOST_WIDE))
        self._texts = []

    def _end_cell(self) -> None:
        if self._texts is None:
            return
        said, self._texts = "".join(self._texts).strip(" \t\r\n"), None
        high, wide = self._span
        if said:
            self._cells[self._column] = text(said)
        if high > 1 or wide > 1:
            bottom, right = self._index + high - 1, self._column + wide - 1
            self._merged.append(Area(self._index, self._column, bottom, right))
            self._taken.update(dict.fromkeys(range(self._column, right + 1), bottom + 1))
            if len(self._merged) > MOST_MERGED:
                raise BadTable("table.too_many_merged", most=MOST_MERGED)
        self._column += wide

    def _end_row(self) -> None:
        self._end_cell()
        if self._cells:
            self._rows.append(Row(self._index, self._cells, self._hidden))
            self._cells = {}
            if len(self._rows) > MOST_ROWS:
                raise BadTable("table.too_many_rows", sheet=str(len(self.sheets) + 1), most=MOST_ROWS)

    def _end_table(self) -> None:
        self._end_row()
        if self._rows:
            self.sheets.append(Sheet(str(len(self.sheets) + 1), iter(self._rows), tuple(self._merged)))
        self._rows = []


def _count(said: str | None, most: int) -> int:
    return min(max(int(said), 1), most) if said and said.isascii() and said.isdigit() else 1

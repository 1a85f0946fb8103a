"""Rows of a worksheet as nearly all programs write them, `<c r="A1" s="1" t="s"><v>0</v></c>` and no blank between: expressions
take them apart, several times as fast as a parser."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from kiosk.tables.cell import LONGEST, Cell
from kiosk.tables.number_format import Format
from kiosk.tables.sheet import MOST_COLUMNS, Row
from kiosk.tables.xlsx_cell import LAST_ROW, column_index, text_of

_BEGINS: Final = r'[ \t\n]*<row r="([1-9]\d{0,6})"((?: (?!r=)[a-zA-Z0-9:]+="[^"<&]*")*)>'
_ENDS: Final = "</row>"
_ROW: Final = re.compile(_BEGINS)
_HIDDEN: Final = re.compile(r' (?:hidden="(?:1|true|on)"|ht="0(?:\.0)?")')
_CELL: Final = re.compile(
    r'<c r="([A-Z]{1,3})(\d{1,7})"(?: s="(\d{1,9})")?(?: t="([a-zA-Z]+)")?'
    r'(?:/>|>(?:<v>([^<]*)</v>|<is><t(?: xml:space="preserve")?>([^<]*)</t></is>)?</c>)'
)
_GROUPS: Final = _CELL.groups + 1
_SAID: Final[dict[str | None, str]] = {  # by the types of which rows can be expected
    **dict.fromkeys((None, "n", "s", "str"), "<v>([^<&]+)</v>"),
    "inlineStr": '<is><t(?: xml:space="preserve")?>([^<&]+)</t></is>',
}
_ENTITIES: Final = re.compile(r"(?:[^&]|&(?:amp|lt|gt|quot|apos);)*")
_MEANT: Final = (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'"), ("&amp;", "&"))  # the last one last
_MOST_KNOWN: Final = 1000  # kinds of rows that are remembered
_MOST_EXPRESSIONS: Final = 30  # each takes milliseconds to make: 0.1 for each cell
_NOTHING: Final = re.compile("(?!)")
_NONE: Final = frozenset[int]()

_Names = tuple[str, ...]
_Said = tuple[str | None, ...]


class PlainRows:
    """Takes rows out of their text; nothing of a row that is written otherwise."""

    def __init__(self, strings: Sequence[Cell], formats: Sequence[Format | None], struck: frozenset[str]) -> None:
        """Shared texts, what each style does to numbers, and the styles that strike through."""
        self._strings = strings
        self._formats = formats
        self._struck = struck
        self._columns: dict[_Names, tuple[int, ...]] = {}
        self._shapes: dict[tuple[_Names, _Said, _Said], _Shape] = {}
        self._expressions = 0
        self._last: _Shape | None = None
        self._alike = _NOTHING  # takes rows of the last one's shape apart

    def take(self, text: str) -> Iterator[Row | str]:
        """Whole rows, one after the other: each one, or its text where a parser is to read it, which says what is wrong."""
        at = 0
        while at < len(text):
            alike, shape = self._alike.match(text, at), self._last
            if alike is not None and shape is not None:
                place, beside, *said = alike.groups()
                at, written = alike.end(), alike[0]
                yield self._row(shape, place, beside, said, written) or written
            else:
                end = text.index(_ENDS, at) + len(_ENDS)
                written, at = text[at:end], end
                yield self._apart(written) or written

    def _apart(self, written: str) -> Row | None:
        """The row, cell by cell."""
        begin = _ROW.match(written)
        if begin is None:
            return None
        parts = _CELL.split(written[begin.end() : -len(_ENDS)])
        places = parts[2::_GROUPS]
        if any(parts[::_GROUPS]) or places.count(begin[1]) < len(places):
            return None
        try:
            shape = self._shape(tuple(parts[1::_GROUPS]), tuple(parts[3::_GROUPS]), tuple(parts[4::_GROUPS]))
        except ValueError:
            return None
        said = [value or inline or "" for value, inline in zip(parts[5::_GROUPS], parts[6::_GROUPS], strict=True)]
        if len(said) <= MOST_COLUMNS and all(said) and _SAID.keys() >= set(shape.kinds):
            self._expect(shape)
        return self._row(shape, begin[1], begin[2], said, written)

    def _shape(self, letters: _Names, styles: _Said, kinds: _Said) -> _Shape:
        """Raises ValueError for columns that a sheet has not, and for one that comes twice."""
        found = self._shapes.get((letters, styles, kinds))
        if found is None:
            columns = self._columns_of(letters)
            styled = zip(columns, styles, strict=True)
            found = _Shape(letters, columns, styles, kinds, frozenset(at for at, style in styled if style in self._struck))
            if len(letters) <= MOST_COLUMNS and len(self._shapes) < _MOST_KNOWN:
                self._shapes[letters, styles, kinds] = found
        return found

    def _columns_of(self, letters: _Names) -> tuple[int, ...]:
        """The columns of a row's cells; most rows of a sheet have the same."""
        found = self._columns.get(letters)
        if found is None:
            found = tuple(map(column_index, letters))
            if len(set(found)) < len(found):
                raise ValueError(letters)
            if len(self._columns) < _MOST_KNOWN:
                self._columns[letters] = found
        return found

    def _expect(self, shape: _Shape) -> None:
        """That more rows of this shape follow, once two have."""
        if shape is not self._last:
            self._last, self._alike = shape, shape.expression or _NOTHING
        elif shape.expression is None and self._expressions < _MOST_EXPRESSIONS:
            self._expressions += 1
            self._alike = shape.expression = _expression(shape)

    def _row(self, shape: _Shape, place: str, beside: str, said: Sequence[str], written: str) -> Row | None:
        number = int(place)
        if number > LAST_ROW:
            return None
        try:
            cells = (self._texts(shape, said, written) if shape.kind else None) or self._mixed(shape, said)
        except (ValueError, IndexError):
            return None
        if cells is None:
            return None
        struck = frozenset(column for column in shape.struck if column in cells) if shape.struck else _NONE
        return Row(number - 1, cells, bool(beside) and _HIDDEN.search(beside) is not None, struck)

    def _texts(self, shape: _Shape, said: Sequence[str], written: str) -> dict[int, Cell] | None:
        """The cells of a row that has nothing but one kind of text, all at once; None for any other row."""
        if "&" in written or "_x" in written or len(written) > LONGEST or not all(said):
            return None
        if shape.kind == "inlineStr":
            return dict(zip(shape.columns, said, strict=True))
        found = list(map(self._strings.__getitem__, map(int, said)))
        return dict(zip(shape.columns, found, strict=True)) if "" not in found else None

    def _mixed(self, shape: _Shape, said: Sequence[str]) -> dict[int, Cell] | None:
        """The cells of any row; None where one is left to the parser."""
        strings, formats = self._strings, self._formats
        cells: dict[int, Cell] = {}
        cell: Cell
        for column, style, kind, words in zip(shape.columns, shape.styles, shape.kinds, said, strict=True):
            if not words:
                continue
            if "&" in words:
                if not _ENTITIES.fullmatch(words):
                    return None
                for entity, meant in _MEANT:
                    words = words.replace(entity, meant)  # noqa: PLW2901
            if kind == "s":
                cell = strings[int(words)]
                if cell == "":
                    continue
            elif kind in ("inlineStr", "str"):
                cell = words if len(words) <= LONGEST and "_x" not in words else text_of([words])
            elif kind is None or kind == "n":
                form = formats[int(style)] if style and formats else None
                cell = float(words) if form is None else form(float(words))
            else:
                return None
            cells[column] = cell
        return cells


@dataclass
class _Shape:
    """What rows have in common that differ only in their number and in what their cells say."""

    letters: _Names
    columns: Sequence[int]
    styles: _Said
    kinds: _Said
    struck: frozenset[int]  # columns
    expression: re.Pattern[str] | None = None  # takes a whole row apart: its number, its attributes, and what each cell says

    @cached_property
    def kind(self) -> str:
        """Of text, where all cells are of that one."""
        first = self.kinds[0] if self.kinds else None
        return first if first in ("s", "inlineStr") and self.kinds.count(first) == len(self.kinds) else ""


def _expression(shape: _Shape) -> re.Pattern[str]:
    written = zip(shape.letters, shape.styles, shape.kinds, strict=True)
    return re.compile(f"{_BEGINS}{''.join(_cell(*one) for one in written)}{_ENDS}")


def _cell(letters: str, style: str | None, kind: str | None) -> str:
    """The expression of a cell that says something; of its row, the number is known."""
    named = "".join(f' {name}="{value}"' for name, value in (("s", style), ("t", kind)) if value is not None)
    return rf'<c r="{letters}\1"{named}>{_SAID[kind]}</c>'

"""Finds the header row of a sheet and says which column holds what (同名匹配)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from kiosk.exchange.cells import Unreadable, half_width, plain
from kiosk.exchange.sheets import Cell

_SEARCHED_ROWS: Final = 30
_ORNAMENT: Final = re.compile(r"[\s*＊:：()（）【】\[\]_\-·.。、/]|必填|选填")


@dataclass(frozen=True)
class Header:
    """Where the header stands and which field each of its columns was understood as. Indices count from 0."""

    row: int
    columns: Mapping[str, int]  # field → column


def find_header(rows: Sequence[Sequence[Cell]], names: Mapping[str, Sequence[str]], wanted: Sequence[str]) -> Header | None:
    """The first row that names all wanted fields, or None. `names` has each field's header and synonyms."""
    fields = {_key(name): field for field, known in names.items() for name in known}
    for index, row in enumerate(rows[:_SEARCHED_ROWS]):
        columns: dict[str, int] = {}
        for column, cell in enumerate(row):
            field = fields.get(_key(_text(cell)))
            if field is not None:
                columns.setdefault(field, column)
        if all(field in columns for field in wanted):
            return Header(index, columns)
    return None


def column_letters(index: int) -> str:
    """Excel's name of a column: 0 is A, 26 is AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _text(cell: Cell) -> str:
    try:
        return plain(cell)
    except Unreadable:
        return ""


def _key(text: str) -> str:
    return _ORNAMENT.sub("", half_width(text)).casefold()

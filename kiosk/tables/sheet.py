"""A sheet as its reader gives it: sparse, row by row, so that a cell far away costs no more than one nearby."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from itertools import chain, count
from typing import Final, NamedTuple

from kiosk.tables.cell import Cell
from kiosk.tables.errors import BadTable

# A school has some 3,000 students, a county's list some 50,000: twice that is still read in seconds; more is no roster.
MOST_ROWS: Final = 120_000
MOST_COLUMNS: Final = 200  # with something in them; the national register's own sheet has 72
MOST_SHEETS: Final = 200
MOST_MERGED: Final = 50_000


class Row(NamedTuple):
    """The cells of a row that are not empty, by column. Indices count from 0. `struck`: the columns whose cells are struck
    through, as schools mark who has left."""

    at: int
    cells: dict[int, Cell]
    hidden: bool = False
    struck: frozenset[int] = frozenset()


class Comment(NamedTuple):
    """What somebody noted at a cell, whose `place` is as Excel shows it: `B5`."""

    place: str
    text: str


class Area(NamedTuple):
    """A merged area, both ends inclusive."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True)
class Sheet:
    """One sheet. `rows` can be gone through once, before the next sheet is asked for. `since_1904`: what its days count from,
    as in workbooks of Excel for Mac; plain numbers may mean days of the other system. `encoding`: of a text, where it had to be
    found out."""

    name: str
    rows: Iterator[Row]
    merged: tuple[Area, ...] = ()
    hidden: bool = False
    hidden_columns: frozenset[int] = frozenset()
    since_1904: bool = False
    encoding: str = ""
    comments: tuple[Comment, ...] = ()


def column_letters(index: int) -> str:
    """Excel's name of a column: 0 is A, 26 is AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def place_of(row: int, column: int) -> str:
    """A cell as Excel names it."""
    return f"{column_letters(column)}{row + 1}"


def counted(sheets: Iterator[Sheet]) -> Iterator[Sheet]:
    """The same, each under a name of its own, until there is more than any list of a school has: raises
    BadTable("table.too_many_rows"), ("table.too_many_columns"), ("table.too_many_sheets") with the place."""
    rows = 0
    names: set[str] = set()

    def within(name: str, found: Iterator[Row]) -> Iterator[Row]:
        nonlocal rows
        columns: set[int] = set()
        for row in found:
            if not row.cells:
                continue
            rows += 1
            if rows > MOST_ROWS:
                raise BadTable("table.too_many_rows", sheet=name, most=MOST_ROWS)
            if not columns.issuperset(row.cells):
                columns.update(row.cells)
                if len(columns) > MOST_COLUMNS:
                    raise BadTable("table.too_many_columns", sheet=name, row=row.at + 1, most=MOST_COLUMNS)
            yield row

    for number, sheet in enumerate(sheets, start=1):
        if number > MOST_SHEETS:
            raise BadTable("table.too_many_sheets", most=MOST_SHEETS)
        name = _another(sheet.name, names)
        names.add(name)
        yield replace(sheet, name=name, rows=within(name, sheet.rows))


def _another(name: str, names: Collection[str]) -> str:
    """A name that none has yet, as Excel calls a copy: `1班 (2)`."""
    copies = (f"{name} ({number})" for number in count(2))
    return next(one for one in chain([name], copies) if one not in names)

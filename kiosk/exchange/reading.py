"""Takes apart what the reading process says of a table (`kiosk.tables.answers`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from inspect import signature
from itertools import repeat
from operator import itemgetter
from pathlib import Path
from typing import Any, Final, Generic, NamedTuple, TypeVar

from kiosk.arms_length.door import Limits, read_apart
from kiosk.records import Message

T = TypeVar("T")

LIMITS: Final = Limits()


@dataclass(frozen=True)
class RowProblem:
    """Something about a cell: its row was refused, or (a warning) taken all the same. Row and column as Excel shows them.

    `entry` counts lists that stand side by side.
    """

    sheet: str
    row: int
    column: str
    value: str
    message: Message
    entry: int = 0


@dataclass(frozen=True)
class ColumnReading:
    """What a column was understood as: `field` is empty when nothing was, and `cells` counts what stands in it then.

    `note` says why, where it is not plain.
    """

    sheet: str
    column: str
    header: str
    field: str
    cells: int = 0
    note: Message | None = None


class ListTitle(NamedTuple):
    """A title above a list (row 0: the sheet's name) that so many `students` have their grade or class from."""

    row: int
    text: str
    grade: str
    class_name: str
    students: int


@dataclass(frozen=True)
class SheetReading:
    """What became of a sheet: `state` is read, hidden, no_header or empty.

    Its rows with something in them = above the header + header + rows of students + blank + repeated headers + hints. `places`
    has the first of the blank ones (nothing in any column that is used), `hint_places` those of rows that say how the list is
    to be filled in, `struck_rows` students whose name or number is struck through, `gone_rows` those of whom another column
    says that they have left (`gone_words`), `comments` what was noted at cells, `unclear_titles` those above a list that speak
    of a class and leave open of which. `found` is what looks most like a header where there is none, `encoding` that of a text
    where it had to be found out.
    """

    name: str
    state: str
    rows: int = 0
    above: int = 0
    header: int = 0
    students: int = 0
    blank: int = 0
    repeated_headers: int = 0
    hints: int = 0
    merged: int = 0
    hidden_row_count: int = 0
    places: tuple[str, ...] = ()
    hint_places: tuple[str, ...] = ()
    hidden_rows: tuple[int, ...] = ()
    struck_row_count: int = 0
    struck_rows: tuple[int, ...] = ()
    gone_row_count: int = 0
    gone_rows: tuple[int, ...] = ()
    gone_words: tuple[str, ...] = ()
    comment_count: int = 0
    comments: tuple[str, ...] = ()
    found: str = ""
    encoding: str = ""
    titles: tuple[ListTitle, ...] = ()
    unclear_titles: tuple[str, ...] = ()


@dataclass
class Gathered(Generic[T]):
    """All the pieces of an answer."""

    records: list[T] = field(default_factory=list)
    places: list[tuple[str, int]] = field(default_factory=list)  # of the records, where they are told: sheet, row
    problems: list[RowProblem] = field(default_factory=list)
    warnings: list[RowProblem] = field(default_factory=list)
    columns: list[ColumnReading] = field(default_factory=list)
    sheets: list[SheetReading] = field(default_factory=list)
    refused: list[Mapping[str, str]] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)


def gather(task: str, path: Path, kind: str, make: Callable[..., T], **arguments: Any) -> Gathered[T]:
    """Read a table apart; `kind` names the pieces whose rows `make` makes records of. Raises ExchangeError."""
    found: Gathered[T] = Gathered()
    order: Callable[[list[list[str]]], tuple[Iterable[str], ...]] = tuple
    seen: dict[str, str] = {}  # grades, classes, schools
    for piece in read_apart(task, path, LIMITS, name=path.name, **arguments):
        for name, content in piece.items():
            if name == "fields":
                order = _order(content, make)
            elif name == kind:
                found.records += map(make, *order([_once(column, seen) for column in content]))
            elif name == "places":
                sheet, rows = content
                found.places += zip(repeat(sheet), rows)
            elif name == "counts":
                found.counts.update(content)
            else:
                getattr(found, name).extend(map(_MADE[name], content))
    return found


def _once(column: list[str], seen: dict[str, str]) -> list[str]:
    """The same texts, each of them one object, where they come again and again."""
    return list(map(seen.setdefault, column, column)) if len(set(column)) <= len(column) // 2 else column


def _order(fields: list[str], make: Callable[..., Any]) -> Callable[[list[list[str]]], tuple[Iterable[str], ...]]:
    """Puts columns into the order that the record's own fields have; those of which no row says anything are empty."""
    known = {name: at for at, name in enumerate(fields)}
    names = list(signature(make).parameters)
    if not known.keys() <= set(names):
        raise ValueError("a table's fields are its record's")
    take = itemgetter(*(known.get(name, len(fields)) for name in names))
    return lambda columns: take((*columns, repeat("")))


def sheet_names(path: Path) -> list[str]:
    """The names of a file's sheets; raises ExchangeError."""
    return list(read_apart("kiosk.tables.plain:sheet_names", path, LIMITS, name=path.name))


def read_cells(path: Path) -> Iterator[tuple[str, Iterator[tuple[int, list[tuple[int, str]]]]]]:
    """Each sheet of a file with its rows, (index, [(column, text), …]): to be gone through in order. Raises ExchangeError."""
    answers = read_apart("kiosk.tables.plain:read_cells", path, LIMITS, name=path.name)
    piece = next(answers, None)
    while piece is not None:
        sheet = piece["sheet"]
        following: list[dict[str, Any]] = []

        def rows() -> Iterator[tuple[int, list[tuple[int, str]]]]:
            for more in answers:
                if "sheet" in more:
                    following.append(more)  # noqa: B023  # used up before the next round
                    return
                for index, cells in more["rows"]:
                    yield index, [(column, text) for column, text in cells]

        mine = rows()
        yield sheet, mine
        for _ in mine:
            pass
        piece = following[0] if following else None


def _problem(told: list[Any]) -> RowProblem:
    sheet, row, column, value, message, entry = told
    return RowProblem(sheet, row, column, value, Message(*message), entry)


def _sheet(told: dict[str, Any]) -> SheetReading:
    titles = tuple(ListTitle(*one) for one in told["titles"])
    lists = {name: tuple(value) for name, value in told.items() if isinstance(value, list)}
    return SheetReading(**{**told, **lists, "titles": titles})


def _column(told: dict[str, Any]) -> ColumnReading:
    note = told["note"]
    return ColumnReading(**{**told, "note": None if note is None else Message(*note)})


# What each entry of the pieces with problems, sheets and columns becomes.
_MADE: Final[Mapping[str, Callable[[Any], Any]]] = {
    "problems": _problem,
    "warnings": _problem,
    "columns": _column,
    "sheets": _sheet,
    "refused": dict,
}

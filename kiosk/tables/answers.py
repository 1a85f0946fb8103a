"""What a reading says to the station: JSON in small pieces, each named."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from itertools import compress, groupby, islice
from typing import Any, Final, TypeVar

from kiosk.records import Message
from kiosk.tables.table import MOST_PLACES, ColumnUse, Problem, SheetUse, TableReading, TableRow

T = TypeVar("T")

_AT_ONCE: Final = 200  # rows of a piece
_MOST_TITLES: Final = 500  # of a sheet
MOST_TOLD: Final = 10_000  # problems that are told one by one


def pieces(kind: str, entries: Iterable[Any]) -> Iterator[dict[str, Any]]:
    """A list in pieces."""
    for some in _some(entries):
        yield {kind: some}


def _some(entries: Iterable[T]) -> Iterator[list[T]]:
    left = iter(entries)
    while some := list(islice(left, _AT_ONCE)):
        yield some


def records(kind: str, fields: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[dict[str, Any]]:
    """Rows of values: first the fields that any of them says something of, then the columns of those. Most columns that a list
    may have stand in none."""
    told = [any(column) for column in zip(*rows, strict=True)] or [True] * len(fields)
    told[0] = True  # that says how many rows there are
    yield {"fields": list(compress(fields, told))}
    yield from by_column(kind, rows, told)


def by_column(kind: str, rows: Iterable[Sequence[str]], told: Sequence[bool] | None = None) -> Iterator[dict[str, Any]]:
    """Rows of values in pieces, column by column: of all columns, or of those that are `told`."""
    for some in _some(rows):
        columns = zip(*some, strict=True)
        yield {kind: list(compress(columns, told) if told is not None else columns)}


def places(rows: Iterable[TableRow]) -> Iterator[dict[str, Any]]:
    """Where rows stand: a sheet, and some of its rows."""
    for sheet, same in groupby(rows, lambda row: row.place.sheet):
        for some in _some(row.index + 1 for row in same):
            yield {"places": [sheet, some]}


def problems(kind: str, found: Sequence[Problem]) -> Iterator[dict[str, Any]]:
    """The first of them, and how many there are."""
    yield {"counts": {kind: len(found)}}
    told = [[one.sheet, one.row, one.column, one.value[:200], message(one.message), one.entry] for one in found[:MOST_TOLD]]
    yield from pieces(kind, told)


def uses(table: TableReading) -> Iterator[dict[str, Any]]:
    """What became of sheets and columns."""
    yield from pieces("sheets", [_sheet(one) for one in table.sheets])
    yield from pieces("columns", [_column(one) for one in table.columns])


def message(one: Message) -> list[Any]:
    return [one.code, dict(one.data)]


def _column(one: ColumnUse) -> dict[str, Any]:
    return {**asdict(one), "header": one.header[:200], "note": message(one.note) if one.note is not None else None}


def _sheet(one: SheetUse) -> dict[str, Any]:
    rows = {"hidden_rows": one.hidden_rows, "struck_rows": one.struck_rows, "gone_rows": one.gone_rows}
    titles = [[title.row, title.text, title.grade, title.class_name, count] for title, count in one.titles[:_MOST_TITLES]]
    told: dict[str, Any] = {"name": one.name[:200], "titles": titles}
    told |= {"comments": one.comments[:MOST_PLACES], "comment_count": len(one.comments)}
    told |= {name: listed[:100] for name, listed in rows.items()} | {f"{name[:-1]}_count": len(rows[name]) for name in rows}
    return {**asdict(one), **told}

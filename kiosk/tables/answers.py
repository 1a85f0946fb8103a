"""What a reading says to the station: JSON in small pieces, each named."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from itertools import compress, islice
from typing import Any, Final

from kiosk.records import Message
from kiosk.tables.table import MOST_PLACES, ColumnUse, Problem, SheetUse, TableReading

_AT_ONCE: Final = 200  # rows of a piece
_MOST_TITLES: Final = 500  # of a sheet
MOST_TOLD: Final = 10_000  # problems that are told one by one


def pieces(kind: str, entries: Iterable[Any]) -> Iterator[dict[str, Any]]:
    """A list in pieces."""
    left = iter(entries)
    while some := list(islice(left, _AT_ONCE)):
        yield {kind: some}


def records(kind: str, fields: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[dict[str, Any]]:
    """Rows of values: first the fields that any of them says something of, then of each row those alone. Most columns that a
    list may have stand in none."""
    told = [any(column) for column in zip(*rows, strict=True)] or [True] * len(fields)
    yield {"fields": list(compress(fields, told))}
    yield from pieces(kind, (list(compress(row, told)) for row in rows))


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

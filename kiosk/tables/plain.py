"""The cells of a file as they are, for those who give it back marked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any, Final

from kiosk.tables.cell import shown
from kiosk.tables.sheets import read_sheets

_AT_ONCE: Final = 200


def sheet_names(file: IO[bytes], name: str) -> Iterator[str]:
    """The task of the reading process: the names alone."""
    return (sheet.name for sheet in read_sheets(file, name))


def read_cells(file: IO[bytes], name: str) -> Iterator[dict[str, Any]]:
    """The task of the reading process: each sheet's name, and its rows as (index, [(column, text), …])."""
    for sheet in read_sheets(file, name):
        yield {"sheet": sheet.name}
        rows: list[Any] = []
        for row in sheet.rows:
            rows.append([row.at, [[column, shown(cell)] for column, cell in row.cells.items()]])
            if len(rows) == _AT_ONCE:
                yield {"rows": rows}
                rows = []
        yield {"rows": rows}

"""Reads a table file into sheets of plain cells: what the file says, nothing mended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Final

from python_calamine import CalamineError, CalamineWorkbook

from kiosk.errors import ExchangeError

Cell = str | int | float | bool | date | datetime | time | timedelta

_WORKBOOKS: Final = frozenset({".xlsx", ".xls", ".xlsm", ".xlsb", ".ods"})


@dataclass(frozen=True)
class Sheet:
    """A sheet from its cell A1: row 1 of the program that wrote it is `rows[0]`. Empty cells are ''."""

    name: str
    rows: list[list[Cell]]


def read_sheets(path: Path) -> list[Sheet]:
    """All sheets of a workbook; raises ExchangeError when the file is missing, locked with a password or no table."""
    if path.suffix.lower() not in _WORKBOOKS:
        raise ExchangeError("table.unknown_kind", file=path.name)
    if not path.is_file():
        raise ExchangeError("table.missing", file=str(path))
    try:
        with CalamineWorkbook.from_path(path) as book:
            return [Sheet(name, book.get_sheet_by_name(name).to_python(skip_empty_area=False)) for name in book.sheet_names]
    except (CalamineError, OSError) as error:
        raise ExchangeError("table.unreadable", file=path.name, reason=type(error).__name__) from None

"""Reads a table file into sheets of plain cells: what the file says, nothing mended."""

from __future__ import annotations

import codecs
import csv
import io
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Final

from python_calamine import CalamineError, CalamineWorkbook, PasswordError

from kiosk.errors import ExchangeError

Cell = str | int | float | bool | date | datetime | time | timedelta

_WORKBOOKS: Final = frozenset({".xlsx", ".xls", ".xlsm", ".xlsb", ".ods"})
_TEXTS: Final = frozenset({".csv", ".txt", ".tsv"})
_MARKS: Final = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_DELIMITERS: Final = ",;\t"


@dataclass(frozen=True)
class Sheet:
    """A sheet from its cell A1: row 1 of the program that wrote it is `rows[0]`. Empty cells are ''."""

    name: str
    rows: list[list[Cell]]


def read_sheets(path: Path) -> list[Sheet]:
    """All sheets of a workbook, or the one of a CSV file (UTF-8, UTF-16 with its mark, GB18030).

    Raises ExchangeError when the file is missing, locked with a password, of another kind or damaged.
    """
    kind = path.suffix.lower()
    if kind not in _WORKBOOKS | _TEXTS:
        raise ExchangeError("table.unknown_kind", file=path.name)
    if not path.is_file():
        raise ExchangeError("table.missing", file=str(path))
    try:
        return _read_workbook(path) if kind in _WORKBOOKS else [_read_text(path)]
    except PasswordError:
        raise ExchangeError("table.password", file=path.name) from None
    except (CalamineError, OSError, csv.Error) as error:
        raise ExchangeError("table.unreadable", file=path.name, reason=type(error).__name__) from None


def _read_workbook(path: Path) -> list[Sheet]:
    with CalamineWorkbook.from_path(path) as book:
        return [Sheet(name, book.get_sheet_by_name(name).to_python(skip_empty_area=False)) for name in book.sheet_names]


def _read_text(path: Path) -> Sheet:
    text = decode(path.read_bytes(), file=path.name)
    beginning = text[:4096]
    delimiter = max(_DELIMITERS, key=beginning.count)
    rows: list[list[Cell]] = [
        [_without_formula(cell) for cell in row] for row in csv.reader(io.StringIO(text), delimiter=delimiter)
    ]
    return Sheet(path.stem, rows)


def decode(content: bytes, *, file: str) -> str:
    """Text by its byte order mark, else strict UTF-8, else GB18030: guessing by statistics is wrong too often."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            content, encodings = content.removeprefix(mark), (encoding,)
            break
    else:
        encodings = ("utf-8", "gb18030")  # type: ignore[assignment]
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ExchangeError("table.encoding", file=file)


def _without_formula(cell: str) -> str:
    """`="6301…"` is how programs keep Excel from taking a number of a CSV file for one."""
    return cell[2:-1] if cell.startswith('="') and cell.endswith('"') and len(cell) > 2 else cell

"""Reads who sits where in an exam (考场编排表), at arm's length."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from kiosk.exchange.reading import ColumnReading, Gathered, RowProblem, gather


@dataclass(frozen=True)
class SeatRow:
    """One row as it stands in the list; `seat` is a whole number from 1."""

    name: str
    id_number: str
    registration_number: str
    student_number: str
    exam_number: str
    room: str
    seat: str
    place: str


@dataclass(frozen=True)
class SeatReading:
    """What a file gave."""

    rows: tuple[SeatRow, ...]
    problems: tuple[RowProblem, ...]
    columns: tuple[ColumnReading, ...] = ()


def read_seats(path: Path, columns: Mapping[str, str] | None = None) -> SeatReading:
    """Seats of all sheets that have a header. Raises ExchangeError as `read_roster` does."""
    found: Gathered[SeatRow] = gather("kiosk.tables.seats:read_seats", path, "seats", SeatRow, columns=dict(columns or {}))
    return SeatReading(tuple(found.records), tuple(found.problems), tuple(found.columns))

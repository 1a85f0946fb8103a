"""Reads who sits where in an exam (考场编排表), at arm's length."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kiosk.exchange.left_out import overlooked
from kiosk.exchange.reading import Gathered, RowProblem, gather
from kiosk.records import Message


@dataclass(frozen=True)
class SeatRow:
    """One row as it stands in the list: `seat` a whole number from 1, `subject` the exam's or empty, `row` as Excel counts."""

    name: str
    id_number: str
    registration_number: str
    student_number: str
    exam_number: str
    room: str
    seat: str
    subject: str
    place: str
    sheet: str
    row: str


@dataclass(frozen=True)
class SeatReading:
    """What a file gave."""

    rows: tuple[SeatRow, ...]
    problems: tuple[RowProblem, ...]
    overlooked: tuple[Message, ...]  # sheets that were not read, rows that nobody sees


def read_seats(path: Path, columns: Mapping[str, str] | None = None, subjects: Sequence[str] = ()) -> SeatReading:
    """Seats of all sheets that have a header, in these subjects of an exam. Raises ExchangeError as `read_roster` does."""
    told = {"columns": dict(columns or {}), "subjects": list(subjects)}
    found: Gathered[SeatRow] = gather("kiosk.tables.seats:read_seats", path, "seats", SeatRow, **told)
    return SeatReading(tuple(found.records), tuple(found.problems), overlooked(found.sheets))

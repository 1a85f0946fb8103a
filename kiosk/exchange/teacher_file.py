"""Reads the teachers' sheet of the Zhengzhou notice, at arm's length."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass
from pathlib import Path

from kiosk.exchange.reading import ColumnReading, Gathered, RowProblem, gather
from kiosk.records import Teacher


@dataclass(frozen=True)
class TeacherReading:
    """What a file gave."""

    teachers: tuple[Teacher, ...]
    problems: tuple[RowProblem, ...]
    columns: tuple[ColumnReading, ...] = ()
    rows_refused: int = 0


def read_teachers(path: Path, classes: Set[str], columns: Mapping[str, str] | None = None) -> TeacherReading:
    """Teachers of all sheets that have a header. `classes` are the students' class numbers: nobody teaches another one.

    Raises ExchangeError as `read_roster` does.
    """
    task = "kiosk.tables.teachers:read_teachers"
    found: Gathered[Teacher] = gather(task, path, "teachers", Teacher, classes=sorted(classes), columns=dict(columns or {}))
    return TeacherReading(tuple(found.records), tuple(found.problems), tuple(found.columns), found.counts["refused"])

"""Reads the teachers' sheet of the Zhengzhou notice: the same reader with its own rules."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass
from pathlib import Path

from kiosk.exchange import cells
from kiosk.exchange.cells import Unreadable
from kiosk.exchange.rules import load_rules
from kiosk.exchange.table_file import ColumnReading, RowProblem, TableRow, read_table
from kiosk.records import Teacher


@dataclass(frozen=True)
class TeacherReading:
    """What a file gave."""

    teachers: tuple[Teacher, ...]
    problems: tuple[RowProblem, ...]
    columns: tuple[ColumnReading, ...] = ()

    @property
    def rows_refused(self) -> int:
        return len({(problem.sheet, problem.row) for problem in self.problems})


def read_teachers(path: Path, classes: Set[str], columns: Mapping[str, str] | None = None) -> TeacherReading:
    """Teachers of all sheets that have a header. `classes` are the students' class numbers: nobody teaches another one.

    Raises ExchangeError as `read_roster` does.
    """
    table = read_table(path, load_rules("teachers"), columns)
    teachers: list[Teacher] = []
    problems = list(table.problems)
    first_seen: dict[str, TableRow] = {}
    for row in table.rows:
        found = _check(row, classes)
        first = first_seen.setdefault(row.values["id_number"], row)
        if first is not row:
            found.append(row.problem("id_number", "roster.duplicate_number", row=first.index + 1, sheet=first.sheet.name))
        problems += found
        if not found:
            teachers.append(Teacher(**{**row.values, "classes": ",".join(_classes(row.values["classes"]))}))
    return TeacherReading(tuple(teachers), tuple(problems), table.columns)


def _check(row: TableRow, classes: Set[str]) -> list[RowProblem]:
    try:
        taught = _classes(row.values["classes"])
    except Unreadable as fault:
        return [row.problem("classes", fault.message.code)]
    found = []
    unknown = [name for name in taught if name not in classes]
    if unknown:
        found.append(row.problem("classes", "roster.class_unknown", names="、".join(unknown)))
    if "无" in row.values["former_subjects"].split(",") and row.values["former_subjects"] != "无":
        found.append(row.problem("former_subjects", "roster.none_and_some"))
    if row.values["birth_month"] != row.values["id_number"][6:12]:
        found.append(row.problem("birth_month", "roster.birth_against_number"))
    return found


def _classes(text: str) -> list[str]:
    """`1,2` — full-width and Chinese commas too, each a class number alone."""
    parts = cells.half_width(text).replace("、", ",").split(",")
    return [cells.class_number(part) for part in parts if part.strip()]

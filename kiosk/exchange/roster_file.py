"""Reads the roster (花名册) that a school filed. Rows read = students taken + rows refused; nothing is dropped silently."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from kiosk.exchange import roster_checks
from kiosk.exchange.rules import load_rules
from kiosk.exchange.table_file import ColumnReading, RowProblem, read_table
from kiosk.records import Student


@dataclass(frozen=True)
class RosterReading:
    """What a file gave. `problems` kept their rows out, `warnings` did not; `columns` says what each column was taken for."""

    students: tuple[Student, ...]
    problems: tuple[RowProblem, ...]
    warnings: tuple[RowProblem, ...] = ()
    columns: tuple[ColumnReading, ...] = ()
    unread_sheets: tuple[str, ...] = ()

    @property
    def rows_refused(self) -> int:
        return len({(problem.sheet, problem.row) for problem in self.problems})

    @property
    def rows_read(self) -> int:
        return len(self.students) + self.rows_refused


def read_roster(path: Path, columns: Mapping[str, str] | None = None) -> RosterReading:
    """Students of all sheets that have a header (`columns`: header → field, where the operator knows better than the synonyms).

    Raises ExchangeError when no sheet has the required headers, or the file is no table.
    """
    table = read_table(path, load_rules("students"), columns)
    clashes = roster_checks.errors(table.rows)
    refused = {(problem.sheet, problem.row) for problem in clashes}
    sound = [row for row in table.rows if (row.sheet.name, row.index + 1) not in refused]
    problems = sorted((*table.problems, *clashes), key=_place(table.columns))
    return RosterReading(
        students=tuple(Student(**row.values) for row in sound),
        problems=tuple(problems),
        warnings=tuple(roster_checks.warnings(sound)),
        columns=table.columns,
        unread_sheets=table.unread_sheets,
    )


def _place(columns: tuple[ColumnReading, ...]) -> Callable[[RowProblem], tuple[int, int, str]]:
    """The order of the file."""
    sheets = list(dict.fromkeys(column.sheet for column in columns))
    return lambda problem: (sheets.index(problem.sheet), problem.row, problem.column)

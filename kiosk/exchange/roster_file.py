"""Reads the roster (花名册) that a school filed, at arm's length: a file can't hurt the station, whatever it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kiosk.exchange.reading import ColumnReading, Gathered, RowProblem, SheetReading, gather
from kiosk.records import SharedNumber, Student


@dataclass(frozen=True)
class RosterReading:
    """What a file gave: rows of students read = taken + repeated + refused.

    `problems` kept their rows out, `warnings` did not (of many of them the first are told, and counted all: `problem_count`).
    `columns` says what each column was taken for, `sheets` what became of each sheet and its other rows. `refused` holds what
    could be read of the refused rows, by field; `places` where the students stand, sheet and row.
    """

    students: tuple[Student, ...]
    problems: tuple[RowProblem, ...]
    warnings: tuple[RowProblem, ...] = ()
    columns: tuple[ColumnReading, ...] = ()
    sheets: tuple[SheetReading, ...] = ()
    refused: tuple[Mapping[str, str], ...] = ()
    rows_repeated: int = 0
    problem_count: int = 0
    warning_count: int = 0
    places: tuple[tuple[str, int], ...] = ()

    @property
    def told(self) -> frozenset[str]:
        """The fields that columns tell, or titles above the lists."""
        titles = [title for sheet in self.sheets for title in sheet.titles]
        of_titles = {name for name in ("grade", "class_name") if any(getattr(title, name) for title in titles)}
        return frozenset({column.field for column in self.columns} | of_titles)

    @property
    def rows_refused(self) -> int:
        return len(self.refused) or len({(problem.sheet, problem.row, problem.entry) for problem in self.problems})

    @property
    def rows_read(self) -> int:
        return len(self.students) + self.rows_repeated + self.rows_refused


def read_roster(path: Path, columns: Mapping[str, str] | None = None, shared: Sequence[SharedNumber] = ()) -> RosterReading:
    """Students of all sheets that have a header (`columns`: header → field, where the operator knows better than the synonyms).

    `shared`: numbers that two people have, as the exam office accepted it.

    Raises ExchangeError when no sheet has the required headers, or the file is no table, too large, or made to hurt.
    """
    task, accepted = "kiosk.tables.roster:read_roster", [(one.number, one.keeper, one.others) for one in shared]
    found: Gathered[Student] = gather(task, path, "students", Student, columns=dict(columns or {}), shared=accepted)
    return RosterReading(
        students=tuple(found.records),
        problems=tuple(found.problems),
        warnings=tuple(found.warnings),
        columns=tuple(found.columns),
        sheets=tuple(found.sheets),
        refused=tuple(found.refused),
        rows_repeated=found.counts["repeated"],
        problem_count=found.counts["problems"],
        warning_count=found.counts["warnings"],
        places=tuple(found.places),
    )

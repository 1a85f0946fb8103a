"""Reads the roster (花名册) that a school filed. Rows of students = taken + repeated + refused; nothing is dropped silently."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import IO, Any

from kiosk.records import SharedNumber
from kiosk.tables import answers, roster_checks
from kiosk.tables.rules import load_rules
from kiosk.tables.table import Problem, RefusedRow, SheetUse, read_table


def read_roster(
    file: IO[bytes], name: str, columns: dict[str, str], shared: Sequence[Sequence[Any]] = ()
) -> Iterator[dict[str, Any]]:
    """The task of the reading process; `kiosk.exchange.roster_file` takes what it yields apart again."""
    rules = load_rules("students")
    table = read_table(file, name, rules, columns)
    accepted = [SharedNumber(number, keeper, tuple((one, key) for one, key in others)) for number, keeper, others in shared]
    checked = roster_checks.check(table.rows, accepted)
    errors = sorted((*table.problems, *checked.errors), key=_place(table.sheets))
    fields = [rule.field for rule in rules.columns]
    refused = table.refused + [RefusedRow(*row.where, {one: row[one] for one in fields if row[one]}) for row in checked.refused]
    yield from answers.records("students", fields, [row.values for row in checked.rows])
    yield from answers.places(checked.rows)
    yield from answers.problems("problems", errors)
    yield from answers.problems("warnings", [*checked.repeated, *table.warnings, *roster_checks.warnings(checked.rows)])
    yield {"counts": {"repeated": len(checked.repeated)}}
    yield from answers.pieces("refused", [dict(one.values) for one in refused])
    yield from answers.uses(table)


def _place(sheets: list[SheetUse]) -> Callable[[Problem], tuple[int, int, int, str]]:
    """The order of the file."""
    order = {sheet.name: at for at, sheet in reversed(list(enumerate(sheets)))}
    return lambda problem: (order[problem.sheet], problem.row, len(problem.column), problem.column)

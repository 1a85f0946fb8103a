"""Reads a class's list of consents: the same reader with its own rules."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any, Final

from kiosk.tables import answers
from kiosk.tables.rules import load_rules
from kiosk.tables.table import Problem, TableRow, read_table

_OF_GUARDIAN: Final = ("guardian", "relation", "phone")


def read_consents(file: IO[bytes], name: str, columns: dict[str, str]) -> Iterator[dict[str, Any]]:
    """The task of the reading process. A guardian's consent names who gave it, and how to reach them."""
    rules = load_rules("consents")
    table = read_table(file, name, rules, columns)
    problems: list[Problem] = list(table.problems)
    sound: list[tuple[str, ...]] = []
    first_seen: dict[str, TableRow] = {}
    for row in table.rows:
        found = []
        first = first_seen.setdefault(row["id_number"], row)
        if first is not row:
            found.append(row.problem("id_number", "roster.duplicate_number", row=first.index + 1, sheet=first.place.sheet))
        if row["basis"] == "guardian":
            found += [row.problem(one, "roster.guardian_lacks") for one in _OF_GUARDIAN if not row[one]]
        problems += found
        if not found:
            sound.append(tuple(row.values))
    yield from answers.records("consents", [rule.field for rule in rules.columns], sound)
    yield from answers.problems("problems", problems)
    yield from answers.uses(table)

"""Reads the teachers' sheet of the Zhengzhou notice: the same reader with its own rules."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from typing import IO, Any

from kiosk import codes, idnumber
from kiosk.tables import answers, cells
from kiosk.tables.cells import Unreadable
from kiosk.tables.rules import load_rules
from kiosk.tables.table import Problem, TableRow, read_table


def read_teachers(file: IO[bytes], name: str, classes: list[str], columns: dict[str, str]) -> Iterator[dict[str, Any]]:
    """The task of the reading process. `classes` are the students' class numbers: nobody teaches another one."""
    rules = load_rules("teachers")
    table = read_table(file, name, rules, columns)
    problems = list(table.problems)
    sound: list[tuple[str, ...]] = []
    first_seen: dict[str, TableRow] = {}
    for row in table.rows:
        found = _check(row, frozenset(classes))
        first = first_seen.setdefault(row["id_number"], row)
        if first is not row:
            found.append(row.problem("id_number", "roster.duplicate_number", row=first.index + 1, sheet=first.place.sheet))
        problems += found
        if not found:
            at = row.place.order["classes"]
            sound.append((*row.values[:at], ",".join(_classes(row["classes"])), *row.values[at + 1 :]))
    yield from answers.records("teachers", [rule.field for rule in rules.columns], sound)
    yield from answers.problems("problems", problems)
    yield {"counts": {"refused": len({(one.sheet, one.row, one.entry) for one in problems})}}
    yield from answers.uses(table)


def _check(row: TableRow, classes: AbstractSet[str]) -> list[Problem]:
    try:
        taught = _classes(row["classes"])
    except Unreadable as fault:
        return [row.problem("classes", fault.message.code)]
    found = []
    unknown = [name for name in taught if name not in classes]
    if unknown:
        found.append(row.problem("classes", "roster.class_unknown", names="、".join(unknown)))
    if "无" in row["former_subjects"].split(",") and row["former_subjects"] != "无":
        found.append(row.problem("former_subjects", "roster.none_and_some"))
    if row["subject"] in row["former_subjects"].split(","):
        found.append(row.problem("former_subjects", "roster.former_is_current"))
    if row["sex"] != codes.sex_name(idnumber.sex_code(row["id_number"])):
        found.append(row.problem("sex", "roster.sex_against_number"))
    if row["birth_month"] != row["id_number"][6:12]:
        found.append(row.problem("birth_month", "roster.birth_against_number"))
    return found


def _classes(text: str) -> list[str]:
    """`1,2` — full-width and Chinese commas too, each a class number alone."""
    parts = cells.half_width(text).replace("、", ",").split(",")
    return [cells.class_number(part) for part in parts if part.strip()]

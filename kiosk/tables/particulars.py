"""Reads what parents or a class teacher filled in about students: the 72 items of the national register, or any part of them.

A cell that can't be taken is told and left out; the rest of its row is taken. A row goes by its student's number, or by the
name and what else it says of who has none in it; one with a number that can't be right is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import IO, Any, Final

from kiosk import idnumber
from kiosk.codes import RESIDENT_CARD
from kiosk.records import Message
from kiosk.tables import answers
from kiosk.tables.rules import load_rules
from kiosk.tables.table import Problem, TableReading, read_table

_MEMBERS: Final = ("member_1", "member_2")
_FATHER, _MOTHER = ("父", "51"), ("母", "52")
_OTHER_RELATIONS: Final = ("97", "99")
_NO_NUMBER: Final = frozenset({"roster.cell_empty", "roster.no_number_nor_person", "roster.no_document_number"})


def read_particulars(file: IO[bytes], name: str, columns: dict[str, str]) -> Iterator[dict[str, Any]]:
    """The task of the reading process: rows as sheet, row, and a value for each field of the rules."""
    rules = load_rules("particulars")
    table = read_table(file, name, rules, columns)
    fields = [rule.field for rule in rules.columns]
    rows = [(*row.where, dict(zip(fields, row.values, strict=True))) for row in table.rows]
    places = _Places(table)
    nameless = {(one.sheet, one.row, one.entry) for one in table.problems if places.is_without_number(one)}
    for one in table.refused:
        where = one.sheet, one.row, one.entry
        if one.values.get("name") and (one.values.get("id_number") or where in nameless):
            rows.append((*where, {"id_number": "", **one.values}))
    taken: list[list[str]] = []
    problems = [one for one in table.problems if not places.is_without_number(one)]
    first: dict[str, int] = {}
    order = {sheet.name: at for at, sheet in enumerate(table.sheets)}
    for sheet, row, entry, values in sorted(rows, key=lambda one: (order[one[0]], one[1], one[2])):
        if (before := first.setdefault(values["id_number"] or f"{sheet} {row} {entry}", row)) != row:
            message = Message("roster.duplicate_number", {"row": before, "sheet": sheet})
            problems.append(places.problem(sheet, row, entry, "id_number", values, message))
            continue
        _fill_in(values, places.titles(sheet))
        for field, message in _checked(values):
            problems.append(places.problem(sheet, row, entry, field, values, message))
            values[field] = ""
        taken.append([sheet, str(row), *(values.get(field, "") for field in fields)])
    for told in (problems, table.warnings):
        told.sort(key=lambda one: (order[one.sheet], one.row, len(one.column), one.column))
    yield from answers.by_column("rows", taken)
    yield from answers.problems("problems", problems)
    yield from answers.problems("warnings", table.warnings)
    yield {"counts": {"refused": len(table.rows) + len(table.refused) - len(taken)}}
    yield from answers.uses(table)


class _Places:
    """Where the cells of a field stand."""

    def __init__(self, table: TableReading) -> None:
        self._columns = {(use.sheet, use.field): use for use in reversed(table.columns) if use.field}

    def titles(self, sheet: str) -> Mapping[str, str]:
        """What a sheet calls its fields."""
        return {field: use.header for (of, field), use in self._columns.items() if of == sheet}

    def is_without_number(self, problem: Problem) -> bool:
        """Whether a row has a name, and nothing where its number would stand."""
        use = self._columns.get((problem.sheet, "id_number"))
        return use is not None and use.column == problem.column and problem.message.code in _NO_NUMBER

    def problem(self, sheet: str, row: int, entry: int, field: str, values: Mapping[str, str], message: Message) -> Problem:
        use = self._columns.get((sheet, field))
        return Problem(sheet, row, use.column if use else "", values.get(field, ""), message, entry)


def _fill_in(values: dict[str, str], titles: Mapping[str, str]) -> None:
    """A list with columns for 父亲 and 母亲 says by its headers who they are."""
    for member in _MEMBERS:
        for word, code in (_FATHER, _MOTHER):
            if (
                values.get(f"{member}_name")
                and word in titles.get(f"{member}_name", "")
                and not values.get(f"{member}_relation")
            ):
                values[f"{member}_relation"] = code


def _checked(values: Mapping[str, str]) -> Iterator[tuple[str, Message]]:
    """What single cells don't tell: fields that can't be taken beside the others of their row."""
    for member in _MEMBERS:
        number = values.get(f"{member}_document_number", "")
        if number and values.get(f"{member}_document_type", RESIDENT_CARD) in ("", RESIDENT_CARD):
            fault = idnumber.problem(number.upper())
            if fault is not None:
                yield f"{member}_document_number", Message(f"roster.{fault}")
            elif number.upper() == values["id_number"]:
                yield f"{member}_document_number", Message("particulars.students_number")


def check(values: Mapping[str, str]) -> dict[str, Message]:
    """The same for one student, by field."""
    return dict(_checked(values))

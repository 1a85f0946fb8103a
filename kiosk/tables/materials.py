"""Reads a list of what students handed in: a column for each paper, or a line for each; the same reader with its own rules."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import IO, Any, Final

from kiosk.records import name_key
from kiosk.tables import answers
from kiosk.tables.rules import ColumnRule, load_rules
from kiosk.tables.table import Problem, TableRow, read_table

_PAPER: Final = "paper_"
_THERE: Final = frozenset("√ ✓ ✔ ☑ 1 y yes true 是 有 齐 已 已交 已收 交 收 对 完成".split())
_NOT_THERE: Final = frozenset(["", *"缺 × x ✗ ✘ ☐ 0 n no false 否 无 没有 未 未交 未收 欠 欠交 - — /".split()])
# Also a day as Excel counts them, in a cell that was never formatted as one.
_DATE: Final = re.compile(
    r"(?:19|20)\d\d([-./年])\d\d?(?:[-./月]\d\d?日?)?\b|(?:19|20)\d{6}\b|\d\d?月\d\d?日|[45]\d{4}$"
)  # the last: a day as Excel counts them
_BETWEEN: Final = re.compile(r"[、，,；;/\n]+")
_UNBOXED: Final = "未装盒"  # as our own sheet has it


def read_materials(file: IO[bytes], name: str, columns: dict[str, str], kinds: list[str]) -> Iterator[dict[str, Any]]:
    """The task of the reading process. `kinds`: the papers that are asked of everybody."""
    rules = load_rules("materials")
    papers = {f"{_PAPER}{'a' * (at + 1)}": kind for at, kind in enumerate(kinds)}
    whole = replace(rules, columns=(*rules.columns, *(ColumnRule(field, kind) for field, kind in papers.items())))
    table = read_table(file, name, whole, columns)
    known = {name_key(kind): kind for kind in kinds}
    problems: list[Problem] = list(table.problems)
    sound: list[tuple[str, ...]] = []
    for row in table.rows:
        there, wrong = _papers(row, papers, known)
        problems += wrong
        box = "" if row["box"] == _UNBOXED else row["box"]
        if not wrong:
            row.put("papers", "\n".join(there))
            row.put("box", box)
            sound.append(row.values[: len(rules.columns)])
    yield from answers.records("materials", [rule.field for rule in rules.columns], sound)
    yield from answers.problems("problems", problems)
    yield from answers.uses(table)


def _papers(row: TableRow, papers: dict[str, str], known: dict[str, str]) -> tuple[Sequence[str], list[Problem]]:
    """What of a row is there, and cells that say neither."""
    there: dict[str, None] = {}
    wrong: list[Problem] = []
    for field, kind in papers.items():
        told = unicodedata.normalize("NFKC", row[field]).strip().casefold()
        if told in _THERE or _DATE.match(told) or told.startswith(("√", "✓")):
            there[kind] = None
        elif told not in _NOT_THERE:
            wrong.append(row.problem(field, "material.cell", value=row[field]))
    for told in filter(None, map(str.strip, _BETWEEN.split(row["papers"]))):
        if (kind := known.get(name_key(told), "")) or told in known.values():
            there[kind] = None
        else:
            wrong.append(row.problem("papers", "material.unknown", value=told))
    return list(there), wrong

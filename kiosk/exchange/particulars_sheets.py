"""学生信息核对表: all items of a student on a page, to be signed by student, parent, class teacher and principal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from kiosk.areas import name_of
from kiosk.exchange import paper
from kiosk.exchange.fields import ExportRow
from kiosk.exchange.forms import class_title
from kiosk.exchange.particulars import ITEMS, Difference, value_of
from kiosk.tables.rules import ColumnRule, Kind

_TITLE: Final = "学生信息核对表"
_GROUPS: Final = {
    "basic": "基本信息",
    "school": "学籍",
    "household": "户口",
    "study": "入学与就读",
    "contact": "联系方式",
    "more": "其他情况",
    "member_1": "家庭成员或监护人一",
    "member_2": "家庭成员或监护人二",
}
_A_LINE: Final = 3  # items
# What needs the room of two items.
_WIDE: Final = frozenset(
    {"home", "mail_address", "family_address", "birthplace", "native_place", "household_area", "study_history"}
) | {f"member_{n}_{name}" for n in (1, 2) for name in ("address", "household_area")}


@dataclass(frozen=True)
class SheetEntry:
    """One student's page."""

    row: ExportRow
    differing: Sequence[Difference]
    school: str


def check_sheets(entries: Sequence[SheetEntry], *, footer: str = "", simulated: bool = False) -> bytes:
    """A PDF with a page for each student; raises ExchangeError when it can't be set."""
    data = {"title": _TITLE, "footer": footer, "people": [_person(entry) for entry in entries]}
    return paper.typeset("particulars", data, simulated=simulated)


def shown(rule: ColumnRule, value: str) -> str:
    """A value as people read it: a code beside its word, an area beside its name."""
    named = name_of(value) if value and rule.kind is Kind.AREA else ""
    return f"{value} {named}" if named else rule.code_and_word(value)


def _person(entry: SheetEntry) -> dict[str, Any]:
    who = entry.row.who
    return {
        "name": who.name if who else "",
        "class": class_title(who.group) if who else "",
        "school": entry.school,
        "sections": list(_sections(entry)),
        "notes": [_note(one) for one in entry.differing],
    }


def _sections(entry: SheetEntry) -> Iterator[dict[str, Any]]:
    differing = {one.field for one in entry.differing}
    for group, name in _GROUPS.items():
        cells = [
            {
                "name": rule.header.removeprefix("成员1").removeprefix("成员2").replace("行政区划代码", ""),
                "value": shown(rule, value_of(entry.row, rule)),
                "starred": rule.starred,
                "wide": rule.field in _WIDE,
                "differs": rule.field in differing,
            }
            for rule in ITEMS.columns
            if rule.group == group
        ]
        yield {"name": name, "cells": _laid_out(cells)}


def _laid_out(cells: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The cells in lines of three, a wide one counting for two: what would not fit into its line begins the next."""
    empty = {"name": "", "value": "", "starred": False, "wide": False, "differs": False}
    found: list[dict[str, Any]] = []
    used = 0
    for cell in cells:
        if cell["wide"] and used % _A_LINE == _A_LINE - 1:
            found.append(empty)
            used += 1
        found.append(cell)
        used += 2 if cell["wide"] else 1
    return found + [empty] * (-used % _A_LINE)


def _note(one: Difference) -> str:
    rule = ITEMS.column(one.field)
    witness = "芯片" if one.of_chip else "名单"
    return f"{rule.header}：家长填“{shown(rule, one.filled_in)}”，{witness}为“{shown(rule, one.counts)}”"

"""报名点信息表: what a 报名点 reports to the city's exam office, as a sheet and on paper."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import xlsxwriter

from kiosk.exchange import paper
from kiosk.exchange.file_names import marked
from kiosk.exchange.sheet_style import OPTIONS, Style, write_head
from kiosk.records import CATEGORIES, Point, School, SchoolName, Served, StudentProgress

_TITLE: Final = "报名点信息表"
_HEADERS: Final = {
    "学校": 30,
    "学校标识码": 16,
    **dict.fromkeys(CATEGORIES, 10),
    "合计": 8,
    "已采集": 8,
    "批准人": 14,
    "批准日期": 14,
}
_WIDTHS: Final = (0, 26, *(15,) * len(CATEGORIES), 13, 15, 20, 24)  # mm


@dataclass(frozen=True)
class PointLine:
    """What is captured of one school: students by 考生类别 and how many are done."""

    served: Served
    counts: Counter[str]
    captured: int


def lines(point: Point, own: School, students: Sequence[StudentProgress]) -> list[PointLine]:
    """The station's own school, those that are permitted, and whichever else the roster has."""
    told = [Served(SchoolName(own.name, own.code)), *point.schools]
    known = {one.school.key for one in told}
    others = dict.fromkeys(one.student.school_name for one in students if one.student.group.school not in known)
    found = []
    for served in (*told, *map(Served, others)):
        members = [one for one in students if one.student.group.school == served.school.key]
        counts = Counter(one.student.category_told for one in members)
        if any(served.school) or members:
            found.append(PointLine(served, counts, sum(one.captured for one in members)))
    return found


def write_point(school: School, point: Point, found: Sequence[PointLine], out: Path, *, simulated: bool = False) -> None:
    """An .xlsx: the point on the first sheet, the schools with their counts on the second. Every cell is text."""
    with xlsxwriter.Workbook(out, OPTIONS) as book:
        style, page = Style(book), book.add_worksheet(marked("报名点", simulated=simulated))
        facts = _facts(school, point)
        write_head(page, ((name, 24) for name, _ in facts), style, landscape=True)
        for column, (_, value) in enumerate(facts):
            page.write_string(1, column, value, style.text)
        page = book.add_worksheet(marked("学校与人数", simulated=simulated))
        write_head(page, _HEADERS.items(), style, landscape=True)
        for line, one in enumerate(found, start=1):
            for column, cell in enumerate(_cells(one)):
                page.write_string(line, column, cell, style.text)


def print_point(school: School, point: Point, found: Sequence[PointLine], *, simulated: bool = False) -> bytes:
    """The same as a PDF."""
    facts = "　".join(f"{name}：{value}" for name, value in _facts(school, point)[2:] if value)
    return paper.typeset(
        "class_list",
        {
            "title": _TITLE,
            "footer": facts,
            "headers": list(_HEADERS),
            "widths": list(_WIDTHS),
            "inset": 5,
            "long": True,
            "groups": [
                {
                    "name": " ".join(filter(None, (school.name, school.code))),
                    "note": f"共 {sum(one.counts.total() for one in found)} 人",
                    "rows": [{"marked": False, "cells": list(_cells(one))} for one in found],
                }
            ],
        },
        simulated=simulated,
    )


def _facts(school: School, point: Point) -> list[tuple[str, str]]:
    return [
        ("报名点名称", school.name),
        ("报名点代码", school.code),
        ("所在县（市、区）", school.district),
        ("地址", school.address),
        ("电话", school.phone),
        ("联系人", school.reachable),
        ("受理类别", "、".join(point.categories)),
    ]


def _cells(one: PointLine) -> tuple[str, ...]:
    name, code = one.served.school
    counts = (str(one.counts[category]) for category in CATEGORIES)
    told = (str(one.counts.total()), str(one.captured), one.served.permitted_by, one.served.permitted_on)
    return name or "未填", code, *counts, *told

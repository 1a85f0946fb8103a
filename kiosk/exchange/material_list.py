"""材料清单 and 存档清单: who has handed in what, what is missing by class, and which box it lies in."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import xlsxwriter

from kiosk.exchange import paper
from kiosk.exchange.file_names import marked
from kiosk.exchange.forms import class_title
from kiosk.exchange.sheet_style import OPTIONS, Style, write_head
from kiosk.records import ClassKey, Material, SchoolName, Student, StudentMaterials, school_words
from kiosk.surrogate import number_of

_LACKING: Final = "缺"
_WHOLE: Final = "齐"
_UNBOXED: Final = "未装盒"
_AT_ONCE: Final = 120  # rows of one table: typst takes ever longer per row of a longer one
_WHO: Final = {"学校": 20, "年级": 8, "班级": 8, "姓名": 12, "身份证号": 22, "考籍号": 20}
_BOXED: Final = {"材料": 24, "交件人": 12, "收件人": 12, "收件时间": 18}

Boxed = tuple[str, StudentMaterials, Material]  # a paper with its box, and whose it is


def write_materials(
    people: Sequence[StudentMaterials],
    kinds: Sequence[str],
    out: Path,
    *,
    schools: Sequence[SchoolName] = (),
    simulated: bool = False,
) -> None:
    """An .xlsx: what is missing by class, everybody with every paper, and the boxes. Every cell is text. Among several
    `schools` each row names its own."""
    several = len(schools) > 1
    who = _WHO if several else {name: width for name, width in _WHO.items() if name != "学校"}
    with xlsxwriter.Workbook(out, OPTIONS) as book:
        style = Style(book)
        page = book.add_worksheet(marked("按班缺件", simulated=simulated))
        named = ("学校", "年级", "班级") if several else ("年级", "班级")
        write_head(page, ((name, 14) for name in (*named, "人数", *kinds)), style, landscape=True)
        for line, (group, members) in enumerate(by_class(people).items(), start=1):
            lacking = missing(members)
            counts = (str(lacking[kind]) if lacking[kind] else _WHOLE for kind in kinds)
            place = (school_words(members[0].student.school_name, schools), *group[1:])[-len(named) :]
            for column, cell in enumerate((*place, str(len(members)), *counts)):
                alarming = column > len(named) and cell != _WHOLE
                page.write_string(line, column, cell, style.alarming if alarming else style.text)
        page = book.add_worksheet(marked("材料明细", simulated=simulated))
        write_head(page, [*who.items(), *((kind, 24) for kind in kinds)], style, landscape=True)
        for line, one in enumerate(people, start=1):
            cells = _who(one.student, schools)
            for column, cell in enumerate(cells):
                page.write_string(line, column, cell, style.text)
            for column, kind in enumerate(kinds, start=len(cells)):
                found = one.there.get(kind)
                page.write_string(line, column, _cell(found), style.alarming if found is None else style.text)
        page = book.add_worksheet(marked("存档盒", simulated=simulated))
        write_head(page, [("盒号", 12), *who.items(), *_BOXED.items()], style, landscape=True)
        for line, (box, one, material) in enumerate(in_boxes(people), start=1):
            at = f"{material.at.astimezone():%Y-%m-%d %H:%M}"
            about = (material.kind, material.handed_by, material.by, at)
            for column, cell in enumerate((box or _UNBOXED, *_who(one.student, schools), *about)):
                page.write_string(line, column, cell, style.text if box else style.alarming)


def print_materials(
    people: Sequence[StudentMaterials],
    kinds: Sequence[str],
    *,
    footer: str = "",
    schools: Sequence[SchoolName] = (),
    simulated: bool = False,
) -> bytes:
    """A PDF, each class on pages of its own, what is missing marked. Raises ExchangeError."""
    most = max(18, min(40, 110 // max(len(kinds), 1)))
    groups = [
        {
            "name": class_title(group, schools),
            "note": "　".join(f"{kind} 缺 {count}" for kind, count in missing(members).items()) or "材料齐全",
            "rows": [_row(number, one, kinds) for number, one in enumerate(members, start=1)],
        }
        for group, members in by_class(people).items()
    ]
    told = {"title": "材料清单", "headers": ["序号", "姓名", *kinds], "widths": [12, 0, *([most] * len(kinds))]}
    return paper.typeset(
        "class_list", {**told, "footer": footer, "inset": 5, "long": False, "groups": groups}, simulated=simulated
    )


def print_boxes(
    papers: Sequence[Boxed], *, footer: str = "", schools: Sequence[SchoolName] = (), simulated: bool = False
) -> bytes:
    """A PDF: a page for each box with what lies in it, to be put on top; what is in none comes last. Raises ExchangeError."""
    boxes: dict[str, dict[str, tuple[StudentMaterials, list[Material]]]] = defaultdict(dict)
    for box, one, material in papers:
        boxes[box].setdefault(one.student.id_number, (one, []))[1].append(material)
    groups: list[dict[str, Any]] = []
    for box, found in boxes.items():
        rows = [_boxed(number, one, papers, schools) for number, (one, papers) in enumerate(found.values(), start=1)]
        name = f"存档盒 {box}" if box else "尚未装盒"
        note = f"共 {len(found)} 人 {sum(len(papers) for _, papers in found.values())} 份"
        parts = (rows[start : start + _AT_ONCE] for start in range(0, len(rows), _AT_ONCE))
        groups += [{"name": name, "note": note, "rows": part} for part in parts]
    told = {"title": "存档清单", "headers": ["序号", "班级", "姓名", "材料", "收件"], "widths": [12, 30, 36, 0, 24]}
    look = {"footer": footer, "inset": 5, "long": False, "groups": groups}
    return paper.typeset("class_list", {**told, **look}, simulated=simulated)


def by_class(people: Sequence[StudentMaterials]) -> Mapping[ClassKey, list[StudentMaterials]]:
    """Everybody by grade and class, in the order of the roster."""
    classes: dict[ClassKey, list[StudentMaterials]] = defaultdict(list)
    for one in people:
        classes[one.student.group].append(one)
    return classes


def missing(people: Sequence[StudentMaterials]) -> Counter[str]:
    """How many of these lack which paper."""
    return Counter(kind for one in people for kind in one.lacking)


def in_boxes(people: Sequence[StudentMaterials]) -> list[Boxed]:
    """Every paper that is there with its box, by box; those in none last."""
    found = [(material.box, one, material) for one in people for material in one.there.values()]
    return sorted(found, key=lambda entry: (not entry[0], entry[0]))


def _who(student: Student, schools: Sequence[SchoolName]) -> tuple[str, ...]:
    school = (school_words(student.school_name, schools),) if len(schools) > 1 else ()
    number = number_of(student.id_number)
    return (*school, student.grade, student.class_name, student.name, number, student.registration_number)


def _cell(found: Material | None) -> str:
    if found is None:
        return _LACKING
    return " ".join(filter(None, (f"{found.at.astimezone():%Y-%m-%d}", found.handed_by, found.box)))


def _boxed(number: int, one: StudentMaterials, papers: Sequence[Material], schools: Sequence[SchoolName]) -> dict[str, Any]:
    group, kinds = class_title(one.student.group, schools), "、".join(paper.kind for paper in papers)
    at = f"{max(paper.at for paper in papers).astimezone():%Y-%m-%d}"
    return {"marked": not papers[0].box, "cells": [str(number), group, one.student.name, kinds, at]}


def _row(number: int, one: StudentMaterials, kinds: Sequence[str]) -> dict[str, Any]:
    told = [(f"√ {found.box}".strip() if (found := one.there.get(kind)) else _LACKING) for kind in kinds]
    return {"marked": bool(one.lacking), "cells": [str(number), one.student.name, *told]}

"""Progress by class: for the screen, as a sheet, and as a page to print. Who was never seen (空挂学籍) stands out."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from kiosk import idnumber
from kiosk.exchange import paper
from kiosk.exchange.fields import FINGER_NAMES
from kiosk.exchange.file_names import marked
from kiosk.exchange.forms import class_title
from kiosk.exchange.sheet_style import ALARM, HEAD, OPTIONS, Style, write_head
from kiosk.exchange.state_names import REASON_NAMES, STATE_NAMES
from kiosk.records import ClassKey, ProgressState, SchoolName, StudentProgress, school_words
from kiosk.surrogate import number_of

_HEADERS: Final = {
    "年级": 8,
    "班级": 8,
    "姓名": 12,
    "身份证号": 22,
    "考籍号": 20,
    "状态": 10,
    "时间": 18,
    "签字": 6,
    "说明": 40,
}
_NUMBER: Final = {"num_format": "0", "align": "left"}  # beneath its header, as the texts are
_COUNTS: Final = ("应采", *STATE_NAMES.values(), "已签字")
_UNSEEN: Final = _COUNTS.index(STATE_NAMES[ProgressState.NOT_SEEN])


@dataclass(frozen=True)
class ClassProgress:
    """How far one class is. `school`: as it is called beside others, empty where there is one."""

    group: ClassKey
    total: int
    counts: Mapping[ProgressState, int]
    signed: int
    title: str
    school: str = ""


def by_class(students: Sequence[StudentProgress], schools: Sequence[SchoolName] = ()) -> list[ClassProgress]:
    """One entry a class, in the order of the roster."""
    return [
        ClassProgress(
            group,
            len(members),
            Counter(entry.state for entry in members),
            sum(entry.signed for entry in members),
            class_title(group, schools),
            school_words(members[0].student.school_name, schools),
        )
        for group, members in _classes(students).items()
    ]


def _classes(students: Sequence[StudentProgress]) -> Mapping[ClassKey, list[StudentProgress]]:
    """Everybody by class, in the order of the roster."""
    classes: dict[ClassKey, list[StudentProgress]] = defaultdict(list)
    for entry in students:
        classes[entry.student.group].append(entry)
    return classes


def write_progress(
    students: Sequence[StudentProgress],
    out: Path,
    *,
    tested: str = "",
    schools: Sequence[SchoolName] = (),
    simulated: bool = False,
) -> None:
    """An .xlsx with the classes on the first sheet, everybody on the second and those never seen on the third. `tested`: the
    line about the devices' test (`device_test_sheet.devices_line`), on a sheet of its own.
    """
    with xlsxwriter.Workbook(out, OPTIONS) as book:
        style, summary = Style(book), book.add_worksheet(marked("按班汇总", simulated=simulated))
        named = ("学校", "年级", "班级") if len(schools) > 1 else ("年级", "班级")
        write_head(summary, ((name, 10) for name in (*named, *_COUNTS)), style)
        number = style.cell(**_NUMBER)
        alarming = style.cell(**_NUMBER, **ALARM)
        classes = by_class(students, schools)
        for line, entry in enumerate(classes, start=1):
            for column, name in enumerate((entry.school, *entry.group[1:])[-len(named) :]):
                summary.write_string(line, column, name, style.text)
            for at, count in enumerate(_numbers(entry)):
                summary.write_number(line, len(named) + at, count, alarming if at == _UNSEEN and count else number)
        total = style.cell(**_NUMBER, **HEAD)
        summary.write_string(len(classes) + 1, 0, "合计", total)
        for column in range(1, len(named)):
            summary.write_blank(len(classes) + 1, column, None, total)
        for column, counts in enumerate(zip(*map(_numbers, classes), strict=True), start=len(named)):
            summary.write_number(len(classes) + 1, column, sum(counts), total)
        unseen = [one for one in students if one.state is ProgressState.NOT_SEEN]
        _list(book.add_worksheet(marked("全部考生", simulated=simulated)), students, style, schools, unseen=style.alarming)
        _list(book.add_worksheet(marked("未到场考生", simulated=simulated)), unseen, style, schools, unseen=style.text)
        if tested:
            book.add_worksheet(marked("设备检测", simulated=simulated)).write_string(0, 0, tested, style.text)


def _numbers(entry: ClassProgress) -> list[int]:
    """The counts of a class, in the order of the summary's columns."""
    return [entry.total, *(entry.counts.get(state, 0) for state in STATE_NAMES), entry.signed]


def print_progress(
    students: Sequence[StudentProgress],
    *,
    title: str,
    footer: str = "",
    tested: str = "",
    schools: Sequence[SchoolName] = (),
    simulated: bool = False,
) -> bytes:
    """A PDF, each class on pages of its own, those never seen marked; `tested` stands at the foot. Numbers are masked: it hangs
    on a wall.
    """
    return paper.typeset(
        "class_list",
        {
            "title": title,
            "footer": "　".join(part for part in (footer, tested) if part),
            "headers": ["序号", "姓名", "身份证号", "状态", "时间", "说明"],
            "widths": [12, 28, 44, 22, 34, 0],
            "inset": 4,
            "long": True,
            "groups": [
                {"name": progress.title, "note": _note(progress), "rows": _printed(members)}
                for progress, members in zip(by_class(students, schools), _classes(students).values(), strict=True)
            ],
        },
        simulated=simulated,
    )


def _note(progress: ClassProgress) -> str:
    parts = (f"{name} {progress.counts[state]}" for state, name in STATE_NAMES.items() if progress.counts.get(state))
    return "　".join((f"应采 {progress.total}", *parts))


def _printed(members: Sequence[StudentProgress]) -> list[dict[str, Any]]:
    return [
        {
            "marked": one.state is ProgressState.NOT_SEEN,
            "cells": [
                str(number),
                one.student.name,
                idnumber.masked(one.student.id_number),
                STATE_NAMES[one.state],
                _time(one),
                note_on(one),
            ],
        }
        for number, one in enumerate(members, start=1)
    ]


def _list(
    page: Worksheet, students: Sequence[StudentProgress], style: Style, schools: Sequence[SchoolName], *, unseen: object
) -> None:
    several = len(schools) > 1
    headers = {"学校": 20, **_HEADERS} if several else _HEADERS
    write_head(page, headers.items(), style)
    for line, one in enumerate(students, start=1):
        look = unseen if one.state is ProgressState.NOT_SEEN else style.text
        student = one.student
        signed = "是" if one.signed else ""
        school = (school_words(student.school_name, schools),) if several else ()
        who = (
            *school,
            student.grade,
            student.class_name,
            student.name,
            number_of(student.id_number),
            student.registration_number,
        )
        for column, cell in enumerate((*who, STATE_NAMES[one.state], _time(one), signed, note_on(one))):
            page.write_string(line, column, cell, look)
    page.autofilter(0, 0, max(len(students), 1), len(headers) - 1)


def note_on(entry: StudentProgress) -> str:
    """What belongs to the state: an attempt at impersonation, why somebody was refused, sent back or absent, and which finger
    stands in for a thumb."""
    tried, refusal = entry.impersonation, entry.refusal
    parts = [f"{_time_of(tried.at)} {REASON_NAMES[tried.reason]}"] if tried else []
    if refusal is not None and refusal != tried:
        parts.append(REASON_NAMES[refusal.reason])
    if entry.sent_back and entry.review is not None:
        parts.append(f"复核退回重采：{entry.review.reason}")
    if entry.note and not (entry.sent_back and entry.review is not None and entry.note == entry.review.reason):
        parts.append(entry.note)
    return "；".join((*parts, *(f"采集{FINGER_NAMES[position]}" for position in entry.stand_ins)))


def _time(entry: StudentProgress) -> str:
    return _time_of(entry.at) if entry.at else ""


def _time_of(at: datetime) -> str:
    return f"{at.astimezone():%m-%d %H:%M}"

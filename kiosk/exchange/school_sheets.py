"""The school's lists as sheets: roll-call to fill in, 空挂学籍, who lacks a 考籍号, and whose number the register refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import xlsxwriter

from kiosk.clock import moment
from kiosk.exchange.fields import FIELDS, ExportRow
from kiosk.exchange.file_names import marked
from kiosk.exchange.school_lists import ROLL_CALL_NAMES
from kiosk.exchange.sheet_style import OPTIONS, Style, write_head
from kiosk.records import Finding, RollCall, SchoolName, Student, school_words
from kiosk.surrogate import number_of
from kiosk.tables.rules import load_rules

Schools = Sequence[SchoolName]  # of the roster: a column tells them apart where there are several
_WHO: Final = {"姓名": 12, "性别": 6, "身份证号": 22, "学籍号": 22}


def write_roll_call(students: Sequence[Student], out: Path, /, *, schools: Schools = (), simulated: bool = False) -> None:
    """点名结果 to be filled in: the outcome is chosen from a list, and the file is read back as it is."""
    rules = load_rules("roll_calls")
    headers = {**_class_headers(schools), **{column.header: 22 for column in rules.columns}}
    rows = [(*_class_of(one, schools), one.name, number_of(one.id_number), "", "") for one in students]
    choices = [name for outcome, name in ROLL_CALL_NAMES.items() if outcome is not RollCall.LEFT] + ["转出", "休学", "退学"]
    _write(rules.title, headers, rows, out, simulated=simulated, choose=(list(headers).index("点名结果"), choices))


def write_unseen(
    entries: Sequence[tuple[Student, Finding | None, str]], out: Path, /, *, schools: Schools = (), simulated: bool = False
) -> None:
    """空挂学籍: on the roster and never seen, with what the roll-call found and what is known besides."""
    headers = {**_class_headers(schools), **_WHO, "考籍号": 20, "点名结果": 14, "点名时间": 18, "点名说明": 30, "备注": 30}
    rows = [
        (
            *_who(student, schools),
            student.registration_number,
            ROLL_CALL_NAMES[RollCall(found.outcome)] if found else "未点名",
            moment(found.at) if found else "",
            found.note if found else "",
            note,
        )
        for student, found, note in entries
    ]
    _write("空挂学籍", headers, rows, out, simulated=simulated)


def write_requests(students: Sequence[Student], out: Path, /, *, schools: Schools = (), simulated: bool = False) -> None:
    """考籍号申请表: who lacks one, to be asked for in the system. Filled in, it is read back, after the deadline too. Where a
    school files 学籍号, whoever has none stands out: without enrolment there is no registration."""
    kinds = load_rules("students").column("document_type")
    headers = {**_class_headers(schools), **_WHO, "身份证件类型": 22, "出生日期": 12, "民族": 10, "备注": 22, "考籍号": 22}
    enrolling = {one.group.school for one in students if one.student_number}
    rows = [
        (
            *_who(one, schools),
            kinds.code_and_word(one.document_type),
            str(FIELDS["birth"](ExportRow(student=one)) or one.birth_text).replace("-", ""),
            one.ethnicity,
            "" if one.student_number or one.group.school not in enrolling else "无学籍号，先核实学籍",
            "",
        )
        for one in students
    ]
    _write("考籍号申请表", headers, rows, out, simulated=simulated)


def write_refused_numbers(
    entries: Sequence[tuple[Student, Finding, bool]], out: Path, /, *, schools: Schools = (), simulated: bool = False
) -> None:
    """身份证验证未通过: by class; the last column says whether something was put right since."""
    headers = {**_class_headers(schools), **_WHO, "验证结果": 40, "导入时间": 18, "处理": 22}
    rows = [
        (*_who(student, schools), found.note, moment(found.at), "已更正，待复验" if mended else "待核对更正")
        for student, found, mended in entries
    ]
    _write("身份证验证未通过", headers, rows, out, simulated=simulated)


def _class_headers(schools: Schools) -> dict[str, float]:
    return {**({"学校": 20} if len(schools) > 1 else {}), "年级": 8, "班级": 8}


def _class_of(student: Student, schools: Schools) -> tuple[str, ...]:
    told = (school_words(student.school_name, schools),) if len(schools) > 1 else ()
    return (*told, student.grade, student.class_name)


def _who(student: Student, schools: Schools) -> tuple[str, ...]:
    sex = str(FIELDS["sex"](ExportRow(student=student)) or "")
    return (*_class_of(student, schools), student.name, sex, number_of(student.id_number), student.student_number)


def _write(
    title: str,
    headers: Mapping[str, float],
    rows: Sequence[Sequence[str]],
    out: Path,
    *,
    simulated: bool,
    choose: tuple[int, list[str]] | None = None,
) -> None:
    with xlsxwriter.Workbook(out, OPTIONS) as book:
        style, page = Style(book), book.add_worksheet(marked(title, simulated=simulated))
        write_head(page, headers.items(), style, landscape=True)
        for column, width in enumerate(headers.values()):
            page.set_column(column, column, width, style.text)
        for line, row in enumerate(rows, start=1):
            for column, cell in enumerate(row):
                page.write_string(line, column, cell, style.text)
        page.autofilter(0, 0, max(len(rows), 1), len(headers) - 1)
        if choose is not None:
            at, choices = choose
            page.data_validation(1, at, max(len(rows), 1), at, {"validate": "list", "source": choices})

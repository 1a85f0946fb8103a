from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from kiosk.exchange import RosterReading, read_roster
from tests.exchange.conftest import number

Workbook = Callable[..., Path]
HEADER = ["姓名", "身份证号", "证件类型", "性别", "出生日期", "年级", "班级", "科类"]


def read(workbook: Workbook, *rows: list[object]) -> RosterReading:
    return read_roster(workbook(名单=[HEADER, *rows]))


def warned(reading: RosterReading) -> list[tuple[int, str, str]]:
    return [(warning.row, warning.column, warning.message.code) for warning in reading.warnings]


def test_sex_and_birth_are_held_against_the_number(workbook: Workbook) -> None:
    reading = read(
        workbook,
        ["张三", number(1), "", "女", "2008-01-02", "高一", "1", ""],
        ["李四", number(2), "", "女", "", "高一", "1", ""],
    )
    assert len(reading.students) == 2
    assert warned(reading) == [(2, "D", "roster.sex_against_number"), (2, "E", "roster.birth_against_number")]


def test_a_class_of_one_a_gap_and_mixed_streams_are_shown(workbook: Workbook) -> None:
    rows = [
        ["甲", number(1), "", "", "", "高一", "1", "文科"],
        ["乙", number(3), "", "", "", "高一", "1", "文科"],
        ["丙", number(5), "", "", "", "高一", "1", "理科"],
        ["丁", number(7), "", "", "", "高一", "3", "理科"],
    ]
    reading = read(workbook, *rows)  # type: ignore[arg-type]
    assert len(reading.students) == 4
    assert warned(reading) == [(4, "H", "roster.streams_mixed"), (5, "G", "roster.class_of_one"), (5, "G", "roster.class_gap")]
    assert reading.warnings[-1].message.data == {"missing": "2"}


def test_other_documents_follow_the_registers_duplicate_rule(workbook: Workbook) -> None:
    reading = read(
        workbook,
        ["Anna Maria", "E12345678", "护照", "女", "2008-01-01", "高一", "1", ""],
        ["ANNA MARIA", "E99999999", "A", "女", "20080101", "高一", "1", ""],
        ["陈大文", "H01234567", "6", "男", "2008-01-01", "高一", "1", ""],
    )
    assert [(student.name, student.document_type) for student in reading.students] == [("陈大文", "6")]
    assert [(problem.row, problem.message.code) for problem in reading.problems] == [
        (2, "roster.duplicate_person"),
        (3, "roster.duplicate_person"),
    ]


def test_the_number_for_students_without_one_is_taken_with_a_warning(workbook: Workbook) -> None:
    reading = read(
        workbook, ["Tom", "410100200801010001", "", "", "", "高一", "1", ""], ["李四", number(2), "", "", "", "高一", "1", ""]
    )
    assert reading.students[0].id_number == "410100200801010001"
    assert warned(reading) == [(2, "B", "roster.substitute_number")]


def test_one_student_under_two_spellings_is_shown(workbook: Workbook) -> None:
    rows = [
        ["买买提·艾力", number(1), "", "男", "", "高一", "1", ""],
        ["买买提•艾力", number(3), "", "男", "", "高一", "1", ""],
        ["张喆", number(5), "", "男", "", "高一", "1", ""],
        ["张𠮷", number(7), "", "男", "", "高一", "1", ""],
        ["李明", number(9), "", "男", "", "高一", "1", ""],
    ]
    reading = read(workbook, *rows)  # type: ignore[arg-type]
    assert [student.name for student in reading.students][:2] == ["买买提·艾力", "买买提·艾力"]  # one dot for all
    like = [warning for warning in reading.warnings if warning.message.code == "roster.like_name"]
    assert [(warning.row, warning.message.data["row"]) for warning in like] == [(3, 2), (5, 4)]


def test_a_character_of_the_private_use_area_is_shown(workbook: Workbook) -> None:
    reading = read(workbook, ["张\ue81e", number(1), "", "", "", "高一", "1", ""])
    assert warned(reading) == [(2, "A", "roster.private_character")]

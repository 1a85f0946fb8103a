from __future__ import annotations

import re
import zipfile
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


def test_names_and_birth_dates_that_are_hardly_right_are_shown(workbook: Workbook) -> None:
    rows = [
        ["张三-丰", number(1), "", "", "", "高一", "1", ""],
        ["阿依古丽 买买提", number(3), "", "", "", "高一", "1", ""],
        ["བསྟན་འཛིན་རྒྱ་མཚོ", number(5), "", "", "", "高一", "1", ""],
        ["ئايگۈل مەمەت", number(7), "", "", "", "高一", "1", ""],
        ["葛\U000e0100〇", number(9), "", "", "", "高一", "1", ""],
        ["Jean-Luc O'Neil", "E12345678", "护照", "男", "2108-01-01", "高一", "1", ""],
        ["丁", number(11, "20300101"), "", "", "", "高一", "1", ""],
    ]
    assert warned(read(workbook, *rows)) == [  # type: ignore[arg-type]
        (2, "A", "roster.odd_name"),
        (3, "A", "roster.odd_name"),
        (7, "E", "roster.birth_unlikely"),
        (8, "B", "roster.birth_unlikely"),
    ]


def test_a_row_that_says_the_same_again_is_one_and_a_contradiction_is_named(workbook: Workbook) -> None:
    rows = [["甲", number(1), "", "", "", "高一", "1", ""], ["乙", number(3), "", "", "", "高一", "1", ""]]
    other = ["乙", number(3), "", "", "", "高一", "2", ""]
    reading = read(workbook, *rows, rows[0], other)  # type: ignore[arg-type]
    assert (len(reading.students), reading.rows_repeated, reading.rows_refused) == (1, 1, 2)
    (first, _) = reading.problems
    assert (first.row, first.column, first.message.code) == (3, "G", "roster.contradictory")
    assert (first.message.data["mine"], first.message.data["theirs"]) == ("1", "2")


def test_a_residence_permit_is_known_by_its_number_and_is_no_resident_card(workbook: Workbook) -> None:
    permit = number(1, area="810000")
    said: list[list[object]] = [["陈大文", permit, kind, "", "", "高一", "1", ""] for kind in ("", "居民身份证")]
    assert [one.document_type for one in read(workbook, said[0]).students] == ["6"]
    assert [one.message.code for one in read(workbook, said[1]).problems] == ["roster.document_of_other_kind"]


def test_of_rows_and_sheets_that_name_the_same_place_nobody_is_lost(workbook: Workbook, tmp_path: Path) -> None:
    """A row's number twice in a worksheet, and two sheets of one name, which Excel would not write."""
    book = workbook(名单=[HEADER, ["张三", number(1)], ["李四", number(2)], ["王五", number(3)]])
    with zipfile.ZipFile(book) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    row = re.findall(rb"<row .*?</row>", parts[sheet])[1]
    parts[sheet] = parts[sheet].replace(row, row * 2)
    with zipfile.ZipFile(book, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    reading = read_roster(book)
    assert [student.name for student in reading.students] == ["张三", "李四", "王五"]
    assert (reading.rows_repeated, reading.rows_refused) == (1, 0)

    def worksheet(*students: str) -> str:
        rows = [["姓名", "身份证号"], *(one.split() for one in students)]
        cells = ("".join(f'<Cell><Data ss:Type="String">{text}</Data></Cell>' for text in row) for row in rows)
        return f'<Worksheet ss:Name="1班"><Table>{"".join(f"<Row>{row}</Row>" for row in cells)}</Table></Worksheet>'

    zhang, li, wang, other = (f"{name} {number(at)}" for name, at in (("张三", 1), ("李四", 2), ("王五", 3), ("赵六", 3)))
    book = tmp_path / "班级.xml"
    sheets = worksheet(zhang, wang, li), worksheet(zhang, other)
    space = "urn:schemas-microsoft-com:office:spreadsheet"
    book.write_text(f'<Workbook xmlns="{space}" xmlns:ss="{space}">{"".join(sheets)}</Workbook>', "utf-8")
    reading = read_roster(book)
    assert [student.name for student in reading.students] == ["张三", "李四"]
    assert [(warning.sheet, warning.row) for warning in reading.warnings if warning.message.code == "roster.repeated"] == [
        ("1班 (2)", 2)
    ]
    assert [(problem.sheet, problem.row) for problem in reading.problems] == [("1班", 3), ("1班 (2)", 3)]
    assert (reading.rows_read, reading.rows_refused) == (5, 2)

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kiosk.errors import ExchangeError
from kiosk.exchange import read_roster
from kiosk.records import Student
from tests.exchange.conftest import number

Workbook = Callable[..., Path]
HEADER = ["姓名", "身份证号", "年级", "班级", "考籍号"]


def test_a_plain_roster_is_read(workbook: Workbook) -> None:
    reading = read_roster(workbook(名单=[HEADER, ["张三", number(1), "高一", "5", "K0001"]]))
    assert reading.students == (Student("张三", number(1), "高一", "5", "K0001"),)
    assert reading.problems == ()


def test_titles_above_other_order_and_ornaments_in_the_header_are_understood(workbook: Workbook) -> None:
    path = workbook(
        名单=[
            ["青海省某中学 2026 级花名册"],
            [],
            ["序号", "考籍号", "*身份证号码（必填）", "班 级", "姓\n名", "年级"],
            [1, "K0001", number(1), 5, "张三", "高一"],
        ]
    )
    assert read_roster(path).students == (Student("张三", number(1), "高一", "5", "K0001"),)


def test_cells_are_mended_without_guessing(workbook: Workbook) -> None:
    full_width = "".join(chr(ord(char) + 0xFEE0) for char in number(1))
    lower_x = next(number(order) for order in range(1, 99) if number(order).endswith("X")).lower()
    path = workbook(
        名单=[
            HEADER,
            [" 张\u3000三\xa0", full_width, "高一\n", 5.0, "'K0001"],
            ["Anna  Maria", f"\u200b {lower_x} ", "", "", 12345678],
        ]
    )
    first, second = read_roster(path).students
    assert first == Student("张三", number(1), "高一", "5", "K0001")
    assert (second.name, second.id_number, second.registration_number) == ("Anna Maria", lower_x.upper(), "12345678")


def test_a_number_in_a_numeric_cell_has_lost_its_digits_and_is_refused(workbook: Workbook) -> None:
    reading = read_roster(workbook(名单=[HEADER, ["张三", int(number(1)), "高一", "5", ""]]))
    assert reading.students == ()
    (problem,) = reading.problems
    assert (problem.sheet, problem.row, problem.column) == ("名单", 2, "B")
    assert problem.message.code == "roster.number_lost_digits"


def test_every_row_is_taken_or_listed_with_its_place(workbook: Workbook) -> None:
    wrong_check = number(1)[:17] + ("0" if number(1)[17] != "0" else "1")
    path = workbook(
        名单=[
            HEADER,
            ["", number(1), "", "", ""],
            ["李四", "", "", "", ""],
            [],
            ["王五", wrong_check, "", "", ""],
            ["赵六", "63010320080132001X", "", "", ""],
            ["钱七", "630103080101001", "", "", ""],
            ["孙八", number(2), "", "", ""],
            ["周九", number(2), "", "", ""],
        ]
    )
    reading = read_roster(path)
    assert [student.name for student in reading.students] == ["孙八"]
    assert [(problem.row, problem.column, problem.message.code) for problem in reading.problems] == [
        (2, "A", "roster.cell_empty"),
        (3, "B", "roster.cell_empty"),
        (5, "B", "roster.idnumber.check"),
        (6, "B", "roster.idnumber.date"),
        (7, "B", "roster.first_generation_number"),
        (9, "B", "roster.duplicate_number"),
    ]
    assert len(reading.students) + reading.rows_refused == 7


def test_several_sheets_are_one_roster(workbook: Workbook) -> None:
    path = workbook(
        文科=[HEADER, ["张三", number(1), "", "1", ""]], 理科=[HEADER, ["李四", number(2), "", "2", ""]], 说明=[["填表说明"]]
    )
    assert [student.class_name for student in read_roster(path).students] == ["1", "2"]


@pytest.mark.parametrize("rows", [[], [["姓名", "班级"], ["张三", "5"]]])
def test_a_sheet_without_the_header_is_refused_with_what_it_needs(workbook: Workbook, rows: list[list[str]]) -> None:
    with pytest.raises(ExchangeError) as caught:
        read_roster(workbook(名单=rows))
    assert caught.value.data["wanted"] == "姓名、身份证号"


def test_a_broken_file_is_told(tmp_path: Path) -> None:
    path = tmp_path / "花名册.xlsx"
    path.write_bytes(b"no workbook")
    with pytest.raises(ExchangeError, match=r"table\.unreadable"):
        read_roster(path)
    with pytest.raises(ExchangeError, match=r"table\.missing"):
        read_roster(tmp_path / "none.xlsx")
    with pytest.raises(ExchangeError, match=r"table\.unknown_kind"):
        read_roster(tmp_path / "花名册.docx")

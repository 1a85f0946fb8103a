from __future__ import annotations

from collections.abc import Callable
from datetime import date
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
            ["孙八", number(2), "", "", ""],
            ["周九", number(4), "", "", ""],
            ["吴十", number(4), "", "", ""],
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
        (10, "B", "roster.duplicate_number"),  # who of the two it is, nobody can tell
        (11, "B", "roster.duplicate_number"),
    ]
    assert (reading.rows_read, reading.rows_refused, reading.rows_repeated) == (9, 7, 1)
    assert [(one.row, one.message.code) for one in reading.warnings[:1]] == [(9, "roster.repeated")]  # says the same again


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
    with pytest.raises(ExchangeError, match=r"reading\.missing"):
        read_roster(tmp_path / "none.xlsx")
    picture = tmp_path / "花名册.xls"
    picture.write_bytes(b"\xff\xd8\xff a picture")
    with pytest.raises(ExchangeError, match=r"table\.unknown_kind"):
        read_roster(picture)


def test_a_csv_file_is_read_in_the_encodings_that_schools_write(tmp_path: Path) -> None:
    text = f'姓名,身份证号,班级\n张㑇,{number(1)},5\n李四,"=""{number(2)}""",6\n'
    for encoding in ("utf-8-sig", "utf-8", "gb18030", "utf-16"):
        path = tmp_path / "花名册.csv"
        path.write_bytes(text.encode(encoding))
        assert [(s.name, s.id_number) for s in read_roster(path).students] == [("张㑇", number(1)), ("李四", number(2))], (
            encoding
        )
    path.write_text(text.replace(",", "\t"), encoding="utf-8")
    assert len(read_roster(path).students) == 2


def test_a_number_that_excel_spoilt_in_a_csv_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "花名册.csv"
    path.write_text("姓名,身份证号\n张三,6.30103E+17\n", encoding="utf-8")
    assert [problem.message.code for problem in read_roster(path).problems] == ["roster.number_lost_digits"]


def test_bytes_in_no_encoding_are_told(tmp_path: Path) -> None:
    path = tmp_path / "花名册.csv"
    path.write_bytes(b"\xff\xff\xff\x80")
    with pytest.raises(ExchangeError, match=r"table\.encoding"):
        read_roster(path)


def test_an_xls_file_of_old_excel_is_read(tmp_path: Path) -> None:
    path = tmp_path / "花名册.xls"
    path.write_bytes(Path("tests/exchange/data/roster.xls").read_bytes())
    assert [(student.name, student.class_name) for student in read_roster(path).students] == [("张三", "5"), ("李四", "6")]


def test_what_each_column_was_taken_for_is_shown_and_can_be_corrected(workbook: Workbook) -> None:
    path = workbook(名单=[["学生姓名", "公民身份号码", "行政班", "电话"], ["张三", number(1), "5", "139"]])
    reading = read_roster(path)
    assert [(column.column, column.header, column.field) for column in reading.columns] == [
        ("A", "学生姓名", "name"),
        ("B", "公民身份号码", "id_number"),
        ("C", "行政班", "class_name"),
        ("D", "电话", ""),
    ]
    assert read_roster(path, {"行政班": "", "电话": "exam_number"}).students[0] == Student("张三", number(1), exam_number="139")
    with pytest.raises(ExchangeError, match=r"roster\.no_header"):
        read_roster(path, {"学生姓名": ""})


def test_a_sheet_without_header_among_others_is_named(workbook: Workbook) -> None:
    path = workbook(名单=[HEADER, ["张三", number(1), "", "1", ""]], 说明=[["填表说明"]], 空白=[])
    states = {sheet.name: sheet.state for sheet in read_roster(path).sheets}
    assert (states["名单"], states["说明"]) == ("read", "no_header")


def test_a_class_is_a_number_or_a_name(workbook: Workbook) -> None:
    header = ["姓名", "身份证号", "年级", "班级"]
    good = ["5", "05", "5班", "（5）班", "高一(5)班", 5, "五班", "５班"]
    reading = read_roster(workbook(名单=[header, *([f"考生{i}", number(i), "高一", name] for i, name in enumerate(good))]))
    assert [student.class_name for student in reading.students] == ["5"] * len(good)
    bad = ["七五", "7.5", 7.5, "1-2", "休学"]
    reading = read_roster(workbook(名单=[header, *([f"考生{i}", number(i), "高一", name] for i, name in enumerate(bad))]))
    assert [problem.message.code for problem in reading.problems] == ["roster.class_number"] * len(bad)
    twelve = read_roster(workbook(名单=[header, ["张三", number(1), "高一", "十二班"], ["李四", number(2), "高一", "二十一"]]))
    assert [student.class_name for student in twelve.students] == ["12", "21"]
    twenty = read_roster(
        workbook(名单=[header, ["张三", number(1), "高一", "高一二〇班"], ["李四", number(2), "高一", "一零"]])
    )
    assert [student.class_name for student in twenty.students] == ["20", "10"]


def test_dates_are_understood_in_the_usual_shapes_and_never_guessed(workbook: Workbook) -> None:
    header = ["姓名", "身份证号", "出生日期"]
    good = [
        date(2008, 1, 1),
        39448,
        "39448",
        "2008-01-01",
        "2008/1/1",
        "2008.1.1",
        "20080101",
        "2008年1月1日",
        "２００８-0１-01",
    ]
    reading = read_roster(workbook(名单=[header, *([f"考生{i}", number(i), day] for i, day in enumerate(good))]))
    assert [student.birth_text for student in reading.students] == ["20080101"] * len(good)
    bad = ["01/02/2008", "2008-13-01", "08-1-1", "初二"]
    reading = read_roster(workbook(名单=[header, *([f"考生{i}", number(i), day] for i, day in enumerate(bad))]))
    assert [problem.message.code for problem in reading.problems] == [
        "roster.date_shape",
        "roster.date_unreal",
        "roster.date_shape",
        "roster.date_shape",
    ]


def test_sex_stream_and_ethnicity_are_mended_or_refused(workbook: Workbook) -> None:
    header = ["姓名", "身份证号", "性别", "科类", "民族"]
    path = workbook(名单=[header, ["张三", number(1), "男生", "文", "藏族"], ["李四", number(2), "雄", "艺术", "火星"]])
    reading = read_roster(path)
    assert [(s.sex, s.stream, s.ethnicity) for s in reading.students] == [("男", "文科", "藏")]
    assert [problem.message.code for problem in reading.problems] == ["roster.sex", "roster.choice", "roster.ethnicity"]


def test_the_roster_says_whose_guardian_has_signed(workbook: Workbook) -> None:
    header = [*HEADER[:2], "家长是否同意"]
    rows = [["张三", number(1), "√"], ["李四", number(2), "不同意"], ["王五", number(3), ""], ["赵六", number(4), "也许"]]
    reading = read_roster(workbook(名单=[header, *rows]))
    assert [student.guardian_consent for student in reading.students] == ["是", "否", ""]
    (problem,) = reading.problems
    assert (problem.row, problem.message.code) == (5, "roster.choice")


def test_cells_full_of_dividers_are_no_labels_and_cost_nothing(workbook: Workbook) -> None:
    """Looked through from every place, a dozen of them would take longer than the reading process may."""
    rows = [["班级：1" + "、" * 32_000] for _ in range(12)]
    reading = read_roster(workbook(名单=[*rows, ["姓名", "身份证号"], ["张三", number(1)]]))
    assert [(student.name, student.class_name) for student in reading.students] == [("张三", "")]

"""Rosters as schools really have them: read rightly, or refused with row, column, value and cause; nothing in silence."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.comments import Comment
from openpyxl.styles import Font
from openpyxl.worksheet.datavalidation import DataValidation

from kiosk.errors import ExchangeError
from kiosk.exchange import RosterReading, left_out, read_roster
from kiosk.surrogate import is_surrogate
from kiosk.words import LANGUAGES, say_error, say_message
from tests.exchange.conftest import number

HEADER = ["姓名", "身份证号", "年级", "班级", "考籍号"]
Change = Callable[[Any, Any], None]


@pytest.fixture
def school(tmp_path: Path) -> Callable[..., Path]:
    """Writes sheets (name → rows), then lets a test change the book as Excel would."""

    def write(change: Change | None = None, **sheets: Sequence[Sequence[object]]) -> Path:
        book = openpyxl.Workbook()
        book.remove(book.active)
        for name, rows in sheets.items():
            page = book.create_sheet(name)
            for row in rows:
                page.append([str(cell) if isinstance(cell, str) else cell for cell in row])
        if change is not None:
            change(book, book.worksheets[0])
        path = tmp_path / "花名册.xlsx"
        book.save(path)
        return path

    return write


def people(count: int, *more: object) -> list[list[object]]:
    return [
        [f"考生{order}", number(order), "高一", "5", f"K{order}"][: 5 - len(more)] + list(more) for order in range(1, count + 1)
    ]


def told(reading: RosterReading) -> str:
    return "\n".join(say_message("zh-CN", line) for line in left_out(reading))


def problems(reading: RosterReading) -> list[tuple[int, str, str, str]]:
    return [(one.row, one.column, one.value, one.message.code) for one in reading.problems]


def test_formula_errors_and_formulas_nobody_calculated_are_told_not_empty(school: Callable[..., Path]) -> None:
    rows = people(4)
    rows[1][3], rows[2][4] = "#N/A", "=A1&1"
    reading = read_roster(school(名单=[HEADER, *rows]))
    assert [one.name for one in reading.students] == ["考生1", "考生4"]
    assert problems(reading) == [(3, "D", "#N/A", "roster.formula_error"), (4, "E", "=…", "roster.formula_without_value")]


def test_who_is_struck_through_and_what_is_noted_at_cells_is_told(school: Callable[..., Path]) -> None:
    def mark(_: Any, page: Any) -> None:
        for cell in page[3]:
            cell.font = Font(strike=True)
        page["E4"].font = Font(strike=True)  # a number that counts no more: nobody is gone
        page["A5"].comment = Comment("张老师:\n9月已转学", "张老师")

    reading = read_roster(school(mark, 名单=[HEADER, *people(4)]))
    assert len(reading.students) == 4
    lines = told(reading).splitlines()
    assert [line for line in lines if "删除线" in line] == [
        "工作表“名单”有 1 名考生的姓名或证件号画了删除线，照常读取：第 3 行。如已离校请删除这些行后重试"
    ]
    assert [line for line in lines if "批注" in line] == [
        "工作表“名单”有 1 条批注，不是名单的内容，未读取，请核对：A5 张老师: 9月已转学"
    ]
    (sheet,) = read_roster(Path("tests/exchange/data/struck-out.xls")).sheets
    assert (sheet.students, sheet.struck_rows) == (2, (3,))


def test_what_is_hidden_below_a_merged_cell_is_not_taken_for_what_is_seen(school: Callable[..., Path], tmp_path: Path) -> None:
    rows = people(4)
    rows[1][3], rows[2][3] = "6", "5"  # below a 5 that is merged over three rows
    path = school(名单=[HEADER, *rows])
    merged = tmp_path / "merged.xlsx"
    with zipfile.ZipFile(path) as whole, zipfile.ZipFile(merged, "w") as copy:
        for name in whole.namelist():
            content = whole.read(name)
            areas = b'</sheetData><mergeCells count="1"><mergeCell ref="D2:D4"/></mergeCells>'
            copy.writestr(name, content.replace(b"</sheetData>", areas) if name.endswith("sheet1.xml") else content)
    reading = read_roster(merged)
    assert problems(reading) == [(3, "D", "6", "roster.covered")]
    assert [one.class_name for one in reading.students] == ["5", "5", "5"]


def test_who_has_left_as_another_column_says_is_told(school: Callable[..., Path]) -> None:
    beside = ["在籍", "转学", "2026.3已休学", "不参加考试", "休学后复学", "毕业于第一中学"]
    rows = [[*person, word] for person, word in zip(people(6), beside, strict=True)]
    reading = read_roster(school(名单=[[*HEADER, "学籍状态"], *rows]))
    assert len(reading.students) == 6
    assert [line for line in told(reading).splitlines() if "其他列" in line] == [
        "工作表“名单”有 3 名考生的其他列写着“转学、2026.3已休学、不参加考试”，照常读取：第 3、4、5 行。"
        "不参加考试的请删除这些行后重试"
    ]


def test_what_is_printed_on_every_page_is_nobody(school: Callable[..., Path]) -> None:
    first, second = people(2)
    rows = [["某中学花名册"], HEADER, first, ["第1页 共2页"], ["某中学花名册"], HEADER, second, ["", "全校共2人"]]
    reading = read_roster(school(名单=rows))
    assert ([one.name for one in reading.students], problems(reading)) == (["考生1", "考生2"], [])
    (sheet,) = reading.sheets
    assert (sheet.above, sheet.repeated_headers, sheet.blank) == (1, 2, 2)


@pytest.mark.parametrize("part", ["comments", "worksheets/_rels"])
def test_comments_that_are_damaged_keep_nobody_out(school: Callable[..., Path], tmp_path: Path, part: str) -> None:
    path = school(lambda _, page: setattr(page["A2"], "comment", Comment("转学", "王")), 名单=[HEADER, *people(2)])
    damaged = tmp_path / "damaged.xlsx"
    with zipfile.ZipFile(path) as whole, zipfile.ZipFile(damaged, "w") as copy:
        for name in whole.namelist():
            content = whole.read(name)
            copy.writestr(name, content[: len(content) // 2] if part in name else content)
    assert len(read_roster(damaged).students) == 2


def test_merged_classes_hold_for_all_their_rows(school: Callable[..., Path]) -> None:
    rows = people(6)
    for at in (1, 2, 4, 5):
        rows[at][3] = None
    rows[3][3] = "6"

    def merge(_: Any, page: Any) -> None:
        page.merge_cells("D2:D4")
        page.merge_cells("D5:D7")

    reading = read_roster(school(merge, 名单=[HEADER, *rows]))
    assert [one.class_name for one in reading.students] == ["5", "5", "5", "6", "6", "6"]
    assert "合并单元格已填入所合并的各行（4 格）" in told(reading)


def test_a_class_that_others_have_is_missed(school: Callable[..., Path]) -> None:
    rows = people(3)
    rows[1][3] = None
    first = next(one for one in read_roster(school(名单=[HEADER, *rows])).warnings if one.message.code != "roster.odd_name")
    assert (first.row, first.message.code) == (
        3,
        "roster.class_missing",
    )


def test_two_lists_side_by_side_are_both_read(school: Callable[..., Path]) -> None:
    head = ["序号", "姓名", "身份证号", "班级"]
    rows = [[at, f"甲{at}", number(at), "1", at + 5, f"乙{at}", number(at + 50), "1"] for at in range(1, 4)]
    rows[2][6] = "123"
    reading = read_roster(school(名单=[["高一（1）班 学生名单"], [*head, *head], *rows]))
    assert sorted(one.name for one in reading.students) == ["乙1", "乙2", "甲1", "甲2", "甲3"]
    assert problems(reading) == [(5, "G", "123", "roster.idnumber.length")]
    assert (reading.rows_read, reading.rows_refused) == (6, 1)


def test_a_second_name_and_number_of_a_guardian_are_no_students(school: Callable[..., Path]) -> None:
    head = ["姓名", "身份证号", "监护人姓名", "监护人身份证号", "姓名（父亲）", "身份证号（父亲）"]
    reading = read_roster(
        school(名单=[head, ["张三", number(1), "张父", number(2, "19700101"), "张父", number(2, "19700101")]])
    )
    assert [one.name for one in reading.students] == ["张三"]
    assert [column.field for column in reading.columns] == ["name", "id_number", "", "", "", ""]


def test_hidden_sheets_stay_out_and_hidden_rows_and_columns_are_told(school: Callable[..., Path]) -> None:
    def hide(book: Any, page: Any) -> None:
        book["去年"].sheet_state, book["前年"].sheet_state = "hidden", "veryHidden"
        page.row_dimensions[3].hidden = True
        page.column_dimensions["E"].hidden = True

    old = [["旧人", number(99), "高三", "1", ""]]
    reading = read_roster(school(hide, 名单=[HEADER, *people(3)], 去年=[HEADER, *old], 前年=[HEADER, *old]))
    assert [one.name for one in reading.students] == ["考生1", "考生2", "考生3"]
    for line in (
        "“去年”是隐藏的，未读取（2 行）",
        "“前年”是隐藏的，未读取（2 行）",
        "1 个隐藏（或筛选掉）的行，照常读取：第 3 行",
        "E 列“考籍号”是隐藏列",
    ):
        assert line in told(reading)


def test_leading_zeros_and_letters_that_live_in_the_number_format_are_read(school: Callable[..., Path]) -> None:
    head = ["姓名", "身份证号", "班级", "考号", "考籍号", "学校标识码", "年级"]

    def form(_: Any, page: Any) -> None:
        for column, code in (("C", '0"班"'), ("D", "0000000"), ("E", '"K"0000'), ("F", "0000000000_ "), ("G", '"高"0')):
            page[f"{column}2"].number_format = code
        page["D3"].number_format, page["E3"].number_format = "#,##0.00", "[<100]0;000-00"
        page["F3"].number_format = "G/通用格式"

    path = school(
        form, 名单=[head, ["张三", number(1), 5, 1523, 1, 63000001, 1], ["李四", number(2), 5, 1523, 12345, 63000001, None]]
    )
    reading = read_roster(path)
    one = reading.students[0]
    assert (one.class_name, one.exam_number, one.registration_number, one.school_code, one.grade) == (
        "5",
        "0001523",
        "K0001",
        "0063000001",
        "高一",
    )
    assert problems(reading) == [(3, "E", "12345", "roster.number_format")]


def test_dates_where_numbers_should_be_are_refused(school: Callable[..., Path]) -> None:
    def form(_: Any, page: Any) -> None:
        page["D2"].number_format = page["E3"].number_format = "m/d/yyyy"

    rows = people(2)
    rows[0][3] = rows[1][4] = 46024
    assert [code for *_, code in problems(read_roster(school(form, 名单=[HEADER, *rows])))] == ["roster.became_date"] * 2


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("630103200801010000", "roster.digits_became_zeros"),  # nobody has the order 000
        ("630103200801011000", "roster.digits_became_zeros"),  # check character wrong, and three zeros
        ("6.30103E+17", "roster.number_lost_digits"),
        ("630103200801010012", "roster.idnumber.check"),
    ],
)
def test_numbers_that_excel_spoilt_are_told_as_such(school: Callable[..., Path], written: str, code: str) -> None:
    assert [found for *_, found in problems(read_roster(school(名单=[HEADER, ["张三", written, "高一", "5", ""]])))] == [code]


def test_an_honest_number_that_ends_in_zeros_is_taken_and_told(school: Callable[..., Path]) -> None:
    honest = next(
        number(order, f"200801{day:02d}")
        for day in range(1, 29)
        for order in range(100, 1000, 100)
        if number(order, f"200801{day:02d}").endswith("000")
    )
    reading = read_roster(school(名单=[HEADER, ["张三", honest, "高一", "5", ""]]))
    assert len(reading.students) == 1
    assert "roster.ends_in_zeros" in [one.message.code for one in reading.warnings]


def test_its_own_header_goes_before_synonyms_and_what_was_passed_over_is_told(school: Callable[..., Path]) -> None:
    head = ["毕业学校", "学校", "考生号", "准考证号", "学号", "姓名", "学籍号", "身份证号", "班号", "班级"]
    row = ["小学", "一中", "1", "2", "20260000", "张三", "G630103200801010013", number(1), "9", "5"]
    reading = read_roster(school(名单=[head, row]))
    (one,) = reading.students
    assert (one.school, one.exam_number, one.student_number, one.class_name) == ("一中", "2", "G630103200801010013", "5")
    for line in (
        "A 列“毕业学校”：“学校”已用 B 列",
        "C 列“考生号”：“考号”已用 D 列",
        "E 列“学号”未使用（1 个单元格）",
        "I 列“班号”：“班级”已用 J 列",
    ):
        assert line in told(reading)


def test_a_schools_own_number_is_no_student_number(school: Callable[..., Path]) -> None:
    (one,) = read_roster(school(名单=[["学号", "姓名", "身份证号"], ["20260000", "张三", number(1)]])).students
    assert one.student_number == ""


def test_two_columns_of_one_name_may_not_contradict_each_other(school: Callable[..., Path]) -> None:
    head = ["姓名", "身份证号", "班级", "班级"]
    reading = read_roster(
        school(名单=[head, ["张三", number(1), "5", "5"], ["李四", number(2), "5", ""], ["王五", number(3), "5", "6"]])
    )
    assert [(one.name, one.class_name) for one in reading.students] == [("张三", "5"), ("李四", "5")]
    assert problems(reading) == [(4, "D", "6", "roster.twin_columns")]


@pytest.mark.parametrize(
    "head",
    [
        ["姓名(必填)", "身份证号（18位）", "所在年级", "行政班"],
        ["姓名（与身份证一致）", "公民身份证号码", "年级", "班别"],
        ["1.学生姓名", "2.身份证件号码\n（请填18位）", "3.年级", "4.班级名称"],
        ["考生姓名", "身份证号/证件号", "年 级", "班　级"],
        ["*姓名", "*居民身份证号码", "*就读年级", "*就读班级"],
    ],
)
def test_headers_with_notes_are_understood(school: Callable[..., Path], head: list[str]) -> None:
    (one,) = read_roster(school(名单=[["某校"], head, ["张三", number(1), "高一", "5"]])).students
    assert (one.name, one.id_number, one.grade, one.class_name) == ("张三", number(1), "高一", "5")


def test_a_header_of_two_rows_is_understood(school: Callable[..., Path]) -> None:
    rows = [["某中学花名册"], ["序号", "姓名", "证件", None, "年级", "班级"], [None, None, "证件类型", "身份证号", None, None]]

    def merge(_: Any, page: Any) -> None:
        for area in ("A1:F1", "A2:A3", "B2:B3", "C2:D2", "E2:E3", "F2:F3"):
            page.merge_cells(area)

    for change in (merge, None):
        reading = read_roster(school(change, 名单=[*rows, [1, "张三", "居民身份证", number(1), "高一", "5"]]))
        assert [(one.name, one.document_type, one.class_name) for one in reading.students] == [("张三", "1", "5")]


def test_where_no_header_is_found_the_nearest_is_named(school: Callable[..., Path]) -> None:
    with pytest.raises(ExchangeError) as caught:
        read_roster(school(名单=[["某校"], ["姓名", "出生日期", "住址"], ["张三", "20080101", "某处"]]))
    for language in LANGUAGES:
        assert "2：姓名、出生日期、住址" in say_error(language, caught.value)


def test_a_list_of_all_beside_the_classes_is_one_roster(school: Callable[..., Path]) -> None:
    short = [["姓名", "身份证号"], *([one[0], one[1]] for one in people(3))]
    reading = read_roster(school(总表=[HEADER, *people(3)], 五班=short))
    assert [(one.name, one.class_name) for one in reading.students] == [("考生1", "5"), ("考生2", "5"), ("考生3", "5")]
    assert (reading.rows_read, reading.rows_repeated, reading.rows_refused, reading.problems) == (6, 3, 0, ())
    other = [HEADER, ["考生1", number(1), "高一", "6", "K1"]]
    assert [one.row for one in read_roster(school(总表=[HEADER, *people(3)], 六班=other)).problems] == [2, 2]


@pytest.mark.parametrize(
    ("title", "values"),
    [("类别", ["应届", "往届", "应届"]), ("选科", ["物化生", "物化地", "史政地"]), ("科类", ["物理类", "历史类", "物理类"])],
)
def test_an_optional_column_about_something_else_keeps_nobody_out(
    school: Callable[..., Path], title: str, values: list[str]
) -> None:
    rows = [[f"考生{at}", number(at), value] for at, value in enumerate(values, start=1)]
    reading = read_roster(school(名单=[["姓名", "身份证号", title], *rows]))
    assert (len(reading.students), reading.problems) == (3, ())
    assert f"C 列“{title}”：内容（" in told(reading)
    rows[0][2] = "文科"  # one that is known: the others are mistakes
    assert [code for *_, code in problems(read_roster(school(名单=[["姓名", "身份证号", title], *rows])))] == [
        "roster.choice"
    ] * 2


@pytest.mark.parametrize(
    ("grade", "written", "grade_kept", "kept"),
    [
        ("高一", "高一(5)班", "高一", "5"), ("高一年级", "高一(5)班", "高一", "5"), ("高中一年级", "高一5班", "高一", "5"),
        ("", "高一（五）班", "高一", "5"), ("", "七年级12班", "七年级", "12"), ("", "初二-3", "初二", "3"),
        ("", "九(3)班", "九年级", "3"), ("高一", "2026301", "高一", "2026301"),
        ("2026级", "2026级5班", "2026级", "5"), ("高一", "高2026级(5)班", "高一", "5"), ("九年级", "905", "九年级", "5"),
        ("7年级", "七年级五班", "七年级", "5"),
        ("七", "七年级5班", "七年级", "5"), ("8", "5", "八年级", "5"), ("1", "5", "1", "5"),
        ("高一", "05", "高一", "5"), ("高一", "二十三班", "高一", "23"),
    ],
)  # fmt: skip
def test_row_0_3_classes_are_understood_as_they_are_written(
    school: Callable[..., Path], grade: str, written: str, grade_kept: str, kept: str
) -> None:
    (one,) = read_roster(school(名单=[HEADER, ["张三", number(1), grade, written, ""]])).students
    assert (one.grade, one.class_name) == (grade_kept, kept)


@pytest.mark.parametrize(
    ("grade", "written", "column", "code"),
    [
        ("高二", "高一(5)班", "D", "roster.class_of_other_grade"), ("高一", "1 2", "D", "roster.class_number"),
        ("../../x", "5", "C", "roster.no_name"), ("高一/二", "5", "C", "roster.no_name"),
        ("高\u202e一", "5", "C", "roster.no_name"),
        ("高\x7f一", "5", "C", "roster.no_name"), ("高一", "5\u2066", "D", "roster.no_name"),
        ("C:", "5", "C", "roster.no_name"),
    ],
)  # fmt: skip
def test_grades_and_classes_that_could_be_two_things_or_lead_elsewhere_are_refused(
    school: Callable[..., Path], grade: str, written: str, column: str, code: str
) -> None:
    reading = read_roster(school(名单=[HEADER, ["张三", number(1), grade, written, ""]]))
    assert [(row, where, found) for row, where, _, found in problems(reading)] == [(2, column, code)]


def test_documents_are_known_by_their_names(school: Callable[..., Path]) -> None:
    head = ["姓名", "身份证号", "证件类型"]
    taiwan = "83000020080101"
    permit = next(
        f"{taiwan}{order:03d}{check}" for order in (1,) for check in "0123456789X" if _good(f"{taiwan}{order:03d}{check}")
    )
    rows = [
        ["陈大文", "H1234567802", "港澳居民来往内地通行证"],
        ["何小姐", "M12345678", "港澳通行证"],
        ["林先生", "12345678", "台胞证"],
        ["王先生", permit, "港澳台居民居住证"],
        ["JOHN SMITH", "E12345678", "护照"],
        ["无号", "", "其他"],
        ["无号二", "无", "护照"],
        ["错号", "X1", "港澳居民来往内地通行证"],
    ]
    reading = read_roster(school(名单=[head, *rows]))
    assert [one.document_type for one in reading.students] == ["6", "7", "8", "8", "A"]
    assert [(row, code) for row, _, _, code in problems(reading)] == [
        (7, "roster.no_number_nor_person"),
        (8, "roster.no_document_number"),
        (9, "roster.permit_number"),
    ]


def test_who_has_no_number_at_all_is_known_by_name_sex_and_birth_date(school: Callable[..., Path]) -> None:
    head = ["姓名", "身份证号", "证件类型", "性别", "出生日期", "班级"]
    rows = [
        ["无号", "", "其他", "女", "2008-03-04", 5],
        ["阿 明", "无", "其他", "男", "2008-03-05", 5],
        ["阿明", "/", "无", "男", "2008-03-05", 6],
        ["缺日", None, "其他", "男", None, 5],
    ]
    reading = read_roster(school(名单=[head, *rows]))
    (one,) = reading.students
    assert is_surrogate(one.id_number)
    assert (one.name, one.document_type, one.class_name) == ("无号", "Z", "5")
    assert {(row, code) for row, _, _, code in problems(reading)} == {
        (3, "roster.duplicate_person"),
        (4, "roster.duplicate_person"),
        (5, "roster.no_number_nor_person"),
    }
    (told,) = (problem for problem in reading.warnings if problem.message.code == "roster.no_number_at_all")
    assert (told.row, told.value) == (2, "")  # no key where the sheet has nothing
    again = read_roster(school(名单=[head, ["无号", "—", "其它", "女", "20080304", 6]]))
    assert again.students[0].id_number == one.id_number  # made once: of the same student always the same


def _good(candidate: str) -> bool:
    from kiosk import idnumber

    return idnumber.problem(candidate) is None


def test_headers_again_titles_and_totals_are_counted_and_add_up(school: Callable[..., Path]) -> None:
    rows = [["某校"], HEADER, *people(2), HEADER, *people(4)[2:], [None, None, None, None, None, "制表：张老师"], ["合计", 4]]
    reading = read_roster(school(名单=rows))
    assert len(reading.students) == 4
    (sheet,) = reading.sheets
    assert (sheet.rows, sheet.above, sheet.header, sheet.students, sheet.repeated_headers, sheet.blank) == (9, 1, 1, 4, 1, 2)
    assert sheet.rows == sheet.above + sheet.header + sheet.students + sheet.repeated_headers + sheet.blank
    assert reading.rows_read == 4
    assert "F8 制表：张老师、A9 合计" in told(reading)


@pytest.mark.parametrize("divider", [",", ";", "\t", "|", "，", "；", "^"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
def test_text_files_of_any_separator_and_encoding_are_read(tmp_path: Path, divider: str, encoding: str) -> None:
    rows = [["姓名", "身份证号", "班级", "住址"], ["张三", number(1), "5", "某省、某市 某路"], ["李四", number(2)]]
    path = tmp_path / "花名册.csv"
    path.write_bytes("\r\n".join(divider.join(row) for row in rows).encode(encoding))
    assert [(one.name, one.class_name) for one in read_roster(path).students] == [("张三", "5"), ("李四", "")]


def test_text_files_with_short_rows_stray_quotes_and_old_line_ends(tmp_path: Path) -> None:
    path = tmp_path / "花名册.csv"
    path.write_text(f'姓名,身份证号,班级\r"张三,{number(1)},5\r李四,{number(2)}\r王五,{number(3)},"5\r"\r', "utf-8", newline="")
    reading = read_roster(path)
    assert [one.name for one in reading.students] == ["李四", "王五"]
    assert [(row, code) for row, _, _, code in problems(reading)] == [(2, "roster.stray_quote")]
    path.write_text(f"sep=;\n姓名;身份证号;住址\n张三;{number(1)};某省,某市,某区\n", "utf-8")
    assert len(read_roster(path).students) == 1
    tabs = tmp_path / "花名册.txt"
    tabs.write_text(f"姓名\t身份证号\t班级\t住址\n张三\t{number(1)}\t5\t某省,某市,某区,某路,某号\n", "utf-8")
    assert [one.class_name for one in read_roster(tabs).students] == ["5"]


MIME = b"""MIME-Version: 1.0
Content-Type: multipart/related; boundary=x

--x
Content-Type: text/html; charset=utf-8
Content-Transfer-Encoding: 8bit

"""
PAGE = """<html><head><meta charset="{charset}"></head><body><table><tr><th>姓名</th><th>身份证号</th><th>班级</th></tr>
<tr><td style="mso-number-format:'\\@'">张三</td><td>{first}</td><td rowspan="2">5</td></tr>
<tr><td>李&nbsp;四</td><td>{second}</td></tr>
</table></body></html>"""
XML = """<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"
 xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">
<Worksheet ss:Name="名单"><Table><Row><Cell><Data ss:Type="String">姓名</Data></Cell>
<Cell><Data ss:Type="String">身份证号</Data></Cell><Cell><Data ss:Type="String">班级</Data></Cell></Row>
<Row><Cell><Data ss:Type="String">张三</Data></Cell><Cell><Data ss:Type="String">{first}</Data></Cell>
<Cell ss:MergeDown="1"><Data ss:Type="Number">5</Data></Cell></Row>
<Row><Cell><Data ss:Type="String">李四</Data></Cell><Cell><Data ss:Type="String">{second}</Data></Cell></Row>
</Table></Worksheet></Workbook>"""


@pytest.mark.parametrize("kind", ["html", "html in gbk", "mhtml", "xml 2003", "tsv", "xlsx", "ods"])
def test_an_xls_that_is_something_else_is_read_by_its_content(school: Callable[..., Path], tmp_path: Path, kind: str) -> None:
    values = {"first": number(1), "second": number(2)}
    rows = [["姓名", "身份证号", "班级"], ["张三", number(1), "5"], ["李四", number(2), "5"]]
    content = {
        "html": lambda: PAGE.format(charset="utf-8", **values).encode(),
        "html in gbk": lambda: PAGE.format(charset="gb2312", **values).encode("gbk"),
        "mhtml": lambda: MIME + PAGE.format(charset="utf-8", **values).encode() + b"\r\n--x--\r\n",
        "xml 2003": lambda: XML.format(**values).encode(),
        "tsv": lambda: "\r\n".join("\t".join(row) for row in rows).encode("gbk"),
        "xlsx": lambda: school(名单=rows).read_bytes(),
        "ods": lambda: Path("tests/exchange/data/roster.ods").read_bytes(),
    }[kind]()
    path = tmp_path / "导出.xls"
    path.write_bytes(content)
    reading = read_roster(path)
    assert [one.name.replace("\xa0", "") for one in reading.students][:2] == ["张三", "李四"]
    if kind != "ods":
        assert [(one.id_number, one.class_name) for one in reading.students] == [(number(1), "5"), (number(2), "5")]


@pytest.mark.parametrize("name", ["roster.xlsx", "roster.ods"])
def test_a_workbook_of_every_trouble_reads_the_same_in_both_formats(name: str) -> None:
    """Number formats, merged, hidden and broken cells, a hidden sheet: the same roster by two programs."""
    reading = read_roster(Path("tests/exchange/data") / name)
    first = reading.students[0]
    assert (first.name, first.class_name, first.birth_text, first.exam_number) == ("张三", "1", "20090108", "0001523")
    assert (5, "G", "#N/A", "roster.formula_error") in problems(reading)
    assert [sheet.state for sheet in reading.sheets] == ["read", "hidden"]
    assert (reading.sheets[0].merged, reading.sheets[0].hidden_row_count) == (1, 1)


def test_what_a_sheet_says_behind_its_cells_is_none_of_them(school: Callable[..., Path]) -> None:
    """Drop-down lists, conditional formats, footers: their texts stand behind the last row."""

    def more(_: Any, page: Any) -> None:
        rule = DataValidation("list", formula1='"男,女"')
        rule.add("C2:C9")
        page.add_data_validation(rule)
        page.oddFooter.center.text = "第 &P 页"

    reading = read_roster(school(more, 名单=[["姓名", "身份证号", "班级"], ["张三", number(1), 5]]))
    assert [one.class_name for one in reading.students] == ["5"]


def test_what_classes_and_encodings_were_taken_from_is_told(school: Callable[..., Path], tmp_path: Path) -> None:
    head = ["姓名", "身份证号"]
    path = school(高二=[["高一（3）班 花名册"], head, ["张三", number(1)], ["高一实验班"], head, ["李四", number(2)]])
    reading = read_roster(path)
    assert [(one.grade, one.class_name) for one in reading.students] == [("高一", "3"), ("高一", "实验班")]
    assert reading.told >= {"name", "id_number", "grade", "class_name"}
    for line in (
        "第 1 行标题“高一（3）班 花名册”：其下 1 名考生的年级、班级取自该标题（高一 3）",
        "第 4 行标题“高一实验班”：其下 1 名考生的年级、班级取自该标题（高一 实验班）",
    ):
        assert line in told(reading)
    text = tmp_path / "高一2班.csv"
    text.write_bytes(f"姓名,身份證號\n陳麗,{number(1)}\n".encode("big5"))
    assert "没有注明文字编码，按 Big5 读取" in told(read_roster(text))
    assert "1 名考生的年级、班级取自工作表（文件）名（高一 2）" in told(read_roster(text))

"""学生信息: lists as parents and class teachers fill them in."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import openpyxl
import pytest

from kiosk.exchange.fields import ExportRow
from kiosk.exchange.particulars import ITEMS, ParticularsReading, missing, read_particulars, write_list
from kiosk.exchange.profile import Profile
from kiosk.exchange.shelf import load_profile
from kiosk.records import Student
from kiosk.tables.mending import mended
from kiosk.tables.rules import load_rules
from tests.store.conftest import student

NUMBER = student(1).id_number


def read(folder: Path, *rows: dict[str, object]) -> ParticularsReading:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    headers = list(dict.fromkeys(header for row in rows for header in row))
    sheet.append(["学生信息登记表（家长填写）"])
    sheet.append(headers)
    for row in rows:
        sheet.append([row.get(header) for header in headers])
    book.save(folder / "家长.xlsx")
    return read_particulars(folder / "家长.xlsx")


def who(**more: object) -> dict[str, object]:
    return {"姓名": "考生1", "身份证号": NUMBER, **more}


def test_row_3_4_what_parents_write_is_taken_as_the_register_wants_it(tmp_path: Path) -> None:
    told = read(
        tmp_path,
        who(
            出生地="青海省西宁市城中区",
            **{"籍贯": "630103-城中区", "国籍/地区": "CHN-中国", "身份证件类型": "１－居民身份证", "性别": "1-男"},
            政治面貌="03-共青团员",
            健康状况="健康或良好",
            户口性质="农业户口",
            入学年月="2026年9月",
            就读方式="住校",
            是否独生子女="是",
            上下学距离="2.5公里",
            联系电话="139 0000 1111",
            邮编=810000,
            监护人1姓名="王大海",
            监护人1关系="父亲",
            监护人1电话="0971-6123456",
            是否监护人=None,
            监护人2姓名="李小河",
        ),
    )
    assert told.problems == ()
    (row,) = told.rows
    wanted = {
        "birthplace": "630103",
        "native_place": "630103",
        "nationality": "CHN",
        "document_type": "1",
        "sex": "男",
        "political": "03",
        "health": "10",
        "household_kind": "1",
        "entry_month": "202609",
        "study_way": "2",
        "only_child": "1",
        "distance": "2.5",
        "phone": "13900001111",
        "postcode": "810000",
        "member_1_name": "王大海",
        "member_1_relation": "51",
        "member_1_phone": "0971-6123456",
        "member_2_name": "李小河",
    }
    assert wanted.items() <= row.told.items()


def test_row_3_4_a_cell_that_cant_be_taken_is_told_with_its_place_and_the_rest_is_taken(tmp_path: Path) -> None:
    told = read(
        tmp_path,
        who(出生地="630122", 联系电话="123", 政治面貌="13"),
        who(身份证号=student(2).id_number, 健康状况="不错", 政治面貌="13-共青团员"),
    )
    found = [(one.row, one.column, one.message.code) for one in told.problems]
    assert found == [
        (3, "C", "area.withdrawn"),
        (3, "D", "roster.phone"),
        (4, "E", "roster.code_and_word"),
        (4, "F", "roster.choice"),
    ]
    assert [row.told.get("political") for row in told.rows] == ["13", None]
    assert "birthplace" not in told.rows[0].told


def test_row_3_4_nothing_of_a_file_is_dropped_without_a_word(tmp_path: Path) -> None:
    told = read(tmp_path, who(邮箱地址="a@b.cn", 联系电话="1380000", 关系="父亲"), who(说明="", 学生特点="爱好篮球"))
    assert [(one.code, one.data.get("header")) for one in told.overlooked] == [
        ("roster.column.unused", "邮箱地址"),
        ("roster.column.unused", "学生特点"),
    ]
    assert [one.message.code for one in told.problems] == ["roster.phone", "roster.duplicate_number"]


def test_row_3_9_columns_for_father_and_mother_say_who_they_are(tmp_path: Path) -> None:
    (row,) = read(tmp_path, who(父亲姓名="王大海", 父亲电话="13900001111", 母亲姓名="李小河", 母亲电话="13900002222")).rows
    assert (row.told["member_1_relation"], row.told["member_2_relation"]) == ("51", "52")
    assert (row.told["name"], row.told["member_2_phone"]) == ("考生1", "13900002222")


def test_row_3_9_a_guardian_s_number_is_checked_and_is_not_the_student_s(tmp_path: Path) -> None:
    told = read(tmp_path, who(成员1姓名="王大海", 成员1身份证件号=NUMBER, 成员2身份证件号="630103198001011234"))
    assert [one.message.code for one in told.problems] == ["particulars.students_number", "roster.idnumber.check"]


def test_row_3_7_a_code_beside_its_word_is_taken_as_the_notice_prints_it(tmp_path: Path) -> None:
    written = ["A-护照", "A护照", "护照", "ａ－护照", "A"]
    told = read(tmp_path, *(who(身份证件类型=kind, 身份证号=f"E1234567{at}") for at, kind in enumerate(written)))
    assert (told.problems, [row.told["document_type"] for row in told.rows]) == ((), ["A"] * len(written))


_PRINTED = {
    "1-居民身份证": "1",
    "6-香港特区护照/身份证明": "6",
    "7澳门特区护照/身份证明": "7",
    "8—台胞证": "8",
    "9.境外永久居住证": "9",
    "Z-其他": "Z",
    "其他（Z）": "Z",
}


@pytest.mark.parametrize(("written", "kept"), _PRINTED.items())
def test_row_3_7_the_roster_takes_all_document_types_so(written: str, kept: str) -> None:
    assert mended(load_rules("students").column("document_type"), written) == kept


def test_codes_that_no_notice_gives_are_taken_as_they_are_written_and_told(tmp_path: Path) -> None:
    told = read(
        tmp_path,
        who(上下学方式="7-轮渡", 随班就读="2-听力残疾随班就读", 残疾类型="4-言语残疾", 户口性质="居民户口", 政治面貌=3),
        who(
            身份证号=student(2).id_number, 上下学方式="自行车（含摩托车、电动自行车）", 监护人1关系="53-养父", 政治面貌="9-台盟"
        ),
    )
    first, second = (row.told for row in told.rows)
    assert [first[one] for one in ("commute", "inclusive", "disability", "household_kind")] == ["7", "2", "4", "居民户口"]
    assert (second["commute"], second["member_1_relation"]) == ("2", "53")
    assert [(one.row, one.column, one.message.code) for one in told.warnings] == [
        (3, "C", "roster.open_choice"),
        (3, "E", "roster.open_choice"),  # the word has another code in the list of the program
        (3, "F", "roster.open_choice"),
        (4, "H", "roster.open_choice"),
    ]
    assert first["political"] == "03"  # a number cell has lost its nought
    assert [(one.row, one.message.code) for one in told.problems] == [(4, "roster.choice")]  # the notice gives these


def test_merged_headings_dates_and_numbers_as_excel_keeps_them_are_read(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["学生信息采集表"])
    sheet.append(["姓名", "身份证号码", "监护人1", None, None, "监护人2", None, "入学年月", "出生日期", "邮编", "港澳台侨外"])
    sheet.append([None, None, "姓名", "关系", "联系电话", "姓名", "关系"])
    for area in ("A1:K1", "C2:E2", "F2:G2", *(f"{column}2:{column}3" for column in "ABHIJK")):
        sheet.merge_cells(area)
    sheet.append(
        ["考生1", NUMBER, "王大海", "父子", "１３９００００１１１１", "李小河", "母", date(2026, 9, 1), 39448, 10000, 0]
    )
    sheet.append(["考生2", student(2).id_number, "王二", "爸爸", 13900002222, None, None, 46266, "2008.1.1", "８１００００", 1])
    sheet.append(["考生3", student(3).id_number, None, None, None, None, None, 2026.1])
    book.save(tmp_path / "合并.xlsx")
    told = read_particulars(tmp_path / "合并.xlsx")
    first, second = (row.told for row in told.rows[:2])
    parents = [first[one] for one in ("member_1_name", "member_1_relation", "member_1_phone", "member_2_relation")]
    assert parents == ["王大海", "51", "13900001111", "52"]
    assert [second[one] for one in ("entry_month", "birth_text", "postcode", "compatriot", "member_1_phone")] == [
        "202609",
        "20080101",
        "810000",
        "01",
        "13900002222",
    ]
    assert (first["entry_month"], first["postcode"], first["compatriot"]) == ("202609", "010000", "00")
    assert [(one.row, one.message.code) for one in told.problems] == [(6, "roster.month_or_october")]


def test_a_row_without_a_number_is_taken_by_its_name_and_one_with_a_wrong_number_is_not(tmp_path: Path) -> None:
    told = read(
        tmp_path,
        who(身份证号=None, 出生日期=20080101, 联系电话="13900001111"),
        who(身份证号=None, 联系电话="13900002222"),
        who(身份证号="630103200801010010", 联系电话="13900003333"),
    )
    assert [(row.row, row.told.get("id_number"), row.told["phone"]) for row in told.rows] == [
        (3, None, "13900001111"),
        (4, None, "13900002222"),
    ]
    assert [one.row for one in told.problems] == [5]
    assert read(tmp_path, {"姓名": "考生1", "联系电话": "13900001111"}).rows[0].told["phone"] == "13900001111"


def test_row_3_7_other_documents_may_have_no_number(tmp_path: Path) -> None:
    row: dict[str, object] = {
        "姓名": "Tom",
        "身份证件类型": "Z-其他",
        "身份证件号": None,
        "性别": "1-男",
        "出生日期": 20090203,
        "健康状况": "10-健康或良好",
    }
    told = read(tmp_path, row)
    assert (told.problems, told.rows[0].told["health"]) == ((), "10")


def test_row_3_10_the_list_that_is_handed_out_comes_back_as_it_was(tmp_path: Path) -> None:
    known = {"political": "03", "birthplace": "630103", "member_1_name": "王大海", "member_1_relation": "51"}
    rows = [ExportRow(student=student(1), particulars=known), ExportRow(student=student(2))]
    write_list(rows, tmp_path / "list.xlsx")
    back = read_particulars(tmp_path / "list.xlsx")
    assert back.problems == ()
    assert [row.told["name"] for row in back.rows] == ["考生1", "考生2"]
    assert known.items() <= back.rows[0].told.items()
    book = openpyxl.load_workbook(tmp_path / "list.xlsx")
    offered = [
        cell.value for cell in next(book["代码"].iter_cols(min_col=_place("document_type"), max_col=_place("document_type")))
    ]
    assert offered[:7] == [f"{code}-{word}" for code, word in _DOCUMENTS]


_DOCUMENTS = [
    ("1", "居民身份证"),
    ("6", "香港特区护照/身份证明"),
    ("7", "澳门特区护照/身份证明"),
    ("8", "台湾居民来往大陆通行证"),
    ("9", "境外永久居住证"),
    ("A", "护照"),
    ("Z", "其他"),
]


def _place(field: str) -> int:
    return [rule.field for rule in ITEMS.columns].index(field) + 1


def test_row_3_4_all_72_columns_are_filled_from_what_is_known() -> None:
    profile: Profile = load_profile("cmis-72")
    items = [rule for rule in ITEMS.columns if rule.field != "study_history"]  # which the register does not ask
    assert [column.header.rstrip("*") for column in profile.columns] == [rule.header for rule in items]
    assert len(items) == 72
    assert [rule.starred for rule in items] == [column.header.endswith("*") for column in profile.columns]
    told = {rule.field: rule.kept[0] if rule.kept else "630103" for rule in ITEMS.columns}
    told |= {"member_1_ethnicity": "藏", "member_2_ethnicity": "汉"}
    who = Student(
        "考生1", NUMBER, "高一", "5", student_number="G1", sex="男", ethnicity="汉", document_type="1", school_code="3163000001"
    )
    row = ExportRow(student=who, particulars=told)
    shown = {column.header: column.value(row) for column in profile.columns}
    assert [header for header, value in shown.items() if not value] == []
    assert (shown["成员1民族"], shown["成员1关系*"], shown["出生地行政区划代码*"]) == ("04", "51", "630103")
    assert missing(row) == ()

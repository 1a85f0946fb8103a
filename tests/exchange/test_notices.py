"""Sentences of the notices, each held by a test that is named after it."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from PIL import Image

from kiosk import substitute
from kiosk.errors import ExchangeError
from kiosk.exchange import ExportRow, check_rows, export, load_profile, read_roster, read_teachers
from kiosk.exchange.fields import FIELDS
from kiosk.exchange.profile import Profile
from kiosk.exchange.template import write_template
from kiosk.idnumber import problem
from kiosk.office import Office
from kiosk.pipeline.face.backdrop import REPLACED
from kiosk.records import BiometricKind, CardEntry, CardKind, Student
from kiosk.store import Store
from tests.exchange.conftest import PICTURES, number, record
from tests.exchange.photographs import jpeg
from tests.exchange.test_teacher_file import HEADER, teacher

ZHENGZHOU, TEACHERS = load_profile("zhengzhou-qimo-students"), load_profile("zhengzhou-qimo-teachers")
CMIS_5, CMIS_72, PHOTOS = load_profile("cmis-5"), load_profile("cmis-72"), load_profile("cmis-photos")
JOHN = Student("JOHN SMITH", "E12345678", "高一", "1", sex="男", birth_text="20090203", document_type="A")
HAN = Student("陈大文", "H1234567802", "高一", "1", sex="男", birth_text="20090304", document_type="6")
Workbook = Callable[..., Path]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    folder = tmp_path_factory.mktemp("office")
    store = Store.open(folder / "data")
    grades = (("七年级", ""), ("八年级", ""), ("高一", ""), ("高二", "文科"), ("高二", "理科"))
    roster = [Student(f"考生{at}", number(at), grade, "1", stream=stream) for at, (grade, stream) in enumerate(grades, 1)]
    store.roster.replace_or_update([*roster, JOHN, HAN])
    return Office(store, folder / "export")


def sheets(folder: Path) -> dict[str, list[list[str]]]:
    books = {path.stem: openpyxl.load_workbook(path).worksheets[0] for path in folder.glob("*.xlsx")}
    return {name: [[cell or "" for cell in row] for row in sheet.values] for name, sheet in books.items()}


def codes(row: ExportRow, profile: str) -> list[str]:
    (entry,) = check_rows(load_profile(profile), [row])
    return [found.code for found in entry.problems]


def told(row: ExportRow, profile: str) -> dict[str, str]:
    return {column.header: column.value(row) for column in load_profile(profile).columns}


# -- 郑州 2021


def test_row_0_6_arts_and_sciences_are_uploaded_apart_each_grade_by_itself_and_nobody_without_an_id_number_is_left_out(
    office: Office,
) -> None:
    """文科和理科分别上报；非大陆户籍或没有身份证号的，按规则编号。"""
    problems = {entry.row.who.name: entry.problems for entry in office.files.report(ZHENGZHOU.name) if entry.row.who}
    assert {name for name, found in problems.items() if found} == {"JOHN SMITH", "陈大文"}
    assert [found.code for found in problems["JOHN SMITH"]] == ["report.no_substitute"]
    given = {one.student.name: one.number for one in office.rosters.give_substitutes("0101", actor="考务员")}
    assert not any(entry.problems for entry in office.files.report(ZHENGZHOU.name))
    written = sheets(office.files.export(ZHENGZHOU.name).folder)
    assert set(written) == {
        *("学生信息-七年级", "学生信息-八年级", "学生信息-高一"),
        *("学生信息-高二-文科", "学生信息-高二-理科"),
    }
    assert [row[0:3] + row[4:] for row in written["学生信息-高一"][1:]] == [
        ["", "考生3", "1", number(3)],
        ["", "JOHN SMITH", "1", given["JOHN SMITH"]],
        ["", "陈大文", "1", given["陈大文"]],
    ]
    assert given["JOHN SMITH"][:14] == "01010020090203"


@pytest.mark.parametrize(
    ("profile", "columns"),
    [(ZHENGZHOU, {"科类", "学籍号", "身份证件类型", "出生日期"}), (PHOTOS, {"学校标识码", "年级", "班级"})],
)
def test_an_empty_roster_has_every_column_that_sheet_and_file_names_are_made_of(
    tmp_path: Path, profile: Profile, columns: set[str]
) -> None:
    """空白花名册要有上报需要的各列。"""
    write_template(profile, tmp_path / "空白.xlsx")
    (header,) = sheets(tmp_path)["空白"]
    assert columns <= {name.removeprefix("*") for name in header}


def test_row_0_5_the_rules_number_stays_the_students_for_all_exams_and_is_nobody_elses(tmp_path: Path) -> None:
    """编号对每名考生固定，各次考试不变。"""
    with Store.open(tmp_path) as store:
        (first,) = store.substitutes.give([JOHN], school_code="0101", by="考务员")
        assert store.substitutes.give([JOHN], school_code="0202", by="考务员") == [first]
        renewed = replace(JOHN, id_number="E99999999", grade="高二")
        twin = replace(JOHN, name="JACK SMITH", id_number="E12345679")
        assert [one.number for one in store.substitutes.of([renewed])] == [first.number]
        (second,) = store.substitutes.give([twin], school_code="0101", by="考务员")
        assert second.number[:14] == first.number[:14]
        assert second.number != first.number
        other = replace(JOHN, id_number="E77777777", name="MARY SMITH", school="红旗中学", school_code="2")
        store.roster.replace_or_update([replace(JOHN, school="青山中学", school_code="1"), other])
        office = Office(store, tmp_path / "out")
        with pytest.raises(ExchangeError, match="which_school"):  # the four digits are a school's own
            office.rosters.give_substitutes("0303", actor="考务员")
        (third,) = office.rosters.give_substitutes("0303", actor="考务员", school="红旗中学")
        assert (third.student.name, third.number[:4]) == ("MARY SMITH", "0303")
        unborn = replace(JOHN, name="无生日", id_number="X1", birth_text="")
        assert [one.number for one in store.substitutes.give([unborn], school_code="0101", by="考务员")] == [""]
        listed = Student("张三", number(1)), Student("已有号", first.number[:14] + "0099")
        assert store.substitutes.of(listed) == []
    with Store.open(tmp_path) as store:
        assert store.substitutes.of([JOHN]) == [first]
        assert store.substitutes.school_code() == "0303"


def test_the_rules_number_is_never_one_that_could_be_a_citizens() -> None:
    """4位学校代码+00+8位出生日期+4位序号。"""
    made = list(substitute.numbers("4101", date(2009, 2, 3)))
    assert made[0] == "410100200902030001"
    assert all(problem(one) for one in made)
    assert 9000 < len(made) < 9999
    collides = next(
        one for one in (substitute.number("4101", date(2009, 2, 3), order) for order in range(30)) if not problem(one)
    )
    assert not substitute.is_substitute(collides)
    assert substitute.is_substitute(collides, "Z")


def test_the_rules_number_goes_only_where_it_belongs() -> None:
    """其他系统没有这个号码。"""
    row = ExportRow(student=Student("Tom", "010100200902030001", "高一", "5", sex="男", school_code="3163000001"))
    assert told(row, ZHENGZHOU.name)["身份证号"] == "010100200902030001"
    assert told(row, "cmis-5") == {"姓名": "Tom", "性别": "1", "出生日期": "20090203", "身份证件类型": "Z", "身份证件号": ""}
    assert codes(row, "cmis-5") == []  # 类型为其他的可以为空
    for profile in ("henan-zhongkao", "qinghai-xuekao"):
        assert told(row, profile)["身份证号"] == ""


@pytest.mark.parametrize(("area", "kind"), [("810000", "6"), ("820000", "7"), ("830000", "8"), ("912300", "9")])
def test_a_residence_permit_of_the_rules_form_is_none_by_the_rule(area: str, kind: str) -> None:
    """非大陆户籍：其身份证件号照上报学籍系统，郑州要的号码另编。"""
    permit = next(one for order in range(9) if (one := number(order, area=area)).isdigit())
    assert substitute.is_substitute(permit, "Z")
    row = ExportRow(student=Student("陈大文", permit, "高一", "905", document_type=kind))
    assert told(row, "cmis-5")["身份证件号"] == permit
    assert told(row, "cmis-5")["性别"]
    assert told(row, ZHENGZHOU.name)["身份证号"] == ""
    assert told(row, "cmis-72")["班号*"] == ""  # no class 905: a code of the school's own


@pytest.mark.parametrize(
    ("written", "found"),
    [("5", []), ("12", []), ("905", ["report.pattern"]), ("2026305", []), ("实验班", ["report.class_named"])],
)
def test_a_class_is_its_number_alone_without_the_grade(written: str, found: list[str]) -> None:
    """班级只填班号的数字，不要含有年级信息。"""
    row = ExportRow(student=Student("张三", number(1), "高一", written), divided_by=frozenset({"grade"}))
    assert codes(row, ZHENGZHOU.name) == found
    assert ("report.class_named" in codes(row, "cmis-72")) == (written == "实验班")
    assert written != "2026305" or told(row, ZHENGZHOU.name)["班级"] == "5"


def test_the_teachers_columns_come_in_the_notices_order() -> None:
    """第一学历、第一学历专业、最高学历、最高学历专业。"""
    headers = "任教班级 任教学科 曾任教学科 姓名 性别 身份证号 出生年月 教龄 职称 第一学历 第一学历专业 最高学历 最高学历专业"
    assert [column.header for column in TEACHERS.columns] == headers.split()


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"曾任教学科": "数学，语文"}, "roster.former_is_current"),
        ({"性别": "女"}, "roster.sex_against_number"),
        ({"任教班级": "1 2"}, "roster.class_number"),
    ],
)
def test_a_teachers_former_subjects_sex_and_classes_are_held_against_the_rest_of_the_row(
    workbook: Workbook, changed: dict[str, object], told: str
) -> None:
    """曾任教学科为任教学科以外的学科，没有填无。"""
    reading = read_teachers(workbook(教师=[HEADER, teacher(1, **changed)]), {"1", "2", "12"})
    assert [found.message.code for found in reading.problems] == [told]


def test_row_0_7_teachers_are_not_reported_as_students_who_lack_everything(office: Office) -> None:
    """教师信息按教师表核对。"""
    with pytest.raises(ExchangeError, match=r"export\.needs_teachers"):
        list(office.files.report(TEACHERS.name))


# -- 全国学籍


def test_nationality_is_what_the_chip_says_and_blank_where_nothing_tells() -> None:
    """国籍/地区、港澳台侨外。"""

    def of(student: Student, **card: Any) -> tuple[str, str]:
        captured = record(1)
        assert captured.card is not None
        read = replace(captured.card, **card) if card else None
        row = ExportRow(replace(captured, student=student, card=read), student=student)
        assert not {"report.missing", "report.no_code"} & set(codes(row, "cmis-72")) or not read
        return told(row, "cmis-72")["国籍/地区*"], told(row, "cmis-72")["港澳台侨外*"]

    resident = replace(record(1).student, school_code="3163000001")
    assert of(resident, nationality="") == ("CHN", "00")
    passport = replace(JOHN, school_code="3163000001")
    assert of(passport, kind=CardKind.PASSPORT, nationality="USA") == ("USA", "51")
    assert of(passport, kind=CardKind.PASSPORT, nationality="D") == ("DEU", "51")
    assert of(passport) == ("", "")  # a document's type tells no nationality: the school fills it
    assert of(HAN) == ("", "01")


def test_an_ethnic_group_is_not_asked_of_foreigners_and_the_present_address_is_not_the_cards() -> None:
    """现住址：学生现在居住的地址。"""
    row = ExportRow(student=replace(JOHN, school_code="3163000001"))
    assert codes(row, "cmis-72") == []
    assert told(ExportRow(record(1)), "cmis-72")["现住址*"] == ""


@pytest.mark.parametrize(
    ("name", "file"), [("JOHN SMITH", "JOHNSMITH"), ("阿依古丽•买买提", "阿依古丽·买买提"), ("O'BRIEN, J.", "OBRIENJ")]
)
def test_row_3_12_photos_without_an_id_number_are_named_by_school_class_and_name_in_a_folder_of_their_own(
    tmp_path: Path, name: str, file: str
) -> None:
    """无身份证号学生：学校标识码_班号_姓名，单独打包；其他按班级打包。"""
    photo, without = jpeg((307, 378)), replace(JOHN, name=name, class_name="5", school_code="3163000001")
    rows = [ExportRow(record(1), lambda _: photo)]
    rows.append(ExportRow(replace(record(2), card=None, student=without), lambda _: photo))
    made = export(PHOTOS, rows, tmp_path)
    for place, photos in (("高一-5", f"{number(1)}.jpg"), ("无身份证号", f"3163000001_2026305_{file}.jpg")):
        with zipfile.ZipFile(made.folder / f"photos-{place}.zip") as archive:
            assert archive.namelist() == [photos]


def test_a_replaced_background_is_marked_in_the_manifest(tmp_path: Path) -> None:
    """更换过背景的照片应能查到。"""
    replaced = io.BytesIO()
    Image.new("RGB", (307, 378), (100, 197, 255)).save(replaced, "JPEG", dpi=(300, 300), comment=REPLACED)
    rows = [ExportRow(record(1), lambda _: jpeg((307, 378))), ExportRow(record(2), lambda _: replaced.getvalue())]
    zipped = json.loads(export(PHOTOS, rows, tmp_path).manifest.read_text(encoding="utf-8"))
    assert zipped["files"][0]["background_replaced"] == [f"{number(2)}.jpg"]
    plain = export(load_profile("national-exam-photo"), rows, tmp_path).manifest.read_text(encoding="utf-8")
    assert [one.get("background") for one in json.loads(plain)["files"]] == [None, "replaced"]


# -- 青海 2019


def test_row_4_6_the_chip_photo_goes_out_and_is_asked_of_those_whose_card_was_read() -> None:
    """现场采集：姓名、性别、民族、出生日期、身份证号、身份证照片。"""
    captured = record(1)
    assert captured.card is not None
    with_chip = ExportRow(captured, (PICTURES | {BiometricKind.CHIP_PHOTO: PICTURES[BiometricKind.LEFT_THUMB]}).get)
    assert "report.no_chip_photo" not in codes(with_chip, "qinghai-xuekao")
    assert "report.no_chip_photo" in codes(ExportRow(captured, PICTURES.get), "qinghai-xuekao")
    typed = replace(captured, card=replace(captured.card, entry=CardEntry.TYPED))
    assert "report.no_chip_photo" not in codes(ExportRow(typed, PICTURES.get), "qinghai-xuekao")


# -- 民委发〔2016〕33号


@pytest.mark.parametrize("dot", "•‧・･∙⋅·．.")
def test_the_dot_is_one_character_in_the_roster_and_in_every_sheet(workbook: Workbook, dot: str) -> None:
    """姓名中的间隔符为 U+00B7。"""
    reading = read_roster(workbook(花名册=[["姓名", "身份证号"], [f"买买提{dot}艾力", number(1)]]))
    assert [student.name for student in reading.students] == ["买买提·艾力"]
    captured = record(1)
    assert captured.card is not None
    on_chip = replace(captured, card=replace(captured.card, name=f"买买提{dot}艾力"))
    assert FIELDS["name"](ExportRow(on_chip)) == "买买提·艾力"
    assert FIELDS["name"](ExportRow(student=Student("J. SMITH", "E1"))) == "J. SMITH"


def test_characters_made_on_some_computer_are_told_before_a_system_refuses_them() -> None:
    """自造字。"""
    row = ExportRow(student=replace(Student("\ue000三", number(1), "高一", "5"), sex="男"), divided_by=frozenset())
    assert codes(row, "cmis-5") == ["report.private_character"]

"""Each registration system's files, as its notice wants them."""

from __future__ import annotations

import base64
import json
import zipfile
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from PIL import Image

from kiosk.errors import ExchangeError
from kiosk.exchange import ExportRow, FingerFile, check_rows, export, load_profile
from kiosk.exchange.fields import FIELDS
from kiosk.exchange.profile import read_profile
from kiosk.records import BiometricKind, Student, Teacher
from tests.exchange.conftest import number, record, row
from tests.exchange.photographs import jpeg, png


def sheet(path: Path) -> list[list[str | None]]:
    return [[cell.value for cell in line] for line in openpyxl.load_workbook(path).worksheets[0].iter_rows()]


def listed(order: int, **changes: str) -> ExportRow:
    return ExportRow(student=replace(Student(f"考生{order}", number(order), "高一", "5"), **changes))


def test_zhengzhou_students_go_into_one_file_for_each_grade_and_stream(tmp_path: Path) -> None:
    rows = [listed(1, stream="文科", student_number="G1"), listed(2, stream="理科"), listed(3, stream="文科"), listed(4)]
    result = export(load_profile("zhengzhou-qimo-students"), rows, tmp_path)
    names = ["学生信息-高一-文科.xlsx", "学生信息-高一-未填.xlsx", "学生信息-高一-理科.xlsx"]
    assert sorted(path.name for path in result.sheets) == names
    header, first, third = sheet(result.folder / "学生信息-高一-文科.xlsx")
    assert header == ["学籍号", "姓名", "班级", "性别", "身份证号"]
    assert first == ["G1", "考生1", "5", "男", number(1)]
    assert third[1] == "考生3"


def test_the_national_registers_five_items_are_codes(tmp_path: Path) -> None:
    rows = [
        listed(1),
        listed(2, sex="女"),
        ExportRow(student=Student("Anna", "E1", sex="女", birth_text="20080203", document_type="A")),
    ]
    result = export(load_profile("cmis-5"), rows, tmp_path)
    assert sheet(result.sheet)[1:] == [
        ["考生1", "1", "20080101", "1", number(1)],
        ["考生2", "2", "20080101", "1", number(2)],
        ["Anna", "2", "20080203", "A", "E1"],
    ]


def test_the_seventy_two_items_have_what_a_capture_knows_in_the_registers_codes(tmp_path: Path) -> None:
    captured = record(1)
    captured = replace(captured, student=replace(captured.student, school_code="3163000001", student_number="L1"))
    header, line = sheet(export(load_profile("cmis-72"), [row(captured)], tmp_path).sheet)
    told = {head: cell for head, cell in zip(header, line, strict=True) if cell}
    assert told == {
        "学校标识码*": "3163000001",
        "姓名*": "考生1",
        "性别*": "1",
        "出生日期*": "20080101",
        "民族*": "04",
        "国籍/地区*": "CHN",
        "身份证件类型*": "1",
        "身份证件号*": number(1),
        "港澳台侨外*": "00",
        "身份证件有效期": "2020.01.31-2030.01.31",
        "学籍辅号": "L1",
        "年级*": "高一",
        "班号*": "2026305",
    }


@pytest.mark.parametrize(
    ("grade", "name", "code"),
    [
        ("高二", "3", "2025303"),
        ("八年级", "12", "2025212"),
        ("初三", "1", "2024201"),
        ("一年级", "1", "2026101"),
        ("高一", "2026301", "2026301"),
    ],
)
def test_the_registers_class_code_follows_the_entry_year(tmp_path: Path, grade: str, name: str, code: str) -> None:
    captured = record(1)  # on 1 September 2026
    captured = replace(captured, student=replace(captured.student, grade=grade, class_name=name))
    header, line = sheet(export(load_profile("cmis-72"), [row(captured)], tmp_path).sheet)
    assert line[header.index("班号*")] == code


def test_row_3_12_the_registers_photos_are_a_zip_for_each_class_with_nothing_else(tmp_path: Path) -> None:
    photo = jpeg((307, 378))
    stranger = replace(record(2), card=None, student=Student("安娜", "E1", "高一", "5", school_code="3163000001"))
    other = replace(record(3), student=replace(record(3).student, class_name="6"))
    rows = [ExportRow(one, lambda _: photo) for one in (record(1), other, stranger, record(4))]  # back to the first class
    result = export(load_profile("cmis-photos"), rows, tmp_path)
    found = {}
    for path in result.folder.glob("*.zip"):
        with zipfile.ZipFile(path) as archive:
            assert {archive.read(name) for name in archive.namelist()} == {photo}
            found[path.name] = sorted(archive.namelist())
    assert found == {
        "photos-高一-5.zip": sorted([f"{number(1)}.jpg", f"{number(4)}.jpg"]),
        "photos-高一-6.zip": [f"{number(3)}.jpg"],
        "photos-无身份证号.zip": ["3163000001_2026305_安娜.jpg"],
    }
    told = json.loads(result.manifest.read_text(encoding="utf-8"))
    assert {one["file"]: one["pictures"] for one in told["files"]} == {name: len(photos) for name, photos in found.items()}
    assert (result.pictures, result.sheet) == (4, result.folder)


def test_row_3_12_one_zip_for_the_whole_school_has_the_classes_as_folders(tmp_path: Path) -> None:
    profile = load_profile("cmis-photos")
    whole = profile.model_copy(update={"picture_files": profile.picture_files.model_copy(update={"zip": True})})
    result = export(whole, [ExportRow(record(1), lambda _: jpeg((307, 378)))], tmp_path)
    assert sorted(path.name for path in result.folder.iterdir()) == ["manifest.json", "photos.zip"]
    with zipfile.ZipFile(result.folder / "photos.zip") as archive:
        assert archive.namelist() == [f"高一/5/{number(1)}.jpg"]


def test_henans_photos_and_documents_are_named_by_the_id_number(tmp_path: Path) -> None:
    pictures = {BiometricKind.PORTRAIT: jpeg((450, 600)), BiometricKind.DOCUMENT: jpeg((800, 600))}
    result = export(load_profile("henan-zhongkao"), [ExportRow(record(1), pictures.get)], tmp_path)
    assert (result.folder / "pictures" / "照片" / f"{number(1)}.jpg").read_bytes() == pictures[BiometricKind.PORTRAIT]
    assert (result.folder / "pictures" / "证件" / f"{number(1)}.jpg").read_bytes() == pictures[BiometricKind.DOCUMENT]


def test_the_teachers_sheet_goes_out_as_it_came_in(tmp_path: Path) -> None:
    teacher = Teacher(
        "教师", "男", number(1, "19690101"), "196901", "1,2", "语文", "无", "30", "高级", "本科", "汉语言文学", "硕士", "教育学"
    )
    header, line = sheet(export(load_profile("zhengzhou-qimo-teachers"), [ExportRow(teacher=teacher)], tmp_path).sheet)
    assert dict(zip(header, line, strict=True))["任教班级"] == "1,2"
    assert "教师" in line


FINGERS = """
title = "指纹"
[[picture]]
kind = "right_thumb"
file = "{id_number}_R"
suffix = "bmp"
[[picture]]
kind = "left_thumb"
file = "{id_number}_L"
suffix = "fmr"
[[column]]
header = "证号"
text = "{id_number}/{class_name}班"
[[column]]
header = "右手特征"
template = "right_thumb"
"""


FINGER_FILES = {FingerFile.FMR: b"FMR\0", FingerFile.FIR: b"FIR\0", FingerFile.WSQ: b"\xff\xa0"}


@pytest.mark.parametrize("form", FingerFile)
def test_thumbs_go_out_in_every_form_that_other_systems_read(tmp_path: Path, form: FingerFile) -> None:
    path = tmp_path / "fingers.toml"
    path.write_text(FINGERS.replace('"fmr"', f'"{form}"'), encoding="utf-8")
    entry = ExportRow(record(1), finger_files=lambda kind, form: FINGER_FILES[form] + kind.encode())
    result = export(read_profile(path), [entry], tmp_path)
    assert (result.folder / "pictures" / f"{number(1)}_L.{form}").read_bytes() == FINGER_FILES[form] + b"left_thumb"


def test_a_face_has_no_minutiae(tmp_path: Path) -> None:
    path = tmp_path / "fingers.toml"
    path.write_text(FINGERS.replace("left_thumb", "portrait"), encoding="utf-8")
    with pytest.raises(ExchangeError, match=r"picture\.2"):
        read_profile(path)


def test_thumbs_can_go_out_as_bmp_as_iso_record_and_as_base64(tmp_path: Path) -> None:
    path = tmp_path / "fingers.toml"
    path.write_text(FINGERS, encoding="utf-8")
    entry = ExportRow(
        record(1), {BiometricKind.RIGHT_THUMB: png()}.get, finger_files=lambda kind, form: FINGER_FILES[form] + kind.encode()
    )
    result = export(read_profile(path), [entry], tmp_path)
    assert sheet(result.sheet)[1] == [f"{number(1)}/5班", base64.b64encode(b"FMR\0right_thumb").decode()]
    with Image.open(result.folder / "pictures" / f"{number(1)}_R.bmp") as bitmap:
        assert (bitmap.size, bitmap.mode) == ((256, 288), "L")
    assert (result.folder / "pictures" / f"{number(1)}_L.fmr").read_bytes() == b"FMR\0left_thumb"


def test_fingerprints_of_the_chip_go_out_as_they_came_and_may_be_lacking(tmp_path: Path) -> None:
    path = tmp_path / "chip.toml"
    path.write_text(
        'title = "x"\n[[picture]]\nkind = "card_fingerprints"\nfile = "{id_number}"\nsuffix = "bin"\n', encoding="utf-8"
    )
    profile = read_profile(path)
    rows = [ExportRow(record(1), {BiometricKind.CARD_FINGERPRINTS: b"C\x01 templates"}.get), ExportRow(record(2))]
    assert [entry.problems for entry in check_rows(profile, rows)] == [(), ()]
    result = export(profile, rows, tmp_path)
    assert result.pictures == 1
    assert (result.folder / "pictures" / f"{number(1)}.bin").read_bytes() == b"C\x01 templates"


def test_a_roster_that_is_filed_again_next_year_changes_no_entry_year() -> None:
    captured = record(1)
    captured = replace(captured, student=replace(captured.student, grade="高一", class_name="3"))
    moved_up = replace(captured.student, grade="高二")
    assert FIELDS["class_code"](ExportRow(captured)) == FIELDS["class_code"](ExportRow(captured, student=moved_up)) == "2026303"

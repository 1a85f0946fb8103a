from __future__ import annotations

import errno
import hashlib
import json
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest

from kiosk.errors import ExchangeError
from kiosk.exchange import ExportRow, export, load_profile, workbook
from kiosk.exchange.fields import FIELDS
from kiosk.exchange.profile import Split
from kiosk.records import BiometricKind, FingerPosition, Score, Step, StepResult, Student, Verdict
from tests.exchange.conftest import AT, PICTURES, number, record, row

PROFILE = load_profile("qinghai-xuekao")


def cells(path: Path) -> list[list[openpyxl.cell.Cell]]:
    return [list(line) for line in openpyxl.load_workbook(path).worksheets[0].iter_rows()]


def test_the_sheet_says_what_was_captured(tmp_path: Path) -> None:
    result = export(PROFILE, [row(record(1)), row(record(2))], tmp_path)
    assert (result.rows, result.pictures) == (2, 6)
    header, first, _ = cells(result.sheet)
    told = {head.value: cell.value for head, cell in zip(header, first, strict=True)}
    folder = f"pictures/{number(1)}"
    assert told == {
        "考籍号": "K0001",
        "姓名": "考生1",
        "性别": "男",
        "民族": "藏",
        "出生日期": "2008-01-01",
        "身份证号": number(1),
        "住址": "青海省西宁市城中区",
        "签发机关": "西宁市公安局",
        "有效期": "2020.01.31-2030.01.31",
        "年级": "高一",
        "班级": "5",
        "人证核验结果": "通过",
        "相似度": "0.612",
        "身份证照片": None,
        "人脸照片": f"{folder}/portrait.jpg",
        "右手拇指": f"{folder}/right_thumb.png",
        "左手拇指": f"{folder}/left_thumb.png",
        "采集时间": f"{AT.astimezone():%Y-%m-%d %H:%M:%S}",
        "采集站点": "采集点-01",
        "采集员": "采集员",
        "备注": None,
    }
    for kind, picture in ((BiometricKind.PORTRAIT, "人脸照片"), (BiometricKind.LEFT_THUMB, "左手拇指")):
        assert (result.folder / told[picture]).read_bytes() == PICTURES[kind]


def test_every_cell_is_text_and_a_formula_in_a_name_stays_a_name(tmp_path: Path) -> None:
    names = ['=HYPERLINK("http://x","y")', "+1", "-1", "@SUM(A1)", "http://example.org", "1E5", "a\nb"]
    result = export(PROFILE, [row(record(i, name=name)) for i, name in enumerate(names)], tmp_path)
    written = cells(result.sheet)[1:]
    assert [line[1].value for line in written] == names
    assert {cell.data_type for line in written for cell in line if cell.value is not None} == {"s"}
    assert {line[5].number_format for line in written} == {"@"}


def test_every_way_out_shows_in_the_remarks(tmp_path: Path) -> None:
    decided = StepResult(
        Step.FACE,
        Verdict.PASS,
        AT,
        scores=(Score(0.35, "sface-2021dec cosine", 0.4),),
        decided_by="负责人甲",
        reason="证件照拍摄于儿童时期",
    )
    thumb = StepResult(Step.RIGHT_THUMB, Verdict.REVIEW, AT, decided_by="负责人甲", reason="右手拇指受伤")
    again = record(1, steps=(decided, thumb), version=2, recapture_reason="照片闭眼")
    _, line = cells(export(PROFILE, [row(again)], tmp_path).sheet)
    assert line[-1].value == "人脸：证件照拍摄于儿童时期（负责人甲）；右手拇指：右手拇指受伤（负责人甲）；第2次采集：照片闭眼"


def test_a_finger_that_stands_in_for_a_thumb_is_named_wherever_it_goes(tmp_path: Path) -> None:
    given_up = StepResult(
        Step.RIGHT_THUMB, Verdict.FAIL, AT, decided_by="采集员", reason="拇指包扎", position=FingerPosition.RIGHT_THUMB
    )
    index = replace(given_up, verdict=Verdict.REVIEW, position=FingerPosition.RIGHT_INDEX)
    left = StepResult(Step.LEFT_THUMB, Verdict.PASS, AT, position=FingerPosition.LEFT_THUMB)
    entry = row(record(1, steps=(given_up, index, left)))
    header, line = cells(export(PROFILE, [entry], tmp_path).sheet)
    told = dict(zip((cell.value for cell in header), (cell.value for cell in line), strict=True))
    assert (FIELDS["right_finger"](entry), FIELDS["left_finger"](entry)) == ("右手食指", "左手拇指")
    assert told["备注"] == "右手拇指改采右手食指：拇指包扎（采集员）"
    assert (FIELDS["right_finger_code"](entry), FIELDS["left_finger_code"](entry)) == ("2", "6")


def test_a_finger_that_was_accepted_in_place_of_a_thumb_shows_both_decisions() -> None:
    given_up = StepResult(
        Step.LEFT_THUMB, Verdict.FAIL, AT, decided_by="采集员", reason="拇指缺失", position=FingerPosition.LEFT_THUMB
    )
    accepted = replace(
        given_up, verdict=Verdict.REVIEW, decided_by="王主任", reason="指纹较浅", position=FingerPosition.LEFT_INDEX
    )
    shown = FIELDS["remarks"](row(record(1, steps=(given_up, accepted))))
    assert shown == "左手拇指改采左手食指：拇指缺失（采集员）；左手拇指改采左手食指：指纹较浅（王主任）"


def test_the_manifest_lists_every_file_as_it_is(tmp_path: Path) -> None:
    result = export(PROFILE, [row(record(1))], tmp_path)
    manifest = json.loads(result.manifest.read_text(encoding="utf-8"))
    listed = {entry["file"]: entry for entry in manifest["files"]}
    present = {path.relative_to(result.folder).as_posix(): path for path in result.folder.rglob("*") if path.is_file()}
    assert set(listed) == set(present) - {"manifest.json"}
    for name, entry in listed.items():
        content = present[name].read_bytes()
        assert (entry["size"], entry["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())
    assert (manifest["rows"], manifest["pictures"], manifest["profile_sha256"]) == (1, 3, PROFILE.hash)


def test_an_export_of_nobody_is_a_sheet_with_its_header(tmp_path: Path) -> None:
    result = export(PROFILE, [], tmp_path)
    assert len(cells(result.sheet)) == 1
    assert json.loads(result.manifest.read_text(encoding="utf-8"))["rows"] == 0


def test_a_second_export_leaves_the_first_alone(tmp_path: Path) -> None:
    folders = {export(PROFILE, [row(record(1))], tmp_path).folder for _ in range(3)}
    assert len(folders) == 3
    assert all((folder / "考籍注册.xlsx").is_file() for folder in folders)


def no_space(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_leaves_no_trace_and_the_old_export_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = export(PROFILE, [row(record(1))], tmp_path)
    before = {path: path.read_bytes() for path in old.folder.rglob("*") if path.is_file()}
    monkeypatch.setattr("os.fsync", no_space)
    with pytest.raises(ExchangeError, match=r"export\.disk_full"):
        export(PROFILE, [row(record(2))], tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [old.folder.name]
    assert {path: path.read_bytes() for path in old.folder.rglob("*") if path.is_file()} == before


def test_a_stopped_export_leaves_no_trace(tmp_path: Path) -> None:
    class Stopped(Exception):
        pass

    def stop(rows: int) -> None:
        if rows == 2:
            raise Stopped

    with pytest.raises(Stopped):
        export(PROFILE, [row(record(i)) for i in range(5)], tmp_path, stop)
    assert list(tmp_path.iterdir()) == []


def test_a_sheet_that_reads_back_otherwise_is_no_export(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    honest: Callable[..., str] = workbook.row_xml

    def one_digit_off(opened: list[str], line: int, cells: list[str]) -> str:
        return honest(opened, line, [cell[:-1] + "0" if cell == number(2) else cell for cell in cells])

    monkeypatch.setattr("kiosk.exchange.workbook.row_xml", one_digit_off)
    with pytest.raises(ExchangeError) as caught:
        export(PROFILE, [row(record(1)), row(record(2))], tmp_path)
    assert (caught.value.code, caught.value.data["cell"]) == ("export.differs", "F3")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("bad", ["../../etc", "a/b", "", "con", "x" * 101, "a\\b", "."])
def test_a_number_that_is_no_file_name_never_becomes_a_path(tmp_path: Path, bad: str) -> None:
    sly = record(1, student=Student("张三", bad))
    with pytest.raises(ExchangeError, match=r"export\.file_name"):
        export(PROFILE, [row(sly)], tmp_path / "out")
    assert [path.name for path in tmp_path.rglob("*")] in ([], ["out"])


def test_the_same_student_twice_is_told_instead_of_overwritten(tmp_path: Path) -> None:
    with pytest.raises(ExchangeError, match=r"export\.name_taken"):
        export(PROFILE, [row(record(1)), row(record(1))], tmp_path)


def test_a_picture_of_the_wrong_kind_is_told(tmp_path: Path) -> None:
    wrong = ExportRow(record(1), lambda _: b"GIF89a")
    with pytest.raises(ExchangeError, match=r"export\.picture_kind"):
        export(PROFILE, [wrong], tmp_path)


def test_a_character_that_no_sheet_holds_is_told_with_its_cell(tmp_path: Path) -> None:
    with pytest.raises(ExchangeError) as caught:
        export(PROFILE, [row(record(1)), row(record(2, name="张\ud800"))], tmp_path)
    assert (caught.value.code, caught.value.data["cell"]) == ("export.cell_unwritable", "B3")


def test_a_time_is_shown_on_the_stations_clock(tmp_path: Path) -> None:
    _, line = cells(export(PROFILE, [row(record(1, finished_at=AT + timedelta(hours=1)))], tmp_path).sheet)
    assert line[17].value == f"{(AT + timedelta(hours=1)).astimezone():%Y-%m-%d %H:%M:%S}"


@pytest.mark.skipif(sys.platform == "win32", reason="resource is of POSIX")
def test_there_may_be_more_sheets_than_files_that_can_be_open(tmp_path: Path) -> None:
    import resource

    by_class = PROFILE.model_copy(
        update={"sheet": PROFILE.sheet.model_copy(update={"split": (Split.CLASS,), "file": "{split}"})}
    )
    classes = [replace(record(order), student=Student("", number(order), "高一", f"{order}")) for order in range(40)]
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(int(one.name) for one in Path("/dev/fd").iterdir()) + 30, hard))
    try:
        result = export(by_class, map(row, classes), tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert len(result.sheets) == 40
    assert cells(result.sheets[7])[1][1].value == "考生7"

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from kiosk.exchange import ExportRow, ReportEntry, check_rows, export, load_profile, report
from kiosk.exchange.photos import check_photo
from kiosk.exchange.profile import read_profile
from kiosk.exchange.report import ReportSums
from kiosk.records import BiometricKind, FingerPosition, Measure, Message, Step, StepResult, Student, Verdict
from tests.exchange.conftest import AT, number, record
from tests.exchange.photographs import jpeg, png

QINGHAI, HENAN = load_profile("qinghai-xuekao"), load_profile("henan-zhongkao")
GOOD = {
    BiometricKind.CHIP_PHOTO: png((102, 126)),
    BiometricKind.PORTRAIT: jpeg(),
    BiometricKind.RIGHT_THUMB: png(),
    BiometricKind.LEFT_THUMB: png(),
}


SILENT = """
title = "指纹"
[[picture]]
kind = "right_thumb"
file = "{id_number}"
suffix = "png"
[[column]]
header = "证号"
field = "id_number"
"""


def codes(row: ExportRow) -> list[str]:
    (entry,) = check_rows(QINGHAI, [row])
    return [problem.code for problem in entry.problems]


def test_a_good_row_has_no_problems() -> None:
    assert codes(ExportRow(record(1), GOOD.get)) == []


def test_what_is_missing_is_told_with_the_columns_name() -> None:
    (entry,) = check_rows(QINGHAI, [ExportRow(replace(record(1), card=None), GOOD.get)])
    assert [(problem.code, problem.data) for problem in entry.problems] == [
        ("report.missing", {"header": "民族"}),
    ]


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({BiometricKind.RIGHT_THUMB: None}, "report.no_right_thumb"),
        ({BiometricKind.LEFT_THUMB: None}, "report.no_left_thumb"),
        ({BiometricKind.PORTRAIT: None}, "report.no_portrait"),
        ({BiometricKind.PORTRAIT: png()}, "report.picture_broken"),
        ({BiometricKind.PORTRAIT: jpeg((450, 600))}, "photo.pixels"),
        ({BiometricKind.PORTRAIT: jpeg(dpi=96)}, "photo.dpi"),
        ({BiometricKind.PORTRAIT: jpeg(noise=0)}, "photo.too_small"),
        ({BiometricKind.PORTRAIT: jpeg(noise=60, quality=95)}, "photo.too_large"),
        ({BiometricKind.PORTRAIT: b"\xff\xd8\xff no picture"}, "photo.unreadable"),
    ],
)
def test_each_fault_of_a_picture_is_told(changed: dict[BiometricKind, bytes | None], told: str) -> None:
    assert codes(ExportRow(record(1), (GOOD | changed).get)) == [told]  # type: ignore[operator]


def test_a_background_of_another_colour_is_told_where_one_is_prescribed() -> None:
    assert check_photo(jpeg((450, 600), noise=3), HENAN.photo) == []
    white = check_photo(jpeg((450, 600), colour=(250, 250, 250), noise=3), HENAN.photo)
    assert [problem.code for problem in white] == ["photo.background"]


@pytest.mark.parametrize(
    ("measure", "told"),
    [
        (Measure("HairTop", 0, 0.005, None, Verdict.FAIL, Message("hint.photo.hair_cut_off")), "photo.hair_cut_off"),
        (Measure("EyeLine", 0.6, 0.3, 0.47, Verdict.FAIL, Message("hint.face.up")), "photo.eyes_low"),
        (Measure("FaceWidth", 0.2, 0.37, 0.6, Verdict.FAIL, Message("hint.face.closer")), "photo.face_small"),
        (Measure("HairTop", 0.1, 0.005, None, Verdict.PASS), None),
    ],
)
def test_a_photo_is_judged_again_as_it_was_cut(measure: Measure, told: str | None) -> None:
    row = ExportRow(record(1), GOOD.get, photo_measures=lambda: (measure,))
    assert codes(row) == ([told] if told else [])


def test_a_photo_of_which_only_the_beginning_is_there_is_told() -> None:
    whole = jpeg((450, 600), noise=3)
    assert {"photo.no_end", "photo.unreadable"} <= {one.code for one in check_photo(whole[: len(whole) // 2], HENAN.photo)}


def test_any_of_the_backgrounds_that_a_standard_names_will_do() -> None:
    spec = load_profile("national-exam-photo").photo
    assert [check_photo(jpeg(colour=(shade, shade, shade)), spec) for shade in (255, 240)] == [[], []]
    assert check_photo(jpeg(), spec) == []  # blue
    assert [problem.code for problem in check_photo(jpeg(colour=(160, 90, 60)), spec)] == ["photo.background"]


def test_a_step_that_nobody_decided_is_told_and_a_decided_one_is_not() -> None:
    failed = StepResult(Step.FACE, Verdict.REVIEW, AT)
    assert codes(ExportRow(record(1, steps=(failed,)), GOOD.get)) == ["report.not_decided"]
    decided = replace(failed, decided_by="负责人", reason="像本人")
    assert codes(ExportRow(record(1, steps=(failed, decided)), GOOD.get)) == []


def test_another_finger_is_told_where_the_sheet_would_pass_it_off_as_a_thumb(tmp_path: Path) -> None:
    index = StepResult(
        Step.RIGHT_THUMB, Verdict.REVIEW, AT, decided_by="采集员", reason="包扎", position=FingerPosition.RIGHT_INDEX
    )
    captured = ExportRow(record(1, steps=(*record(1).steps, index)), GOOD.get)
    assert codes(captured) == []  # the remarks say it
    path = tmp_path / "silent.toml"
    path.write_text(SILENT, encoding="utf-8")
    (entry,) = check_rows(read_profile(path), [captured])
    assert [problem.code for problem in entry.problems] == ["report.finger_unnamed"]
    path.write_text(SILENT + '[[column]]\nheader = "手指"\nfield = "right_finger_code"\n', encoding="utf-8")
    (entry,) = check_rows(read_profile(path), [captured])
    assert entry.problems == ()


def test_a_value_without_a_code_and_a_row_without_its_part_are_told() -> None:
    stranger = Student("Anna", "E1", sex="女", document_type="A")
    (entry,) = check_rows(load_profile("henan-zhongkao"), [ExportRow(student=stranger)])
    assert "report.missing" in {problem.code for problem in entry.problems}
    (entry,) = check_rows(load_profile("zhengzhou-qimo-students"), [ExportRow(student=Student("张三", number(1), "高一", "5"))])
    assert [problem.code for problem in entry.problems] == ["report.no_stream"]


def test_two_students_with_one_file_name_are_told_before_anything_is_written() -> None:
    row = ExportRow(record(1), GOOD.get)
    first, second = check_rows(QINGHAI, [row, row])
    assert first.problems == ()
    assert {problem.code for problem in second.problems} == {"report.name_taken"}


def test_the_operator_exports_the_good_ones_or_all(tmp_path: Path) -> None:
    rows = [ExportRow(record(1), GOOD.get), ExportRow(record(2), (GOOD | {BiometricKind.LEFT_THUMB: None}).get)]  # type: ignore[operator]
    good = export(QINGHAI, rows, tmp_path, only_good=True)
    assert (good.rows, good.left_out, good.pictures) == (1, 1, 4)
    everybody = export(QINGHAI, rows, tmp_path)
    assert (everybody.rows, everybody.left_out, everybody.pictures) == (2, 0, 7)


def test_of_very_many_with_problems_the_first_are_listed_and_all_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "MOST_LISTED", 2)
    monkeypatch.setattr(report, "_MOST_KINDS", 1)
    sums, few, many = ReportSums(), Message("report.no_portrait"), Message("report.no_code", {"value": "x"})
    good = ExportRow(record(9))
    sums.add(ReportEntry(good, ()))
    for order in range(3):
        sums.add(ReportEntry(ExportRow(record(order)), (few, many)))
    assert (sums.rows, sums.bad, sums.kinds, sums.others) == (4, 3, [(few, 3)], 3)
    assert [(one.who and one.who.name, one.record_id) for one in sums.faulty] == [("考生0", "0" * 32), ("考生1", f"{1:032x}")]

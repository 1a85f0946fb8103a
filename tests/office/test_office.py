"""The office at work on a store: what goes out is what was captured, corrected and filed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest

from kiosk.errors import ExchangeError
from kiosk.exchange.seating import Order
from kiosk.office import Office, SeatRule
from kiosk.records import Biometric, BiometricKind, Exam, Person, Step, StepResult, StoredBiometric, Verdict
from kiosk.store import Store
from kiosk.store.vault import SealedBlob, Vault
from tests.exchange.photographs import jpeg, png
from tests.store.conftest import AT, begin_in, student


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Three students on the roster, two of them captured."""
    with Store.open(tmp_path / "data") as opened:
        opened.roster.replace_or_update([student(number) for number in (1, 2, 3)])
        for number in (1, 2):
            record = begin_in(opened, student(number))
            pictures = [
                Biometric(BiometricKind.PORTRAIT, jpeg()),
                Biometric(BiometricKind.RIGHT_THUMB, png()),
                Biometric(BiometricKind.LEFT_THUMB, png()),
            ]
            opened.captures.save_step(record.id, StepResult(Step.FACE, Verdict.PASS, AT), pictures)
            opened.captures.finish(record.id, AT + timedelta(days=number))
        yield opened


def lines(path: Path) -> list[dict[str, str]]:
    header, *rows = openpyxl.load_workbook(path).worksheets[0].iter_rows(values_only=True)
    return [dict(zip(header, row, strict=True)) for row in rows]


def test_the_days_sheet_holds_that_day_only(store: Store, tmp_path: Path) -> None:
    office = Office(store, tmp_path)
    assert office.files.export("qinghai-xuekao").rows == 2
    day = (AT + timedelta(days=2)).astimezone().date()
    done = office.files.export("qinghai-xuekao", day=day)
    assert [line["姓名"] for line in lines(done.sheet)] == ["考生2"]
    assert [entry.detail["rows"] for entry in store.audit.entries() if entry.action == "export"] == [2, 1]


def test_a_roster_filed_anew_and_a_correction_show_in_the_export(store: Store, tmp_path: Path) -> None:
    store.roster.replace_or_update(
        [replace(student(number), class_name="8", registration_number=f"N{number}") for number in (1, 2)]
    )
    record = store.captures.latest_complete(student(2).id_number)
    assert record is not None
    store.corrections.correct(record.student.id_number, "class_name", "9", reason="转班", by=Person("负责人"), at=AT)
    told = lines(Office(store, tmp_path).files.export("qinghai-xuekao").sheet)
    assert [(line["班级"], line["考籍号"]) for line in told] == [("8", "N1"), ("9", "N2")]


def test_the_whole_roster_goes_out_where_a_system_wants_it(store: Store, tmp_path: Path) -> None:
    done = Office(store, tmp_path).files.export("cmis-5")
    assert [line["姓名"] for line in lines(done.sheet)] == ["考生1", "考生2", "考生3"]


def test_teachers_go_out_with_their_sheet_only(store: Store, tmp_path: Path) -> None:
    with pytest.raises(ExchangeError, match="needs_teachers"):
        Office(store, tmp_path).files.export("zhengzhou-qimo-teachers")


@pytest.mark.parametrize("profile", ["qinghai-xuekao", "henan-zhongkao"])
def test_checked_and_written_each_picture_is_opened_once(
    profile: str, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: Counter[tuple[str, BiometricKind]] = Counter()
    honest = Vault.open

    def counted(vault: Vault, stored: StoredBiometric, blob: SealedBlob | None = None) -> bytes:
        opened[stored.record_id, stored.kind] += 1
        return honest(vault, stored, blob)

    monkeypatch.setattr(Vault, "open", counted)
    Office(store, tmp_path).files.export(profile)
    assert set(opened.values()) == {1}
    assert len({record_id for record_id, _ in opened}) == store.captures.count()
    kept = [entry.row.pictures for entry in Office(store, tmp_path).files.report(profile)]
    assert all(pictures(BiometricKind.PORTRAIT) is None for pictures in kept)  # a report of thousands lets go of them


def test_a_form_that_was_printed_before_says_so_and_a_signed_one_is_not_printed(store: Store, tmp_path: Path) -> None:
    papers = Office(store, tmp_path).papers("qinghai-xuekao")
    assert [path.name for path in papers.forms(tmp_path / "first", title="登记表")] == ["登记表-高一（5）班.pdf"]
    record = store.captures.latest_complete(student(1).id_number)
    assert record is not None
    assert store.aftercare.printed([record.id]) == {record.id: 1}
    store.aftercare.sign(record.id, by="采集员", at=AT)
    seen: list[int] = []
    papers.forms(tmp_path / "second", seen.append, title="登记表")
    assert seen == [1]


def test_forms_that_could_not_be_written_do_not_count_as_printed(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> Path:
        raise ExchangeError("export.disk_full")

    monkeypatch.setattr("kiosk.office.papers.write_file", full)
    with pytest.raises(ExchangeError, match="disk_full"):
        Office(store, tmp_path).papers("qinghai-xuekao").forms(tmp_path / "forms", title="登记表")
    ids = [record.id for record in store.captures.records()]
    assert store.aftercare.printed(ids) == dict.fromkeys(ids, 0)


@pytest.mark.parametrize("grade", ["../../elsewhere/x", "高一/二", "/tmp", "C:\\x", "con", ""])
def test_whatever_a_grade_is_called_its_forms_lie_in_the_folder(grade: str, store: Store, tmp_path: Path) -> None:
    for number in (1, 2):
        record = store.captures.latest_complete(student(number).id_number)
        assert record is not None
        store.corrections.correct(record.student.id_number, "grade", grade, reason="名册", by=Person("负责人"), at=AT)
    store.corrections.correct(record.student.id_number, "class_name", "5/", reason="名册", by=Person("负责人"), at=AT)
    before = {path for path in tmp_path.rglob("*") if "export" not in path.parts}
    written = Office(store, tmp_path / "export").papers("qinghai-xuekao").forms(tmp_path / "export" / "forms", title="登记表")
    assert len(written) == len(set(written)) == 2  # two classes
    assert set((tmp_path / "export" / "forms").iterdir()) == set(written)
    assert {path for path in tmp_path.rglob("*") if "export" not in path.parts} == before


def test_forms_that_are_printed_again_into_a_folder_replace_none(store: Store, tmp_path: Path) -> None:
    papers = Office(store, tmp_path).papers("qinghai-xuekao")
    papers.forms(tmp_path / "forms", title="登记表")
    papers.forms(tmp_path / "forms", title="登记表")
    assert {path.name for path in (tmp_path / "forms").iterdir()} == {"登记表-高一（5）班.pdf", "登记表-高一（5）班-2.pdf"}


def test_the_papers_of_an_exam_need_exam_numbers(store: Store, tmp_path: Path) -> None:
    office, rule = Office(store, tmp_path), SeatRule(2, Order.NUMBER)
    exam = office.exams.add(Exam("期末考试"), by="考务")
    with pytest.raises(ExchangeError, match="no_exam_number"):
        office.exams.make(exam.number, rule, by="考务")
    with pytest.raises(ExchangeError, match="no_seats"):
        office.papers("qinghai-xuekao").exam(tmp_path, exam, office.exams.seats(exam.number))
    store.roster.replace_or_update([replace(student(number), exam_number=f"26{number}") for number in (1, 2, 3)])
    seats = office.exams.make(exam.number, rule, by="考务")
    names = {path.name for path in office.papers("qinghai-xuekao").exam(tmp_path / "exam", exam, seats)}
    assert names == {"准考证-高一（5）班.pdf", "考场核对表-01-02.pdf", "桌贴-01-02.pdf", "考场座次表.pdf", "考生信息汇总表.pdf"}

"""A student who has no document number at all: on the roster, captured, and on every list and paper without one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pypdf
import pytest
import xlsxwriter

from kiosk import manual
from kiosk.exchange.progress_list import write_progress
from kiosk.exchange.seating import Order
from kiosk.manual import EntryReason, TypedIn
from kiosk.office import ImportMode, Office, SeatRule
from kiosk.records import Biometric, BiometricKind, Exam, Person, Step, StepResult, Student, Verdict
from kiosk.store import Store
from kiosk.surrogate import is_surrogate
from tests.exchange.photographs import jpeg, png
from tests.store.conftest import AT

HEAD = ("姓名", "身份证号", "证件类型", "性别", "出生日期", "年级", "班级", "学籍号", "考号")
ROW = ("安娜", "无", "其他", "女", "20080304", "高一", "5", "G123", "260001")


def listed(folder: Path, *rows: tuple[str, ...]) -> Path:
    path = folder / "名单.xlsx"
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet()
        for line, row in enumerate((HEAD, *rows)):
            page.write_row(line, 0, row)
    return path


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "data") as opened:
        yield opened


@pytest.fixture
def office(store: Store, tmp_path: Path) -> Office:
    office = Office(store, tmp_path / "export")
    office.rosters.take(listed(tmp_path, ROW), mode=ImportMode.WHOLE, actor="教务处")
    return office


def capture(store: Store, student: Student) -> None:
    """As the operator does who chose the student from the roster."""
    typed = TypedIn("", student.id_number, EntryReason.NO_MAINLAND_DOCUMENT)
    card = manual.card_of(typed, student)
    assert (card.name, card.sex, card.birth_text) == ("安娜", "女", "20080304")
    begun = {"station": "采集点-01", "operator": "采集员", "profile": "qinghai-xuekao", "profile_hash": "0" * 64, "at": AT}
    record = store.captures.begin(student, card, **begun)  # type: ignore[arg-type]
    kinds = {BiometricKind.PORTRAIT: jpeg(), BiometricKind.RIGHT_THUMB: png(), BiometricKind.LEFT_THUMB: png()}
    pictures = [Biometric(kind, data) for kind, data in kinds.items()]
    store.captures.save_step(record.id, StepResult(Step.FACE, Verdict.PASS, AT), pictures)
    store.captures.finish(record.id, AT)


def cells(path: Path) -> str:
    return "|".join(
        str(cell) for page in openpyxl.load_workbook(path) for row in page.iter_rows(values_only=True) for cell in row
    )


def test_the_key_is_for_good_whatever_is_put_right_and_filed_again(office: Office, store: Store, tmp_path: Path) -> None:
    (first,) = store.roster.students()
    assert is_surrogate(first.id_number)
    office.corrections.correct(first.id_number, "name", "安妮", reason="录入错误", by=Person("教务处"))
    for name in ("安娜", "安妮"):  # the old file once more, and one that was put right
        office.rosters.take(listed(tmp_path, (name, *ROW[1:])), mode=ImportMode.WHOLE)
        assert [(one.name, one.id_number) for one in store.roster.students()] == [("安妮", first.id_number)]
    # Who is really called what the other was called by mistake is another student.
    office.rosters.take(listed(tmp_path, ("安妮", *ROW[1:]), ROW), mode=ImportMode.WHOLE)
    keys = {one.name: one.id_number for one in store.roster.students()}
    assert keys["安妮"] == first.id_number
    assert is_surrogate(keys["安娜"])
    assert len(set(keys.values())) == 2
    preview = office.rosters.preview(listed(tmp_path, ("安妮", *ROW[1:]), ROW), mode=ImportMode.WHOLE)
    assert [*preview.change.added, *preview.change.changed, *preview.change.gone] == []


def test_captured_the_student_has_the_offices_number_where_it_is_wanted_and_none_elsewhere(
    office: Office, store: Store, tmp_path: Path
) -> None:
    (student,) = store.roster.students()
    capture(store, student)
    assert store.progress.students()[0].record_id
    (given,) = office.rosters.give_substitutes("0101", actor="教务处")
    for profile in ("zhengzhou-qimo-students", "qinghai-xuekao", "cmis-5", "cmis-72"):
        done = office.files.export(profile)
        told = "".join(
            (*map(cells, done.sheets), *(path.name for path in done.folder.rglob("*")), done.manifest.read_text("utf-8"))
        )
        assert "安娜" in told
        assert ("无号" in told, given.number in told) == (False, profile.startswith("zhengzhou")), profile
    lacking = {problem.code for entry in office.files.report("qinghai-xuekao") for problem in entry.problems}
    assert {"report.missing", "report.no_number"} <= lacking  # a system that wants a number: it is told, and not made up


def test_no_paper_shows_the_key(office: Office, store: Store, tmp_path: Path) -> None:
    (student,) = store.roster.students()
    capture(store, student)
    papers, out = office.papers("qinghai-xuekao"), tmp_path / "papers"
    out.mkdir()
    written = [*papers.forms(out, title="登记表"), papers.class_lists(out / "名单.pdf", title="名单")]
    written += [
        papers.progress(out / "进度.pdf", title="进度"),
        *papers.exam(out, Exam("考试"), office.exams.plan(SeatRule(30, Order.NUMBER))),
    ]
    for path in written:
        text = "".join(page.extract_text() for page in pypdf.PdfReader(path).pages)
        assert "安娜" in text, path.name
        assert student.id_number[2:] not in text, path.name
    write_progress(store.progress.students(), out / "进度.xlsx")
    assert student.id_number[2:] not in cells(out / "进度.xlsx")

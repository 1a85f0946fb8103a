"""A correction is made once and seen at once: on every list, sheet, form, paper and page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pytest
from flask.testing import FlaskClient
from pypdf import PdfReader

from kiosk.errors import KioskError
from kiosk.exchange import Source, profiles
from kiosk.exchange.seating import Order
from kiosk.office import Office, SeatRule
from kiosk.office.corrections import Correctable
from kiosk.records import CardEntry, CardKind, Contact, Exam, Person, RefusalReason, School, Student
from kiosk.store import Store
from tests.people import card_of
from tests.store.conftest import AT, begin_in, student
from tests.web.desk import Desk, desk

HEAD = Person("负责人", "head")
SCHOOL = School(
    "第一高级中学", "3663000001", contacts=(Contact("张联系", "教务主任", "13800000000"), Contact("李联系", "", "13900000000"))
)


@dataclass(frozen=True)
class Corrected:
    """Student 1 was moved from class 5 to class 16 after the capture; student 5, not captured yet, from 6 to 17."""

    desk: Desk
    client: FlaskClient
    folder: Path
    record: str

    def page(self, address: str) -> str:
        return self.client.get(address).text


@pytest.fixture(scope="module")
def after(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Corrected]:
    folder = tmp_path_factory.mktemp("corrected")
    with desk(folder) as made:
        store = made.store
        store.school.put(SCHOOL, by=HEAD)
        filed = [replace(one, stream="理科", exam_number=f"26{n:03d}") for n, one in enumerate(store.roster.students())]
        store.roster.replace_or_update(filed)
        store.refusals.add(RefusalReason.LEFT, by=HEAD, at=datetime.now(UTC), name="考生5", id_number=student(5).id_number)
        for number, after in ((1, "16"), (5, "17")):
            made.office.corrections.correct(student(number).id_number, "class_name", after, reason="转班", by=HEAD)
        yield Corrected(made, made.app.test_client(), folder, made.record(1).id)


def rows(path: Path) -> list[list[str]]:
    return [
        [str(cell or "") for cell in row] for sheet in openpyxl.load_workbook(path) for row in sheet.iter_rows(values_only=True)
    ]


def text(path: Path) -> str:
    return "".join("".join((page.extract_text() or "").split()) for page in PdfReader(path).pages)


def of(rows: list[list[str]], name: str) -> list[str]:
    return next(row for row in rows if name in row)


def test_the_progress_page_counts_and_lists_the_new_class(after: Corrected) -> None:
    told = after.page("/records?class=高一/16") + after.page("/records?class=高一/17")
    assert "考生1</a>" in told
    assert "考生5</a>" in told
    assert "考生1</a>" not in after.page("/records?class=高一/5")


def test_the_progress_sheet_and_paper_have_it(after: Corrected, tmp_path: Path) -> None:
    after.desk.office.files.write_progress(tmp_path / "progress.xlsx")
    told = rows(tmp_path / "progress.xlsx")
    assert of(told, "考生1")[:3] == ["高一", "16", "考生1"]
    assert of(told, "考生5")[:3] == ["高一", "17", "考生5"]
    printed = text(after.desk.office.papers("qinghai-xuekao").progress(tmp_path / "progress.pdf", title="进度"))
    assert "高一（16）班" in printed
    assert "高一（17）班" in printed


def test_the_class_list_to_sign_has_it(after: Corrected, tmp_path: Path) -> None:
    papers = after.desk.office.papers("qinghai-xuekao")
    only = papers.class_lists(tmp_path / "list.pdf", title="签字表", of=lambda student: student.class_name == "16")
    assert "考生1" in text(only)


def test_the_signing_page_has_it(after: Corrected) -> None:
    assert "考生1</a>" in after.page("/records/signing?class=高一/16")
    assert "考生1</a>" not in after.page("/records/signing?class=高一/5")


def test_the_form_lies_in_the_new_class_and_says_so_and_whom_to_ask(after: Corrected, tmp_path: Path) -> None:
    written = after.desk.office.papers("qinghai-xuekao").forms(tmp_path, title="登记表", school=SCHOOL.name)
    assert tmp_path / "登记表-高一（16）班.pdf" in written
    form = text(tmp_path / "登记表-高一（16）班.pdf")
    assert "高一（16）班" in form
    assert "第一高级中学" in form
    assert "张联系13800000000、李联系13900000000" in form


@pytest.mark.parametrize("name", [one.name for one in profiles() if one.source is not Source.TEACHERS and one.columns])
def test_every_sheet_that_has_a_class_has_the_new_one(after: Corrected, tmp_path: Path, name: str) -> None:
    profile = next(one for one in profiles() if one.name == name)
    shown = [column for column in profile.columns if column.field.startswith("class_")]
    done = after.desk.office.files.export(name, tmp_path)
    if shown:
        told = [cell for path in done.sheets for row in rows(path) for cell in row]
        assert any(cell.endswith("16") for cell in told)
    assert '"name": "第一高级中学"' in done.manifest.read_text(encoding="utf-8")


def test_the_papers_of_the_exam_have_it(after: Corrected, tmp_path: Path) -> None:
    office = after.desk.office
    seats = office.exams.plan(SeatRule(10, Order.NUMBER))
    written = office.papers("qinghai-xuekao").exam(tmp_path, Exam("期末"), seats)
    told = {path.name: text(path) for path in written}
    for name in ("准考证", "桌贴", "考生信息汇总表"):
        content = "".join(content for file, content in told.items() if file.startswith(name))
        assert "高一（16）班" in content, name
        assert "高一（17）班" in content, name
    assert "准考证-高一（16）班.pdf" in told


def test_the_record_page_has_it_with_the_old_value_the_reason_and_the_person(after: Corrected) -> None:
    told = after.page(f"/records/{after.record}")
    assert re.search(r"<dt>班级</dt><dd>16</dd>", told)
    assert re.search(r'class="old">5</td><td>16</td><td>转班</td><td>负责人 <span class="none">head</span>', told)
    assert "高一 16班" in told


def test_the_page_of_a_student_who_is_not_captured_has_it_too(after: Corrected) -> None:
    handle = re.search(r"/records/student/(\w+)", after.page("/records?class=高一/17"))
    assert handle
    told = after.page(f"/records/student/{handle[1]}")
    assert re.search(r"<dt>班级</dt><dd>17</dd>", told)
    assert re.search(r'class="old">6</td><td>17</td><td>转班</td>', told)


def test_the_lists_of_refusals_documents_and_forms_to_print_have_it(after: Corrected) -> None:
    assert "高一 17班" in after.page("/records/refused")
    for address in ("/records/printing", "/records/documents"):
        told = after.page(address)
        assert "16" in re.findall(r'value="高一/(\d+)"', told), address


def test_whoever_is_looked_for_at_the_desk_is_in_the_new_class(after: Corrected) -> None:
    (found,) = after.desk.office.rosters.search("考生5")
    assert found.class_name == "17"


def test_a_roster_file_from_before_does_not_undo_it_and_says_so(after: Corrected, tmp_path: Path) -> None:
    path = tmp_path / "old.csv"
    lines = [f"{one.name},{one.id_number},高一,{old}" for one, old in ((student(1), "5"), (student(2), "5"), (student(5), "9"))]
    path.write_text("姓名,身份证号,年级,班级\n" + "\n".join(lines), encoding="utf-8")
    seen = after.desk.office.rosters.preview(path)
    assert [one.name for one in seen.corrected] == ["考生1"]
    told = {one.after.name: one.after.class_name for one in seen.change.changed}
    assert told == {"考生5": "9"}  # the file knows something newer


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "data") as opened:
        yield opened


def offered(store: Store, who: Student) -> dict[str, Correctable]:
    record = store.captures.latest_complete(who.id_number)
    found = Office(store, Path("unused")).corrections.offered(who, record)
    return {one.field: one for one in found}


def test_what_the_card_said_is_not_offered_and_what_has_codes_is_a_list(store: Store, tmp_path: Path) -> None:
    filed = replace(student(1), ethnicity="回", sex="女")  # the card: 藏, and a man
    store.roster.replace_or_update([filed, student(2)])
    store.captures.finish(begin_in(store, student(1)).id, AT)
    fields = offered(store, filed)
    assert not {"name", "birth_text", "id_number", "document_type"} & fields.keys()
    assert (fields["ethnicity"].choices, fields["ethnicity"].settled) == ((("藏", "藏"),), True)
    assert fields["sex"].choices == (("男", "男"),)
    assert fields["stream"].choices == (("", ""), ("文科", "文科"), ("理科", "理科"))
    assert dict(fields["guardian_consent"].choices).keys() == {"", "是", "否"}
    assert fields["class_name"].usual == ("5",)
    not_captured = offered(store, student(2))
    assert len(dict(not_captured["ethnicity"].choices)) == 59
    assert ("A", "护照") in not_captured["document_type"].choices
    assert "港澳" not in dict(not_captured["document_type"].choices)  # which of the two, only a number tells


def test_data_that_were_typed_are_offered_as_they_stand(store: Store) -> None:
    abroad = Student("约翰", "H60888888", "高一", "5", document_type="6")
    store.roster.replace_or_update([abroad])
    typed = replace(card_of(student(1)), kind=CardKind.NONE, name="约翰", id_number=abroad.id_number, entry=CardEntry.TYPED)
    begun = store.captures.begin(
        abroad, typed, station="点", operator="员", profile="qinghai-xuekao", profile_hash="0" * 64, at=AT
    )
    store.captures.finish(begun.id, AT)
    fields = offered(store, abroad)
    assert (fields["ethnicity"].value, fields["ethnicity"].settled) == ("藏", False)
    assert {"name", "sex", "birth_text"} <= fields.keys()


def test_a_signed_record_offers_nothing(store: Store) -> None:
    store.roster.replace_or_update([student(1)])
    record = store.captures.finish(begin_in(store, student(1)).id, AT)
    store.aftercare.sign(record.id, by="班主任", at=AT)
    assert offered(store, student(1)) == {}


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("class_name", "七五", "roster.class_number"),
        ("class_name", "../x", "roster.no_name"),
        ("sex", "不知道", "roster.sex"),
        ("sex", "男", "correct.against_number"),
        ("birth_text", "2009-01-01", "correct.against_number"),
        ("ethnicity", "火星族", "roster.ethnicity"),
        ("document_type", "学生证", "roster.choice"),
        ("name", "", "roster.cell_empty"),
    ],
)
def test_a_value_that_no_roster_could_have_is_refused(after: Corrected, field: str, value: str, told: str) -> None:
    with pytest.raises(KioskError, match=told):
        after.desk.office.corrections.correct(student(6).id_number, field, value, reason="改", by=HEAD)


def test_a_value_is_taken_as_the_rosters_reading_takes_it(after: Corrected) -> None:
    store, corrections = after.desk.store, after.desk.office.corrections
    for field, value in (("class_name", "高一(12)班"), ("ethnicity", "04"), ("name", "张　三")):
        corrections.correct(student(6).id_number, field, value, reason="改", by=HEAD)
    found = store.roster.find(student(6).id_number)
    assert found is not None
    assert (found.class_name, found.ethnicity, found.name) == ("12", "藏", "张三")

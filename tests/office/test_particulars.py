"""学生信息: lists that parents filled in, from file to export, through the office's one door."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from pypdf import PdfReader

from kiosk.errors import ExchangeError, KioskError, StoreError
from kiosk.exchange import load_profile
from kiosk.exchange.particulars import ITEMS
from kiosk.exchange.read_back import read_rows
from kiosk.office import Office
from kiosk.office.particulars import lacking
from kiosk.office.particulars_words import difference_in_words, particulars_in_words
from kiosk.records import Part, Person, SchoolName
from kiosk.store import Store
from kiosk.surrogate import surrogate
from tests.office.test_retention import ASKING, DECIDING
from tests.store.conftest import AT, begin_in, student
from tests.store.conftest import card as card_of_student

BY = Person("王主任", "b2")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "data", clock=lambda: AT) as opened:
        opened.roster.replace_or_update([student(1), student(2), student(3)])
        yield opened


@pytest.fixture
def office(store: Store, tmp_path: Path) -> Office:
    return Office(store, tmp_path / "export")


def filled(folder: Path, *rows: dict[str, str], name: str = "高一5班.xlsx") -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    headers = list(dict.fromkeys(header for row in rows for header in row))
    for line in (headers, *([row.get(header, "") for header in headers] for row in rows)):
        sheet.append(line)
    book.save(folder / name)
    return folder / name


def of(number: int, **more: str) -> dict[str, str]:
    return {"姓名": student(number).name, "身份证件号": student(number).id_number, **more}


def test_row_2_2_guardians_and_study_history_come_in_and_an_empty_cell_clears_nothing(office: Office, tmp_path: Path) -> None:
    first = filled(
        tmp_path, of(1, 监护人姓名="王大海", 关系="父亲", 学习简历="2017.09-2023.06 城中小学"), of(2, 入学年月="202609")
    )
    assert office.particulars.take(first, source=first.name, by=BY) == 2
    again = filled(tmp_path, of(1, 监护人1姓名="", 监护人1关系="51-父亲", 监护人1电话="13900001111"), of(2, 监护人1姓名=""))
    seen = office.particulars.preview(again)
    assert [(one.student.name, dict(one.items)) for one in seen.changes] == [("考生1", {"member_1_phone": ("", "13900001111")})]
    assert office.particulars.take(again, source=again.name, by=BY) == 1
    now = office.particulars.row(student(1)).particulars
    assert (now["member_1_name"], now["member_1_relation"], now["member_1_phone"]) == ("王大海", "51", "13900001111")
    assert now["study_history"] == "2017.09-2023.06 城中小学"
    asked = {column.field for column in load_profile("henan-zhongkao").columns}
    assert {"phone", "member_1_name", "member_1_relation", "member_1_phone", "study_history"} <= asked


def test_row_2_12_a_telephone_number_is_kept_corrected_with_a_reason_and_its_history(office: Office, tmp_path: Path) -> None:
    path = filled(tmp_path, of(1, 联系电话="13900001111"))
    office.particulars.take(path, source=path.name, by=BY)
    with pytest.raises(KioskError, match=r"particulars\.item"):
        office.particulars.correct(student(1), {"phone": "12"}, reason="家长来电", by=BY)
    with pytest.raises(StoreError, match=r"store\.reason_missing|reason"):
        office.particulars.correct(student(1), {"phone": "13900002222"}, reason="", by=BY)
    assert office.particulars.correct(student(1), {"phone": "139 0000 2222"}, reason="家长来电", by=BY)
    assert not office.particulars.correct(student(1), {"phone": "13900002222"}, reason="家长来电", by=BY)
    assert office.particulars.preview(path).changes == ()  # the file has it as it was before: it stays put right
    corrected, brought = office.particulars.history(student(1))
    assert (corrected.before, corrected.told, corrected.reason) == (
        {"phone": "13900001111"},
        {"phone": "13900002222"},
        "家长来电",
    )
    assert (brought.source, brought.by) == ("高一5班.xlsx", BY)


def test_who_is_not_on_the_roster_and_rows_that_slipped_are_told(office: Office, tmp_path: Path) -> None:
    slipped = {"姓名": student(3).name, "身份证件号": student(2).id_number, "联系电话": "13900001111"}
    unknown = {**of(9, 联系电话="13900001111"), "姓名": "新生"}
    path = filled(tmp_path, of(1, 联系电话="13900001111"), slipped, unknown)
    seen = office.particulars.preview(path)
    assert [(one.row, one.message.code) for one in seen.unmatched] == [
        (3, "particulars.others_number"),
        (4, "particulars.unknown"),
    ]
    told = particulars_in_words("zh-CN", seen, most=20)
    assert any("第 4 行" in line and "新生" in line for line in told.warnings)
    assert office.particulars.take(path, source=path.name, by=BY) == 1


def test_a_list_of_one_school_never_touches_another_s_students(office: Office, tmp_path: Path, store: Store) -> None:
    here, there = SchoolName("青山中学", "3163000001"), SchoolName("红河中学", "3163000002")
    of_schools = [
        replace(student(n), school=school.name, school_code=school.code) for n, school in ((1, here), (2, here), (3, there))
    ]
    store.roster.replace_or_update([*of_schools, replace(of_schools[2], name="考生1", id_number=student(4).id_number)])
    path = filled(tmp_path, of(1, 联系电话="13900001111"), of(3, 联系电话="13900003333"))
    with pytest.raises(ExchangeError, match=r"roster\.which_school"):
        office.particulars.preview(path)
    seen = office.particulars.preview(path, school=here.key)
    assert [(one.row, one.message.code) for one in seen.unmatched] == [(3, "particulars.other_school")]
    assert office.particulars.take(path, source=path.name, by=BY, school=here.key) == 1
    assert list(store.particulars.all()) == [student(1).id_number]
    nameless = filled(
        tmp_path, {"姓名": "考生1", "邮政编码": "810000"}, {"姓名": "考生2", "学校标识码": there.code, "邮政编码": "810000"}
    )
    seen = office.particulars.preview(nameless, school=here.key)
    assert [one.student.id_number for one in seen.changes] == [student(1).id_number]  # and not the namesake of the other school
    assert [one.message.code for one in seen.unmatched] == ["particulars.nobody_called"]
    (tmp_path / "sheets").mkdir()
    files = office.particulars.write_sheets(tmp_path / "sheets", actor="王主任")
    assert [one.name for one in files] == ["学生信息核对表-青山中学 高一（5）班.pdf", "学生信息核对表-红河中学 高一（5）班.pdf"]
    assert "红河中学" in PdfReader(files[1]).pages[0].extract_text()


def test_who_has_no_number_is_found_by_name_and_birth_or_the_number_that_was_given(
    office: Office, tmp_path: Path, store: Store
) -> None:
    nobody = replace(
        student(8),
        id_number=surrogate("丹增", "男", "20090203"),
        name="丹增",
        sex="男",
        birth_text="20090203",
        document_type="Z",
    )
    guest = replace(student(9), id_number="E12345678", name="Tom", birth_text="20090101", document_type="A")
    store.roster.replace_or_update([student(1), replace(student(2), name="考生1"), nobody, guest])
    office.rosters.give_substitutes("2001", actor="王主任")
    given = {one.student.name: one.number for one in office.rosters.substitutes()}
    rows = [
        {"姓名": "丹增", "身份证件号": "", "出生日期": "2009-02-03", "联系电话": "13900001111"},
        {"姓名": "Tom", "身份证件号": given["Tom"], "联系电话": "13900002222"},
        {"姓名": "考生1", "身份证件号": "", "联系电话": "13900003333"},
        {"姓名": "丹增", "身份证件号": given["丹增"], "联系电话": "13900004444"},
    ]
    seen = office.particulars.preview(filled(tmp_path, *rows))
    assert [(one.student.name, one.items["phone"][1]) for one in seen.changes] == [
        ("丹增", "13900001111"),
        ("Tom", "13900002222"),
    ]
    assert [one.message.code for one in seen.unmatched] == ["particulars.several", "particulars.twice"]


def test_the_list_shows_each_change_at_once(office: Office, tmp_path: Path, store: Store) -> None:
    def standing() -> list[tuple[bool, bool]]:
        return [("phone" in one.missing, bool(one.differing)) for one in office.particulars.standing()][:2]

    assert standing() == [(True, False), (True, False)]
    path = filled(tmp_path, of(1, 联系电话="13900001111", 民族="汉"))
    office.particulars.take(path, source=path.name, by=BY)
    assert standing() == [(False, False), (True, False)]
    record = begin_in(store, student(1))
    store.captures.finish(record.id, AT)
    assert standing() == [(False, True), (True, False)]
    office.particulars.correct(student(1), {"ethnicity": "藏"}, reason="家长来电", by=BY)
    assert standing() == [(False, False), (True, False)]
    office.particulars.undo(by=BY)
    assert standing() == [(True, False), (True, False)]


def test_the_last_import_is_taken_back_and_a_correction_made_since_stays(office: Office, tmp_path: Path, store: Store) -> None:
    path = filled(tmp_path, of(1, 联系电话="13900001111", 政治面貌="13-群众"))
    office.particulars.take(path, source=path.name, by=BY)
    office.particulars.correct(student(1), {"political": "共青团员"}, reason="入团", by=BY)
    last = office.particulars.last_import()
    assert last is not None
    assert (last.source, len(last.id_numbers)) == (path.name, 1)
    assert office.particulars.undo(by=BY) == 1
    assert dict(office.particulars.row(student(1)).particulars) == {"political": "03"}
    with pytest.raises(StoreError, match=r"store\.nothing_to_undo"):
        office.particulars.undo(by=BY)
    kept = [entry.action for entry in store.audit.entries() if entry.action.startswith("particulars.")]
    assert kept == ["particulars.import", "particulars.correct", "particulars.undo"]
    assert "13900001111" not in str([entry.detail for entry in store.audit.entries()])


def test_row_3_4_only_the_last_import_is_taken_back_and_only_the_one_that_the_page_showed(
    office: Office, tmp_path: Path
) -> None:
    for number, phone in ((1, "13900001111"), (2, "13900002222")):
        path = filled(tmp_path, of(number, 联系电话=phone))
        office.particulars.take(path, source=f"{number}班.xlsx", by=BY)
        if number == 1:
            shown = office.particulars.last_import()
    assert shown is not None
    with pytest.raises(StoreError, match=r"store\.other_import"):
        office.particulars.undo(by=BY, batch=shown.batch)
    last = office.particulars.last_import()
    assert last is not None
    assert [one.key for one in office.particulars.schools_of(last)] == [student(2).group.school]
    office.particulars.undo(by=BY, batch=last.batch)
    with pytest.raises(StoreError, match=r"store\.nothing_to_undo"):  # pressed twice: the first class keeps what it has
        office.particulars.undo(by=BY)
    assert dict(office.particulars.row(student(1)).particulars) == {"phone": "13900001111"}


def test_row_3_4_a_correction_that_an_open_list_does_not_have_is_told(office: Office) -> None:
    rule = next(rule for rule in ITEMS.columns if rule.open)
    assert office.particulars.doubts({rule.field: rule.code_and_word(rule.kept[0]), "phone": "13900001111"}) == {}
    (doubt,) = office.particulars.doubts({rule.field: "无此一项"}).values()
    assert doubt.code == "roster.open_choice"


def test_what_the_chip_says_goes_out_and_the_difference_is_shown(office: Office, tmp_path: Path, store: Store) -> None:
    record = begin_in(store, student(1))
    store.captures.finish(record.id, AT)
    card = card_of_student(student(1))
    path = filled(tmp_path, of(1, 民族="汉", 身份证件有效期="2001.01.01-2011.01.01", 健康状况="10", 港澳台侨外="12-侨眷"))
    office.particulars.take(path, source=path.name, by=BY)
    one = office.particulars.of(student(1))
    assert {(two.field, two.of_chip) for two in one.differing} == {("ethnicity", True), ("valid_period", True)}
    assert "以芯片为准" in difference_in_words("zh-CN", one.differing[0])
    done = office.files.export("cmis-72", actor="王主任")
    header, row = [line for line in read_rows(done.sheet) if len(line) > 5][:2]
    told = dict(zip(header, row, strict=False))
    assert (told["民族*"], told["健康状况*"]) == (card.ethnicity_code, "10")
    assert told["港澳台侨外*"] == "12"  # a resident's card does not say that nobody of the family is from abroad
    assert done.empty["出生地行政区划代码*"] == 1  # what stays empty is told
    assert "健康状况*" not in done.empty
    assert any(message.code == "shortfall.empty" for message in done.shortfall.messages())


def test_row_3_10_the_sheet_has_a_line_for_student_parent_class_teacher_and_principal(office: Office, tmp_path: Path) -> None:
    path = filled(tmp_path, of(1, 民族="藏", 出生地="青海省西宁市城中区", 身份证件类型="1-居民身份证"))
    office.particulars.take(path, source=path.name, by=BY)
    (tmp_path / "sheets").mkdir()
    files = office.particulars.write_sheets(
        tmp_path / "sheets", lambda one: one.id_number == student(1).id_number, actor="王主任"
    )
    pages = PdfReader(io.BytesIO(files[0].read_bytes())).pages
    text = pages[0].extract_text().replace(" ", "")
    assert len(pages) == 1
    for words in ("学生签字", "家长签字", "班主任签字", "校长签字", "630103青海省西宁市城中区", "未填", "1-居民身份证"):
        assert words in text
    with pytest.raises(KioskError, match=r"particulars\.nobody"):
        office.particulars.sheets(lambda _: False, actor="王主任")


def test_row_3_16_what_is_missing_is_counted_by_item(office: Office, tmp_path: Path) -> None:
    path = filled(tmp_path, of(1, 联系电话="13900001111"))
    office.particulars.take(path, source=path.name, by=BY)
    assert lacking(office.particulars.standing())["phone"] == 2
    assert [len(one.missing) > 0 for one in office.particulars.standing()] == [True, True, True]


def test_who_is_erased_leaves_nothing_of_it(office: Office, tmp_path: Path, store: Store) -> None:
    path = filled(tmp_path, of(1, 联系电话="13900001111"), of(2, 联系电话="13900002222"))
    office.particulars.take(path, source=path.name, by=BY)
    office.retention.delete_of(
        student(1).id_number, frozenset({Part.IDENTITY}), asked_by=ASKING, decided_by=DECIDING, reason="监护人要求"
    )
    assert store.particulars.history(student(1).id_number) == []
    assert list(store.particulars.all()) == [student(2).id_number]

"""A county's 报名点: two schools with a class 1 each, in lists, papers, files and rules."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader

from kiosk.clock import local_time
from kiosk.errors import ExchangeError, KioskError, StoreError
from kiosk.exchange import ExportRow, Source, load_profile
from kiosk.exchange.export import profile_and_time, sheet_name
from kiosk.exchange.forms import class_title
from kiosk.exchange.manifest import MANIFEST, parse_manifest
from kiosk.exchange.pictures import picture_path
from kiosk.exchange.profile import Split
from kiosk.exchange.progress_list import by_class
from kiosk.exchange.seating import Order, arrange
from kiosk.office import Lists, Office, Queue, SeatRule, Selection, SlotRule
from kiosk.office.derived import Derived
from kiosk.office.rows import rows_for
from kiosk.records import ClassKey, Exam, Person, Point, School, SchoolName, Served, Student, school_words
from kiosk.store import Store, Window, roster_rows

GREEN, RED = SchoolName("青山中学", "4205280001"), SchoolName("红旗中学", "4205280002")


def words(path: Path) -> str:
    return "".join("".join(page.extract_text() for page in PdfReader(path).pages).split())


def student(number: int, school: SchoolName, stream: str = "") -> Student:
    return Student(
        f"考生{number}",
        f"4205282011010{number:05d}",
        "高一",
        "1",
        stream=stream,
        school=school.name,
        school_code=school.code,
        exam_number=f"26{number:04d}",
    )


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with Store.open(tmp_path_factory.mktemp("data")) as opened:
        opened.roster.replace_or_update([student(1, GREEN), student(2, GREEN), student(3, RED)])
        yield opened


@pytest.fixture
def office(store: Store, tmp_path: Path) -> Office:
    return Office(store, tmp_path)


def test_row_2_7_progress_is_by_the_schools_classes_and_says_the_school(store: Store, office: Office, tmp_path: Path) -> None:
    classes = by_class(store.progress.students(), store.roster.schools())
    assert [(one.title, one.total) for one in classes] == [("青山中学　高一（1）班", 2), ("红旗中学　高一（1）班", 1)]
    book = load_workbook(office.files.write_progress(tmp_path / "进度.xlsx"))
    assert [cell.value for cell in book.worksheets[0][1]][:4] == ["学校", "年级", "班级", "应采"]
    assert [row[0].value for row in book.worksheets[1].iter_rows(min_row=2)] == ["青山中学", "青山中学", "红旗中学"]
    only = load_workbook(office.files.write_progress(tmp_path / "一校.xlsx", school="红旗中学"))
    assert only.worksheets[1].max_row == 2


def test_row_2_7_with_one_school_nothing_says_so() -> None:
    assert class_title(student(1, GREEN).group, [GREEN]) == "高一（1）班"
    assert school_words(GREEN, [GREEN]) == ""
    assert school_words(GREEN, [GREEN, SchoolName("青山中学", "9")]) == "青山中学 4205280001"


def test_row_2_7_an_export_is_of_one_school_where_it_is_asked_for(office: Office) -> None:
    with pytest.raises(ExchangeError, match="school_unknown"):
        office.files.missing("qinghai-xuekao", school="绿水中学")
    assert office.files.missing("qinghai-xuekao", school=RED.code) == 1
    assert office.files.missing("qinghai-xuekao") == 3


def test_row_2_7_every_school_can_have_an_export_of_its_own(office: Office, tmp_path: Path) -> None:
    heard: list[int] = []
    done = office.files.export_each("cmis-5", ["青山中学", RED.code, GREEN.code], tmp_path / "out", heard.append, zipped=True)
    assert [(one.school, one.rows) for one in done] == [("青山中学", 2), ("红旗中学", 1)]
    assert heard == [1, 2, 3]
    for school, one in zip((GREEN, RED), done, strict=True):
        assert profile_and_time(one.folder.stem), one.folder
        with zipfile.ZipFile(one.folder) as found:
            (sheet,) = (name for name in found.namelist() if name.endswith(".xlsx"))
            table = load_workbook(io.BytesIO(found.read(sheet))).worksheets[0]
            manifest = parse_manifest(found.read(f"{one.folder.stem}/{MANIFEST}"))
        assert (manifest.school, manifest.rows, table.max_row) == (school.name, one.rows, one.rows + 1)
    (whole,) = office.files.export_each("cmis-5", [], tmp_path / "out", heard.append)
    assert (whole.school, whole.rows, whole.folder.is_dir()) == ("", 3, True)
    assert office.files.size("qinghai-xuekao", GREEN.code) == 2


def test_row_2_7_no_row_shows_another_schools_address(office: Office, store: Store) -> None:
    store.school.put(School(*RED, address="红旗街1号", contacts=store.school.get().contacts), by=Person("王主任"))
    rows = rows_for(store, load_profile("cmis-5"), Derived())
    assert [(row.school.name, row.school.address) for row in rows] == [
        ("青山中学", ""),
        ("青山中学", ""),
        ("红旗中学", "红旗街1号"),
    ]
    store.school.put(School(), by=Person("王主任"))


def test_row_2_7_progress_and_records_come_in_batches_as_all_at_once(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roster_rows, "_PACKED", 1)
    assert list(store.roster.each()) == store.roster.students()
    at_once = store.progress.students()
    assert [(one.student, one.state) for one in store.progress.each()] == [(one.student, one.state) for one in at_once]
    assert [one.student.name for one in store.progress.each(RED.code)] == ["考生3"]
    assert list(store.progress.each("nobody's")) == []


def test_row_2_7_no_sheet_and_no_folder_holds_classes_of_two_schools(store: Store) -> None:
    profile = load_profile("qinghai-xuekao")
    by = profile.model_copy(
        update={"sheet": profile.sheet.model_copy(update={"split": (Split.CLASS,), "file": "名单-{split}"})}
    )
    roster = by.model_copy(update={"source": Source.ROSTER})
    rows = list(rows_for(store, roster, Derived()))
    assert len({sheet_name(roster, row) for row in rows}) == 2
    of_school = list(rows_for(store, roster, Derived(), school_key=RED.code))
    assert [row.who.name for row in of_school if row.who] == ["考生3"]
    picture = next(one for one in load_profile("cmis-photos").pictures)
    sorted_so = picture.model_copy(update={"file": "{grade}/{class_name}/{id_number}", "file_without_number": ""})
    places = {picture_path(sorted_so, row).split("/")[0] for row in rows}
    assert places == {"青山中学", "红旗中学"}
    assert picture_path(sorted_so, ExportRow(student=student(1, GREEN))).startswith("高一/1/")  # of one alone


def test_row_2_1_a_window_can_be_for_one_school(store: Store) -> None:
    now = datetime.now(UTC)
    window = Window("正式采集", now - timedelta(hours=1), now + timedelta(hours=1), school=RED.code)
    assert [window.is_for(one) for one in store.roster.students()] == [False, False, True]
    store.rounds.require_sound(window)
    with pytest.raises(StoreError, match="group_unknown"):
        store.rounds.require_sound(Window("正式采集", window.opens_at, window.closes_at, "高一", "1", "4205289999"))


def test_row_2_7_papers_can_be_for_one_school(office: Office, tmp_path: Path) -> None:
    papers = office.papers("qinghai-xuekao")
    path = papers.class_lists(tmp_path / "签字.pdf", title="签字", of=Selection(schools=frozenset({RED.code})))
    assert path.read_bytes().startswith(b"%PDF")


def test_row_2_7_class_1_of_two_schools_never_shares_a_room_by_classes(store: Store) -> None:
    seats = arrange(store.roster.students(), per_room=30, order=Order.CLASS)
    assert [(seat.room, seat.student.school) for seat in seats] == [("1", "青山中学"), ("1", "青山中学"), ("2", "红旗中学")]


def test_row_2_7_a_receipt_of_one_school_says_nothing_of_another(tmp_path: Path) -> None:
    with Store.open(tmp_path / "receipts") as store:
        store.roster.replace_or_update([student(1, GREEN), student(3, RED)])
        office = Office(store, tmp_path)
        today = datetime.now().astimezone().date()
        office.retention.note_receipt(today, ClassKey(RED.code, "", ""), note="回执", by=Person("考务"))
        assert {one.name: one.receipt_at is not None for one in store.retention.holdings()} == {"考生1": False, "考生3": True}


def test_row_2_7_a_point_takes_its_schools_and_categories_and_others_by_permission(tmp_path: Path) -> None:
    with Store.open(tmp_path / "point") as store:
        office, now = Office(store, tmp_path), datetime.now(UTC)
        office.school.change(School("青山招办", "420528"), by=Person("考务"))
        blue = SchoolName("蓝天中学", "4205280003")
        others = [replace(student(4, blue), category="回户籍"), student(5, blue)]
        store.roster.replace_or_update([student(1, GREEN), student(3, RED), *others])
        with pytest.raises(KioskError, match="permission"):
            office.school.change_point(Point(True, (), (Served(GREEN),)), by=Person("考务"))
        office.school.change_point(Point(True, ("回户籍",), (Served(GREEN, "市招办", "2026-03-01"),)), by=Person("考务"))

        def begins(one: Student) -> str:
            try:
                store.captures.begin(one, None, station="1", operator="采集员", profile="p", profile_hash="h", at=now)
            except StoreError as error:
                return error.code
            return ""

        assert [begins(one) for one in store.roster.students()] == ["", "store.other_school", "", "store.other_school"]
        until = now + timedelta(days=1)
        store.rounds.authorise(student(5, blue), by="负责人", reason="学校停电", at=now, until=until, kind="school")
        assert begins(student(5, blue)) == ""
        assert any(one.action == "school.authorise" for one in store.audit.entries())

        office.school.write_point(tmp_path / "报名点.xlsx")
        office.school.write_point(tmp_path / "报名点.pdf")
        page = load_workbook(tmp_path / "报名点.xlsx").worksheets[1]
        rows = [[cell.value for cell in row] for row in page.iter_rows(min_row=2)]
        assert rows[1][:6] == ["青山中学", GREEN.code, "1", "0", "0", "1"]
        assert rows[1][-2:] == ["市招办", "2026-03-01"]
        assert [row[0] for row in rows] == ["青山招办", "青山中学", "红旗中学", "蓝天中学"]
        assert (tmp_path / "报名点.pdf").read_bytes().startswith(b"%PDF")


def test_row_2_1_a_window_can_be_for_those_who_come_back_to_their_household(store: Store) -> None:
    now = datetime.now(UTC)
    window = Window("正式采集", now, now + timedelta(hours=1), category="回户籍")
    assert window.is_for(replace(student(1, GREEN), category="回户籍"))
    assert not window.is_for(student(1, GREEN))
    assert Window("正式采集", now, window.closes_at, category="在校").is_for(student(1, GREEN))


def test_row_4_2_each_school_files_and_signs_its_own_roster(store: Store, tmp_path: Path) -> None:
    lists, of_red = Lists(store), Selection(schools=frozenset({RED.key}))
    assert [(one.school, one.version) for one in lists.file(note="", by="考务", of=of_red)] == [(RED.key, 1)]
    assert [(one.words, one.version, one.students) for one in lists.standings()] == [
        ("青山中学", "未备案", 2),
        ("红旗中学", "第 1 版", 1),
    ]
    assert [(one.school, one.version) for one in lists.file(note="", by="考务")] == [(GREEN.key, 1)]  # the other is the same
    with pytest.raises(StoreError, match="filing_same"):
        lists.file(note="", by="考务", of=of_red)
    green, red = lists.print_roster(tmp_path / "花名册.pdf", title="花名册")
    assert (green.name, red.name) == ("花名册-青山中学.pdf", "花名册-红旗中学.pdf")
    told = words(red)
    assert lists.standings()[1].digest in told
    assert "全校共1人" in told
    assert "考生1" not in told


def test_row_4_19_roll_calls_and_requests_say_the_school_and_can_be_one_school_s(store: Store, tmp_path: Path) -> None:
    lists, of_green = Lists(store), Selection(schools=frozenset({GREEN.key}))
    sheet = load_workbook(lists.write_roll_call(tmp_path / "点名.xlsx")).worksheets[0]
    assert [row[0].value for row in sheet.iter_rows()] == ["学校", "青山中学", "青山中学", "红旗中学"]
    sheet["F4"].value = "不在校"
    sheet.parent.save(tmp_path / "填好.xlsx")
    assert lists.take(tmp_path / "填好.xlsx", "roll_calls", by="班主任").waiting == 2  # not called yet
    assert [one.name for one, _, _ in lists.unseen()] == ["考生3"]
    assert (lists.unseen(of_green), lists.overview(of_green).called, lists.overview().called) == ([], 0, 1)
    assert len(lists.without_number(of_green)) == 2
    assert [path.stem for path in lists.print_roll_call(tmp_path / "点名表.pdf", title="点名表", of=of_green)] == [
        "点名表-青山中学"
    ]


def test_row_2_11_slots_go_school_by_school_and_each_has_its_own_notices(store: Store, tmp_path: Path) -> None:
    opens = local_time("2026-10-28 08:00")
    store.rounds.add(Window("补采", opens, opens + timedelta(days=1)), by="考务")
    number = next(one.number for one in store.rounds.windows() if one.round == "补采")
    queue = Queue(store)
    plan = queue.keep(number, SlotRule(seconds=60), by="考务")
    assert [one.school for one in plan.students] == ["青山中学", "青山中学", "红旗中学"]
    written = queue.print(tmp_path, title="通知", place="报告厅", bring="身份证")
    assert sorted(path.stem for path in written) == [
        "采集时间安排-红旗中学",
        "采集时间安排-青山中学",
        "采集通知单-红旗中学",
        "采集通知单-青山中学",
    ]
    slip = next(path for path in written if path.stem == "采集通知单-红旗中学")
    assert words(slip).count("红旗中学高一（1）班") == 1
    store.rounds.withdraw(number, reason="改期", by="考务")


def test_row_0_13_tickets_of_an_exam_are_by_the_school_s_classes(store: Store, office: Office, tmp_path: Path) -> None:
    exam = office.exams.add(Exam("联考"), by="考务")
    office.exams.make(exam.number, SeatRule(prefix="L"), by="考务")
    seats = office.exams.seats(exam.number)
    assert {one.student.exam_number: one.student.school for one in seats}["L0003"] == "红旗中学"
    papers = office.papers("qinghai-xuekao")
    whole = [path.stem for path in papers.exam(tmp_path / "all", exam, seats)]
    assert whole[:2] == ["准考证-青山中学 高一（1）班", "准考证-红旗中学 高一（1）班"]
    some = papers.exam(tmp_path / "red", exam, seats, of=Selection(schools=frozenset({RED.key})))
    assert [path.stem for path in some] == ["准考证-红旗中学 高一（1）班", "考生信息汇总表"]
    told = words(some[0])
    assert "红旗中学高一（1）班" in told
    assert "考生1" not in told

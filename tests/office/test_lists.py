"""名单与公示: what the school plans, files, shows and reports around the capture."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import openpyxl
import pypdf
import pytest
import xlsxwriter

from kiosk.clock import local_time
from kiosk.errors import ExchangeError, StoreError
from kiosk.office import Lists, Queue, Rosters, SlotRule
from kiosk.office.list_words import list_in_words
from kiosk.records import IdCheck, Part, Person, RollCall, Step, StepResult, Student, Verdict, Why
from kiosk.store import Store, Window
from kiosk.surrogate import surrogate
from tests.offices import office_key
from tests.store.conftest import AT, begin_in, student

OPENS, CLOSES = local_time("2026-10-28 09:00"), local_time("2026-10-30 18:00")  # Wednesday to Friday
Sheets = Callable[..., Path]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Three in class 5, the first of them captured; two in class 10."""
    people = [student(number, "5" if number < 4 else "10") for number in range(1, 6)]
    with Store.open(tmp_path / "data") as opened:
        opened.roster.replace_or_update(people)
        record = begin_in(opened, people[0])
        opened.captures.save_step(record.id, StepResult(Step.FACE, Verdict.PASS, AT))
        opened.captures.finish(record.id, AT)
        yield opened


@pytest.fixture
def lists(store: Store) -> Lists:
    return Lists(store)


@pytest.fixture
def queue(store: Store) -> Queue:
    store.rounds.add(Window("正式采集", OPENS, CLOSES), by="考务")
    return Queue(store)


@pytest.fixture
def sheet(tmp_path: Path) -> Sheets:
    def write(*rows: list[str]) -> Path:
        path = tmp_path / "结果.xlsx"
        with xlsxwriter.Workbook(path) as book:
            page = book.add_worksheet()
            for line, row in enumerate(rows):
                page.write_row(line, 0, row)
        return path

    return write


def text(path: Path | list[Path]) -> str:
    """Of one file, also where it stands for the only school's."""
    (path,) = path if isinstance(path, list) else [path]
    return "".join("".join(page.extract_text() for page in pypdf.PdfReader(path).pages).split())


def cells(path: Path) -> list[list[str]]:
    return [[cell or "" for cell in row] for row in openpyxl.load_workbook(path).worksheets[0].iter_rows(values_only=True)]


def test_row_4_2_the_filed_roster_has_a_version_and_a_digest_and_a_change_shows(
    store: Store, lists: Lists, tmp_path: Path
) -> None:
    assert lists.standings()[0].version == "未备案"
    (first,) = lists.file(note="报省", by="考务")
    assert (first.version, first.students, lists.standings()[0].changed) == (1, 5, False)
    told = text(lists.print_roster(tmp_path / "花名册.pdf", title="考生花名册", school="第一中学", actor="考务"))
    assert told.count(first.digest) == 2  # on the page of each class
    assert "第1版" in told
    assert "校长签字" in told
    with pytest.raises(StoreError, match="filing_same"):
        lists.file(note="", by="考务")
    store.roster.assign_exam_numbers({student(1).id_number: "26001"}, actor="考务")
    assert not lists.standings()[0].changed  # exam numbers come later and are not what was filed
    store.roster.replace_or_update([student(number) for number in (5, 3, 1, 2)])
    assert lists.standings()[0].version == "第 1 版之后有改动，未备案"
    assert "第1版之后有改动" in text(lists.print_roster(tmp_path / "再印.pdf", title="考生花名册"))
    assert [one.version for one in lists.file(note="", by="考务")] == [2]
    actions = [entry.action for entry in store.audit.entries()]
    assert actions.count("roster.file") == actions.count("roster.print") == 2


def test_row_4_2_a_large_roster_is_printed_in_parts_of_whole_classes_and_says_how_far_it_is(
    store: Store, lists: Lists, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.office.lists._TOGETHER", 3)
    told: list[tuple[int, int]] = []
    written = lists.print_roster(tmp_path / "花名册.pdf", lambda done, total=0: told.append((done, total)), title="考生花名册")
    assert [path.stem for path in written] == ["花名册-1", "花名册-2"]
    assert [done for done, _ in told] == [0, *sorted({done for done, _ in told} - {0})]
    assert told[-1] == (5, 5)
    for path in written:  # each says which roster it is a part of
        assert "全校共5人" in text(path)
        assert lists.standings()[0].digest in text(path)


def test_row_4_2_the_digest_is_of_the_rows_and_not_of_their_order(store: Store, lists: Lists) -> None:
    before = lists.standings()[0].digest
    store.roster.replace_or_update(list(reversed(store.roster.students())))
    assert lists.standings()[0].digest == before
    (first,) = lists.file(note="", by="考务")
    named = [replace(one, school="第一中学", school_code="3663000001") for one in store.roster.students()]
    store.roster.replace_or_update(named)  # a school that gets its name has the versions that it filed without
    (now,) = lists.standings()
    assert (now.school.name, now.changed, now.version) == ("第一中学", True, "第 1 版之后有改动，未备案")
    assert [(first.version, one.version) for one in lists.file(note="", by="考务")] == [(1, 2)]
    changed = [replace(one, student_number="G1") if one.name == "考生1" else one for one in store.roster.students()]
    store.roster.replace_or_update(changed)
    assert lists.standings()[0].digest != before


def test_row_4_19_a_roll_call_comes_back_and_makes_the_report_of_those_never_seen(
    store: Store, lists: Lists, tmp_path: Path, sheet: Sheets
) -> None:
    told = text(lists.print_roll_call(tmp_path / "点名.pdf", title="点名表"))
    assert "在籍不在校" in told
    assert student(1).id_number not in told
    filled = cells(lists.write_roll_call(tmp_path / "点名结果.xlsx"))
    assert filled[0] == ["年级", "班级", "姓名", "身份证号", "点名结果", "说明"]
    for row, outcome in zip(filled[1:], ("在校", "Ｘ", "转学", "病假", "✓"), strict=True):
        row[4] = outcome
    found = lists.take(sheet(*filled), "roll_calls", by="班主任")
    assert [outcome for outcome, _ in found.found.values()] == [
        RollCall.PRESENT,
        RollCall.NOT_HERE,
        RollCall.LEFT,
        RollCall.EXCUSED,
        RollCall.PRESENT,
    ]
    assert [one.name for one, _, _ in lists.unseen()] == ["考生2", "考生3"]
    report = cells(lists.write_unseen(tmp_path / "空挂学籍.xlsx"))
    assert [(row[2], row[7]) for row in report[1:]] == [("考生2", "在籍不在校"), ("考生3", "已离校")]
    assert report[2][report[0].index("点名说明")] == "转学"  # which of the ways of being gone it is stays said


def test_row_4_19_who_has_no_number_is_called_by_name_and_a_hidden_sheet_is_told(
    store: Store, lists: Lists, tmp_path: Path
) -> None:
    nameless = Student("丁无号", surrogate("丁无号", "男", "20110101"), "高一", "5")
    store.roster.replace_or_update([*store.roster.students(), nameless])
    filled = cells(lists.write_roll_call(tmp_path / "点名结果.xlsx"))
    assert filled[-1][2:4] == ["丁无号", ""]
    filled[-1][3:5] = "无", "休学"  # as people write it
    path = tmp_path / "填好.xlsx"
    with xlsxwriter.Workbook(path) as book:
        for name in ("五班", "六班"):
            page = book.add_worksheet(name)
            for line, row in enumerate(filled if name == "五班" else [filled[0], ["高一", "6", "外人", "1", "到", ""]]):
                page.write_row(line, 0, row)
        page.hide()
    found = lists.preview(path, "roll_calls")
    assert (dict(found.found), found.waiting) == ({nameless.id_number: (RollCall.LEFT, "休学")}, 5)
    told = list_in_words("zh-CN", found)
    assert len(told) == 1
    assert "六班" in told[0]


def test_row_3_15_what_the_register_refused_is_a_to_do_until_it_passes(
    store: Store, lists: Lists, sheet: Sheets, tmp_path: Path
) -> None:
    head = ["姓名", "身份证号", "身份证验证结果"]
    rows = [
        [student(n).name, student(n).id_number, told]
        for n, told in enumerate(("通过", "姓名与身份证号不匹配", "库中无此号", "待验证", "验证通过"), start=1)
    ]
    found = lists.take(sheet(head, *rows), "id_checks", by="考务")
    assert found.waiting == 1
    assert [outcome for outcome, _ in found.found.values()] == [
        IdCheck.PASSED,
        IdCheck.FAILED,
        IdCheck.FAILED,
        IdCheck.PASSED,
    ]
    assert [(one.student.name, one.found.note, one.mended) for one in lists.failures()] == [
        ("考生2", "姓名与身份证号不匹配", False),
        ("考生3", "库中无此号", False),
    ]
    later = datetime.now(UTC) + timedelta(seconds=5)
    store.corrections.correct(student(2).id_number, "name", "考生二", reason="户口本", by=Person("负责人"), at=later)
    assert [one.mended for one in lists.failures()] == [True, False]
    assert cells(lists.write_failures(tmp_path / "未通过.xlsx"))[1][-1] == "已更正，待复验"
    again = [head, ["考生二", student(2).id_number, "通过"], ["外人", student(9).id_number, "通过"]]
    assert [one.name for one in lists.take(sheet(*again), "id_checks", by="考务").unknown] == ["外人"]
    assert [one.student.name for one in lists.failures()] == ["考生3"]
    wrong = lists.preview(sheet(head, [student(1).name, student(1).id_number, "蓝色"]), "id_checks")
    assert [(one.row, one.column, one.message.code) for one in wrong.problems] == [(2, "C", "roster.outcome_unknown")]
    with pytest.raises(ExchangeError, match="unsound"):
        lists.take(sheet(head, ["另一人", student(1).id_number, "通过"]), "id_checks", by="考务")


def test_row_4_9_who_lacks_a_registration_number_is_listed_for_the_request(store: Store, lists: Lists, tmp_path: Path) -> None:
    people = store.roster.students()
    store.roster.replace_or_update([replace(one, registration_number="" if one.name == "考生4" else "6301") for one in people])
    rows = cells(lists.write_requests(tmp_path / "申请.xlsx"))
    assert [row[2] for row in rows[1:]] == ["考生4"]
    assert rows[0][-1] == "考籍号"


def test_row_4_9_the_numbers_come_back_in_the_request_s_own_sheet_after_the_deadline_too(
    store: Store, lists: Lists, tmp_path: Path, sheet: Sheets
) -> None:
    key, born = surrogate("丁无号", "男", "20110101"), "20110101"
    nameless = Student("丁无号", key, "高一", "5", sex="男", birth_text=born, document_type="Z")
    guest = Student("JOHN", "E12345678", "高一", "5", student_number="G7", birth_text="20100101", document_type="A")
    without = [replace(one, registration_number="") for one in store.roster.students()]
    store.roster.replace_or_update([*without, nameless, guest])
    filled = cells(lists.write_requests(tmp_path / "申请.xlsx"))
    assert {row[-2] for row in filled[1:] if row[2] != "JOHN"} == {"无学籍号，先核实学籍"}
    for at, row in enumerate(filled[1:]):
        row[-1] = f"2601{at}"
    store.deadline.set(AT, school_code="S1", office_key=office_key().public, by="王主任")
    rosters = Rosters(store)
    found = rosters.take_exam_numbers(sheet(*filled), actor="考务")
    assert (found.field, found.refused, found.unknown, found.missing) == ("registration_number", 0, (), ())
    assert [one.registration_number for one in store.roster.students()] == [row[-1] for row in filled[1:]]
    assert {one.student_number for one in store.roster.students()} == {"", "G7"}


def test_row_2_10_the_public_list_masks_numbers_and_has_only_who_is_captured(
    lists: Lists, store: Store, tmp_path: Path
) -> None:
    told = text(lists.print_public(tmp_path / "公示.pdf", title="公示"))
    assert "考生1" in told
    assert "考生2" not in told
    assert student(1).id_number not in told
    assert "已确认" not in told
    (record,) = store.captures.records()
    store.aftercare.sign(record.id, by="采集员", at=AT)
    assert "已确认" in text(lists.print_public(tmp_path / "公示2.pdf", title="公示"))
    with pytest.raises(ExchangeError, match="nobody"):
        lists.print_public(tmp_path / "无.pdf", title="公示", of=lambda one: one.class_name == "10")


def test_row_2_11_a_window_is_cut_into_slots_by_class_without_breaks_and_nights(queue: Queue) -> None:
    rule = SlotRule(minutes=60, seconds=3600, opens=time(11), closes=time(15), breaks=((time(12), time(14)),))
    plan = queue.plan(1, rule)
    assert [
        (one.name, f"{slot.starts_at.astimezone():%d %H:%M}") for one, slot in zip(plan.students, plan.slots, strict=True)
    ] == [
        ("考生2", "28 11:00"),  # the first is captured already
        ("考生3", "28 14:00"),
        ("考生4", "29 11:00"),
        ("考生5", "29 14:00"),
    ]
    assert [slot.position for slot in plan.slots] == [1, 2, 3, 4]
    short = queue.plan(1, replace(rule, seconds=3600, opens=time(14), closes=time(15)))
    assert [one.name for one in short.left] == ["考生5"]
    assert queue.plan(1, replace(rule, stations=4, opens=time(9))).slots[-1].starts_at == OPENS
    for wrong in (replace(rule, opens=time(18)), replace(rule, minutes=0)):
        with pytest.raises(ExchangeError, match=r"slots\.rule"):
            queue.plan(1, wrong)
    with pytest.raises(ExchangeError, match="too_short"):
        queue.plan(1, replace(rule, minutes=1))
    with pytest.raises(StoreError, match="window_unknown"):
        queue.plan(7, rule)


def test_row_2_11_the_pace_is_what_this_station_managed(store: Store) -> None:
    for number in range(10, 32):
        at, who = AT + timedelta(seconds=40 * number), student(number)
        store.captures.begin(who, None, station="1", operator="", profile="", profile_hash="", at=at)
    store.rounds.add(Window("正式采集", OPENS, CLOSES), by="考务")
    plan = Queue(store).plan(1, SlotRule(minutes=20, stations=2))
    assert (plan.seconds, plan.measured, plan.per_slot) == (40, True, 60)


def test_row_4_13_every_student_is_told_when_to_come_where_and_with_what(queue: Queue, store: Store, tmp_path: Path) -> None:
    queue.keep(1, SlotRule(minutes=30, seconds=900), by="考务")
    slips, by_class = queue.print(
        tmp_path, title="信息采集通知", place="报告厅", bring="本人身份证原件", contact="张老师 138", actor="考务"
    )
    told = text(slips)
    for one, when in (("考生2", "2026-10-28（周三）09:00—09:30"), ("考生5", "2026-10-28（周三）09:30—10:00")):
        assert one in told
        assert when in told
    assert told.count("报告厅") == told.count("本人身份证原件") == 4
    assert "考生1" not in told
    assert "高一（10）班" in text(by_class)
    who = student(2).id_number
    whole = {who: frozenset({Part.IDENTITY})}
    store.erasing.erase(
        whole, asked_by=Person("甲", "a"), decided_by=Person("乙", "b"), why=Why.REQUEST, reason="申请", at=datetime.now(UTC)
    )
    assert who not in [slot.id_number for _, slot in store.queue.slots()]
    store.rounds.withdraw(1, reason="改期", by="考务")
    assert queue.slots() == []
    with pytest.raises(ExchangeError, match="nobody"):
        queue.print(tmp_path, title="通知", place="", bring="")


def test_row_4_11_the_register_s_window_is_set_beside_the_capture_s(queue: Queue, store: Store) -> None:
    assert queue.registration() is None
    opens, closes = local_time("2026-11-11 08:00"), local_time("2026-11-22 18:00")
    queue.set_registration(opens, closes, by="考务")
    known = queue.registration()
    assert known is not None
    assert (known.opens_at, known.closes_at) == (opens, closes)
    assert [one.round for one in store.rounds.windows()] == ["正式采集"]  # it opens and closes nothing here
    with pytest.raises(StoreError, match="backwards"):
        queue.set_registration(closes, opens, by="考务")
    queue.withdraw_registration(reason="改期", by="考务")
    assert queue.registration() is None

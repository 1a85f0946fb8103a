"""考试与座位: the platform's seats come in or are made here, are kept, and stand on every paper with subject and day."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pypdf
import pytest
import xlsxwriter

from kiosk.clock import local_time
from kiosk.errors import ExchangeError, StoreError
from kiosk.exchange.seating import Order
from kiosk.office import Exams, Office, SeatRule
from kiosk.records import Exam, ExamSession, Part, Person, Seating, Student, Why
from kiosk.store import Store
from tests.offices import office_key
from tests.store.conftest import student

HEADER = ["姓名", "身份证号", "准考证号", "考场", "座位号", "考场地点"]
MATHS = ExamSession("数学", local_time("2027-06-07 09:00"), local_time("2027-06-07 11:30"), local_time("2027-06-07 09:15"))
Lists = Callable[..., Path]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Three in class 5, two in class 6; only the first two have an exam number."""
    people = [replace(student(n, "5" if n < 4 else "6"), exam_number=f"26{n - 1}" if n < 3 else "") for n in range(1, 6)]
    with Store.open(tmp_path / "data") as opened:
        opened.roster.replace_or_update(people)
        yield opened


@pytest.fixture
def exams(store: Store) -> Exams:
    return Exams(store)


@pytest.fixture
def exam(exams: Exams) -> Exam:
    return exams.add(Exam("期末考试", "第一中学考点", (MATHS,)), by="考务")


@pytest.fixture
def listed(tmp_path: Path) -> Lists:
    def write(*rows: list[str], header: list[str] = HEADER) -> Path:
        path = tmp_path / "考场.xlsx"
        with xlsxwriter.Workbook(path) as book:
            page = book.add_worksheet("编排")
            for line, row in enumerate([header, *rows]):
                page.write_row(line, 0, row)
        return path

    return write


def words(path: Path) -> str:
    return "".join("".join(page.extract_text() for page in pypdf.PdfReader(path).pages).split())


def row(number: int, room: str = "第01考场", seat: str = "1号", **more: str) -> list[str]:
    one = student(number)
    told = {"姓名": one.name, "身份证号": one.id_number, "准考证号": f"2027{number}", "考场": room, "座位号": seat}
    return [(told | {"考场地点": "教学楼301"} | more)[name] for name in HEADER]


def seated(number: int, seat: int = 1) -> Seating:
    return Seating(student(number).id_number, f"2027{number}", "01", seat, "教学楼301")


def test_row_0_13_the_platform_s_rooms_and_seats_come_in_after_the_deadline_too(
    store: Store, exams: Exams, exam: Exam, listed: Lists
) -> None:
    store.deadline.set(datetime(2020, 1, 1, tzinfo=UTC), school_code="1", office_key=office_key().public, by="考务")
    found = exams.take(exam.number, listed(row(1), row(2, "1", "02"), row(3, "02", "7座")), by="考务")
    assert [one.name for one in found.missing] == ["考生4", "考生5"]
    assert [(one.room, one.number, one.student.exam_number, one.place) for one in exams.seats(exam.number)] == [
        ("01", 1, "20271", "教学楼301"),
        ("01", 2, "20272", "教学楼301"),  # `1` is the same room
        ("02", 7, "20273", "教学楼301"),
    ]
    assert [one.exam_number for one in store.roster.students()][:3] == ["260", "261", ""]  # the roster stays as it is


def test_row_0_13_a_list_by_another_number_than_the_id_number_is_understood(
    store: Store, exams: Exams, exam: Exam, listed: Lists
) -> None:
    by_code = listed(["考生2", student(2).registration_number, "5", "9"], header=["姓名", "考籍号", "试场号", "座次"])
    assert exams.take(exam.number, by_code, by="考务").seatings[0] == Seating(student(2).id_number, "261", "5", 9)


def test_row_0_13_what_is_wrong_is_told_with_row_and_column_and_nothing_is_taken(
    exams: Exams, exam: Exam, listed: Lists
) -> None:
    rows = [
        row(1),
        row(2),  # on the first one's seat
        row(3, seat="2", 准考证号="20271"),
        row(1, seat="3", 准考证号="9"),
        row(4, seat="窗边"),
        row(5, seat="4", 身份证号="", 准考证号=""),
        row(5, seat=""),
        row(5, seat="6", 准考证号="1.2E+11"),
    ]
    found = exams.preview(exam.number, listed(*rows))
    assert [(one.row, one.column, one.message.code) for one in found.problems] == [
        (3, "E", "roster.seat_twice"),
        (4, "C", "roster.exam_number_twice"),
        (5, "B", "roster.duplicate_number"),
        (6, "E", "roster.seat_number"),
        (7, "B", "roster.seat_of_whom"),
        (8, "E", "roster.cell_empty"),
        (9, "C", "roster.number_lost_digits"),
    ]
    with pytest.raises(ExchangeError, match="list_unsound"):
        exams.take(exam.number, listed(*rows), by="考务")
    assert exams.seats(exam.number) == []


def test_row_0_13_and_2_7_one_school_s_seats_leave_another_s_as_they_are(
    store: Store, exams: Exams, exam: Exam, listed: Lists
) -> None:
    mine = SeatRule(per_room=2, prefix="A")
    guests = [replace(student(n, "1"), school="红旗中学", school_code="2") for n in (7, 8)]
    store.roster.replace_or_update([*(replace(one, school="青山中学") for one in store.roster.students()), *guests])
    exams.take(exam.number, listed(row(7), row(8, seat="2号")), by="考务")
    red = store.exams.seatings(exam.number)

    exams.make(exam.number, mine, lambda one: one.school == "青山中学", by="考务")
    made = [one for one in store.exams.seatings(exam.number) if one not in red]
    assert {one.room for one in made} == {"2", "3", "4"}  # not the room that is taken
    assert set(red) <= set(store.exams.seatings(exam.number))
    found = exams.preview(exam.number, listed(row(7, seat="9号"), row(8, seat="8号")))
    assert found.missing == ()  # whoever is of another school lacks nothing
    exams.take(exam.number, listed(row(7, seat="9号"), row(8, seat="8号")), by="考务")
    assert [one for one in store.exams.seatings(exam.number) if one in made] == made
    exams.make(exam.number, mine, bool, by="考务")
    assert len(store.exams.seatings(exam.number)) == 7


def test_row_0_13_strangers_other_names_and_missing_numbers_are_told(exams: Exams, exam: Exam, listed: Lists) -> None:
    found = exams.preview(
        exam.number,
        listed(row(1, 姓名="另一人"), row(3, seat="2", 准考证号=""), row(4, seat="3", 准考证号="260"), row(9, seat="4")),
    )
    assert [one.name for one in found.differing] == ["另一人"]
    assert [one.name for one in found.unnumbered] == ["考生3"]
    assert [one.name for one in found.unknown] == ["考生9"]
    assert not found.sound
    twice = listed(row(1, 准考证号=""), row(2, seat="2", 准考证号="260"))  # 260 is the first's on the roster
    clash = exams.preview(exam.number, twice)
    assert {one.name for one in clash.twice} == {"考生1", "考生2"}
    assert not clash.sound


BY_SUBJECT = [*HEADER, "科目"]
PHYSICS = ExamSession("物理", local_time("2027-06-08 14:00"), local_time("2027-06-08 15:30"), local_time("2027-06-08 14:15"))


def test_row_0_13_rooms_that_differ_by_subject_stand_on_every_paper_with_their_own_time(
    store: Store, exams: Exams, exam: Exam, listed: Lists, tmp_path: Path
) -> None:
    exam = exams.change(replace(exam, sessions=(MATHS, PHYSICS)), by="考务")
    lab = {"room": "实验室1", "考场地点": "科技楼"}
    rows = [
        [*row(1), "数学"],
        [*row(1, seat="9", **lab), "物理"],
        [*row(2, seat="2"), " 数 学"],
        [*row(3, seat="1", **lab), "物理"],  # who takes physics only
    ]
    found = exams.take(exam.number, listed(*rows, header=BY_SUBJECT), by="考务")
    assert [one.name for one in found.missing] == ["考生4", "考生5"]
    assert exams.get(exam.number).candidates == 3
    seats = exams.seats(exam.number)
    assert [(one.subject, one.room, one.number, one.student.name) for one in seats] == [
        ("数学", "01", 1, "考生1"),
        ("数学", "01", 2, "考生2"),
        ("物理", "实验室1", 1, "考生3"),
        ("物理", "实验室1", 9, "考生1"),
    ]
    papers = Office(store, tmp_path).papers("qinghai-xuekao")
    told = {path.stem: words(path) for path in papers.exam(tmp_path, exam, seats)}
    assert sorted(told) == [
        "准考证-高一（5）班",
        "桌贴-数学-01",
        "桌贴-物理-实验室1",
        "考场座次表",
        "考场核对表-数学-01",
        "考场核对表-物理-实验室1",
        "考生信息汇总表",
    ]
    ticket = told["准考证-高一（5）班"]
    for line in (
        "数学06-07（周一）09:00—11:30第01考场01号教学楼301",
        "物理06-08（周二）14:00—15:30实验室109号科技楼14:15后不得入场",
    ):
        assert line in ticket
    assert ticket.count("数学") == 2  # each is told of the own subjects only
    lab_sheet = told["考场核对表-物理-实验室1"]
    assert "物理实验室1" in lab_sheet
    assert "06-08" in lab_sheet
    assert "数学" not in lab_sheet + told["桌贴-物理-实验室1"]
    with pytest.raises(StoreError, match="subject_seated"):
        exams.change(replace(exam, sessions=(MATHS,)), by="考务")


def test_row_0_13_a_sheet_called_after_its_subject_and_what_is_wrong_between_subjects(
    exams: Exams, exam: Exam, tmp_path: Path
) -> None:
    exam = exams.change(replace(exam, sessions=(MATHS, PHYSICS)), by="考务")
    path = tmp_path / "各科.xlsx"

    def written(**sheets: list[list[str]]) -> Path:
        with xlsxwriter.Workbook(path) as book:
            for name, rows in sheets.items():
                page = book.add_worksheet(name)
                for line, cells in enumerate([HEADER, *rows]):
                    page.write_row(line, 0, cells)
                if name == "作废":
                    page.hide()
        return path

    found = exams.preview(exam.number, written(数学编排=[row(1)], 物理=[row(1, "2")], 作废=[row(2)]))
    assert [(one.subject, one.room) for one in found.seatings] == [("数学", "01"), ("物理", "2")]
    assert [one.code for one in found.overlooked] == ["roster.left.hidden"]
    wrong = exams.preview(exam.number, written(数学=[row(1)], 物理=[row(1, 准考证号="7")], 化学=[row(3)]))
    assert [(one.sheet, one.row, one.message.code) for one in wrong.problems] == [
        ("化学", 2, "roster.seat_subject_mixed"),
        ("物理", 2, "roster.exam_number_other"),
    ]


def test_row_0_13_a_wide_list_with_columns_for_each_subject_is_taken_as_platforms_export_it(
    exams: Exams, exam: Exam, listed: Lists, tmp_path: Path
) -> None:
    exam = exams.change(replace(exam, sessions=(MATHS, PHYSICS)), by="考务")
    expected = [("数学", "01", 1, "考生1"), ("数学", "01", 2, "考生2"), ("物理", "07", 5, "考生1")]

    def seats(path: Path) -> list[tuple[str, str, int, str]]:
        exams.take(exam.number, path, by="考务")
        return [(one.subject, one.room, one.number, one.student.name) for one in exams.seats(exam.number)]

    shared = [["考生1", student(1).id_number, "20271"], ["考生2", student(2).id_number, "20272"]]
    flat = ["姓名", "身份证号", "准考证号", "数学考场", "数学座号", "物理_考场号", "物理（座位号）"]
    rows = [[*shared[0], "01", "1", "07", "5"], [*shared[1], "01", "2", "", ""]]  # the second doesn't take physics
    assert seats(listed(*rows, header=flat)) == expected

    above = tmp_path / "两行表头.xlsx"
    with xlsxwriter.Workbook(above) as book:
        page = book.add_worksheet("编排")
        for column, title in enumerate(flat[:3]):
            page.merge_range(0, column, 1, column, title)
        page.merge_range(0, 3, 0, 4, "数学")
        page.write(0, 5, "物理")  # not merged: the second of its columns has nothing above it
        page.write_row(1, 3, ["考场", "座号", "考场", "座号"])
        for line, row_ in enumerate(rows, start=2):
            page.write_row(line, 0, row_)
    assert seats(above) == expected

    wrong = exams.preview(
        exam.number,
        listed(
            [*shared[0], "01", "1", "9", "", "3", "4"],
            [shared[1][0], "", "", "01", "1", "", "", "", ""],
            header=[*flat, "地理考场", "地理座号"],
        ),
    )
    assert [(one.row, one.column, one.message.code) for one in wrong.problems] == [
        (2, "G", "roster.cell_empty"),
        (2, "H", "roster.seat_subject"),
        (3, "B", "roster.seat_of_whom"),
        (3, "E", "roster.seat_twice"),
    ]


def test_row_0_13_a_seating_is_taken_back_once_and_several_exams_are_kept(store: Store, exams: Exams, exam: Exam) -> None:
    for number in (1, 2):
        store.exams.seat(exam.number, [seated(number)], how="imported", by="考务")
    other = exams.add(Exam("补考"), by="考务")
    exams.make(other.number, SeatRule(2, Order.NUMBER, prefix="B"), by="考务")
    assert [one.student.exam_number for one in exams.seats(other.number)] == [f"B000{n}" for n in range(1, 6)]
    assert exams.undo(exam.number, by="考务") == 1
    assert [one.student.name for one in exams.seats(exam.number)] == ["考生1"]
    with pytest.raises(StoreError, match="nothing_to_undo"):
        exams.undo(exam.number, by="考务")
    assert [one.title for one in exams.all()] == ["补考", "期末考试"]
    exams.withdraw(other.number, reason="取消", by="考务")
    assert [one.title for one in exams.all()] == ["期末考试"]


def test_row_0_13_the_store_itself_refuses_two_on_one_seat_or_number(store: Store, exam: Exam) -> None:
    one = Seating(student(1).id_number, "1", "1", 1)
    for other, code in (
        (replace(one, id_number="x", exam_number="2"), "seat_twice"),
        (replace(one, id_number="x", seat=2), "number_twice"),
        (replace(one, exam_number="2", seat=2), "student_two_numbers"),
        (replace(one, seat=2), "student_twice"),
        (replace(one, id_number="x", exam_number="2", subject="数学"), "seat_twice"),  # the other's is for the whole exam
        (replace(one, id_number="x", exam_number="2", seat=2, subject="化学"), "subject_seated"),
    ):
        with pytest.raises(StoreError, match=code):
            store.exams.seat(exam.number, [one, other], how="made", by="考务")
    for wrong in (
        replace(MATHS, ends_at=MATHS.starts_at),
        replace(MATHS, latest_entry=MATHS.ends_at + timedelta(minutes=1)),
        replace(MATHS, subject=" "),
    ):
        with pytest.raises(StoreError, match="exam_"):
            store.exams.change(replace(exam, sessions=(wrong,)), by="考务")


def test_row_0_13_every_paper_has_subject_day_time_and_place_and_is_the_same_when_printed_again(
    store: Store, exams: Exams, exam: Exam, tmp_path: Path
) -> None:
    store.exams.seat(exam.number, [seated(1), seated(2, 2)], how="imported", by="考务")
    papers = Office(store, tmp_path).papers("qinghai-xuekao")

    def printed(folder: str) -> dict[str, str]:
        written = papers.exam(tmp_path / folder, exams.get(exam.number), exams.seats(exam.number), actor="考务")
        return {path.name: words(path) for path in written}

    first = printed("first")
    assert len(first) == 5
    for name, text in first.items():
        for told in ("期末考试", "数学", "06-07", "09:00—11:30", "第一中学考点", "20271"):
            assert told in text, name
    assert "09:15后不得入场" in next(text for name, text in first.items() if name.startswith("准考证"))
    gone: list[Student] = [one for one in store.roster.students() if one.name != "考生1"]
    store.roster.replace_or_update(gone)  # who left the roster keeps the seat that was printed
    assert printed("second") == first


def test_row_0_13_whose_data_are_deleted_has_no_seat_any_more(store: Store, exams: Exams, exam: Exam) -> None:
    store.exams.seat(exam.number, [seated(1), seated(2, 2)], how="imported", by="考务")
    store.exams.seat(exam.number, [seated(1), seated(2, 2)], how="imported", by="考务")
    who, asked, decided, at = student(1).id_number, Person("甲", "a"), Person("乙", "b"), datetime.now(UTC)
    whole = {who: frozenset({Part.IDENTITY})}
    store.erasing.erase(whole, asked_by=asked, decided_by=decided, why=Why.REQUEST, reason="申请", at=at)
    assert [one.student.name for one in exams.seats(exam.number)] == ["考生2"]
    assert exams.undo(exam.number, by="考务") == 1

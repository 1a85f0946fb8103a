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
    found = exams.preview(listed(*rows))
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


def test_row_0_13_strangers_other_names_and_missing_numbers_are_told(exams: Exams, exam: Exam, listed: Lists) -> None:
    found = exams.preview(
        listed(row(1, 姓名="另一人"), row(3, seat="2", 准考证号=""), row(4, seat="3", 准考证号="260"), row(9, seat="4"))
    )
    assert [one.name for one in found.differing] == ["另一人"]
    assert [one.name for one in found.unnumbered] == ["考生3"]
    assert [one.name for one in found.unknown] == ["考生9"]
    assert not found.sound
    clash = exams.preview(listed(row(1, 准考证号=""), row(2, seat="2", 准考证号="260")))  # 260 is the first's on the roster
    assert {one.name for one in clash.twice} == {"考生1", "考生2"}
    assert not clash.sound


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
        (replace(one, exam_number="2", seat=2), "student_twice"),
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
        return {
            path.name: "".join("".join(page.extract_text() for page in pypdf.PdfReader(path).pages).split()) for path in written
        }

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
    assert store.exams.of_student(who) == []

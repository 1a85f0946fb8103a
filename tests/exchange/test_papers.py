"""The papers that are printed: every word and picture that must be on them, and who is on which page."""

from __future__ import annotations

import io
import json
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from pypdf import PdfReader

from kiosk.codes import SEX
from kiosk.errors import ExchangeError
from kiosk.exchange import ExportRow, paper
from kiosk.exchange.device_test_sheet import devices_line
from kiosk.exchange.exam_papers import Occasion, admission_tickets, check_sheets, desk_labels, seating_plans, summary_list
from kiosk.exchange.forms import FormEntry, class_lists, form_doubts, registration_forms
from kiosk.exchange.printable import LONGEST, list_doubts
from kiosk.exchange.progress_list import by_class, print_progress, write_progress
from kiosk.exchange.seating import Order, arrange
from kiosk.idnumber import masked, sex_code
from kiosk.records import (
    BiometricKind,
    DeviceTest,
    Exam,
    Means,
    Party,
    ProgressState,
    Statement,
    Step,
    StepResult,
    Student,
    StudentProgress,
    Verdict,
)
from tests.exchange.conftest import AT, number, record
from tests.exchange.photographs import jpeg, png

PICTURES = {BiometricKind.PORTRAIT: jpeg(), BiometricKind.RIGHT_THUMB: png(), BiometricKind.LEFT_THUMB: png(shade=180)}


def pages(pdf: bytes) -> list[str]:
    """The text of each page, without the blanks that typesetting puts between scripts."""
    return ["".join((page.extract_text() or "").split()) for page in PdfReader(io.BytesIO(pdf)).pages]


def images(pdf: bytes) -> list[int]:
    return [len(page.images) for page in PdfReader(io.BytesIO(pdf)).pages]


def entry(order: int, copy: int = 0, name: str | None = None) -> FormEntry:
    return FormEntry(ExportRow(record(order, name=name), PICTURES.get), copy)


def students(count: int) -> list[Student]:
    return [
        replace(Student(f"考生{i}", number(i), "高一", str(i % 3 + 1)), sex="男", exam_number=f"2026{i:05d}")
        for i in range(count)
    ]


def test_each_student_has_a_page_with_everything_that_is_signed_for() -> None:
    pdf = registration_forms([entry(1), entry(2)], title="考籍注册登记表", note="2026年秋季", footer="采集点-01")
    first, second = pages(pdf)
    for told in (
        "考籍注册登记表 2026年秋季 考生1 男 藏 2008年01月01日 高一（5）班 K0001 青海省西宁市城中区 西宁市公安局 "
        "2020.01.31-2030.01.31 通过（相似度0.612） 考生签字 监护人签字 采集员签字 负责人签字"
    ).split():
        assert told in first, told
    assert number(1) in first
    assert "考生2" in second
    assert "补打" not in first
    assert images(pdf) == [3, 3]


def test_a_reprint_says_so() -> None:
    (page,) = pages(registration_forms([entry(1, copy=2)], title="登记表"))
    assert "补打第2次" in page


def test_a_missing_thumb_leaves_a_named_frame() -> None:
    only_face = ExportRow(record(1), {BiometricKind.PORTRAIT: jpeg()}.get)
    pdf = registration_forms([FormEntry(only_face)], title="登记表")
    assert images(pdf) == [1]
    assert pages(pdf)[0].count("左手拇指") == 2


def test_nothing_in_a_name_becomes_markup() -> None:
    sly = '#panic("x") *bold* $x$ \\ <label> @ref'
    (page,) = pages(registration_forms([entry(1, name=sly)], title="#set page(width: 1cm)"))
    assert "".join(sly.split()) in page
    assert "#setpage(width:1cm)" in page


def test_characters_that_cannot_be_printed_are_reported_and_show_as_a_gap() -> None:
    rare = entry(1, name="张\ue81e\U00020bb7")
    (told,) = form_doubts([entry(2), rare])
    assert (told.student, told.characters, told.too_long) == (rare.row.who, "\ue81e\U00020bb7", ())
    (page,) = pages(registration_forms([rare], title="登记表"))
    assert "张〓〓" in page


def test_the_class_list_has_a_page_for_each_class_and_a_place_to_sign() -> None:
    entries = [
        StudentProgress(one, ProgressState.ABSENT if i == 0 else ProgressState.CAPTURED) for i, one in enumerate(students(9))
    ]
    told = pages(class_lists(entries, title="签字确认表"))
    assert [next(name for name in ("（1）班", "（2）班", "（3）班") if name in page) for page in told] == [
        "（1）班",
        "（2）班",
        "（3）班",
    ]
    assert all("考生签字" in page for page in told)
    assert ["缺席" in page for page in told] == [True, False, False]  # nobody signs for who was not captured


def test_progress_lists_show_who_was_never_seen(tmp_path: Path) -> None:
    states = list(ProgressState)
    entries = [StudentProgress(one, states[i % 9], at=AT, note="住院") for i, one in enumerate(students(12))]
    first = by_class(entries)[0]
    assert (first.title, first.total) == ("高一（1）班", 4)
    assert set(first.counts) == {states[i % 9] for i in (0, 3, 6, 9)}

    out = tmp_path / "进度.xlsx"
    line = devices_line(DeviceTest(AT, "王老师", ()))
    write_progress(entries, out, tested=line)
    book = openpyxl.load_workbook(out)
    assert book.sheetnames == ["按班汇总", "全部考生", "未到场考生", "设备检测"]
    assert book["设备检测"]["A1"].value == line
    assert line.endswith("7 项不合格或未检测（王老师）")
    unseen = [row[2].value for row in book["未到场考生"].iter_rows(min_row=2)]
    assert unseen == [one.student.name for one in entries if one.state is ProgressState.NOT_SEEN]
    assert book["全部考生"]["D2"].value == number(0)

    printed = "".join(pages(print_progress(entries, title="采集进度", tested=devices_line(None))))
    assert "未到" in printed
    assert "设备检测：无记录" in printed
    assert masked(number(1)) in printed
    assert number(1) not in printed


def test_everybody_has_a_seat_and_a_room_is_never_too_full() -> None:
    people = students(70)
    for order in Order:
        seats = arrange(people, per_room=30, order=order)
        assert sorted(seat.student.name for seat in seats) == sorted(one.name for one in people)
        assert max(Counter(seat.room for seat in seats).values()) <= 30
        assert len({(seat.room, seat.number) for seat in seats}) == 70
        assert arrange(people, per_room=30, order=order) == seats


def test_a_room_by_class_holds_one_class_and_mixed_neighbours_come_from_two() -> None:
    by_class_seats = arrange(students(70), per_room=20, order=Order.CLASS)
    for room in {seat.room for seat in by_class_seats}:
        assert len({seat.student.class_name for seat in by_class_seats if seat.room == room}) == 1
    mixed = arrange(students(70), per_room=30, order=Order.MIXED)
    assert all(one.student.class_name != other.student.class_name for one, other in pairwise(mixed))


def test_without_exam_numbers_nobody_is_seated() -> None:
    with pytest.raises(ExchangeError, match=r"seating\.no_exam_number"):
        arrange([Student("张三", number(1))], per_room=30, order=Order.NUMBER)
    twice = [replace(one, exam_number="1") for one in students(2)]
    with pytest.raises(ExchangeError, match=r"seating\.exam_number_twice"):
        arrange(twice, per_room=30, order=Order.NUMBER)
    with pytest.raises(ExchangeError, match=r"seating\.room_size"):
        arrange(students(2), per_room=0, order=Order.NUMBER)
    with pytest.raises(ExchangeError, match=r"seating\.nobody"):
        arrange([], per_room=30, order=Order.NUMBER)


@pytest.mark.parametrize("order", list(Order))
def test_no_room_holds_two_grades_or_two_streams(order: Order) -> None:
    streams = {"高二": ["文科", "理科"], "高一": [""], "高三": ["理科", "文科"]}
    people = [
        replace(one, grade=grade, stream=streams[grade][i % len(streams[grade])])
        for i, one in enumerate(students(100))
        for grade in [list(streams)[i % 3]]
    ]
    seats = arrange(people, per_room=12, order=order)
    rooms = {seat.room: set[tuple[str, str]]() for seat in seats}
    for seat in seats:
        rooms[seat.room].add((seat.student.grade, seat.student.stream))
    assert all(len(who) == 1 for who in rooms.values())
    assert {seat.student.id_number for seat in seats} == {one.id_number for one in people}
    assert set(rooms) == {str(room + 1) for room in range(len(rooms))}


def test_a_student_without_stream_in_a_grade_that_has_them_is_named() -> None:
    some = [replace(one, stream="文科" if i else "") for i, one in enumerate(students(3))]
    with pytest.raises(ExchangeError, match=r"seating\.no_stream") as told:
        arrange(some, per_room=30, order=Order.MIXED)
    assert told.value.data == {"grade": "高一", "count": 1, "names": "考生0"}


# Names of up to fifty characters, as cards and passports have them.
LONG_NAMES = {
    "uyghur": "阿卜杜热合曼·阿卜杜热依木·麦麦提吐尔逊·阿卜杜外力江·古丽巴哈尔·托合提尼亚孜·买买提明",
    "han": "张" * LONGEST,
    "one latin word": "W" * LONGEST,
    "passport": "MARIA FERNANDA DE LOS ANGELES RODRIGUEZ-ECHEVERRIA",
    "tibetan": "索南达杰·仁青卓玛 " * 5,
}


def papers_of(name: str, *, simulated: bool = False) -> dict[str, bytes]:
    """Every paper, with a student of this name among others; the plan is one of a room of sixty."""
    people = [replace(students(1)[0], name=name), *students(60)[1:]]
    room = arrange(people, per_room=60, order=Order.NUMBER)
    seats = room[:3]
    progress = [StudentProgress(one, ProgressState.NOT_SEEN, note=name) for one in people[:3]]
    mark: dict[str, Any] = {"simulated": simulated}
    return {
        "登记表": registration_forms([entry(1, name=name), entry(2)], title="登记表", **mark),
        "签字表": class_lists(progress, title="签字表", **mark),
        "进度表": print_progress(progress, title="进度表", **mark),
        "准考证": admission_tickets(seats, lambda _: jpeg(), Occasion(Exam("期末考试"), **mark)),
        "汇总表": summary_list(seats, Occasion(Exam("期末考试"), **mark)),
        "座次表": seating_plans(room, Occasion(Exam("期末考试"), **mark)),
        "核对表": check_sheets(seats, lambda _: jpeg(), Occasion(Exam("期末考试"), **mark)),
        "桌贴": desk_labels(seats, Occasion(Exam("期末考试"), **mark)),
    }


@pytest.mark.parametrize("name", LONG_NAMES.values(), ids=LONG_NAMES)
def test_a_name_of_fifty_characters_stays_in_its_place_on_every_paper(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    unfit = watch_unfit(monkeypatch)
    for pdf in papers_of(name[:LONGEST]).values():
        assert "".join(name[:LONGEST].split()) in "".join(pages(pdf)).replace("\u200b", "")
    assert unfit == []


def watch_unfit(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What Typst could not place in any paper that is set from now on."""
    found: list[str] = []
    compile_paper = paper.typst.Compiler

    class Watched:
        def __init__(self, source: bytes, **options: object) -> None:
            self.source, self.compiler = source, compile_paper(source, **options)

        def compile(self, *args: bytes, **options: object) -> bytes:
            if self.source.strip():
                selected = self.compiler.query("<unfit>", field="value")
                found.extend(json.loads(selected))
            return self.compiler.compile(*args, **options)

    monkeypatch.setattr(paper.typst, "Compiler", Watched)
    return found


def test_what_would_not_be_whole_on_any_paper_is_told_before_printing() -> None:
    plain, rare, long = students(3)
    rare, long = replace(rare, name="عبد الرحمن\U00030000\U0002ebf0"), replace(long, name="长" * (LONGEST + 1))
    told = {one.student.name: one for one in list_doubts([plain, rare, long])}
    assert set(told) == {rare.name, long.name}
    assert {"\U00030000", "\U0002ebf0"} <= set(told[rare.name].characters)  # the other is younger than Python's own list
    assert "ع" in told[rare.name].characters
    assert told[long.name].too_long == (long.name,)
    assert form_doubts([entry(1, name=long.name)])[0].too_long == (long.name,)


def test_row_0_13_sex_comes_from_the_number_where_the_roster_lacks_it() -> None:
    seats = arrange([replace(one, sex="") for one in students(2)], per_room=30, order=Order.NUMBER)
    meant = {"男", "女"} & set("".join(SEX[sex_code(seat.student.id_number)] for seat in seats))
    for pdf in (admission_tickets(seats, lambda _: None, Occasion(Exam("考试"))), summary_list(seats, Occasion(Exam("考试")))):
        assert meant <= set("".join(pages(pdf)))


def test_every_page_of_a_list_and_of_a_room_says_what_it_is() -> None:
    seats = arrange(students(130), per_room=100, order=Order.NUMBER)
    for pdf in (
        check_sheets(seats, lambda _: None, Occasion(Exam("期末考试"))),
        seating_plans(seats, Occasion(Exam("期末考试"))),
    ):
        told = pages(pdf)
        assert all(seat.student.exam_number in "".join(told) for seat in seats)
        assert len(told) > 2
        assert ["第1考场" in page for page in told] == ["第2考场" not in page for page in told]
        assert all("期末考试" in page and "高一" in page and f"共{len(told)}页" in page for page in told)
    one_class = [StudentProgress(replace(one, class_name="5"), ProgressState.CAPTURED) for one in students(90)]
    told = pages(class_lists(one_class, title="签字表"))
    assert len(told) > 2
    assert all("签字表" in page and "高一（5）班" in page for page in told)


def test_what_does_not_go_on_one_form_goes_on_under_the_student_s_name() -> None:
    wordy = StepResult(Step.FACE, Verdict.REVIEW, AT, decided_by="负责人", reason="说明很长" * 700)
    first, second, third = pages(registration_forms([FormEntry(ExportRow(record(1, steps=[wordy]))), entry(2)], title="登记表"))
    assert "续页" not in first
    assert "登记表（续页）" in second
    assert "考生1" in second
    assert "考生2" in third
    assert "续页" not in third


def test_papers_of_simulated_students_say_so_across_every_page_and_piece() -> None:
    for name, pdf in papers_of("模型人", simulated=True).items():
        told = pages(pdf)
        assert all("模拟" in page for page in told), name
        if name in ("准考证", "桌贴"):
            assert sum(page.count("模拟") for page in told) == 3
    assert not any("模拟" in page for pdf in papers_of("张三").values() for page in pages(pdf))


def test_the_papers_of_an_exam_name_everybody_with_room_and_seat() -> None:
    seats = arrange(students(70), per_room=30, order=Order.MIXED)

    def face(of: Student) -> bytes:
        return jpeg((48 + int(of.exam_number) % 100, 64))

    tickets = pages(admission_tickets(seats, lambda _: jpeg(), Occasion(Exam("期末考试"))))
    assert len(tickets) == 9
    assert sum(page.count("准考证") for page in tickets) == 70
    assert images(check_sheets(seats[:30], face, Occasion(Exam("期末考试")))) == [30]
    plans = pages(seating_plans(seats, Occasion(Exam("期末考试"))))
    assert len(plans) == 3
    for seat in seats:
        assert seat.student.exam_number in plans[int(seat.room) - 1]
    assert len(pages(desk_labels(seats, Occasion(Exam("桌贴"))))) == 6
    assert "".join(pages(summary_list(seats, Occasion(Exam("汇总表"))))).count("2026") >= 70


def test_the_form_says_who_agreed_to_what_and_how() -> None:
    student = Statement(Party.STUDENT, True, Means.PRESS, "", "2026-1")
    guardian = Statement(Party.GUARDIAN, True, Means.PAPER, "王大海")
    consent = StepResult(Step.CONSENT, Verdict.PASS, AT, statements=(student, guardian))
    told = pages(registration_forms([FormEntry(ExportRow(record(1, steps=[consent]), PICTURES.get))], title="登记表"))
    assert len(told) == 1
    assert "考生本人同意（按压指纹仪确认，告知书2026-1版）；监护人王大海同意（纸质同意书，采集员已核对）" in told[0]


@pytest.mark.parametrize("party", list(Party))
def test_a_signature_stands_on_its_signer_s_line(party: Party) -> None:
    said = Statement(party, True, Means.DRAWN, "王大海" if party is Party.GUARDIAN else "")
    signed = StepResult(Step.SIGNATURE, Verdict.PASS, AT, statements=(said,))
    pictures = {**PICTURES, BiometricKind.SIGNATURE: png(shade=90)}
    pdf = registration_forms([FormEntry(ExportRow(record(1, steps=[signed]), pictures.get))], title="登记表")
    assert images(pdf) == [4]
    assert "屏幕手写签字" in pages(pdf)[0]


def test_nobody_signs_for_a_photo_and_prints_that_were_declined() -> None:
    no = (Statement(Party.STUDENT, False, Means.SPOKEN, "", "2026-1"),)
    declined = [
        StepResult(step, Verdict.REVIEW, AT, decided_by="采集员", reason="考生本人不同意", statements=no)
        for step in (Step.CONSENT, Step.FACE)
    ]
    (told,) = pages(registration_forms([FormEntry(ExportRow(record(1, steps=declined)))], title="登记表"))
    assert "未采集照片和指纹，由人工核验身份" in told
    assert "照片和指纹为考生本人现场采集" not in told
    assert "不同意采集生物识别信息（未采集：人脸）：考生本人不同意（采集员）" in told

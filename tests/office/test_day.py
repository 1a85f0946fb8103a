"""当日统计: what is counted of a day, and that it is what the other pages count."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader

from kiosk.checkup import DeviceLog, FaultBook
from kiosk.devices import PressFailed, StatusChanged
from kiosk.errors import DeviceError
from kiosk.office import Day, Days, DayWords, Office, Span
from kiosk.plots import Row as PlotRow
from kiosk.plots import lines
from kiosk.records import (
    CheckPoint,
    ClassKey,
    DeviceKind,
    DeviceState,
    DeviceStatus,
    DeviceTest,
    FingerPosition,
    Message,
    Person,
    PointFinding,
    Press,
    ProgressState,
    RefusalReason,
    ReviewCause,
    Score,
    Step,
    StepResult,
    Student,
    Verdict,
    Why,
)
from kiosk.records import Part as ErasedPart
from kiosk.store import Store
from tests.people import card_of
from tests.store.conftest import student

NOON = datetime(2026, 9, 1, 12, 0).astimezone()
DAY = Span(date(2026, 9, 1), date(2026, 9, 1))
SCALE = "sface-2021dec cosine"
RIGHT = FingerPosition.RIGHT_THUMB
HEAD = Person("负责人", "head")


def row(number: int) -> Student:
    return replace(student(number), class_name="5" if number < 4 else "10")


def capture(
    store: Store,
    number: int,
    at: datetime,
    *,
    operator: str = "采集员",
    likeness: float = 0.6,
    limit: float = 0.4,
    reason: str = "",
) -> str:
    """A student from card to saved record in 40 seconds; one not much like the chip photo is let pass by a person."""
    who = row(number)
    step = StepResult(Step.CARD, Verdict.PASS, at, device_s=0.8)
    record = store.captures.begin(
        who,
        card_of(who),
        station="采集点-01",
        operator=operator,
        profile="qinghai-xuekao",
        profile_hash="0" * 64,
        at=at,
        recapture_reason=reason,
        first=(step, ()),
    )
    verdict = Verdict.PASS if likeness >= limit else Verdict.REVIEW
    face = StepResult(
        Step.FACE, verdict, at + timedelta(seconds=15), 2, (Score(likeness, SCALE, limit),), device_s=11.0, own_s=1.0
    )
    store.captures.save_step(record.id, face)
    if verdict is Verdict.REVIEW:
        store.captures.save_step(record.id, replace(face, decided_by="负责人", reason="人工比对，为本人"))
    presses = (Press(Verdict.FAIL, None, "error.finger.too_dry"), Press(Verdict.PASS, 0.81), Press(Verdict.PASS, 0.93))
    thumb = StepResult(Step.RIGHT_THUMB, Verdict.PASS, at + timedelta(seconds=30), 3, device_s=9.0, position=RIGHT)
    store.captures.save_step(record.id, replace(thumb, presses=presses, device="R503 fw 1.2"))
    store.captures.finish(record.id, at + timedelta(seconds=40))
    return record.id


@dataclass(frozen=True)
class School:
    store: Store
    days: Days
    office: Office

    @property
    def day(self) -> Day:
        return self.days.look(DAY)


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    """Six students in two classes, on one day: two captured, one let pass by a person, one begun and broken off, one turned
    away; a stranger came too, and the day after somebody was captured anew."""
    folder = tmp_path_factory.mktemp("school")
    with Store.open(folder / "data", clock=lambda: NOON.astimezone(UTC)) as store:
        store.roster.replace_or_update([row(number) for number in range(1, 7)])
        test = DeviceTest(NOON, "采集员", tuple(PointFinding(one, Verdict.PASS) for one in CheckPoint))
        store.device_tests.keep(replace(test, devices={DeviceKind.CAMERA: "UVC 720p"}, unverified=(DeviceKind.CAMERA,)))
        capture(store, 1, NOON - timedelta(hours=2))
        capture(store, 4, NOON, operator="另一名采集员")
        capture(store, 2, NOON + timedelta(minutes=5), likeness=0.35)
        who = row(3)
        record = store.captures.begin(
            who, card_of(who), station="采集点-01", operator="采集员", profile="qinghai-xuekao", profile_hash="0" * 64, at=NOON
        )
        left = {"name": who.name, "id_number": who.id_number, "record_id": record.id}
        store.refusals.add(RefusalReason.LEFT, by=Person("采集员"), at=NOON, **left)
        stranger = student(99)
        for number in (stranger.id_number, stranger.id_number, row(5).id_number):
            reason = RefusalReason.WINDOW_OVER if number == row(5).id_number else RefusalReason.NOT_ON_ROSTER
            store.refusals.add(reason, by=Person("采集员"), at=NOON, name="某人", id_number=number)
        office = Office(store, folder / "export")
        yield School(store, office.days, office)
        office.close()


def test_the_day_counts_what_the_progress_counts(school: School) -> None:
    day, progress = school.day, school.store.progress.students()
    assert day.captured == sum(one.captured for one in progress) == 3
    assert day.states == Counter(one.state for one in progress if one.captured)
    assert day.states == {ProgressState.CAPTURED: 2, ProgressState.REVIEW: 1}
    assert (day.unfinished, day.aborted, day.turned_away) == (1, 1, 3)
    assert day.strangers == school.store.progress.counts(NOON).turned_away == 1
    assert [(hour.hour, count) for hour, count in day.hours] == [(10, 1), (11, 0), (12, 2)]


def test_a_decision_repeats_the_numbers_of_a_run_and_is_no_second_run(school: School) -> None:
    face = next(one for one in school.day.steps if one.step is Step.FACE)
    assert face.seconds is not None
    assert (face.students, face.seconds.count, face.seconds.median, face.again) == (3, 3, 12.0, 3)
    assert face.attempts == (0, 3, 0, 0)
    assert face.decided == {ReviewCause.ACCEPTED: 1}
    assert school.day.likeness is not None
    assert (school.day.likeness.count, school.day.likeness.below, school.day.likeness.limits) == (3, 1, (0.4,))


def test_every_press_counts_with_its_quality_or_with_what_was_wrong(school: School) -> None:
    (right,) = school.day.fingers
    assert right.quality is not None
    assert (right.position, right.quality.count, right.quality.median) == (RIGHT, 6, pytest.approx(0.87))
    assert right.refused == {"error.finger.too_dry": 3}
    assert [(one.model, one.presses) for one in school.day.scanners] == [("R503 fw 1.2", 6)]


def test_a_day_is_narrowed_to_a_class_or_an_operator(school: School) -> None:
    assert [(one.name, one.captured, one.exceptions, one.refused) for one in school.day.classes] == [
        (("", "高一", "5"), 2, 1, 1),
        (("", "高一", "10"), 1, 0, 1),
    ]
    assert school.days.look(replace(DAY, group=ClassKey("", "高一", "10"))).captured == 1
    assert school.days.look(replace(DAY, operator="另一名采集员")).captured == 1
    assert school.days.look(Span(date(2026, 9, 2), date(2026, 9, 9))).is_empty
    assert school.days.latest(date(2026, 9, 9)) == DAY.first


def test_absences_are_of_a_class_and_reported_by_somebody(tmp_path: Path) -> None:
    with Store.open(tmp_path / "data", clock=lambda: NOON.astimezone(UTC)) as store:
        store.roster.replace_or_update([row(1), row(2), row(5)])
        for number, by in ((1, "采集员"), (2, "采集员"), (2, "另一名采集员"), (5, "采集员")):
            store.progress.report_absent(row(number), reason="病假", by=by, at=NOON)
        days = Days(store)
        narrowed = [{}, {"group": ClassKey("", "高一", "5")}, {"group": ClassKey("", "高一", "7")}, {"operator": "采集员"}]
        assert [days.look(replace(DAY, **span)).absent for span in narrowed] == [3, 2, 0, 2]  # type: ignore[arg-type]


def test_a_limit_may_lie_anywhere(tmp_path: Path) -> None:
    with Store.open(tmp_path / "data", clock=lambda: NOON.astimezone(UTC)) as store:
        store.roster.replace_or_update([row(number) for number in range(1, 4)])
        for number, likeness in enumerate((0.35, 0.41, 0.43), 1):
            capture(store, number, NOON, likeness=likeness, limit=0.42)
        found = Days(store).look(DAY).likeness
    assert found is not None
    assert found.below == 2


def test_presses_that_brought_no_image_are_among_those_that_were_not_used(school: School) -> None:
    (right,) = (one for one in DayWords("zh-CN", str).charts(school.day) if one.name.startswith("quality"))
    assert "按压 9 次，其中未采用 3 次" in right.summary


def test_long_names_leave_every_column_of_the_report_its_place(tmp_path: Path) -> None:
    with Store.open(tmp_path / "data", clock=lambda: NOON.astimezone(UTC)) as store:
        store.roster.replace_or_update([row(1)])
        capture(store, 1, NOON, operator="买买提·阿卜杜热合曼·艾合麦提·吐尔逊江·阿布都克里木·依米提·库尔班（教务处）")
        office = Office(store, tmp_path / "export")
        content = office.day_report(DAY, by="王主任")
        office.close()
    pages = [page.extract_text().splitlines() for page in PdfReader(BytesIO(content)).pages]
    assert not any("平" in page for page in pages), "one character to a line, beside the page"


def test_a_name_with_dots_begins_where_its_plot_does() -> None:
    label = "阿卜杜·热合曼·艾力·库"
    bar = re.search(r'class="plot-bar" x="([0-9.]+)"', lines("", [PlotRow(label, 1, "1")]))
    assert bar
    assert float(bar[1]) >= 11 * len(label)  # Chinese fonts have the dot as wide as a character


def test_nothing_in_it_names_a_student(school: School) -> None:
    told = repr(school.day) + repr([vars(one) for one in DayWords("zh-CN", "".join).charts(school.day)])
    for one in (*(row(number) for number in range(1, 7)), student(99)):
        assert one.name not in told
        assert one.id_number not in told


def test_the_report_names_who_answers_for_what_and_no_student(school: School) -> None:
    text = "\n".join(page.extract_text() for page in PdfReader(BytesIO(school.office.day_report(DAY, by="王主任"))).pages)
    for wanted in (
        "采集日报",
        "2026-09-01",
        "王主任",
        "另一名采集员",
        "UVC 720p",
        "未经实机验证",
        "全部合格",
        "负责人签字",
        "第 1 页",
    ):
        assert wanted in text
    assert row(1).name not in text
    assert row(1).id_number not in text
    assert [one.actor for one in school.store.audit.entries(action="day.report")] == ["王主任"]


def test_the_report_of_one_class_says_what_is_not_narrowed_to_it(school: School) -> None:
    pages = PdfReader(BytesIO(school.office.day_report(replace(DAY, group=row(1).group), by="王主任"))).pages
    text = "".join(page.extract_text() for page in pages).replace("\n", "")
    assert "不按班级筛选" in text
    whole = PdfReader(BytesIO(school.office.day_report(DAY, by="王主任"))).pages
    assert "不按班级筛选" not in "".join(page.extract_text() for page in whole).replace("\n", "")


def test_a_capture_anew_counts_on_its_own_day_and_a_deleted_student_no_more(tmp_path: Path) -> None:
    with Store.open(tmp_path / "data", clock=lambda: NOON.astimezone(UTC)) as store:
        store.roster.replace_or_update([row(1), row(2)])
        days = Days(store)
        capture(store, 1, NOON)
        capture(store, 2, NOON)
        assert days.look(DAY).captured == 2
        capture(store, 1, NOON + timedelta(days=1), reason="照片不清楚")
        today, next_day = days.look(DAY), days.look(Span(date(2026, 9, 2), date(2026, 9, 2)))
        assert (today.captured, today.superseded) == (1, 1)
        assert (next_day.captured, next_day.recaptured) == (1, 1)
        whole = {row(2).id_number: frozenset({ErasedPart.IDENTITY})}
        store.erasing.erase(whole, asked_by=Person("甲", "a"), decided_by=HEAD, why=Why.REQUEST, reason="本人要求", at=NOON)
        assert days.look(DAY).captured == 0


def test_devices_faults_are_kept_by_the_hour_and_outlive_the_program(tmp_path: Path) -> None:
    lost = DeviceStatus(DeviceKind.CAMERA, DeviceState.LOST, problem=Message("error.camera.lost"))
    for _ in range(2):  # two runs of the station
        with Store.open(tmp_path / "data") as store:
            book = FaultBook(store, "采集点-01", later_s=60.0)
            log = DeviceLog(book.note)
            log.take(StatusChanged(DeviceStatus(DeviceKind.CAMERA, DeviceState.READY, "UVC 720p")))
            log.take(StatusChanged(lost))
            log.take(StatusChanged(lost))
            log.take(PressFailed(3, RIGHT, DeviceError("finger.too_dry")))
            book.close()
    with Store.open(tmp_path / "data") as store:
        today = datetime.now().astimezone().date()
        found = Days(store).look(Span(today - timedelta(days=1), today)).faults
    assert [(one.kind, one.model, one.code, one.times, one.station) for one in found] == [
        (DeviceKind.CAMERA, "UVC 720p", "error.camera.lost", 4, "采集点-01"),
        (DeviceKind.FINGER, "", "error.finger.too_dry", 2, "采集点-01"),
    ]

"""One student, one state: the operator, the office, lists, sheets, forms and the command line count the same."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from kiosk.cli import main
from kiosk.config import Settings
from kiosk.errors import StoreError
from kiosk.exchange import ExportRow
from kiosk.exchange.fields import FIELDS
from kiosk.exchange.forms import FormEntry
from kiosk.exchange.state_names import REASON_NAMES, STATE_NAMES
from kiosk.office import Office, Schedule, papers
from kiosk.records import DayCounts, Message, Person, ProgressState, RefusalReason, StudentProgress
from kiosk.snapshot import Phase, Snapshot
from kiosk.store import Store, Window
from kiosk.web import create_app
from kiosk.web.operator_words import for_operator
from kiosk.words import say
from tests.every_state import CLASS_6, HOUR, REVIEWER, STATES, fill, somebody
from tests.offices import office_key
from tests.staff import operator_of
from tests.store.conftest import card, student
from tests.web.scripted import ScriptedStation

EXPECTED = Counter(STATES.values())


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store's folder, of which each test has a copy."""
    data = tmp_path_factory.mktemp("school") / "data"
    with Store.open(data) as opened:
        fill(opened, datetime.now(UTC))
    return data


@pytest.fixture
def store(filled: Path, tmp_path: Path) -> Iterator[Store]:
    shutil.copytree(filled, tmp_path / "data")
    with Store.open(tmp_path / "data") as opened:
        yield opened


@pytest.fixture
def client(store: Store, tmp_path: Path) -> FlaskClient:
    app = create_app(
        station=ScriptedStation(),
        office=Office(store, tmp_path / "export"),
        settings=Settings(),
        demonstrator=operator_of(store.accounts),
    )
    return app.test_client()


def test_every_state_occurs_in_this_school() -> None:
    assert set(EXPECTED) == set(ProgressState)


def test_every_student_is_in_the_state_that_the_facts_say(store: Store) -> None:
    now = datetime.now(UTC)
    everybody = store.progress.students(now)
    assert [store.progress.of(entry.student.id_number, now) for entry in everybody] == everybody
    found = {entry.student.name: entry.state for entry in everybody}
    assert found == {somebody(number).name: state for number, state in STATES.items()}


def test_the_operators_counts_add_up_to_the_roster(store: Store) -> None:
    counts = store.progress.counts(datetime.now(UTC))
    assert {state: counts[state] for state in ProgressState} == EXPECTED
    assert counts.roster == len(STATES) == store.roster.count()
    assert counts.turned_away == 1


def test_the_operator_reads_the_same_numbers_under_the_same_names_as_the_office(store: Store, client: FlaskClient) -> None:
    counts = store.progress.counts(datetime.now(UTC))
    told = for_operator(Snapshot(1, Phase.WAITING, Message("station.lay_card"), counts=counts), (), "zh-CN")["counts"]
    at_the_desk = {one["label"]: one["value"] for one in told}
    page = client.get("/records").text
    row = re.findall(r'<div class="(\w+)"><dt>([^<]+)</dt><dd><a href="[^"]*">(\d+)</a>', page)
    in_the_office = {label: int(number) for _, label, number in row}
    assert {state for state, _, _ in row} == {state.value for state in ProgressState}
    assert in_the_office == {say("zh-CN", f"progressstate.{state}"): count for state, count in EXPECTED.items()}
    assert {label: at_the_desk[label] for label in in_the_office} == in_the_office
    assert at_the_desk["花名册"] == sum(in_the_office.values())


def test_the_list_of_each_state_is_as_long_as_its_number(client: FlaskClient) -> None:
    for state, count in EXPECTED.items():
        page = client.get(f"/records?state={state}").text
        assert len(re.findall(r'<th scope="row"><a href="/records/[^"]+">考生\d+</a>', page)) == count, state


def test_the_sheet_counts_the_same_and_names_everybody_once(store: Store, tmp_path: Path) -> None:
    out = tmp_path / "进度.xlsx"
    Office(store, tmp_path).files.write_progress(out)
    book = openpyxl.load_workbook(out)
    header, *_, total = book["按班汇总"].iter_rows(values_only=True)
    summary = dict(zip(header, total, strict=True))
    assert {state: summary[name] for state, name in STATE_NAMES.items()} == EXPECTED
    assert summary["应采"] == len(STATES)
    head, *rows = book["全部考生"].iter_rows(values_only=True)
    lines = [dict(zip(head, row, strict=True)) for row in rows]
    assert Counter(line["状态"] for line in lines) == {STATE_NAMES[state]: count for state, count in EXPECTED.items()}
    notes = {line["姓名"]: line["说明"] or "" for line in lines}
    assert "疑似冒用" in notes["考生10"]
    assert "现场照片逆光" in notes["考生9"]
    assert "采集右手食指" in notes["考生4"]


def test_the_command_line_counts_the_same(store: Store, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("", encoding="utf-8")
    told = CliRunner().invoke(main, ["--config", str(tmp_path / "config.toml"), "progress"], catch_exceptions=False)
    assert told.exit_code == 0
    header, *rows = [line.split() for line in told.output.splitlines() if line.strip(" ─")]
    sums = Counter[str]()
    for row in rows:
        sums.update({name: int(cell) for name, cell in zip(header, row, strict=True) if cell.isdigit()})
    assert {state: sums[name] for state, name in STATE_NAMES.items()} == EXPECTED


def test_who_can_sign_is_who_was_captured(store: Store, client: FlaskClient) -> None:
    captured = [number for number, state in STATES.items() if state in {"captured", "exception", "review"}]
    page = client.get("/records/signing?class=高一/5").text
    assert [int(number) for number in re.findall(r'aria-label="考生(\d+)"', page)] == captured


def test_an_export_holds_back_what_waits_for_a_review_and_what_was_sent_back(store: Store, tmp_path: Path) -> None:
    entries = Office(store, tmp_path).files.report("qinghai-xuekao")
    report = {entry.row.who.name: [one.code for one in entry.problems] for entry in entries if entry.row.who}
    assert [name for name, codes in report.items() if "report.to_review" in codes] == ["考生3", "考生4", "考生5"]
    assert [name for name, codes in report.items() if "report.sent_back" in codes] == ["考生9"]


def test_forms_are_printed_of_captures_that_stand_and_say_what_was_reviewed(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    printed: list[ExportRow] = []
    real = papers.registration_forms

    def noted(entries: Sequence[FormEntry], **words: Any) -> bytes:
        printed.extend(entry.row for entry in entries)
        return real(entries, **words)

    monkeypatch.setattr(papers, "registration_forms", noted)
    Office(store, tmp_path).papers("qinghai-xuekao").forms(tmp_path, title="登记表")
    remarks = {row.who.name: str(FIELDS["remarks"](row) or "") for row in printed if row.who}
    assert list(remarks) == [somebody(number).name for number in (1, 2, 3, 4, 5, 6)]
    assert remarks["考生3"].endswith("待复核")
    assert remarks["考生6"].endswith("复核通过（李主任）")


def test_before_any_window_has_opened_nobody_is_missing(tmp_path: Path) -> None:
    """A red cross on every student at eight in the morning is read by nobody after a day."""
    now = datetime.now(UTC)
    with Store.open(tmp_path / "other") as store:
        store.roster.replace_or_update([somebody(number) for number in range(20, 25)])
        assert _states(store, now) == {ProgressState.TO_CAPTURE}
        store.rounds.add(Window("正式采集", now + HOUR, now + 2 * HOUR), by="负责人")
        assert _states(store, now) == {ProgressState.TO_CAPTURE}
        page = create_app(
            station=ScriptedStation(),
            office=Office(store, tmp_path),
            settings=Settings(),
            demonstrator=operator_of(store.accounts),
        )
        assert "空挂学籍" not in page.test_client().get("/records").text


def test_the_alarm_comes_when_the_window_has_closed_and_is_silent_while_another_is_open(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    with Store.open(tmp_path / "other") as store:
        store.roster.replace_or_update([somebody(20)])
        store.rounds.add(Window("正式采集", now - 3 * HOUR, now - HOUR), by="负责人")
        store.rounds.add(Window("补采", now + HOUR, now + 2 * HOUR), by="负责人")
        assert _states(store, now - 4 * HOUR) == {ProgressState.TO_CAPTURE}
        assert _states(store, now - 2 * HOUR) == {ProgressState.TO_CAPTURE}
        assert _states(store, now) == {ProgressState.NOT_SEEN}
        assert _states(store, now + HOUR) == {ProgressState.TO_CAPTURE}
        assert _states(store, now + 2 * HOUR) == {ProgressState.NOT_SEEN}
        store.rounds.authorise(somebody(20), by="负责人", reason="上午住院", at=now, until=now + HOUR / 2)
        assert _states(store, now) == {ProgressState.TO_CAPTURE}


def test_without_windows_a_class_is_expected_until_the_end_of_its_day(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    with Store.open(tmp_path / "other") as store:
        store.roster.replace_or_update([somebody(1), somebody(2), somebody(15)])
        store.captures.begin(
            somebody(1), None, station="1", operator="采集员", profile="qinghai-xuekao", profile_hash="", at=now
        )
        assert _states(store, now) == {ProgressState.CAPTURING, ProgressState.TO_CAPTURE}
        tomorrow = {entry.student.name: entry.state for entry in store.progress.students(now + timedelta(days=1))}
        assert tomorrow == {
            "考生1": ProgressState.CAPTURING,
            "考生2": ProgressState.NOT_SEEN,
            "考生15": ProgressState.TO_CAPTURE,  # class 6 has not had its turn
        }


def test_after_the_schools_deadline_everybodys_time_is_over(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    with Store.open(tmp_path / "other") as store:
        store.roster.replace_or_update([somebody(1)])
        store.deadline.set(now, school_code="1", office_key=office_key().public, by="负责人")
        assert _states(store, now - HOUR) == {ProgressState.TO_CAPTURE}
        assert _states(store, now) == {ProgressState.NOT_SEEN}


def test_an_attempt_at_impersonation_stays_visible_after_the_right_student_was_captured(store: Store) -> None:
    record = store.captures.unfinished(somebody(10).id_number)
    assert record is not None
    store.captures.finish(record.id, datetime.now(UTC))
    entry = _entry(store, 10)
    assert entry.state is ProgressState.CAPTURED
    assert entry.impersonation is not None
    assert entry.impersonation.reason is RefusalReason.IMPERSONATION


def test_a_capture_that_goes_on_after_a_refusal_is_a_capture_again(store: Store) -> None:
    now, who = datetime.now(UTC), somebody(13)
    store.refusals.add(RefusalReason.DECLINED, by=Person("王老师"), at=now, name=who.name, id_number=who.id_number)
    assert _entry(store, 13).state is ProgressState.REFUSED
    store.rounds.authorise(who, by="负责人", reason="监护人已同意", at=now, until=now + HOUR)
    store.captures.begin(
        who, None, station="1", operator="采集员", profile="qinghai-xuekao", profile_hash="", at=now + HOUR / 4
    )
    assert _entry(store, 13).state is ProgressState.CAPTURING


def test_row_3_13_a_photo_by_the_class_list_is_no_capture_and_is_counted_apart(store: Store) -> None:
    entry = _entry(store, 17)
    assert (entry.state, entry.captured, entry.shot) == (ProgressState.PHOTO, False, True)
    (count,) = (one for one in store.photo_runs.groups() if one.group == entry.student.group)
    assert count.shot == sum(_entry(store, number).shot for number in STATES if number not in CLASS_6)


def test_row_3_13_whoever_has_the_photo_that_is_all_that_is_wanted_is_not_waited_for_at_the_deadline(store: Store) -> None:
    key = office_key().public.hex()
    at = datetime.now(UTC) + HOUR

    def waiting(*, photos_only: bool) -> int:
        return Schedule(store, photos_only=photos_only).plan_deadline(at, school_code="S1", office_key=key).waiting

    assert waiting(photos_only=False) - waiting(photos_only=True) == store.progress.counts(at).photo > 0


def test_what_was_sent_back_is_shown_until_it_is_captured_again(store: Store) -> None:
    who = somebody(9)
    review = store.reviews.sent_back(who.id_number)
    assert review is not None
    assert (review.by, review.reason) == (REVIEWER, "现场照片逆光")
    now = datetime.now(UTC)
    store.rounds.authorise(who, by="负责人", reason="补采", at=now, until=now + HOUR)
    again = store.captures.begin(
        who,
        card(who),
        station="1",
        operator="采集员",
        profile="qinghai-xuekao",
        profile_hash="",
        at=now,
        recapture_reason=review.reason,
    )
    assert _entry(store, 9).state is ProgressState.CAPTURING
    store.captures.finish(again.id, now)
    assert store.reviews.sent_back(who.id_number) is None
    assert _entry(store, 9).state is ProgressState.CAPTURED


@pytest.mark.parametrize("name", ["采集员", "王老师", " 王 老师"])
def test_nobody_reviews_what_they_had_a_part_in(store: Store, name: str) -> None:
    record_id = _entry(store, 3).record_id
    now = datetime.now(UTC)
    with pytest.raises(StoreError, match="review_own"):
        store.reviews.approve(record_id, by=Person(name), at=now)
    with pytest.raises(StoreError, match="review_own"):
        store.reviews.send_back(record_id, by=Person(name), at=now, reason="看不清")
    assert _entry(store, 3).state is ProgressState.REVIEW


def test_a_review_is_closed_once_and_stands_in_the_trail(store: Store) -> None:
    record_id, now = _entry(store, 3).record_id, datetime.now(UTC)
    with pytest.raises(StoreError, match="reason_missing"):
        store.reviews.send_back(record_id, by=REVIEWER, at=now, reason=" ")
    store.reviews.approve(record_id, by=REVIEWER, at=now)
    assert _entry(store, 3).state is ProgressState.EXCEPTION
    with pytest.raises(StoreError, match="review_closed"):
        store.reviews.send_back(record_id, by=REVIEWER, at=now, reason="看不清")
    actions = [(entry.action, entry.actor, entry.subject) for entry in store.audit.entries()]
    assert ("review.approved", REVIEWER.name, record_id) in actions


def test_what_passed_by_itself_needs_no_review(store: Store) -> None:
    with pytest.raises(StoreError, match="review_nothing"):
        store.reviews.approve(_entry(store, 1).record_id, by=REVIEWER, at=datetime.now(UTC))
    with pytest.raises(StoreError, match="record_open"):
        store.reviews.approve(_entry(store, 7).record_id, by=REVIEWER, at=datetime.now(UTC))


def test_counts_of_nobody_are_all_nought() -> None:
    assert DayCounts.of([]) == DayCounts()


def _entry(store: Store, number: int) -> StudentProgress:
    return next(entry for entry in store.progress.students() if entry.student.name == student(number).name)


def _states(store: Store, at: datetime) -> set[ProgressState]:
    return {entry.state for entry in store.progress.students(at)}


def test_the_screens_and_the_sheets_have_one_name_for_each_state_and_reason() -> None:
    assert {state: say("zh-CN", f"progressstate.{state}") for state in ProgressState} == STATE_NAMES
    assert {reason: say("zh-CN", f"refusal.{reason}") for reason in RefusalReason} == REASON_NAMES

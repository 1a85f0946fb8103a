"""复核 and 拒绝与终止 on the office's screens, over a store with students in every state."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import expect

from kiosk.config import Settings
from kiosk.idnumber import masked
from kiosk.office import Office
from kiosk.records import Account, Biometric, BiometricKind, CaseKind, Person, ProgressState, RefusalReason
from kiosk.store import Store
from kiosk.web import Server, create_app, serve_app
from tests.every_state import STATES, fill, somebody
from tests.staff import operator_of
from tests.store.conftest import student
from tests.web.browser import Watched
from tests.web.client import decide, follow, post, proven, token
from tests.web.drawings import picture_book
from tests.web.scripted import ScriptedStation
from tests.web.test_accessibility import faults
from tests.web.test_desk_in_the_browser import TOO_WIDE

CODES = re.compile(
    r"\b(?:ui|field|error|reason|officetab|progressstate|refusal|refusalkind|reviewcause|fingerpicture)\.[a-z_.]+"
)
TO_REVIEW = [number for number, state in STATES.items() if state is ProgressState.REVIEW]


@dataclass(frozen=True)
class School:
    store: Store
    app: Flask

    def record(self, number: int) -> str:
        return next(one.record_id for one in self.store.progress.students() if one.student.name == student(number).name)

    def state(self, number: int) -> ProgressState:
        return next(one.state for one in self.store.progress.students() if one.student.name == student(number).name)

    def refusal(self, reason: RefusalReason) -> int:
        return next(one.number for one in self.store.refusals.all() if one.reason is reason)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Account]:
    """The store's folder, of which each test has a copy, and who works there."""
    data = tmp_path_factory.mktemp("school") / "data"
    with Store.open(data) as store:
        fill(store, datetime.now(UTC), _pictures)
        return data, operator_of(store.accounts)


@pytest.fixture
def school(tmp_path: Path, filled: tuple[Path, Account]) -> Iterator[School]:
    data, operator = filled
    shutil.copytree(data, tmp_path / "data")
    with Store.open(tmp_path / "data") as store:
        office = Office(store, tmp_path / "export")
        try:
            yield School(
                store,
                create_app(station=ScriptedStation(), office=office, settings=Settings(), demonstrator=operator),
            )
        finally:
            office.close()


@pytest.fixture
def client(school: School) -> FlaskClient:
    return school.app.test_client()


@pytest.fixture
def server(school: School) -> Iterator[Server]:
    running = serve_app(school.app, 0)
    yield running
    running.stop()


def _pictures(_: int) -> list[Biometric]:
    book = picture_book()
    kinds = {
        BiometricKind.CHIP_PHOTO: "chip",
        BiometricKind.LIVE_FACE: "portrait",
        BiometricKind.PORTRAIT: "portrait",
        BiometricKind.RIGHT_THUMB: "right",
    }
    return [Biometric(kind, book[name]) for kind, name in kinds.items()]


def test_the_queue_holds_what_people_decided_with_scores_and_reasons(client: FlaskClient) -> None:
    page = client.get("/records/review").text
    assert [int(found) for found in re.findall(r'type="checkbox" name="record"[^>]*aria-label="考生(\d+)"', page)] == TO_REVIEW
    for told in ("人工通过", "代替手指", "疑似重复", "0.36", "&lt; 0.40", "王老师：人工比对，确认为本人", "待复核 3 人"):
        assert told in page
    assert "待复核 0 人" in client.get("/records/review?class=高一/6").text


def test_both_students_of_a_suspected_duplicate_are_shown_and_the_look_is_kept(client: FlaskClient, school: School) -> None:
    record_id, other = school.record(5), school.record(1)
    page = client.get(f"/records/review/{record_id}").text
    assert f"/records/{record_id}/live_face" in page
    assert f"/records/{record_id}/chip_photo" in page
    assert f"/records/{other}/portrait" in page
    assert "疑似同一人：考生1" in page
    looks = [entry.subject for entry in school.store.audit.entries() if entry.detail.get("why") == "review"]
    assert looks == [record_id]


def test_a_class_is_approved_at_once_and_counts_as_exceptions(client: FlaskClient, school: School) -> None:
    records = [school.record(number) for number in TO_REVIEW]
    sent = {"record": records, "by": "李主任"}
    answer = client.post("/office/review/approve", data=proven(client, sent), headers={"X-CSRFToken": token(client)})
    assert answer.get_json()["message"] == "已复核通过 3 人。"
    assert {school.state(number) for number in TO_REVIEW} == {ProgressState.EXCEPTION}
    assert "没有等待复核的采集" in client.get("/records/review").text


def test_one_of_them_that_cant_be_approved_leaves_all_as_they_were(client: FlaskClient, school: School) -> None:
    sent = {"record": [school.record(3), school.record(6)], "by": "李主任"}
    answer = client.post("/office/review/approve", data=proven(client, sent), headers={"X-CSRFToken": token(client)})
    assert answer.get_json()["message"] == "考生6的采集已经复核过，结果不能更改。请刷新页面。"
    assert school.state(3) is ProgressState.REVIEW


def test_who_decided_at_the_desk_is_told_to_leave_it_to_somebody_else(client: FlaskClient, school: School) -> None:
    asked = {"record": school.record(3), "by": "王老师", "one": "1"}
    assert "请由另一人复核" in post(client, "/office/review/approve", asked).get_json()["message"]
    assert post(client, "/office/review/approve", asked | {"by": ""}).get_json()["code"] == "web.name_missing"
    assert post(client, "/office/review/back", asked | {"by": "李主任"}).get_json()["code"] == "web.reason_missing"
    sent = client.post("/office/review/approve", data=proven(client, {"by": "李主任"}), headers={"X-CSRFToken": token(client)})
    assert sent.get_json()["code"] == "web.nobody_ticked"
    assert school.state(3) is ProgressState.REVIEW


def test_a_decided_one_leads_to_the_next_that_waits(client: FlaskClient, school: School) -> None:
    third, fourth, fifth = (school.record(number) for number in TO_REVIEW)
    asked = {"record": third, "by": "李主任", "reason": "照片逆光", "one": "1"}
    assert post(client, "/office/review/back", asked).get_json()["next"] == f"/records/review/{fourth}"
    assert school.state(3) is ProgressState.TO_CAPTURE
    assert post(client, "/office/review/approve", asked | {"record": fifth}).get_json()["next"] == f"/records/review/{fourth}"
    assert post(client, "/office/review/approve", asked | {"record": fourth}).get_json()["next"] == "/records/review"
    assert "照片逆光" in client.get(f"/records/{third}").text
    assert client.get("/records/review/nobody").status_code == 404


def test_the_list_of_the_refused_is_filtered_by_day_reason_and_class(client: FlaskClient) -> None:
    def listed(query: str = "") -> list[int]:
        return [
            int(found) for found in re.findall(r'/records/refused/\d+">考生(\d+)<', client.get(f"/records/refused{query}").text)
        ]

    today = datetime.now().astimezone().date().isoformat()
    assert sorted(listed()) == [1, 8, 10, 11, 16, 99]
    assert listed("?reason=impersonation") == [10]
    assert listed("?class=高一/6") == [16]
    assert listed("?class=-") == [99]
    assert 99 in listed(f"?day={today}")
    assert listed("?day=2020-01-01") == listed("?day=nonsense") == []


def test_lists_mask_the_numbers_and_a_look_at_one_is_kept(client: FlaskClient, school: School) -> None:
    whole = student(99).id_number
    page = client.get("/records/refused").text
    assert masked(whole) in page
    assert all(somebody(number).id_number not in page for number in (*STATES, 99))
    number = school.refusal(RefusalReason.NOT_ON_ROSTER)
    assert whole in client.get(f"/records/refused/{number}").text
    assert [entry.detail["refusal"] for entry in school.store.audit.entries() if entry.action == "refusal.look"] == [number]
    assert client.get("/records/refused/9999").get_json()["code"] == "store.refusal_unknown"


def test_row_2_8_somebody_with_another_s_card_is_followed_up_as_a_case(client: FlaskClient, school: School) -> None:
    number = school.refusal(RefusalReason.IMPERSONATION)
    address = f"/records/refused/{number}"
    assert "/office/refused/case" in client.get(address).text
    assert post(client, "/office/refused/case", {"number": str(number), "reason": ""}).status_code == 409
    asked = {"number": str(number), "reason": "考生10 的证件由他人持用，证件暂扣"}
    assert post(client, "/office/refused/case", asked).status_code == 200
    assert post(client, "/office/refused/case", asked).get_json()["code"] == "store.case_under_way"
    (case,) = school.store.cases.all()
    assert (case.kind, case.students[0].name, case.acts[0].reason) == (CaseKind.IMPERSONATION, "考生10", asked["reason"])
    assert school.store.cases.pending(somebody(10).id_number) is None  # the student whose card it is may be captured
    page = client.get(address).text
    assert "/office/refused/case" not in page
    assert f"#case-{case.number}" in page
    other = client.get(f"/records/refused/{school.refusal(RefusalReason.NOT_ON_ROSTER)}").text
    assert "/office/refused/case" not in other


def test_a_refused_number_shows_who_of_the_roster_may_have_been_meant(client: FlaskClient, school: School) -> None:
    who = somebody(13)
    wrong = who.id_number[:16] + ("7" if who.id_number[16] != "7" else "8") + who.id_number[17]
    kept = school.store.refusals.add(
        RefusalReason.NOT_ON_ROSTER, by=Person("采集员"), at=datetime.now(UTC), name="某某", id_number=wrong
    )
    page = client.get(f"/records/refused/{kept.number}").text
    assert f">{who.name}</a>" in page
    assert f"<mark>{who.id_number[16]}</mark>" in page


def test_the_list_goes_out_as_a_sheet_as_it_is_filtered(client: FlaskClient, school: School) -> None:
    answer = client.get("/records/refused.xlsx?reason=impersonation")
    (head, row) = openpyxl.load_workbook(BytesIO(answer.data)).active.iter_rows(values_only=True)
    line = dict(zip(head, row, strict=True))
    assert (line["类别"], line["原因"], line["姓名"], line["经办人"]) == ("终止采集", "疑似冒用，证件暂扣", "考生10", "王老师")
    assert line["身份证号"] == somebody(10).id_number
    assert ("refusal.export", 1) in [(entry.action, entry.detail.get("rows")) for entry in school.store.audit.entries()]


def test_an_impersonation_is_shown_as_one_wherever_the_student_is_shown(client: FlaskClient, school: School) -> None:
    for address in ("/records?q=考生10", f"/records/{school.record(10)}"):
        told = re.findall(r'<span class="tag (?:refused|fail)">.*?</svg>(.*?)</span>', client.get(address).text)
        assert told[:2] == ["已拒绝", "疑似冒用"], address


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_every_page_says_everything_in_words(client: FlaskClient, school: School, language: str) -> None:
    for address in _addresses(school):
        text = re.sub(r"<script.*?</script>", "", client.get(f"{address}?lang={language}").text)
        assert CODES.findall(text) == [], address


def _addresses(school: School) -> list[str]:
    number = school.refusal(RefusalReason.IMPERSONATION)
    reviews = [f"/records/review/{school.record(number)}" for number in (*TO_REVIEW, 6)]
    records = [f"/records/{school.record(number)}" for number in (3, 6, 9, 10)]
    return ["/records", "/records/review", *reviews, *records, "/records/refused", f"/records/refused/{number}"]


def test_no_page_has_accessibility_faults_or_is_too_wide(page: Watched, server: Server, school: School) -> None:
    for address in _addresses(school):
        screen = page.open(server.url + address)
        assert faults(screen) == [], address
        assert not screen.evaluate(TOO_WIDE), address
    assert page.errors == []


def test_a_head_teacher_reviews_one_after_the_other_and_the_name_is_never_filled_in(
    page: Watched, server: Server, school: School
) -> None:
    screen = page.open(f"{server.url}/records?state=absent")
    follow(screen, "#students ~ table a")
    decide(screen, "absent", "王老师")  # typed for something else
    screen.click("[data-reason=因病请假]")
    screen.click("form[data-address='/office/absent'] button[type=submit]")
    expect(screen.locator("#said")).to_be_visible()
    page.open(f"{server.url}/records/review")
    expect(screen.locator("#class-by")).to_have_value("")
    follow(screen, "text=考生3")
    expect(screen.locator("#approve-by")).to_have_value("")
    decide(screen, "approve", "李主任")
    screen.click("#approve button[type=submit]")
    expect(screen.locator("h1")).to_have_text("考生4")
    expect(screen.locator("#said")).to_have_text("已复核通过 1 人。")
    expect(screen.locator("#back-by")).to_have_value("")
    screen.click("[data-reason=例外理由不成立]")
    decide(screen, "back", "李主任")
    screen.click("#back button[type=submit]")
    expect(screen.locator("h1")).to_have_text("考生5")
    assert (school.state(3), school.state(4)) == (ProgressState.EXCEPTION, ProgressState.TO_CAPTURE)
    review = school.store.reviews.sent_back(somebody(4).id_number)
    assert review is not None
    assert review.reason == "例外理由不成立"
    assert page.errors == []

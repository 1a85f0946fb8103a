"""What the office decides on its screens: each decision has a name and a reason, and stands in the audit trail."""

from __future__ import annotations

import io
import json
import re
import time
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import Any

import cv2
import openpyxl
import pytest
import xlsxwriter
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from kiosk.ciphers import Domain
from kiosk.exchange import Source, profiles, read_roster
from kiosk.records import BiometricKind, Person
from kiosk.store import Window
from kiosk.store.authorisation import make_code
from kiosk.words import say
from tests.offices import office_key
from tests.pipeline.test_document import shot
from tests.store.conftest import AT, student
from tests.web.client import post, proven, token
from tests.web.desk import Desk, desk

PAGES = ("", "/roster", "/schedule", "/signing", "/printing", "/export", "/documents", "/school", "/trail")
WAIT_S = 60
CODES = re.compile(
    r"\b(?:ui|field|error|reason|officetab|windowstate|progressstate|seatorder|recordfact|recordstate|biometric|auditaction"
    r"|auditwhy|schoolfield|contactfield|card|verdict)\.[a-z_.]+"
)
KEY = office_key()


@pytest.fixture
def at_work(tmp_path: Path) -> Iterator[Desk]:
    with desk(tmp_path) as made:
        yield made


@pytest.fixture
def client(at_work: Desk) -> FlaskClient:
    return at_work.app.test_client()


def send(client: FlaskClient, address: str, **fields: Any) -> TestResponse:
    """A form with files."""
    return client.post(address, data=proven(client, fields), headers={"X-CSRFToken": token(client)})


def finished(client: FlaskClient, answer: TestResponse) -> dict[str, Any]:
    """A job to its end."""
    assert answer.status_code == 200, answer.text
    number, deadline = answer.get_json()["job"], time.monotonic() + WAIT_S
    while time.monotonic() < deadline:
        state: dict[str, Any] = client.get(f"/office/jobs/{number}").get_json()
        if state["state"] != "running":
            return state
        time.sleep(0.02)
    raise AssertionError("the job did not end")


def handle(client: FlaskClient, number: int) -> str:
    found = re.search(rf'/records/student/(\w+)">{student(number).name}<', client.get("/records").text)
    assert found
    return found[1]


def sheet(rows: list[list[str]]) -> BytesIO:
    file = BytesIO()
    with xlsxwriter.Workbook(file) as book:
        page = book.add_worksheet()
        for line, row in enumerate(rows):
            page.write_row(line, 0, row)
    return BytesIO(file.getvalue())


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_every_page_says_everything_in_words_and_no_whole_number(client: FlaskClient, language: str) -> None:
    for page in PAGES:
        text = re.sub(r"<script.*?</script>", "", client.get(f"/records{page}?lang={language}").text)
        assert CODES.findall(text) == [], page
        assert all(student(number).id_number not in text for number in range(1, 7))


def test_an_absence_is_noted_with_a_reason_and_a_name(client: FlaskClient, at_work: Desk) -> None:
    who = handle(client, 5)
    assert post(client, "/office/absent", {"student": who, "by": "王老师"}).get_json()["code"] == "web.reason_missing"
    assert post(client, "/office/absent", {"student": who, "reason": "因病请假"}).get_json()["code"] == "web.name_missing"
    done = post(client, "/office/absent", {"student": who, "reason": "因病请假", "by": "王老师"})
    assert done.get_json()["message"] == "已登记 考生5 缺席。"
    assert ("student.absent", "王老师") in at_work.actions()
    assert "因病请假" in client.get("/records?state=absent").text
    assert client.get("/records/student/0000").status_code == 404


def test_a_field_is_corrected_and_the_old_value_stays_on_the_page(client: FlaskClient, at_work: Desk) -> None:
    record = at_work.record(1)
    asked = {"record": record.id, "field": "class_name", "value": "9", "reason": "转班", "by": "负责人"}
    assert "班级" in post(client, "/office/correct", asked).get_json()["message"]
    text = client.get(f"/records/{record.id}").text
    assert re.search(r'class="old">5</td><td>9</td><td>转班</td><td>负责人', text)
    assert post(client, "/office/correct", asked | {"field": "id_number"}).get_json()["code"] == "store.not_correctable"
    assert ("record.correct", "负责人") in at_work.actions()
    nothing = {name: value for name, value in asked.items() if name != "value"}
    assert post(client, "/office/correct", nothing).get_json()["code"] == "web.value_missing"
    assert post(client, "/office/correct", asked | {"value": "七五"}).get_json()["code"] == "roster.class_number"
    assert post(client, "/office/correct", asked | {"field": "sex", "value": "不知道"}).get_json()["code"] == "roster.sex"


def test_a_signed_record_is_frozen_by_tick_by_scan_and_by_number(client: FlaskClient, at_work: Desk) -> None:
    ticked, scanned, filed = (at_work.record(number) for number in (1, 2, 4))
    asking = send(client, "/office/sign/ticked", record=[ticked.id], by="班主任").get_json()["confirm"]
    assert (asking["lines"][:2], len(asking["warnings"])) == (["将登记 1 名考生已签字：", "考生1"], 1)
    assert at_work.record(1).signed_at is None
    others = send(client, "/office/sign/ticked", record=[filed.id], by="班主任", confirmed=asking["key"]).get_json()
    assert "confirm" in others  # what was read was about somebody else
    done = send(client, "/office/sign/ticked", record=[ticked.id], by="班主任", confirmed=asking["key"]).get_json()
    assert done["message"].startswith("已登记 1 名")
    answer = post(client, "/office/sign/scanned", {"number": f" {scanned.number} ", "by": "班主任"}).get_json()
    assert answer["name"] == "考生2"
    assert send(client, "/office/sign", record=filed.id, by="班主任", scan=(BytesIO(b"GIF89a"), "a.gif")).status_code == 409
    assert send(client, "/office/sign", record=filed.id, by="班主任", scan=(BytesIO(b"%PDF-1.7"), "a.pdf")).status_code == 200
    assert at_work.store.captures.biometric(filed.id, BiometricKind.FORM) == b"%PDF-1.7"
    again = post(client, "/office/sign/scanned", {"number": scanned.number, "by": "班主任"})
    assert again.get_json()["code"] == "store.record_signed"
    assert post(client, "/office/sign/scanned", {"number": "FFFF-1", "by": "x"}).get_json()["code"] == "store.number_unknown"
    asked = {"record": ticked.id, "field": "name", "value": "张", "reason": "x", "by": "y"}
    assert post(client, "/office/correct", asked).get_json()["code"] == "store.record_signed"
    assert say("zh-CN", "ui.sign.frozen") in client.get(f"/records/{ticked.id}").text


def test_a_window_is_opened_and_withdrawn_and_a_student_let_in_outside_it(client: FlaskClient, at_work: Desk) -> None:
    times = {"opens": "2026-09-01T08:00", "closes": "2026-09-01T12:00"}
    window = {"round": "补采", "group": "高一/5", "by": "教务处", **times}
    assert post(client, "/office/window", window | {"opens": ""}).get_json()["code"] == "web.time_missing"
    seen = post(client, "/office/window", window).get_json()["confirm"]
    assert seen["lines"][0] == "补采：高一 5班，3 名考生"
    assert "2026年9月1日星期二 08:00" in seen["lines"][1]
    assert any("3 名考生没有任何时间段" in warning for warning in seen["warnings"])
    assert at_work.store.rounds.windows() == []
    other = {"group": "高一/6", "confirmed": seen["key"]}
    assert "confirm" in post(client, "/office/window", window | other).get_json()  # what was read is what is done
    assert "message" in post(client, "/office/window", window | {"confirmed": seen["key"]}).get_json()
    mistyped = post(client, "/office/window", window | {"group": "高一/55"}).get_json()
    assert (mistyped["code"], "高一 5" in mistyped["message"]) == ("store.group_unknown", True)
    (only,) = at_work.store.rounds.windows()
    assert (only.round, only.grade, only.class_name) == ("补采", "高一", "5")
    assert "已结束" in client.get("/records/schedule").text
    until = f"{datetime.now().astimezone() + timedelta(days=1):%Y-%m-%dT%H:%M}"
    admitted = {"student": handle(client, 5), "until": until, "reason": "参加比赛", "by": "负责人"}
    assert post(client, "/office/admit", admitted | {"until": "2020-01-01T00:00"}).status_code == 409
    assert post(client, "/office/admit", admitted).status_code == 200
    text = client.get("/records/schedule").text
    assert "考生5" in text
    assert "参加比赛" in text
    asked = {"number": str(only.number), "reason": "改期", "by": "教务处"}
    assert post(client, "/office/window/withdraw", asked).status_code == 200
    assert at_work.store.rounds.windows() == []
    assert [action for action in at_work.actions() if action[0].startswith("window")] == [
        ("window.add", "教务处"),
        ("window.authorise", "负责人"),
        ("window.withdraw", "教务处"),
    ]


def test_after_the_deadline_every_page_says_so_until_the_district_s_code(client: FlaskClient, at_work: Desk) -> None:
    asked = {"at": "2026-09-01T00:00", "school": "3663000001", "key": KEY.public.hex(), "by": "教务处"}
    assert post(client, "/office/deadline", asked | {"key": "12"}).get_json()["code"] == "store.office_key_wrong"
    seen = post(client, "/office/deadline", asked).get_json()["confirm"]
    assert "2026年9月1日星期二 00:00" in seen["lines"][0]
    assert "还有 2 名考生未采集" in seen["lines"][2]
    assert ("立即锁定" in seen["warnings"][0], at_work.store.deadline.state().deadline) == (True, None)
    assert "message" in post(client, "/office/deadline", asked | {"confirmed": seen["key"]}).get_json()
    at_work.store.deadline.set(datetime(2020, 1, 1, tzinfo=UTC), school_code="3663000001", office_key=KEY.public, by="x")
    for page in PAGES:
        assert "数据已锁定" in client.get(f"/records{page}").text
    refused = {"record": at_work.record(1).id, "field": "name", "value": "张", "reason": "x", "by": "y"}
    assert post(client, "/office/correct", refused).get_json()["code"] == "store.locked"
    code = make_code(KEY, "3663000001", datetime.now(UTC) + timedelta(hours=2))
    assert post(client, "/office/deadline/unlock", {"code": "ABC", "by": "校长"}).status_code == 409
    assert "已解锁" in post(client, "/office/deadline/unlock", {"code": code, "by": "校长"}).get_json()["message"]
    assert "经上级授权开放至" in client.get("/records").text
    assert ("deadline.unlock", "校长") in at_work.actions()


def test_a_deadline_is_taken_back_and_one_that_the_office_has_signed_is_not(client: FlaskClient, at_work: Desk) -> None:
    at = datetime(2099, 1, 1, tzinfo=UTC)
    at_work.store.deadline.set(at, school_code="1", office_key=KEY.public, by="教务处")
    assert say("zh-CN", "ui.deadline.withdraw") in client.get("/records/schedule").text
    assert "已撤销" in post(client, "/office/deadline/withdraw", {"reason": "打错", "by": "校长"}).get_json()["message"]
    assert at_work.store.deadline.state().deadline is None
    at_work.store.deadline.set(at, school_code="1", office_key=KEY.public, by="教务处")
    code = make_code(KEY, "1", at, Domain.DEADLINE)
    assert post(client, "/office/deadline/sign", {"code": code[:-6], "by": "校长"}).status_code == 409
    assert "已生效" in post(client, "/office/deadline/sign", {"code": code, "by": "校长"}).get_json()["message"]
    assert say("zh-CN", "ui.deadline.withdraw") not in client.get("/records/schedule").text
    assert post(client, "/office/deadline/withdraw", {"reason": "x", "by": "y"}).get_json()["code"] == "store.deadline_signed"


def test_while_nobody_is_at_the_desk_both_screens_say_that_the_deadline_has_passed(client: FlaskClient, at_work: Desk) -> None:
    assert client.get("/state?after=0").get_json()["notice"] == ""
    at_work.store.deadline.set(datetime(2020, 1, 1, tzinfo=UTC), school_code="1", office_key=KEY.public, by="x")
    assert "已过，不能再采集" in client.get("/state?after=0").get_json()["notice"]
    student_screen = client.get("/state?after=0&screen=student").get_json()
    assert student_screen["instruction"] == say("zh-CN", "station.deadline_over")
    assert student_screen["instructionSmall"] == say("en", "station.deadline_over")


def test_a_clock_that_was_set_back_is_told_on_every_page_until_somebody_answers_for_it(tmp_path: Path) -> None:
    now = [datetime.now(UTC)]
    with desk(tmp_path, clock=lambda: now[0]) as at_work:
        client = at_work.app.test_client()
        assert 'id="clock-notice"' not in client.get("/records").text
        now[0] -= timedelta(days=2)
        for page in PAGES:
            assert 'id="clock-notice"' in client.get(f"/records{page}").text, page
        assert client.get("/state?after=0").get_json()["notice"].startswith("电脑时间")
        assert post(client, "/office/clock", {"by": "校长"}).get_json()["code"] == "web.reason_missing"
        assert post(client, "/office/clock", {"by": "校长", "reason": "时间已校正"}).status_code == 200
        assert 'id="clock-notice"' not in client.get("/records").text
        assert ("clock.confirm", "校长") in at_work.actions()


def test_a_report_comes_first_and_the_export_leaves_out_what_is_faulty(client: FlaskClient, at_work: Desk) -> None:
    report = finished(client, post(client, "/office/export/check"))["result"]
    faulty = {entry["name"]: entry["problems"] for entry in report["students"]}
    assert report["rows"] == 4
    assert any("照片" in problem for problem in faulty["考生3"])
    assert student(3).id_number not in json.dumps(report)
    number = max(job for job in range(1, 5) if at_work.office.jobs.job(job))
    listed = openpyxl.load_workbook(BytesIO(client.get(f"/office/export/problems/{number}.xlsx").data)).worksheets[0]
    assert "考生3" in {row[1] for row in listed.iter_rows(values_only=True)}
    done = finished(client, post(client, "/office/export", {"profile": "cmis-5", "rows": "good", "by": "王主任"}))["result"]
    (done,) = done["exports"]
    assert "6 名考生" in done["summary"]
    folder = Path(done["folder"])
    archive = zipfile.ZipFile(io.BytesIO(client.get(done["zip"]).data))
    assert archive.testzip() is None
    assert archive.read(f"{folder.name}/manifest.json") == (folder / "manifest.json").read_bytes()
    assert client.get(done["manifest"]).get_json()["rows"] == 6
    assert folder.name in client.get("/records/export").text
    assert client.get("/records/exports/..%2Fdata.zip").status_code == 404
    assert [action for action, _ in at_work.actions() if action.startswith("export")] == ["export", "export.download"]


def test_a_locked_export_is_one_file_that_is_verified_and_opened_with_its_password(client: FlaskClient, at_work: Desk) -> None:
    short = finished(client, post(client, "/office/export", {"profile": "cmis-5", "seal": "password", "password": "123"}))
    assert short["state"] == "failed"
    assert "8" in short["message"]
    to_nobody = {"profile": "cmis-5", "password": "正确的马电池订书钉", "school": "*"}
    assert post(client, "/office/export", to_nobody).get_json()["code"] == "web.no_school"
    sealed = post(client, "/office/export", {"profile": "cmis-5", "password": "正确的马电池订书钉"})
    (locked,) = finished(client, sealed)["result"]["exports"]
    assert locked["zip"].endswith(".age")
    package = client.get(locked["zip"]).data
    assert package.startswith(b"age-encryption.org/v1")
    assert client.get("/records/export").text.count(locked["zip"]) == 1
    name = Path(locked["folder"]).name
    told = post(client, "/office/verify", {"export": name, "password": "正确的马电池订书钉"}).get_json()
    assert (told["tone"], name in told["summary"]) == ("good", True)
    assert post(client, "/office/verify", {"export": name, "password": "wrong"}).get_json()["code"] == "package.no_key"
    assert post(client, "/office/verify", {"password": "wrong"}).get_json()["code"] == "web.package_missing"
    spoilt = send(
        client, "/office/verify", password="正确的马电池订书钉", file=(BytesIO(package[:-1] + b"?"), "x.age")
    ).get_json()
    assert (spoilt["tone"], "x.age" in str(spoilt["lines"])) == ("bad", True)
    opened = send(
        client, "/office/package/open", password="正确的马电池订书钉", by="王主任", file=(BytesIO(package), name)
    ).get_json()
    assert (at_work.office.files.folder / Path(name).stem / "学籍五项信息.xlsx").is_file(), opened
    assert ("package.open", "王主任") in at_work.actions()


def test_teachers_go_out_when_their_sheet_is_sound(client: FlaskClient) -> None:
    assert (
        post(client, "/office/export", {"profile": "zhengzhou-qimo-teachers", "by": "王主任"}).get_json()["code"]
        == "web.teachers_missing"
    )
    bad = (sheet([["姓名", "身份证号"], ["李", "1"]]), "teachers.xlsx")
    assert send(client, "/office/export", profile="zhengzhou-qimo-teachers", by="王主任", teachers=bad).status_code == 409


def test_forms_are_printed_once_and_then_as_reprints(client: FlaskClient, at_work: Desk) -> None:
    done = finished(client, post(client, "/office/print/forms", {"class": "高一/5", "which": "new"}))["result"]
    (file,) = done["files"]
    pdf = client.get(file["address"])
    assert pdf.data.startswith(b"%PDF")
    assert "object-src 'self'" in pdf.headers["Content-Security-Policy"]
    again = post(client, "/office/print/forms", {"class": "高一/5", "which": "new"})
    assert again.get_json()["code"] == "web.nothing_to_print"
    finished(client, post(client, "/office/print/forms", {"record": at_work.record(1).id}))
    assert at_work.office.upkeep.printed([at_work.record(1).id])[at_work.record(1).id] == 2
    assert "已打印 2 次" in client.get(f"/records/{at_work.record(1).id}").text
    assert client.get("/records/printed/%2e%2e/station.key").status_code == 404


@pytest.mark.parametrize("grade", ["高一/二", "a%2Fb", "#?&=+", "../x"])
def test_the_links_lead_to_the_papers_whatever_the_grade_is_called(client: FlaskClient, at_work: Desk, grade: str) -> None:
    at_work.store.roster.replace_or_update([replace(student(number), grade=grade) for number in (1, 2)])
    for number in (1, 2):
        at_work.store.corrections.correct(
            at_work.record(number).student.id_number, "grade", grade, reason="名册", by=Person("负责人"), at=AT
        )
    offered = set(re.findall(r'<option value="([^"]+)"', client.get("/records/printing").text)) - {"mixed", "number", "class"}
    (chosen,) = (value for value in offered if value.count("/") == 1)
    done = finished(client, post(client, "/office/print/forms", {"class": unescape(chosen), "which": "all"}))["result"]
    (file,) = done["files"]
    assert client.get(file["address"]).data.startswith(b"%PDF")


def test_a_name_that_the_font_lacks_is_told_before_it_is_printed(client: FlaskClient, at_work: Desk) -> None:
    record = at_work.record(1)
    at_work.store.corrections.correct(
        record.student.id_number, "school", "第\ue863中学", reason="生僻字", by=Person("教务处"), at=datetime.now(UTC)
    )
    seen = finished(client, post(client, "/office/print/forms", {"which": "all"}))["result"]
    assert seen["unprintable"][0][2] == "U+E863"
    assert at_work.office.upkeep.printed([record.id])[record.id] == 0
    assert finished(client, post(client, "/office/print/forms", {"which": "all", "anyway": "1"}))["result"]["files"]


def test_lists_and_progress_are_set(client: FlaskClient) -> None:
    for asked in ({"class": "高一/6"}, {"class": "高一"}, {"class": "高一//"}, {"what": "progress"}):
        (file,) = finished(client, post(client, "/office/print/lists", asked))["result"]["files"]
        assert client.get(file["address"]).data.startswith(b"%PDF")


def test_exam_numbers_come_in_by_themselves_and_make_the_papers_possible(client: FlaskClient, at_work: Desk) -> None:
    rule = {"exam": "1", "per_room": "4", "order": "mixed", "of-1": "高一//"}
    assert post(client, "/office/exam", {"title": "期末考试", "site": "第一中学"}).status_code == 200
    maths = {"exam": "1", "subject": "数学", "starts": "2027-06-07T09:00", "ends": "2027-06-07T11:30"}
    assert post(client, "/office/exam/session", maths).status_code == 200
    assert post(client, "/office/exam/make", rule).get_json()["code"] == "seating.no_exam_number"
    assert post(client, "/office/exam/make", rule | {"of-1": "高二//"}).get_json()["code"] == "seating.nobody"
    assert 'name="of-1" value="高一//">' in client.get("/records/exams").text  # not ticked: no numbers yet
    head = ["姓名", "身份证号", "考号"]
    clash = [head, ["另一人", student(1).id_number, "2601"], ["考生2", student(2).id_number, "2601"]]
    seen = send(client, "/office/exam-numbers/look", roster=(sheet(clash), "a.xlsx")).get_json()
    assert not seen["sound"]
    assert {row[0] for row in seen["rows"]} == {"姓名不符", "号码重复", "仍无号码"}
    assert send(client, "/office/exam-numbers", roster=(sheet(clash), "a.xlsx")).get_json()["code"] == "exam_numbers.unsound"
    sound = [head, *([student(n).name, student(n).id_number, f"26{n:02d}"] for n in range(1, 7))]
    at_work.store.deadline.set(datetime(2020, 1, 1, tzinfo=UTC), school_code="1", office_key=KEY.public, by="x")
    assert send(client, "/office/exam-numbers", roster=(sheet(sound), "a.xlsx")).status_code == 200
    assert {one.class_name for one in at_work.office.rosters.students()} == {"5", "6"}
    again = [["姓名", "身份证号", "班级"], *([student(n).name, student(n).id_number, "8"] for n in range(1, 7))]
    seen = send(client, "/office/roster/look", roster=(sheet(again), "a.xlsx")).get_json()
    assert {one["words"] for one in seen["changes"]} == {
        "班级：5 → 8",
        "班级：6 → 8",
    }  # a column that is not there empties nothing
    assert 'name="of-1" value="高一//" checked>' in client.get("/records/exams").text
    question = post(client, "/office/exam/make", rule).get_json()["confirm"]
    assert question["lines"][0] == "2 个考场，6 名考生。"
    assert post(client, "/office/exam/make", rule | {"per_room": "0"}).get_json()["code"] == "web.room_size"
    assert post(client, "/office/exam/print", {"exam": "1"}).get_json()["code"] == "seating.no_seats"
    assert post(client, "/office/exam/make", rule | {"confirmed": question["key"]}).status_code == 200
    assert len(finished(client, post(client, "/office/exam/print", {"exam": "1"}))["result"]["files"]) == 6  # tickets by class
    assert len(finished(client, post(client, "/office/exam/print", {"exam": "1", "class": "高一/5"}))["result"]["files"]) == 2
    head = ["姓名", "身份证号", "准考证号", "考场号", "座位号"]
    wrong = [head, ["考生1", student(1).id_number, "1", "1", "1"], ["考生2", student(2).id_number, "2", "1", "1"]]
    told = send(client, "/office/exam/seats", list=(sheet(wrong), "a.xlsx"), exam="1").get_json()
    assert "第 3 行 E 列" in told["message"]
    good = [head, ["考生1", student(1).id_number, "1", "1", "1"], ["考生2", student(2).id_number, "2", "1", "2"]]
    content = sheet(good).getvalue()
    question = send(client, "/office/exam/seats", list=(BytesIO(content), "a.xlsx"), exam="1").get_json()["confirm"]
    assert "原有 6 人的座位将被替换" in question["warnings"][0]
    taken = {"list": (BytesIO(content), "a.xlsx"), "exam": "1", "confirmed": question["key"]}
    assert send(client, "/office/exam/seats", **taken).get_json()["message"] == "已编排 2 名考生。"
    assert post(client, "/office/exam/undo", {"exam": "1"}).get_json()["message"] == "已撤销，现在 6 名考生有座位。"
    assert post(client, "/office/exam/change", {"exam": "1", "title": "期末", "site": ""}).status_code == 200
    assert post(client, "/office/exam/session/remove", {"exam": "1", "at": "0"}).status_code == 200
    assert "还没有科目" in client.get("/records/exams").text
    assert post(client, "/office/exam/withdraw", {"exam": "1", "reason": "取消", "by": "负责人"}).status_code == 200


def test_rows_4_2_4_19_and_3_15_the_lists_are_filed_printed_and_come_back(client: FlaskClient, at_work: Desk) -> None:
    assert "还没有备案" in client.get("/records/lists").text
    assert post(client, "/office/lists/file", {"note": "上报", "by": "负责人"}).status_code == 200
    assert "与第 1 版一致" in client.get("/records/lists").text
    for what in ("roster", "roll-call", "public"):
        (file,) = finished(client, post(client, "/office/lists/print", {"what": what, "class": ""}))["result"]["files"]
        assert client.get(file["address"]).data.startswith(b"%PDF")
    for name in ("roll-call", "unseen", "requests", "failures"):
        assert client.get(f"/records/lists/{name}.xlsx").data.startswith(b"PK")
    assert client.get("/records/lists/other.xlsx").status_code == 404
    one = student(2)
    rows = [["姓名", "身份证号", "身份证验证结果"], [one.name, one.id_number, "姓名不匹配"]]
    content = sheet(rows).getvalue()
    question = send(client, "/office/lists/id-checks", list=(BytesIO(content), "a.xlsx")).get_json()["confirm"]
    assert question["lines"] == ["未通过：1 人"]
    taken = {"list": (BytesIO(content), "a.xlsx"), "confirmed": question["key"]}
    assert send(client, "/office/lists/id-checks", **taken).get_json()["message"] == "已导入 1 人的结果。"
    assert "姓名不匹配" in client.get("/records/lists").text
    wrong = sheet([["姓名", "身份证号", "点名结果"], [one.name, one.id_number, "蓝"]])
    assert "第 2 行 C 列“蓝”" in send(client, "/office/lists/roll-call", list=(wrong, "a.xlsx")).get_json()["message"]
    other = replace(student(9, "5"), name="张\U0002ebf0", school="红旗中学", school_code="4205280002")
    at_work.store.roster.replace_or_update([*at_work.store.roster.students(), other])
    text = client.get("/records/lists?class=@4205280002").text
    assert "<strong>红旗中学</strong> 共 1 人，还没有备案" in text
    assert "姓名不匹配" not in text  # of the other school
    assert "/records/lists/unseen.xlsx?class=@4205280002" in text
    assert post(client, "/office/lists/file", {"note": "", "by": "负责人", "class": "@4205280002"}).status_code == 200
    assert "<strong>红旗中学</strong> 共 1 人，与第 1 版一致" in client.get("/records/lists").text
    told = {"what": "roster", "class": "@4205280002"}  # a name that would not be whole is told before it is printed
    assert finished(client, post(client, "/office/lists/print", told))["result"]["unprintable"][0][0] == other.name
    assert finished(client, post(client, "/office/lists/print", told | {"anyway": "1"}))["result"]["files"]


def test_rows_2_11_4_11_and_4_13_slots_notices_and_the_register_s_window(client: FlaskClient, at_work: Desk) -> None:
    opens = datetime.now(UTC) + timedelta(days=1)
    at_work.store.rounds.add(Window("正式采集", opens, opens + timedelta(days=9)), by="考务")
    rule = {"window": "1", "minutes": "20", "stations": "2", "seconds": "60", "day_from": "08:00", "day_to": "18:00"}
    assert post(client, "/office/slots", rule | {"day_to": "x"}).get_json()["code"] == "web.time_missing"
    question = post(client, "/office/slots", rule).get_json()["confirm"]
    assert question["lines"][:2] == ["每段 40 人", "每人 60 秒（设定）"]
    assert post(client, "/office/slots", rule | {"confirmed": question["key"]}).status_code == 200
    told = {"title": "通知", "place": "报告厅", "bring": "身份证", "contact": "", "class": ""}
    assert len(finished(client, post(client, "/office/slots/print", told))["result"]["files"]) == 2
    window = {"opens": "2027-11-11T08:00", "closes": "2027-11-22T18:00", "by": "负责人"}
    assert post(client, "/office/registration", window).status_code == 200
    assert "2027-11-11 08:00 开始" in client.get("/records/schedule").text
    choice = client.get("/records/schedule").text.partition('id="registration-group"')[2]
    (group, *_) = re.findall(r'<option value="([^"]+)">', choice.partition("</select>")[0])
    own = window | {"closes": "2027-11-29T18:00", "group": group}
    assert post(client, "/office/registration", own).status_code == 200
    shown = client.get("/records/export").text
    assert "考籍注册时间 全部考生：" in shown
    whose = re.search(r"考籍注册时间 ([^：]+)：2027-11-11 08:00 开始，2027-11-29 18:00 截止", shown)
    assert whose
    which = re.search(rf'<option value="(\d+)">{whose[1]}<', client.get("/records/schedule").text)
    assert which
    for chosen in ({"which": which[1]}, dict[str, str]()):
        gone = {"reason": "改期", "by": "负责人", **chosen}
        assert post(client, "/office/registration/withdraw", gone).status_code == 200
    assert "考籍注册时间" not in client.get("/records/export").text


def test_what_an_import_would_change_is_shown_and_who_left_stays_known(client: FlaskClient) -> None:
    rows = [["姓名", "身份证号", "年级", "班级"], ["考生1", student(1).id_number, "高一", "7"]]
    seen = send(client, "/office/roster/look", roster=(sheet(rows), "a.xlsx")).get_json()
    changed = next(one for one in seen["changes"] if one["kind"] == "changed")
    assert "班级：5 → 7" in changed["words"]
    assert sum(one["kind"] == "gone" for one in seen["changes"]) == 5
    assert send(client, "/office/roster", roster=(sheet(rows), "a.xlsx")).status_code == 200
    text = client.get("/records/roster").text
    assert "不再列入花名册的考生（5 人）" in text
    assert "已采集，数据保留" in text


def test_a_class_is_added_shown_beforehand_and_taken_back(client: FlaskClient, at_work: Desk) -> None:
    rows = [
        ["姓名", "身份证号", "年级", "班级"],
        ["考生1", student(1).id_number, "高一", "5"],
        ["新生", student(9).id_number, "高一", "5"],
    ]
    counts = {"add": 0, "groups": 2, "whole": 5}
    for mode, gone in counts.items():
        seen = send(client, "/office/roster/look", roster=(sheet(rows), "5班.xlsx"), mode=mode).get_json()
        assert (seen["counts"]["gone"], seen["counts"]["added"]) == (gone, 1)
        assert seen["modes"] == {one: f"移出 {count} 人" for one, count in counts.items()}
    assert send(client, "/office/roster", roster=(sheet(rows), "a.xlsx"), mode="some").get_json()["code"] == "web.roster_mode"
    assert (
        send(client, "/office/roster", roster=(sheet(rows), "a.xlsx"), mode="add").get_json()["summary"].endswith("现有 7 人。")
    )
    assert "新增 1 人，更新 0 人，移出 0 人" in client.get("/records/roster").text
    assert post(client, "/office/roster/undo").get_json()["summary"].endswith("花名册现有 6 人。")
    assert post(client, "/office/roster/undo").get_json()["code"] == "store.nothing_to_undo"
    assert [action for action, _ in at_work.actions()][-2:] == ["roster.import", "roster.undo"]


def test_students_without_a_resident_number_are_given_the_offices_from_the_roster_page(
    client: FlaskClient, at_work: Desk
) -> None:
    page = client.get("/records/roster").text
    assert 'id="substitutes" hidden' in page
    rows = [
        ["姓名", "身份证号", "证件类型", "性别", "出生日期", "年级", "班级"],
        ["JOHN SMITH", "E12345678", "护照", "男", "20090203", "高一", "5"],
        ["ANNA BERG", "E12345679", "护照", "女", "", "高一", "5"],
    ]
    send(client, "/office/roster", roster=(sheet(rows), "护照.xlsx"), mode="add")
    assert 'id="substitutes" hidden' not in client.get("/records/roster").text
    assert post(client, "/office/roster/substitutes", {"school_code": "41"}).get_json()["code"] == "manual.school_code"
    given = post(client, "/office/roster/substitutes", {"school_code": "0101"}).get_json()["summary"]
    assert given == "已编号 1 人，缺出生日期未编 1 人。"
    assert "010100200902030001" in client.get("/records/roster").text
    assert at_work.actions()[-1][0] == "substitutes.give"


def test_an_empty_roster_for_each_system_can_be_filled_in_and_imported(client: FlaskClient, tmp_path: Path) -> None:
    for profile in profiles():
        answer = client.get(f"/office/roster/template/{profile.name}.xlsx")
        book = openpyxl.load_workbook(BytesIO(answer.data))
        head = [cell.value for cell in book["名单"][1]]
        assert {"*姓名", "*身份证号"} <= set(head)
        if profile.source is not Source.TEACHERS:
            for column, text in (("*姓名", "新生"), ("*身份证号", student(9).id_number), ("年级", "高一"), ("班级", "5")):
                book["名单"].cell(2, head.index(column) + 1).value = text
            book.save(tmp_path / "filled.xlsx")
            (one,) = read_roster(tmp_path / "filled.xlsx").students
            assert (one.name, one.id_number, one.class_name) == ("新生", student(9).id_number, "5")


def test_a_document_is_shot_looked_at_and_kept_with_the_number_that_was_read(client: FlaskClient, at_work: Desk) -> None:
    record, profile = at_work.record(1), {"profile": "henan-zhongkao"}
    assert post(client, "/office/document/shoot", profile).get_json()["code"] == "web.no_camera"
    at_work.station.film(shot()[0])
    assert len(client.get("/office/document/find").get_json()["corners"]) == 4
    made = send(client, "/office/document/shoot", **profile).get_json()
    assert client.get(made["address"]).data.startswith(b"\xff\xd8")
    keep = {"draft": made["draft"], "record": record.id, "number": student(2).id_number, "by": "采集员乙"}
    assert post(client, "/office/document/keep", keep).get_json()["code"] == "document.other_number"
    assert post(client, "/office/document/keep", keep | {"number": student(1).id_number}).status_code == 200
    assert client.get(f"/records/{record.id}/document").data.startswith(b"\xff\xd8")
    assert ("record.attach", "采集员乙") in at_work.actions()
    gone = post(client, "/office/document/keep", keep | {"number": student(1).id_number})
    assert gone.get_json()["code"] == "web.draft_gone"
    scan = BytesIO(cv2.imencode(".jpg", shot()[0])[1].tobytes())  # small enough to be sent from memory
    assert send(client, "/office/document/file", picture=(scan, "扫描.jpg"), **profile).status_code == 200
    letter = send(client, "/office/document/file", picture=(BytesIO(b"no picture"), "a.jpg"), **profile)
    assert letter.get_json()["code"] == "photo.broken"

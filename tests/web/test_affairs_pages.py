"""联系人与值班, 佐证, 材料与存档: the office's pages, their papers, and who is called when a device fails."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser, expect
from pypdf import PdfReader
from werkzeug.test import TestResponse

from kiosk.records import (
    Contact,
    DeviceKind,
    DeviceState,
    DeviceStatus,
    Exam,
    IdCheck,
    Message,
    Person,
    RollCall,
    School,
    Seating,
    Student,
)
from kiosk.store import Window
from kiosk.web import serve_app
from kiosk.web.office import job_views
from kiosk.web.office.shell import handle
from tests.exchange.photographs import jpeg
from tests.store.conftest import student
from tests.web import script
from tests.web.browser import watched
from tests.web.client import post, token
from tests.web.desk import Desk, desk
from tests.web.test_accessibility import faults

NOBODY = Person("王主任")
NEWCOMER = Student("安娜", "无号ABC123", "高一", "5", sex="女", birth_text="20080304", document_type="A")


@pytest.fixture
def school(tmp_path: Path) -> Iterator[Desk]:
    with desk(tmp_path) as found:
        contacts = (Contact("张老师", "教务主任", "13800000000"), Contact("李老师", "干事", "13900000000"))
        told = School("西宁第一中学", "6301001", principal="赵校长", phone="0971-6303000", contacts=contacts)
        found.office.school.change(told, by=NOBODY)
        found.store.roster.replace_or_update([*found.store.roster.students(), NEWCOMER])
        opens = found.store.audit.now().astimezone()
        found.store.rounds.add(Window("正式采集", opens, opens + timedelta(days=2), "高一"), by="王主任")
        yield found


def printed(school: Desk, which: str, group: str = "") -> str:
    """The words of a paper that the office has printed, or what keeps it from being."""
    client = school.app.test_client()
    number = json.loads(post(client, "/office/materials/print", {"which": which, "class": group}).text)["job"]
    school.office.jobs.wait(number, 60)
    job = json.loads(client.get(f"/office/jobs/{number}").text)
    if "message" in job:
        return str(job["message"])
    (file,) = job["result"]["files"]
    return words_of(client.get(file["address"]).data)


def words_of(content: bytes) -> str:
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages).replace(" ", "").replace("\n", "")


def test_row_0_1_and_2_16_and_4_12_whom_to_call_and_who_is_there(school: Desk, browser: Browser) -> None:
    server = serve_app(school.app, 0)
    try:
        with watched(browser, viewport={"width": 1366, "height": 768}) as page:
            screen = page.open(f"{server.url}/records/contacts")
            expect(screen.locator("#gaps p")).to_have_count(3)
            expect(screen.locator("#lines tbody tr")).to_have_count(2)  # the school's own, kept on its page
            screen.fill("#duty-name", "王主任")
            with screen.expect_navigation():
                screen.click("#duty button[type=submit]")
            expect(screen.locator("#duties tbody tr")).to_have_count(1)
            expect(screen.locator("#gaps p").first).not_to_contain_text("负责人")
            screen.select_option("#line-about", "vendor/finger")
            screen.fill("#line-name", "竟业达")
            screen.fill("#line-person", "陈工")
            screen.fill("#line-phone", "１３７００００００００")
            with screen.expect_navigation():
                screen.click("#line button[type=submit]")
            expect(screen.locator("#lines")).to_contain_text("13700000000")
            assert faults(screen, "main") == []
            screen.keyboard.press("F1")
            expect(screen.locator(".calls")).to_contain_text("张老师 13800000000")
            screen.goto(f"{server.url}/records/cases")
            screen.fill("#shared-number", student(7).id_number)
            screen.fill("#shared-name1", "张伟")
            screen.fill("#shared-name2", "张玮")
            screen.fill("#shared-reason", "两人同号，均不改号")
            with screen.expect_navigation():
                screen.click("#shared button[type=submit]")
            expect(screen.locator("#case-1 .effect")).to_contain_text("都不能采集")
            assert faults(screen, "main") == []
            screen.goto(f"{server.url}/records/materials")
            assert faults(screen, "main") == []
            assert page.errors == []
    finally:
        server.stop()


def test_row_0_1_and_0_14_the_sheet_to_hang_up_has_everybody_and_what_is_missing(school: Desk) -> None:
    client = school.app.test_client()
    assert (
        post(client, "/office/contacts", {"about": "district/hotline", "name": "县招办", "phone": "0971-6303001"}).status_code
        == 200
    )
    for body, code in (
        ({"about": "district/card", "name": "县招办", "phone": "123456"}, "contact.subject"),
        ({"about": "vendor", "name": "县招办", "phone": "123456"}, "contact.subject"),
        ({"about": "vendor/card", "name": "竟业达", "phone": ""}, "contact.half"),
        ({"about": "vendor/card", "name": "竟业达", "phone": "问前台"}, "contact.phone"),
    ):
        answer = post(client, "/office/contacts", body)
        assert (answer.status_code, code in answer.text) == (409, True)
    for body, code in (
        ({"first": "2026-10-12", "last": "2026-10-01", "task": "operator", "name": "王"}, "duty.days"),
        ({"first": "十月", "task": "operator", "name": "王"}, "web.day_missing"),
        ({"first": "2026-10-12", "task": "operator"}, "duty.name"),
    ):
        assert code in post(client, "/office/duties", body).text
    told = words_of(client.get("/records/contacts.pdf").data)
    for words in ("联系人与值班表", "张老师", "13800000000", "0971-6303001", "24小时值班电话", "值班表", "还没有安排"):
        assert words in told
    sheet = openpyxl.load_workbook(io.BytesIO(client.get("/records/contacts.xlsx").data))
    assert sheet.sheetnames == ["学校考试联系人", "设备厂家", "上级考务部门", "值班表"]
    assert sheet["上级考务部门"]["D2"].value == "0971-6303001"


def test_row_4_16_a_red_lamp_names_the_vendor_s_contact(school: Desk) -> None:
    client = school.app.test_client()
    post(client, "/office/contacts", {"about": "vendor/card", "name": "国腾", "person": "周工", "phone": "13600000000"})
    lost = DeviceStatus(DeviceKind.CARD, DeviceState.LOST, "GTICR", Message("card.reader_gone"))
    ready = DeviceStatus(DeviceKind.CAMERA, DeviceState.READY, "UVC")
    school.station.show(replace(script.waiting(), devices=(lost, ready)))
    devices = {one["kind"]: one["problem"] for one in json.loads(client.get("/state?screen=operator").text)["devices"]}
    assert "请联系厂家：国腾 周工 13600000000" in devices["card"]
    assert devices["camera"] == ""
    school.station.show(script.waiting())


def test_row_3_19_and_2_14_papers_are_handed_in_missed_and_boxed(school: Desk) -> None:
    client = school.app.test_client()
    people = {name: one for one in school.store.roster.students() for name in [one.name]}
    with school.app.test_request_context():
        known = {name: handle(one) for name, one in people.items()}

    def enter(**told: object) -> str:
        form = {"record": [known["考生1"], known["考生2"]], "kind": ["户口本复印件"], **told}
        return client.post("/office/materials", data=form, headers={"X-CSRFToken": token(client)}).text

    assert "material.no_kind" in enter(deed="in", kind=[])
    assert "已登记交来 2 份" in enter(deed="in", handed_by="班主任")
    assert "已登记交来 0 份" in enter(deed="in")
    assert "store.box_missing" in enter(deed="box")
    assert "2 份已放入 A-01 盒" in enter(deed="box", box="A-01")
    assert "material.one_back" in enter(deed="back")
    assert "nobody_ticked" in enter(deed="in", record=[])
    assert "已退还考生2" in enter(deed="back", record=[known["考生2"]])
    page = client.get("/records/materials?box=A-01").text
    assert (page.count('name="record"'), "A-01" in page) == (1, True)
    assert "考生1" not in client.get("/records/materials?lacking=户口本复印件").text
    told = printed(school, "list", "高一/5")
    assert "√A-01" in told
    assert "户口本复印件缺" in told
    boxes = printed(school, "boxes")
    assert "存档盒A-01" in boxes
    sheet = openpyxl.load_workbook(io.BytesIO(client.get("/records/materials.xlsx").data))
    assert sheet.sheetnames == ["按班缺件", "材料明细", "存档盒"]
    boxed = [[cell.value for cell in row] for row in sheet["存档盒"].iter_rows(min_row=2)]
    assert boxed[0][:7] == ["A-01", "高一", "5", "考生1", student(1).id_number, boxed[0][5], "户口本复印件"]
    kinds = {"kinds": "户口本复印件\n同意书\n"}
    assert post(client, "/office/materials/kinds", kinds).status_code == 200
    assert "身份证复印件" not in client.get("/records/materials").text


def test_row_3_8_and_0_5_certificates_and_slips_of_those_without_a_number(school: Desk) -> None:
    client = school.app.test_client()
    assert "还没有代用号码" in printed(school, "slips")
    (given,) = school.office.rosters.give_substitutes("0104", actor="王主任")
    slips = printed(school, "slips")
    for words in ("考试代用号码告知单", "安娜", given.number, "固定使用", "张老师13800000000"):
        assert words in slips
    paper = printed(school, "certificates", "高一/5")
    for words in ("在校就读证明", "兹证明安娜", "性别女", "2008年3月4日出生", "学校公章", "盖章处", "校长签字", given.number):
        assert words in paper
    assert "无号" not in paper
    assert "不需要证明" in printed(school, "certificates", "高一/6")
    assert "web.nothing_to_print" in post(client, "/office/materials/print", {"which": "?"}).text
    actions = [entry.action for entry in school.store.audit.entries()]
    assert ("letter.slips" in actions, "letter.certificates" in actions) == (True, True)


def result_of(client: FlaskClient, answer: TestResponse) -> dict[str, Any]:
    """What came of a job."""
    for _ in range(100):
        told = client.get(f"/office/jobs/{answer.get_json()['job']}").get_json()
        if told["state"] != "running":
            break
    result: dict[str, Any] = told["result"]
    return result


def test_row_3_19_a_list_of_materials_is_taken_as_a_job_and_says_what_is_wrong_with_its_place(
    school: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job_views, "_PATIENCE_S", 60.0)  # a slow machine answers with the job, and the page waits for it
    client = school.app.test_client()

    def taken(rows: str) -> TestResponse:
        data = {"list": (io.BytesIO(rows.encode("utf-8-sig")), "材料.csv")}
        return client.post("/office/materials/list", data=data, headers={"X-CSRFToken": token(client)})

    kind = school.office.materials.kinds()[-1]
    wrong = taken(f"姓名,{kind}\n考生1,???\n").get_json()
    assert wrong["code"] == "material.list_refused"
    assert "第2行" in wrong["message"]
    assert "新登记 1 份" in taken(f"姓名,{kind}\n考生1,是\n").get_json()["message"]


def test_row_3_2_the_office_decides_a_case_with_a_name_and_a_reason(school: Desk) -> None:
    client = school.app.test_client()
    told = {"kind": "differing", "student": "考生1", "reason": "户口本姓名不同"}
    assert "case.which" in post(client, "/office/cases", told | {"student": "考生"}).text
    assert "case.kind" in post(client, "/office/cases", told | {"kind": "?"}).text
    assert post(client, "/office/cases", told).status_code == 200
    number = str(school.office.cases.all()[0].number)
    scan = {"number": number, "title": "户口本", "about": "考生1", "paper": (io.BytesIO(jpeg()), "a.jpg")}
    attached = client.post("/office/cases/paper", data=scan, headers={"X-CSRFToken": token(client)})
    assert attached.status_code == 200
    step = {"number": number, "state": "submitted", "reason": "材料齐"}
    assert post(client, "/office/cases/move", step).status_code == 200
    accepted = step | {"state": "accepted", "reason": "以户口本为准"}
    assert "name_missing" in post(client, "/office/cases/move", accepted).text  # a decision wants somebody who answers for it
    assert post(client, "/office/cases/move", accepted | {"by": "王主任"}).status_code == 200
    case = school.office.cases.all()[0]
    assert (case.state, case.acts[-1].by.name, case.acts[-1].reason) == ("accepted", "王主任", "以户口本为准")
    owner = case.papers[0].owner
    assert client.get(f"/records/cases/paper/{owner}").mimetype == "image/jpeg"
    assert client.get("/records/cases/paper/none").status_code == 404
    (packed,) = result_of(client, post(client, "/office/cases/pictures", {"number": number, "year": "2025", "level": "GZ"}))[
        "files"
    ]
    with zipfile.ZipFile(io.BytesIO(client.get(packed["address"]).data)) as made:
        assert made.namelist() == [f"{student(1).id_number}-2025-GZ.jpg"]
    one, store = student(1), school.store
    exam = store.exams.add(Exam("期末", "一中"), by="王主任")
    store.exams.seat(exam.number, [Seating(one.id_number, "260077", "03", 17)], how="made", by="王主任")
    store.lists.roll_calls.enter({one.id_number: (RollCall.NOT_HERE, "外出务工")}, by="班主任")
    store.lists.id_checks.enter({one.id_number: (IdCheck.FAILED, "姓名与身份证号不匹配")}, by="王主任")
    store.progress.report_absent(one, reason="病假", by="班主任", at=store.audit.now())
    copy = words_of(client.get(f"/records/own-data/{school.record(1).id}.pdf").data)
    for words in ("户口本姓名不同", "证件与学籍信息不一致", "260077", "外出务工", "姓名与身份证号不匹配", "病假"):
        assert words in copy


def test_row_3_3_why_somebody_left_is_said(school: Desk) -> None:
    client, gone = school.app.test_client(), Student("转走的", student(9).id_number, "高一", "5")
    roster = school.store.roster.students()
    school.store.roster.replace_or_update([*roster, gone])
    school.store.roster.replace_or_update(roster)
    with school.app.test_request_context():
        told = {"student": handle(gone), "cause": "moved", "note": "西宁二中"}
    assert "store.nothing_there" in post(client, "/office/roster/left", told | {"cause": "?"}).text
    assert post(client, "/office/roster/left", told).status_code == 200
    assert "转学 · 西宁二中" in client.get("/records/roster").text

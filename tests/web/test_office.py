from __future__ import annotations

import json
import threading
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from kiosk.errors import ExchangeError
from kiosk.exchange import ColumnReading, RosterReading, RowProblem
from kiosk.records import Message, ProgressState, Student, StudentProgress
from kiosk.store import Health, RosterChange
from kiosk.web.office import job_views
from kiosk.words import say
from tests.store.conftest import AT
from tests.web import script
from tests.web.client import token
from tests.web.scripted import Preview, ScriptedOffice


def upload(client: FlaskClient, address: str, name: str = "花名册.xlsx", **fields: str) -> TestResponse:
    form = {"roster": (BytesIO(b"PK a sheet"), name), **fields}
    return client.post(address, data=form, headers={"X-CSRFToken": token(client)})


def test_a_roster_is_looked_at_before_it_is_taken(client: FlaskClient, office: ScriptedOffice) -> None:
    problem = RowProblem("Sheet1", 7, "C", "6.32801E+17", Message("station.not_on_roster"))
    reading = RosterReading((script.STUDENT,), (problem,), (), (ColumnReading("Sheet1", "C", "身份证号码", "id_number"),))
    office.preview_answer = Preview(reading, RosterChange(added=(script.STUDENT,), gone=(script.STUDENT,)))
    answer = upload(client, "/office/roster/look").get_json()
    assert answer["summary"] == "读到 2 人：可导入 1 人，有问题 1 人。新增 1，更新 0，不再列入 1。"
    assert "1 名考生不再列入花名册" in answer["gone"]
    assert answer["columns"] == [{"sheet": "Sheet1", "column": "C", "header": "身份证号码", "field": "id_number"}]
    assert {"field": "id_number", "name": "身份证号"} in answer["fields"]
    assert [(found["row"], found["column"], found["value"]) for found in answer["problems"]] == [(7, "C", "6.32801E+17")]
    assert office.taken == []


def test_a_roster_that_takes_long_to_read_has_a_bar_and_the_same_answer(
    client: FlaskClient, office: ScriptedOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, preview, seen = threading.Event(), office.rosters.preview, []

    def slow(path: Path, *told: Any, **more: Any) -> Preview:
        if path.suffix == ".xlsx":
            read.wait(10)
            seen.append(path.read_bytes())  # the request is long answered
        return preview(path, *told, **more)

    monkeypatch.setattr(office.rosters, "preview", slow)
    monkeypatch.setattr(job_views, "_PATIENCE_S", 0.0)
    monkeypatch.setattr(job_views, "_LOOK_S", 0.01)
    number = upload(client, "/office/roster/look").get_json()["job"]
    state = client.get(f"/office/jobs/{number}").get_json()
    assert (state["state"], state["stops"]) == ("running", False)
    assert "summary" in upload(client, "/office/roster/look", "b.csv").get_json()  # one bar at a time; nobody waits for it
    read.set()
    monkeypatch.setattr(job_views, "_LOOK_S", 10.0)
    assert "读到" in client.get(f"/office/jobs/{number}").get_json()["result"]["summary"]
    assert seen == [b"PK a sheet"]
    refused = upload(client, "/office/roster/look", "名单.pdf").get_json()
    told = client.get(f"/office/jobs/{refused['job']}").get_json() if "job" in refused else refused
    assert "“.pdf”" in told["message"]


def test_a_roster_is_taken_as_the_operator_corrected_it(client: FlaskClient, office: ScriptedOffice) -> None:
    corrected = json.dumps({"证件": "id_number", "备注": ""})
    assert upload(client, "/office/roster/look", columns=corrected).status_code == 200
    assert upload(client, "/office/roster", columns=corrected).get_json()["summary"] == "花名册已导入，现有 0 人。"
    assert office.looked == [{"证件": "id_number", "备注": ""}]
    assert office.taken == [(b"PK a sheet", {"证件": "id_number", "备注": ""})]


def test_a_roster_comes_back_with_its_bad_cells_marked(client: FlaskClient, office: ScriptedOffice) -> None:
    answer = upload(client, "/office/roster/marked")
    assert answer.mimetype.endswith("spreadsheetml.sheet")
    assert answer.data.decode() == "PK marked: " + say("zh-CN", "roster.cell_empty")
    assert office.taken == []


def test_the_progress_can_be_had_as_a_sheet(client: FlaskClient) -> None:
    answer = client.get("/records/progress.xlsx")
    assert answer.data == b"PK progress"
    assert "filename*=UTF-8''%E9%87%87" in answer.headers["Content-Disposition"]
    assert answer.headers["Cache-Control"] == "no-store"


def test_columns_that_nobody_knows_are_refused(client: FlaskClient, office: ScriptedOffice) -> None:
    for nonsense in ('{"证件": "shoe_size"}', "[1]", "{"):
        assert upload(client, "/office/roster", columns=nonsense).get_json()["code"] == "web.columns"
    assert office.taken == []


def test_a_roster_of_another_kind_is_refused_before_it_is_read(client: FlaskClient, office: ScriptedOffice) -> None:
    answer = upload(client, "/office/roster/look", "名单.pdf")
    assert answer.status_code == 409
    assert "“.pdf”" in answer.get_json()["message"]
    assert office.looked == []


def test_a_roster_that_can_t_be_read_is_told_in_words(client: FlaskClient, office: ScriptedOffice) -> None:
    office.preview_answer = ExchangeError("roster.no_header", file="a.csv", wanted="姓名、身份证号")
    answer = upload(client, "/office/roster/look", "a.csv")
    assert answer.status_code == 409
    assert "姓名、身份证号" in answer.get_json()["message"]


def test_a_file_of_more_than_32_mb_is_refused(client: FlaskClient, office: ScriptedOffice) -> None:
    headers = {"X-CSRFToken": token(client), "Content-Type": "multipart/form-data; boundary=x"}
    answer = client.post("/office/roster", data=bytes(33 * 1024 * 1024), headers=headers)
    assert answer.status_code == 413
    assert "32 MB" in answer.get_json()["message"]
    assert office.taken == []


def test_who_was_never_seen_stands_in_the_list_with_a_masked_number(client: FlaskClient, office: ScriptedOffice) -> None:
    office.progress = script.school()
    never = [entry for entry in office.progress if entry.state is ProgressState.NOT_SEEN]
    text = client.get("/records?state=not_seen").text
    assert f"考生（{len(never)} 人）" in text
    assert never[0].student.name in text
    assert all(entry.student.id_number not in text for entry in office.progress)


def test_the_list_is_filtered_by_class_and_by_name_or_last_digits(client: FlaskClient, office: ScriptedOffice) -> None:
    office.progress = script.school()
    assert "考生（20 人）" in client.get("/records?class=高一/2").text
    last = office.progress[41].student
    text = client.get(f"/records?q={last.id_number[-4:].lower()}").text
    assert "考生（1 人）" in text
    assert last.name in text
    assert "没有符合条件的考生" in client.get("/records?q=无此人").text


def test_those_without_a_class_are_listed_by_themselves(client: FlaskClient, office: ScriptedOffice) -> None:
    classless = Student("李无班", "632801201003121239")
    office.progress = [*script.school(), StudentProgress(classless, ProgressState.NOT_SEEN)]
    text = client.get("/records").text
    assert '<a href="?class=/#students">未填班级</a>' in text
    assert "考生（1 人）" in client.get("/records?class=/").text


def test_long_lists_come_in_pages_that_keep_their_filter(client: FlaskClient, office: ScriptedOffice) -> None:
    office.progress = script.school(classes=6)
    first, last = client.get("/records").text, client.get("/records?page=99").text
    assert "第 1 / 3 页" in first
    assert "第 3 / 3 页" in last
    assert "page=2" in first
    assert "q=%E6%9D%8E" in client.get("/records?q=李&page=1").text or "第 1 / 1 页" in client.get("/records?q=李").text


def test_a_capture_is_shown_with_what_a_person_decided(client: FlaskClient, office: ScriptedOffice) -> None:
    office.captures = {"r1": script.capture()}
    text = client.get("/records/r1").text
    assert "相似度 0.36 &lt; 0.40" in text
    assert "人工比对，确认为本人" in text
    assert "王老师" in text
    assert script.STUDENT.id_number not in text
    assert client.get("/records/r1/portrait").mimetype == "image/png"
    assert client.get("/records/r1/left_thumb_template").status_code == 404
    assert client.get("/records/r2").status_code == 404
    assert client.get("/records/r2/portrait").status_code == 404


def test_damage_of_the_data_is_told_on_every_page_of_the_office_and_to_the_operator(
    client: FlaskClient, office: ScriptedOffice
) -> None:
    assert say("zh-CN", "ui.damaged") not in client.get("/operator").text
    hurt = Message("store.hurt.record", {"record": "00112233AABBCCDD-1", "who": "高一5 考生甲", "kinds": "portrait"})
    office.watch.latest = Health(AT, (hurt,), (Message("store.note.quarantine", {"count": 3}),), 100, 100)
    for address in ("/records", "/records/signing"):
        assert "高一5 考生甲：采集记录 00112233AABBCCDD-1 的 portrait 丢失或打不开" in client.get(address).text
    assert "有 3 项照片或指纹没有对应的记录" in client.get("/records").text
    assert say("zh-CN", "ui.damaged") in client.get("/operator").text
    office.watch.latest = Health(AT, (), (), 100, 100)
    assert "丢失或打不开" not in client.get("/records").text
    assert say("zh-CN", "ui.damaged") not in client.get("/operator").text

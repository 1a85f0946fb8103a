from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from kiosk.errors import ExchangeError
from kiosk.records import DeviceKind, FingerPosition, Message
from kiosk.snapshot import Command
from tests.web import script
from tests.web.script import Import, Problem, ScriptedOffice, ScriptedSimulator, ScriptedStation


def token(client: FlaskClient) -> str:
    found = re.search(r'name="csrf-token" content="([^"]+)"', client.get("/operator").text)
    assert found
    return found[1]


def post(client: FlaskClient, address: str, body: Any = None) -> TestResponse:
    return client.post(address, json=body or {}, headers={"X-CSRFToken": token(client)})


@pytest.mark.parametrize("address", ["/command", "/office/roster", "/office/export", "/play/take", "/play/plug/card"])
def test_a_post_without_the_page_s_token_is_refused(client: FlaskClient, simulator: ScriptedSimulator, address: str) -> None:
    answer = client.post(address, json={"command": "save"})
    assert answer.status_code == 400
    assert answer.get_json()["message"] == "页面已过期，请刷新后重试。"
    assert simulator.done == []


def test_a_command_reaches_the_station(client: FlaskClient, station: ScriptedStation) -> None:
    station.show(script.face())
    assert post(client, "/command", {"command": "shoot"}).status_code == 204
    assert station.commands == [(Command.SHOOT, "", "")]


def test_a_decision_needs_a_reason_and_a_name(client: FlaskClient, station: ScriptedStation) -> None:
    station.show(script.decision())
    answer = post(client, "/command", {"command": "accept", "by": "王老师"})
    assert (answer.status_code, answer.get_json()["message"]) == (409, "请填写或选择原因。")
    answer = post(client, "/command", {"command": "accept", "reason": "人工比对", "by": "  "})
    assert (answer.status_code, answer.get_json()["message"]) == (409, "请填写决定人姓名。")
    assert post(client, "/command", {"command": "accept", "reason": "人工比对", "by": "王老师"}).status_code == 204
    assert station.commands == [(Command.ACCEPT, "人工比对", "王老师")]


def test_a_command_that_came_too_late_is_told_in_words(client: FlaskClient, station: ScriptedStation) -> None:
    station.show(script.waiting())
    answer = post(client, "/command", {"command": "save"})
    assert answer.status_code == 409
    assert answer.get_json()["code"] == "station.command_unavailable"
    assert station.commands == []


@pytest.mark.parametrize("body", [{}, {"command": "format"}, {"command": ["save"]}, [], "save"])
def test_nonsense_is_no_command(client: FlaskClient, station: ScriptedStation, body: Any) -> None:
    answer = client.post("/command", json=body, headers={"X-CSRFToken": token(client)})
    assert answer.status_code == 409
    assert answer.get_json()["code"] == "web.command_unknown"
    assert station.commands == []


def test_a_roster_is_taken_and_its_bad_cells_are_listed(client: FlaskClient, office: ScriptedOffice, roster_file: Path) -> None:
    problem = Problem(7, "身份证号", "6.32801E+17", Message("web.test.unwritten"))
    office.answer = Import(39, 2, 1, 0, (problem,))
    form = {"roster": (BytesIO(roster_file.read_bytes()), roster_file.name)}
    answer = client.post("/office/roster", data=form, headers={"X-CSRFToken": token(client)}).get_json()
    assert office.files == [roster_file.read_bytes()]
    assert answer["summary"] == "已导入 39 人：新增 2，更新 1，不再列入 0；有问题 1 处。"
    assert [(found["row"], found["column"]) for found in answer["problems"]] == [(7, "身份证号")]


def test_a_roster_of_another_kind_is_refused_before_it_is_read(client: FlaskClient, office: ScriptedOffice) -> None:
    form = {"roster": (BytesIO(b"%PDF"), "名单.pdf")}
    answer = client.post("/office/roster", data=form, headers={"X-CSRFToken": token(client)})
    assert answer.status_code == 409
    assert "“.pdf”" in answer.get_json()["message"]
    assert office.files == []


def test_a_roster_that_can_t_be_read_is_told_in_words(client: FlaskClient, office: ScriptedOffice) -> None:
    office.answer = ExchangeError("web.roster_missing")
    form = {"roster": (BytesIO(b"x"), "a.csv")}
    answer = client.post("/office/roster", data=form, headers={"X-CSRFToken": token(client)})
    assert (answer.status_code, answer.get_json()["message"]) == (409, "请先选择花名册文件。")


def test_the_export_goes_by_the_station_s_profile(client: FlaskClient, office: ScriptedOffice) -> None:
    answer = post(client, "/office/export").get_json()
    assert office.profiles == ["qinghai-xuekao"]
    assert answer["summary"] == "导出完成：128 名考生，384 个图片文件。"
    assert answer["sheet"].endswith("考籍注册.xlsx")


def test_a_visitor_plays_a_student(client: FlaskClient, simulator: ScriptedSimulator) -> None:
    people = client.get("/play/people").get_json()["people"]
    assert people[2]["intentWords"] == "冒用他人证件"
    assert client.get("/play/people/2.jpg").mimetype == "image/jpeg"
    for address in ("sit/2", "lay/2", "press/2/right", "lift", "press/2/left", "lift", "take", "stand"):
        assert post(client, f"/play/{address}").status_code == 204
    assert simulator.done == [
        ("sit", 2),
        ("lay", 2),
        ("press", 2, FingerPosition.RIGHT_THUMB),
        ("lift",),
        ("press", 2, FingerPosition.LEFT_THUMB),
        ("lift",),
        ("take",),
        ("stand",),
    ]
    assert post(client, "/play/lay/99").get_json()["code"] == "web.person_unknown"
    assert post(client, "/play/press/2/nose").status_code == 404


def test_a_plug_is_pulled_and_put_back(client: FlaskClient, simulator: ScriptedSimulator) -> None:
    assert post(client, "/play/plug/camera", {"in": False}).status_code == 204
    assert not simulator.plugged(DeviceKind.CAMERA)
    assert client.get("/play/people").get_json()["plugged"] == {"card": True, "camera": False, "finger": True}
    assert post(client, "/play/plug/camera", {"in": True}).status_code == 204
    assert simulator.plugged(DeviceKind.CAMERA)
    assert post(client, "/play/plug/printer", {"in": True}).status_code == 404

from __future__ import annotations

import json
from typing import Any

import pytest
from flask.testing import FlaskClient

from kiosk.records import DeviceKind, FingerPosition, RefusalReason, Step
from kiosk.simulation import Scene
from kiosk.snapshot import Command, Order, Snapshot
from kiosk.web.keys import DESK
from kiosk.web.operator_words import for_operator
from kiosk.web.student_words import for_student
from tests.staff import OPERATOR
from tests.web import script
from tests.web.client import post, token
from tests.web.scripted import ScriptedSimulator, ScriptedStation


@pytest.mark.parametrize(
    "address", ["/command", "/office/roster", "/office/roster/look", "/office/export", "/play/take", "/play/plug/card"]
)
def test_a_post_without_the_page_s_token_is_refused(client: FlaskClient, simulator: ScriptedSimulator, address: str) -> None:
    answer = client.post(address, json={"command": "save"})
    assert answer.status_code == 400
    assert answer.get_json()["message"] == "页面已过期，请刷新后重试。"
    assert simulator.done == []


def test_an_order_reaches_the_station_with_what_it_is_about(client: FlaskClient, station: ScriptedStation) -> None:
    turn = station.show(script.face()).turn
    assert post(client, "/command", {"command": "shoot", "about": turn}).status_code == 204
    (order,) = station.orders
    assert order == Order(Command.SHOOT, turn, by=order.by)
    assert order.by is not None
    assert order.by.name == OPERATOR  # who is logged in


def test_a_decision_needs_a_reason_and_a_name(client: FlaskClient, station: ScriptedStation) -> None:
    order = {"command": "accept", "about": station.show(script.decision()).turn}
    answer = post(client, "/command", order | {"by": "王老师"})
    assert (answer.status_code, answer.get_json()["message"]) == (409, "请填写或选择原因。")
    answer = post(client, "/command", order | {"reason": "人工比对", "by": "  "})
    assert (answer.status_code, answer.get_json()["message"]) == (409, "请选择由谁决定。")
    assert post(client, "/command", order | {"reason": "人工比对", "by": "王老师"}).status_code == 204
    assert station.commands == [(Command.ACCEPT, "人工比对", "王老师")]


def test_the_next_finger_is_asked_for_with_a_reason(client: FlaskClient, station: ScriptedStation) -> None:
    order = {"command": "next_finger", "about": station.show(script.right_thumb()).turn}
    assert post(client, "/command", order).get_json()["message"] == "请填写或选择原因。"
    assert post(client, "/command", order | {"reason": "手指受伤或包扎"}).status_code == 204
    assert station.commands == [(Command.NEXT_FINGER, "手指受伤或包扎", OPERATOR)]


def test_steps_to_do_again_and_the_cause_of_an_abort_come_with_the_order(client: FlaskClient, station: ScriptedStation) -> None:
    turn = station.show(script.confirm()).turn
    redo = {"command": "redo", "about": turn, "steps": "right_thumb left_thumb"}
    assert post(client, "/command", redo).status_code == 204
    assert post(client, "/command", {"command": "abort", "about": turn, "cause": "left"}).status_code == 204
    assert [(order.steps, order.cause) for order in station.orders] == [
        ((Step.RIGHT_THUMB, Step.LEFT_THUMB), None),
        ((), RefusalReason.LEFT),
    ]


@pytest.mark.parametrize("command", ["accept", "exception"])
def test_nobody_lets_a_student_pass_or_leaves_something_out_alone(command: str) -> None:
    commands = for_operator(script.decision(), (), "zh-CN")["commands"]
    shown = next(one for one in commands if one["command"] == command)
    assert shown["secondPerson"]
    assert not shown["primary"]


def test_beside_a_face_that_is_unlike_the_refusing_order_is_the_coloured_one() -> None:
    commands = for_operator(script.decision(), (), "zh-CN")["commands"]
    assert [one["command"] for one in commands if one["primary"]] == ["abort"]


@pytest.mark.parametrize("name", ["refused", "not_on_roster", "many_near", "out_of_time"])
def test_who_was_refused_is_the_operator_s_to_know_and_nobody_else_s(name: str) -> None:
    snapshot = script.DAY[name]()
    operator, student = (json.dumps(words, ensure_ascii=False) for words in both(snapshot))
    assert snapshot.card is not None
    for secret in (snapshot.card.name, snapshot.card.id_number):
        assert secret in operator
    known = [snapshot.card.name, *(almost.name for almost in snapshot.near), snapshot.card.id_number[-6:], "picture/", "＊"]
    assert [secret for secret in known if secret in student] == []
    assert "花名册" not in student


def both(snapshot: Snapshot) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the two screens are sent."""
    workflow = (Step.FACE, Step.RIGHT_THUMB, Step.LEFT_THUMB, Step.CONFIRM)
    return for_operator(snapshot, workflow, "zh-CN"), for_student(snapshot, workflow, ("zh-CN", "en"))


def test_a_near_miss_shows_which_characters_differ() -> None:
    first, second = for_operator(script.not_on_roster(), (), "zh-CN")["near"]
    assert [run["text"] for run in first["name"] if run["differs"]] == ["晟"]
    assert not any(run["differs"] for run in first["number"])
    assert [run["text"] for run in second["number"] if run["differs"]] == ["34"]
    shorter = for_operator(script.many_near(), (), "zh-CN")["near"][3]
    assert [run["text"] for run in shorter["name"] if run["differs"]] == ["晓"]


def test_what_was_typed_is_headed_so_and_not_held_against_the_roster_it_came_from() -> None:
    typed = for_operator(script.typed_in(), (), "zh-CN")
    assert typed["cardHeading"] == "手工录入"
    assert {row["same"] for column in typed["columns"].values() for row in column} == {None}
    read = for_operator(script.face(), (), "zh-CN")
    assert read["cardHeading"] == "身份证"
    assert read["columns"]["card"][0]["same"] is True


def test_comparisons_with_opposite_limits_have_different_names() -> None:
    steps = {
        step["step"]: step for step in for_operator(script.duplicate_thumb(), (Step.FACE, Step.RIGHT_THUMB), "zh-CN")["steps"]
    }
    assert [score["name"] for score in steps["right_thumb"]["scores"]] == ["按压一致", "与另一只手不同"]
    assert {other["score"]["name"] for other in steps["right_thumb"]["alike"]} == {"指纹比对"}


def test_the_number_that_is_checked_is_masked_for_the_queue_and_whole_for_the_operator() -> None:
    operator, student = both(script.confirm())
    (number,) = (row for row in student["data"] if row["field"] == "id_number")
    assert (number["value"], number["masked"]) == ("4426", 14)
    assert script.CARD.id_number not in json.dumps(student)
    assert script.CARD.id_number in json.dumps(operator)


def test_while_the_card_is_read_both_screens_say_so() -> None:
    operator, student = both(script.reading())
    assert (operator["instruction"], student["instruction"]) == ("正在读卡，请勿移动", "正在读卡，请勿移动")
    assert [step["state"] for step in operator["steps"]][:2] == ["active", "todo"]


def test_one_key_has_one_meaning() -> None:
    assert len(set(DESK.values())) == len(DESK)
    assert set(DESK) == set(Command) - {Command.HAND_IN, Command.MARK}  # which are no buttons


def test_both_screens_say_which_finger_stands_in_for_the_thumb() -> None:
    workflow = (Step.FACE, Step.RIGHT_THUMB, Step.LEFT_THUMB, Step.CONFIRM)
    operator = for_operator(script.right_index(), workflow, "zh-CN")
    student = for_student(script.right_index(), workflow, ("zh-CN", "en"))
    assert (operator["steps"][2]["name"], operator["steps"][2]["finger"]) == ("右手食指（代右手拇指）", "right_index")
    assert (student["instruction"], student["pictogram"]) == ("请按右手食指", "right-index")
    assert [(step["name"], step["nameSmall"]) for step in student["progress"]][2:4] == [
        ("右手食指", "Right index finger"),
        ("左手拇指", "Left thumb"),
    ]


def test_a_command_that_came_too_late_is_told_in_words(client: FlaskClient, station: ScriptedStation) -> None:
    late = station.show(script.confirm()).turn
    station.show(script.confirm())  # the next student's
    answer = post(client, "/command", {"command": "save", "about": late})
    assert (answer.status_code, answer.get_json()["code"]) == (409, "station.order_late")
    assert station.commands == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"command": "format"},
        {"command": ["save"]},
        {"command": "save"},
        {"command": "abort", "about": 1, "cause": "x"},
        [],
        "save",
    ],
)
def test_nonsense_is_no_command(client: FlaskClient, station: ScriptedStation, body: Any) -> None:
    answer = client.post("/command", json=body, headers={"X-CSRFToken": token(client)})
    assert answer.status_code == 409
    assert answer.get_json()["code"] in {"web.command_unknown", "web.body_unreadable"}
    assert station.commands == []


def test_a_visitor_plays_a_student(client: FlaskClient, simulator: ScriptedSimulator) -> None:
    people = client.get("/play/people").get_json()["people"]
    assert people[2]["intentWords"] == "冒用他人证件"
    assert client.get("/play/people/2.jpg").mimetype == "image/jpeg"
    for address in ("sit/2", "lay/2", "press/2/right_thumb", "lift", "press/2/left_thumb", "lift", "take", "stand"):
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


def test_a_visitor_tries_to_fool_the_station(client: FlaskClient, simulator: ScriptedSimulator) -> None:
    told = client.get("/play/people").get_json()
    assert told["scene"] == "answers"
    assert {"ignores", "printed_photo", "phone_replay"} < {scene["scene"] for scene in told["scenes"]}
    assert post(client, "/play/scene/printed_photo").status_code == 204
    assert simulator.scene is Scene.PRINTED_PHOTO
    assert client.get("/play/people").get_json()["scene"] == "printed_photo"
    assert post(client, "/play/scene/hologram").status_code == 404


def test_a_plug_is_pulled_and_put_back(client: FlaskClient, simulator: ScriptedSimulator) -> None:
    assert post(client, "/play/plug/camera", {"in": False}).status_code == 204
    assert not simulator.plugged(DeviceKind.CAMERA)
    assert client.get("/play/people").get_json()["plugged"] == {"card": True, "camera": False, "finger": True}
    assert post(client, "/play/plug/camera", {"in": True}).status_code == 204
    assert simulator.plugged(DeviceKind.CAMERA)
    assert post(client, "/play/plug/printer", {"in": True}).status_code == 404

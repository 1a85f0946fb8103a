"""A suspected duplicate before the supervisor's eyes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import expect

from kiosk.records import FingerPosition, Step, StepResult, Verdict
from kiosk.snapshot import Command
from kiosk.web import Server
from tests.store.conftest import AT
from tests.web import script
from tests.web.browser import Watched
from tests.web.client import decide
from tests.web.scripted import ScriptedOffice, ScriptedStation


@pytest.fixture(autouse=True)
def _captured_before(office: ScriptedOffice) -> None:
    student = replace(script.STUDENT, name="王雨桐", class_name="5")
    office.captures = {record: replace(script.capture(), id=record, student=student) for record in ("r1", "r2", "r9")}


def test_the_other_student_is_shown_and_who_looked_is_kept(
    client: FlaskClient, station: ScriptedStation, office: ScriptedOffice
) -> None:
    station.show(script.duplicate_thumb())
    told = client.get("/alike/r1").get_json()
    shown = {field["field"]: field["value"] for field in told["fields"]}
    assert (shown["name"], shown["class_name"]) == ("王雨桐", "高一 5班")
    assert script.STUDENT.id_number not in str(told)
    assert set(told["pictures"]) == {"portrait", "chip_photo", "right_thumb"}
    assert all(client.get(address).status_code == 200 for address in told["pictures"].values())
    assert office.viewings == [("r1", "采集员", "suspected_duplicate")]


@pytest.mark.parametrize(
    ("position", "wanted", "words"),
    [
        (FingerPosition.RIGHT_THUMB, None, "右手拇指"),
        (FingerPosition.RIGHT_INDEX, FingerPosition.RIGHT_INDEX, "右手食指"),
        (FingerPosition.RIGHT_INDEX, FingerPosition.RIGHT_THUMB, "右手食指"),
    ],
)
def test_the_finger_is_called_by_its_name(
    client: FlaskClient,
    station: ScriptedStation,
    office: ScriptedOffice,
    position: FingerPosition,
    wanted: FingerPosition | None,
    words: str,
) -> None:
    pressed = StepResult(Step.RIGHT_THUMB, Verdict.PASS, AT, position=position, wanted=wanted)
    office.captures["r1"] = replace(office.captures["r1"], steps=(pressed,))
    station.show(script.duplicate_thumb())
    assert words in client.get("/alike/r1").get_json()["finger"]


def test_nobody_else_can_be_looked_up_this_way(client: FlaskClient, station: ScriptedStation, office: ScriptedOffice) -> None:
    station.show(script.duplicate_face())
    assert client.get("/alike/r9").status_code == 204
    assert client.get("/alike/r9/portrait").status_code == 204
    assert client.get("/alike/r1/left_thumb").status_code == 204
    station.show(script.waiting())
    assert client.get("/alike/r1").status_code == 204
    assert office.viewings == []


def test_of_the_staff_a_name_and_a_role_are_shown_and_no_picture(
    client: FlaskClient, station: ScriptedStation, office: ScriptedOffice
) -> None:
    chief = next(one for one in office.accounts.open() if one.name == "王主任")
    shown = script.duplicate_face()
    alike = replace(shown.steps[-1].alike[0], record_id="", name=chief.name, number="", staff=chief.id)
    station.show(replace(shown, steps=(*shown.steps[:-1], replace(shown.steps[-1], alike=(alike,)))))
    steps = client.get("/state?screen=operator").get_json()["steps"]
    assert [(one["name"], one["record"]) for step in steps for one in step["alike"]] == [("工作人员 王主任", chief.id)]
    told = client.get(f"/alike/{chief.id}").get_json()
    assert [field["value"] for field in told["fields"]] == ["王主任", "负责人"]
    assert told["pictures"] == {}
    assert client.get(f"/alike/{chief.id}/portrait").status_code == 204
    assert office.viewings == []


def test_a_supervisor_sees_both_students_side_by_side_and_declares_them_twins(
    page: Watched, server: Server, station: ScriptedStation
) -> None:
    screen = page.open(f"{server.url}/operator")
    station.show(script.duplicate_face())
    expect(screen.locator("#duplicate-here")).to_contain_text("李晓晨")
    expect(screen.locator("#duplicate-other")).to_contain_text("王雨桐")
    expect(screen.locator("#duplicate-other img")).to_have_count(2)
    expect(screen.locator("#duplicate-score")).to_contain_text("0.83")
    expect(screen.locator("#compare")).to_be_hidden()
    screen.keyboard.press("Shift+F4")
    screen.locator("#reason-ready button").first.click()
    decide(screen, "reason", "王主任")
    with screen.expect_response("**/command"):
        screen.keyboard.press("Enter")
    assert station.commands == [(Command.DECLARE_LOOKALIKES, "双胞胎，已核对户口簿", "王主任")]
    station.show(script.right_thumb())
    expect(screen.locator("#duplicates")).to_be_hidden()
    expect(screen.locator("#viewer")).to_be_visible()
    assert page.errors == []


def test_of_several_students_with_the_thumb_each_can_be_looked_at(
    page: Watched, server: Server, station: ScriptedStation, office: ScriptedOffice
) -> None:
    screen = page.open(f"{server.url}/operator")
    station.show(script.duplicate_thumb())
    expect(screen.locator("#duplicate-other .right_thumb img")).to_be_visible()
    expect(screen.locator("#duplicate-here .right_thumb img")).to_be_visible()
    screen.click("#duplicate-others button:nth-child(2)")
    expect(screen.locator("#duplicate-score")).to_contain_text("0.86")
    expect(screen.locator("#duplicate-other .right_thumb img")).to_have_attribute("src", "/alike/r2/right_thumb")
    assert {record for record, _, _ in office.viewings} == {"r1", "r2"}

"""What the operator types when no reader could read it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser, expect

from kiosk.devices.card import AccessKey
from kiosk.manual import EntryReason, TypedIn
from kiosk.snapshot import Command
from kiosk.web import Server
from tests.web import script
from tests.web.browser import LAYOUT_FAULTS, watched
from tests.web.client import decide
from tests.web.scripted import ScriptedStation
from tests.web.test_commands import post

NUMBER = "110101199001011237"
ZONE = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<L898902C36UTO7408122F1204159ZE184226B<<<<<10"


def test_student_typed_in_reaches_the_station_with_the_reason_in_words(client: FlaskClient, station: ScriptedStation) -> None:
    turn = station.show(replace(script.waiting(), commands=(Command.TYPE_IN,))).turn
    typed = {"number": f" {NUMBER} ", "name": "", "sex": "", "why": "lost", "by": "王老师", "about": turn}
    assert post(client, "/type-in", typed).status_code == 204
    assert station.typed == [(TypedIn("", NUMBER, EntryReason.LOST), "手工录入：证件遗失", "王老师")]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"number": "110101199001011238"}, "manual.idnumber.check"),
        ({"sex": "2"}, "manual.sex_differs"),
        ({"why": ""}, "web.reason_missing"),
        ({"by": " "}, "web.name_missing"),
    ],
)
def test_typing_mistakes_are_told(client: FlaskClient, station: ScriptedStation, change: dict[str, str], code: str) -> None:
    answer = post(client, "/type-in", {"number": NUMBER, "why": "lost", "by": "王老师", "about": 1} | change)
    assert (answer.status_code, answer.get_json()["code"]) == (409, code)
    assert station.typed == []


@pytest.mark.parametrize(
    "typed", [{"mrz": ZONE}, {"mrz": "", "number": "l898902c3", "birth": "1974-08-12", "expiry": "2012-04-15"}]
)
def test_printed_data_reach_the_station_scanned_or_typed(
    client: FlaskClient, station: ScriptedStation, typed: dict[str, str]
) -> None:
    turn = station.show(replace(script.waiting(), commands=(Command.OPEN_DOCUMENT,))).turn
    assert post(client, "/open-document", typed | {"about": turn}).status_code == 204
    assert station.keys == [AccessKey("L898902C3", "740812", "120415")]


@pytest.mark.parametrize(
    ("known", "printed"),
    [
        ({"birth_year": "1974"}, "74<<<<"),
        ({"birth_year": "74", "birth_month": "08"}, "7408<<"),
        ({"birth_unknown": "1"}, "<<<<<<"),
        ({"birth": "1974-08-12", "birth_year": "1999"}, "740812"),
    ],
)
def test_a_birth_date_that_is_not_wholly_known_opens_the_chip_as_it_is_printed(
    client: FlaskClient, station: ScriptedStation, known: dict[str, str], printed: str
) -> None:
    turn = station.show(replace(script.waiting(), commands=(Command.OPEN_DOCUMENT,))).turn
    typed = {"number": "L898902C3", "birth": "", "expiry": "2012-04-15", "about": turn}
    assert post(client, "/open-document", typed | known).status_code == 204
    assert station.keys == [AccessKey("L898902C3", printed, "120415")]


def test_what_the_profile_needs_is_sent_along(client: FlaskClient, station: ScriptedStation) -> None:
    turn = station.show(replace(script.waiting(), commands=(Command.TYPE_IN,))).turn
    typed = {"number": NUMBER, "why": "lost", "by": "王老师", "about": turn, "ethnicity": "04", "address": "昆仑南路15号"}
    assert post(client, "/type-in", typed).status_code == 204
    assert post(client, "/type-in", typed | {"ethnicity": "藏"}).status_code == 204
    assert [(one.ethnicity_code, one.address) for one, _, _ in station.typed] == [("04", "昆仑南路15号"), ("", "昆仑南路15号")]


def test_a_part_of_a_name_finds_the_students_of_the_roster(client: FlaskClient) -> None:
    found = client.get("/type-in/students", query_string={"text": " 晓 "}).get_json()
    assert found == [
        {"number": "632801201003124426", "name": "李晓晨", "ethnicity": "", "about": "李晓晨 · 高一 3班 · 632801**********26"}
    ]
    assert client.get("/type-in/students", query_string={"text": ""}).get_json() == []


@pytest.mark.parametrize("typed", [{}, {"mrz": ZONE[:-1]}, {"number": "1", "birth": "", "expiry": "2012-04-15"}])
def test_incomplete_printed_data_are_told(client: FlaskClient, station: ScriptedStation, typed: dict[str, str]) -> None:
    answer = post(client, "/open-document", typed | {"about": 1})
    assert (answer.status_code, answer.get_json()["code"]) == (409, "card.passport.mrz")
    assert station.keys == []


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_operator_types_a_student_in_by_keyboard(
    browser: Browser, server: Server, station: ScriptedStation, language: str
) -> None:
    with watched(browser, viewport={"width": 1366, "height": 768}) as page:
        screen = page.open(f"{server.url}/operator?lang={language}")
        station.show(replace(script.waiting(), commands=(Command.TYPE_IN,)))
        expect(screen.locator("[data-command=type_in]")).to_be_visible()
        screen.keyboard.press("Shift+F2")
        expect(screen.locator("#type-in-number")).to_be_focused()
        assert screen.evaluate(LAYOUT_FAULTS) == []
        screen.keyboard.type("晓晨")
        screen.get_by_role("button", name=script.STUDENT.name).click()
        expect(screen.locator("#type-in-number")).to_have_value(script.STUDENT.id_number)
        expect(screen.locator("#type-in-name")).to_have_value(script.STUDENT.name)
        expect(screen.locator("#type-in-found button")).to_have_count(0)
        expect(screen.locator("#type-in-why")).to_be_focused()
        screen.fill("#type-in-name", "")
        screen.fill("#type-in-number", "110101199001011238")
        screen.select_option("#type-in-why", "lost")
        decide(screen, "type-in", "王老师")
        screen.keyboard.press("Enter")
        expect(screen.locator("#type-in-dialog .form-problem")).not_to_be_empty()
        screen.fill("#type-in-number", NUMBER)
        screen.keyboard.press("Enter")
        expect(screen.locator("#type-in-dialog")).to_be_hidden()
        assert [typed.number for typed, _, _ in station.typed] == [NUMBER]
        screen.keyboard.press("Shift+F2")
        expect(screen.locator("#type-in-number")).to_have_value("")  # nothing of the student before
        expect(screen.locator("#type-in-by")).to_have_value("")
        station.show(script.face())  # somebody laid a card down: the moment has passed
        expect(screen.locator("#type-in-dialog")).to_be_hidden()
        station.show(replace(script.waiting(), commands=(Command.OPEN_DOCUMENT, Command.TYPE_IN)))
        screen.click("[data-command=open_document]")
        expect(screen.locator("#open-document-mrz")).to_be_visible()
        assert screen.evaluate(LAYOUT_FAULTS) == []
        screen.fill("#open-document-mrz", ZONE)
        screen.click("#open-document-dialog button[type=submit]")
        expect(screen.locator("#open-document-dialog")).to_be_hidden()
        assert station.keys == [AccessKey("L898902C3", "740812", "120415")]
        assert [error for error in page.errors if "409" not in error] == []

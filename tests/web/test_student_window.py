"""The student's own window shows the student's screen, whatever is tried in it, and is heard without a click."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, expect

from bench.browser import launch
from kiosk.cli import browser as station_browser
from kiosk.config import Settings
from kiosk.web import Entrance, Server, address_of_window, create_app, serve_app
from kiosk.web.student_window import COOKIE
from tests.web import script
from tests.web.browser import watched
from tests.web.client import post
from tests.web.scripted import ScriptedOffice, ScriptedStation

HTML = {"Accept": "text/html"}
LOUD = "--autoplay-policy=no-user-gesture-required"


@pytest.fixture
def app(station: ScriptedStation, office: ScriptedOffice) -> Flask:
    """A station whose people have to log in: nobody has yet."""
    return create_app(station=station, office=office, settings=Settings())  # type: ignore[arg-type]


@pytest.fixture
def window(app: Flask) -> FlaskClient:
    client = app.test_client()
    assert client.get(address_of_window(app)).headers["Location"] == "/student"
    return client


def test_every_page_of_the_station_is_the_student_s_screen_there(app: Flask, window: FlaskClient) -> None:
    cookie = window.get_cookie(COOKIE)
    assert cookie is not None
    assert (cookie.http_only, cookie.same_site) == (True, "Strict")
    assert window.get("/student", headers=HTML).status_code == 200
    pages = [rule.rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()) and not rule.arguments]
    within = {"/student", "/state", "/frame"}
    for page in {*pages, "/nowhere", "/help/operator", "/records/1"} - within:
        answer = window.get(page, headers=HTML)
        assert (answer.status_code, answer.headers.get("Location")) == (302, "/student"), page
    orders = [rule.rule for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ()) and not rule.arguments]
    for order in set(orders) - {"/hand-in"}:
        assert window.post(order, json={}).status_code in {400, 403}, order
    with window.session_transaction() as session:
        assert "who" not in session, "nobody is logged in there"


def test_it_hears_the_student_s_words_only_and_sees_no_picture_of_others(station: ScriptedStation, window: FlaskClient) -> None:
    station.show(script.decision())
    told = window.get("/state?screen=operator&after=0").get_json()
    assert "instructionSmall" in told
    assert "measures" not in str(told)
    key = next(iter(station.snapshot().pictures.values()))
    assert window.get(f"/picture/{key}").status_code == 404
    station.show(script.confirm())
    assert window.get(told["pictures"].get("portrait", f"/picture/{key}")).status_code == 200


def test_who_signs_on_it_is_heard(station: ScriptedStation, window: FlaskClient) -> None:
    station.show(script.signature())
    found = window.get("/student").text.partition('name="csrf-token" content="')[2].partition('"')[0]
    given = {"about": station.snapshot().turn, "given": {"party": "student"}}
    assert window.post("/hand-in", json=given, headers={"X-CSRFToken": found}).status_code == 204
    assert station.handed_in == [{"party": "student"}]


def test_a_ticket_is_good_for_one_window_and_a_new_window_ends_the_old(app: Flask, window: FlaskClient) -> None:
    address = address_of_window(app)
    newer = app.test_client()
    assert newer.get(address).status_code == 302
    assert app.test_client().get(address).status_code == 409
    assert app.test_client().get("/student/window").status_code == 409
    assert newer.get("/state").status_code == 200
    assert window.get("/state").status_code == 403


def test_a_window_that_outlived_its_station_never_asks_for_a_pin(app: Flask, tmp_path: Path) -> None:
    for another in (app, Entrance(Settings(), tmp_path / "data").app):
        left_over = another.test_client()
        left_over.set_cookie(COOKIE, "of a killed station")
        for page in ("/student", "/login", "/operator", "/"):
            answer = left_over.get(page, headers=HTML)
            assert answer.status_code == 403
            assert answer.text == "这是考生窗口，只显示考生屏。"
        assert left_over.get("/state?after=0").get_json()["code"] == "web.student_window"


def test_a_locked_browser_reads_the_student_s_words_only(app: Flask, office: ScriptedOffice, station: ScriptedStation) -> None:
    shown = create_app(station=station, office=office, settings=Settings(), demonstrator=office.operator).test_client()  # type: ignore[arg-type]
    station.show(script.decision())
    assert "instructionSmall" not in shown.get("/state?after=0").get_json()
    assert post(shown, "/lock").status_code == 302
    assert "instructionSmall" in shown.get("/state?after=0").get_json()


@pytest.fixture(scope="module")
def loud(browser: Browser) -> Iterator[Browser]:
    """A browser that was started as the station starts the student's."""
    assert LOUD in station_browser.STUDENT
    with launch(browser.browser_type, LOUD) as own:  # the other options are about windows, which a headless one has none of
        yield own


@pytest.fixture
def server(app: Flask) -> Iterator[Server]:
    running = serve_app(app, 0)
    yield running
    running.stop()


def test_no_key_link_or_menu_leads_out_and_nobody_has_to_click_for_the_voice(
    app: Flask, server: Server, station: ScriptedStation, loud: Browser
) -> None:
    station.show(replace(script.right_thumb(), voice=True))
    with watched(loud, viewport={"width": 1366, "height": 768}) as page:
        page.page.add_init_script(
            "const start = OscillatorNode.prototype.start;"
            "OscillatorNode.prototype.start = function (at) {"
            " console.log(`${this.context.state}, clicked: ${navigator.userActivation.hasBeenActive}`);"
            " return start.call(this, at); };"
            "Object.defineProperty(window, 'speechSynthesis', { value: undefined });"
        )
        with page.page.expect_console_message(lambda told: told.text == "running, clicked: false"):
            screen = page.open(server.url + address_of_window(app))
        assert screen.url == f"{server.url}/student"
        expect(screen.locator("#voice-unlock")).to_be_hidden()
        screen.evaluate(
            "() => { window.open_ = []; for (const kind of ['keydown', 'contextmenu', 'dragstart', 'click'])"
            " document.documentElement.addEventListener(kind, (event) => window.open_.push(kind)); "
            "const link = document.createElement('a'); link.id = 'out'; link.href = '/login'; link.textContent = 'out';"
            "link.style.cssText = 'position:fixed;inset:0 auto auto 0;z-index:9'; document.body.append(link); }"
        )
        for key in ("F5", "Control+r", "Alt+ArrowLeft", "Control+p", "F1", "Escape"):
            screen.keyboard.press(key)
        screen.click("#say", button="right")
        screen.click("#out")
        assert screen.evaluate("() => window.open_") == []
        assert screen.url == f"{server.url}/student"
        screen.goto(f"{server.url}/records", wait_until="load")
        assert screen.url == f"{server.url}/student"
        expect(screen.locator("#instruction")).to_have_text("请按右手拇指")
        assert page.errors == []

"""Where the windows are the station's own, the operator ends the day on a page."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Dialog, expect

from kiosk.config import Settings
from kiosk.office import Light
from kiosk.web import Server, create_app, serve_app
from tests.web import script
from tests.web.browser import Watched
from tests.web.client import post
from tests.web.scripted import ScriptedOffice, ScriptedSimulator, ScriptedStation


@pytest.fixture
def ended() -> threading.Event:
    return threading.Event()


@pytest.fixture
def app(station: ScriptedStation, office: ScriptedOffice, simulator: ScriptedSimulator, ended: threading.Event) -> Flask:
    return create_app(
        station=station,
        office=office,  # type: ignore[arg-type]
        settings=Settings(),
        simulator=simulator,  # type: ignore[arg-type]
        demonstrator=office.operator,
        end=ended.set,
    )


@pytest.fixture
def server(app: Flask) -> Iterator[Server]:
    running = serve_app(app, 0)
    yield running
    running.stop()


def test_the_station_is_not_ended_while_a_student_is_at_the_desk_or_a_backup_is_made(
    app: Flask, station: ScriptedStation, office: ScriptedOffice, ended: threading.Event
) -> None:
    client = app.test_client()
    station.show(script.right_thumb())
    assert "正在采集考生" in client.get("/end").text
    assert post(client, "/end").get_json()["code"] == "web.end_at_desk"
    assert not ended.is_set()
    station.show(script.waiting())
    office.safekeeping.light = Light.WORKING
    assert "正在备份" in client.get("/end").text
    assert post(client, "/end").get_json()["code"] == "web.end_backup"
    assert not ended.is_set()
    office.safekeeping.light = Light.GREEN
    done = threading.Event()
    number = office.jobs.start("export", 0, lambda _: done.wait(10))
    assert "正在" in client.get("/end").text
    assert post(client, "/end").get_json()["code"] == "web.end_job"
    done.set()
    office.jobs.wait(number, 10)
    assert "正在结束" in post(client, "/end").text
    assert ended.is_set()


def test_a_browser_window_of_nobody_s_has_no_such_page(office: ScriptedOffice) -> None:
    ordinary = create_app(station=ScriptedStation(), office=office, settings=Settings(), demonstrator=office.operator)  # type: ignore[arg-type]
    client = ordinary.test_client()
    assert client.get("/end").status_code == 404
    assert "/end" not in client.get("/operator").text


def test_closing_the_operator_s_window_asks_and_going_to_another_page_does_not(
    page: Watched, server: Server, ended: threading.Event
) -> None:
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    screen = page.open(f"{server.url}/operator")
    screen.on("dialog", stay)
    screen.click("#voice")  # a browser asks for nobody who has never touched the page
    with screen.expect_event("dialog"):
        screen.close(run_before_unload=True)
    assert not screen.is_closed()
    screen.get_by_role("link", name="结束", exact=True).click()
    expect(screen.get_by_role("heading")).to_have_text("现在结束采集站吗？")
    screen.get_by_role("link", name="返回采集").click()
    expect(screen.locator("#instruction")).not_to_be_empty()
    screen.get_by_role("link", name="结束", exact=True).click()
    screen.get_by_role("button", name="结束采集站").click()
    expect(screen.get_by_role("heading")).to_have_text("采集站正在结束")
    assert asked == ["beforeunload"]
    assert ended.wait(5)

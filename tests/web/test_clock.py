"""The machine's clock is set while the screens are open: every button works as before, without a reload."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from playwright.sync_api import expect

from kiosk.snapshot import Command
from kiosk.web import Server, serve_app
from tests.store.conftest import student
from tests.web import script
from tests.web.browser import Watched
from tests.web.client import decide, follow
from tests.web.desk import desk
from tests.web.scripted import ScriptedStation

DAY_S = 24 * 3600
JUMPS_DAYS = [-2, 40, 3650]
CAPTURES = 4


def set_clock(monkeypatch: pytest.MonkeyPatch, days: int) -> None:
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + days * DAY_S)


@pytest.mark.parametrize("days", JUMPS_DAYS)
def test_four_captures_are_led_from_a_page_that_was_open_before_the_clock_jumped(
    page: Watched, server: Server, station: ScriptedStation, monkeypatch: pytest.MonkeyPatch, days: int
) -> None:
    screen = page.open(f"{server.url}/operator")
    screen.evaluate("window.sinceBefore = true")
    set_clock(monkeypatch, days)
    wanted = []
    for _ in range(CAPTURES):
        for make, command in ((script.face, Command.SHOOT), (script.confirm, Command.HOLD), (script.confirm, Command.SAVE)):
            station.show(make())
            expect(screen.locator(f"#commands [data-command={command}]")).to_be_enabled()
            with screen.expect_response("**/command") as answer:
                screen.click(f"#commands [data-command={command}]")
            assert answer.value.status == 204
            wanted.append(command)
            station.show(script.waiting())  # the button of a state that has gone would be refused
            expect(screen.locator(f"#commands [data-command={command}]")).not_to_be_visible()
    assert [command for command, _, _ in station.commands] == wanted
    assert screen.evaluate("window.sinceBefore") is True
    assert page.errors == []


@pytest.mark.parametrize("days", JUMPS_DAYS)
def test_a_form_of_the_office_that_was_open_before_the_clock_jumped_is_taken(
    page: Watched, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, days: int
) -> None:
    with desk(tmp_path) as at_work:
        server = serve_app(at_work.app, 0)
        try:
            screen = page.open(f"{server.url}/records?state=not_seen")
            follow(screen, f"text={student(5).name}")
            screen.click("[data-reason=因病请假]")
            decide(screen, "absent", "王老师")
            set_clock(monkeypatch, days)
            screen.click("form[data-address='/office/absent'] button[type=submit]")
            expect(screen.locator("#said")).to_have_text("已登记 考生5 缺席。")
        finally:
            server.stop()
    assert page.errors == []

"""当日统计 as it is looked at: while the day runs, by keyboard and on paper."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from threading import Event

import pytest
from playwright.sync_api import Browser, expect

from kiosk.office.jobs import Telling
from kiosk.web import serve_app
from kiosk.web.doorkeeper import _door_of  # the door itself: no test can wait ten minutes
from tests.store.conftest import AT, turn_away
from tests.web.browser import watched
from tests.web.desk import Desk, desk
from tests.web.test_accessibility import faults


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with desk(tmp_path_factory.mktemp("school")) as found:
        turn_away(found.store, AT)
        yield found


def test_the_day_goes_on_under_the_eyes_of_whoever_looks_and_leads_to_the_lists(school: Desk, browser: Browser) -> None:
    server, today = serve_app(school.app, 0), datetime.now().astimezone().date()
    first = min(AT.astimezone().date(), today)
    last = max(AT.astimezone().date(), today)
    try:
        with watched(browser, viewport={"width": 1366, "height": 768}) as page:
            page.page.clock.install()
            screen = page.open(f"{server.url}/records/day?from={first}&to={last}")
            expect(screen.locator("[data-part=glance] .captured dd")).to_have_text("4")
            expect(screen.locator(".groups [aria-current]")).to_have_text("今天")
            expect(screen.locator(".tabs [aria-current]")).to_have_text("当日统计")
            assert faults(screen) == []
            assert screen.evaluate("document.querySelector('.groups').getClientRects()[0].height") < 60  # one line
            screen.click("[data-part=refusals] summary")
            hours = screen.locator("[data-part=hours]").element_handle()
            turn_away(school.store, AT + timedelta(minutes=1))
            screen.clock.run_for(16_000)
            expect(screen.locator("[data-part=refusals] tbody td").first).to_have_text("2")
            expect(screen.locator("[data-part=refusals] details")).to_have_attribute("open", "")
            assert screen.evaluate("document.activeElement.closest('[data-part]').dataset.part") == "refusals"
            assert hours.evaluate("part => part.isConnected")  # what has not changed was not touched
            screen.click("[data-part=refusals] tbody a")
            expect(screen.locator("h1")).to_have_text("拒绝与终止")
            expect(screen.locator("tbody tr")).to_have_count(2)
            assert page.errors == []
    finally:
        server.stop()


def test_whatever_the_address_asks_for_there_is_a_page(school: Desk) -> None:
    client = school.app.test_client()
    for wanted in ("", "?from=nonsense&to=2026-13-40", "?from=2026-09-05&to=2026-08-30", "?class=%2F&operator=x%00"):
        assert client.get(f"/records/day{wanted}").status_code == 200
    assert "2026-08-30 – 2026-09-05" in client.get("/records/day?from=2026-09-05&to=2026-08-30").text
    paper = client.get("/records/day.pdf?from=2026-09-01")
    assert (paper.mimetype, paper.data[:4]) == ("application/pdf", b"%PDF")


def test_long_work_has_a_bar_on_every_page_survives_a_reload_and_cannot_be_begun_twice(school: Desk, browser: Browser) -> None:
    go_on, jobs = Event(), school.office.jobs

    def check(progress: Telling) -> None:
        progress(40, 100)
        go_on.wait(30)

    jobs.start("trail", 0, check)
    server = serve_app(school.app, 0)
    try:
        with watched(browser, viewport={"width": 1366, "height": 768}) as page:
            for address in ("/records", "/records/roster", "/records/day"):
                screen = page.open(f"{server.url}{address}")
                bar = screen.locator("#running-job")
                expect(bar.locator(".job-words")).to_have_text("已处理 40 / 100")
                assert bar.get_attribute("aria-label") == "正在核验操作日志"
            assert faults(screen) == []
            screen.goto(f"{server.url}/records/trail")
            screen.click("form[data-address$=verify] button[type=submit]")
            expect(screen.locator("form[data-address$=verify] .form-problem")).to_contain_text("另一项工作")
            go_on.set()
            expect(screen.locator("#running-job strong")).to_have_text("操作日志完整，没有改动。")
    finally:
        go_on.set()
        server.stop()


def test_to_look_at_the_running_day_keeps_nobody_logged_in(school: Desk) -> None:
    with school.app.app_context(), school.app.test_request_context("/records/day/now"):
        assert _door_of("day.now").news
        assert not _door_of("day.screen").news

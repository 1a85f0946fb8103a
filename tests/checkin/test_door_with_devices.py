"""A door with simulated devices at the wire and its screens in a browser: a candidate, somebody else's card, the decision."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from bench.door import door as exam_door
from bench.door import until
from kiosk.assembly import ExamDoor
from kiosk.checkin import Looking, Seated, Suspected, Turned, Waiting
from kiosk.records import DoorAct, DoorEvent, FingerPosition, Presence, Role
from kiosk.web import serve_app
from kiosk.web.checkin import create_door_app
from tests.web.browser import watched
from tests.web.test_accessibility import faults

OFFICER, PIN = "考务主任", "24681357"
SECOND, SECOND_PIN = "监考甲", "97531864"


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory, _networks_are_shared: None) -> Iterator[ExamDoor]:
    with exam_door(tmp_path_factory.mktemp("exam"), alike=(2,)) as opened:
        accounts = opened.store.accounts
        officer = accounts.issue(OFFICER, Role.OFFICER, PIN, by=None)
        second = accounts.issue(SECOND, Role.SUPERVISOR, f"{SECOND_PIN}0", by=officer.person)
        accounts.change_pin(second.id, f"{SECOND_PIN}0", SECOND_PIN)
        yield opened


def leave(door: ExamDoor) -> None:
    assert door.simulator is not None
    door.simulator.lift()
    door.simulator.stand_up()
    door.simulator.take_card()
    until(door, Waiting)


def log_in(page: Page, url: str) -> None:
    page.goto(f"{url}/door")
    page.get_by_text(OFFICER).click()
    page.fill("#pin", PIN)
    page.click("#login-form button.primary")
    expect(page.locator("#title")).to_have_text("请放身份证")


def test_an_exam_morning_on_the_tablet(door: ExamDoor, browser: Browser) -> None:
    people = door.simulator
    assert people is not None
    server = serve_app(create_door_app(door), 0)
    try:
        with watched(browser, viewport={"width": 1280, "height": 800}, reduced_motion="reduce") as found:
            page = found.page
            log_in(page, server.url)

            people.lay_card(1)
            until(door, Looking)
            expect(page.locator("#name")).to_have_text(people.people[0].student.name)
            expect(page.locator("#place")).to_have_text("第 1 考场　1 号")  # before anything is compared
            people.sit_down(1)
            until(door, Seated)
            expect(page.locator("#tally [data-count=came] dd")).to_have_text("1")
            assert faults(page) == []
            leave(door)

            people.lay_card(1)  # once more
            until(door, Turned)
            expect(page.locator("#candidate")).to_have_attribute("data-tone", "stop")
            expect(page.locator("#operator")).to_contain_text("已于")
            leave(door)

            other_door = DoorEvent("西门 ab12cd", 1, DoorAct.ARRIVED, door.desk.now(), 0, 1)
            assert door.register.merge([other_door]) == 1  # the other door has let the same name in, and tells of it
            door.desk.look_again()
            expect(page.locator(".alarm")).to_contain_text("东门")
            expect(page.locator(".alarm")).to_contain_text("西门")
            page.click(".alarm button")
            expect(page.locator(".alarm")).to_have_count(0)

            name = people.people[1].student.name  # the card was lost, and a tablet has no keyboard
            page.click("#by-name")
            for letter in name:
                page.click(f"#characters [data-key='{letter}']")
            expect(page.locator("#found button")).to_have_count(1)
            page.click("#found button")
            until(door, Looking)
            expect(page.locator("#thumb")).to_contain_text("同时请按拇指")  # a twin: the face alone is not enough
            people.press(2, FingerPosition.RIGHT_THUMB)
            expect(page.locator("#thumb")).to_contain_text("拇指已核对")
            people.sit_down(2)
            until(door, Seated)
            leave(door)

            people.lay_card(3)  # and somebody else sits down
            until(door, Looking)
            people.sit_down(1)
            until(door, Suspected)
            expect(page.locator("#title")).to_have_text("请入座")  # the candidate is told nothing of it
            expect(page.locator("#candidate")).to_have_attribute("data-tone", "good")
            expect(page.locator("#operator")).to_contain_text("存疑")
            leave(door)

            for name in ("counts", "results", "round"):
                page.goto(f"{server.url}/{name}")
                expect(page.locator("h1")).to_be_visible()
            page.goto(f"{server.url}/suspicions")
            assert faults(page) == []
            expect(page.locator(".suspicion")).to_contain_text(people.people[0].student.name)  # whose face it is
            page.click("summary.primary")
            page.click("[data-reason]:has-text('不是同一人')")
            for field, name, pin in (("by", OFFICER, PIN), ("second", SECOND, SECOND_PIN)):
                page.select_option(f"select[name={field}]", label=name)
                page.focus(f"input[name={'pin' if field == 'by' else 'second_pin'}]")
                for key in pin:  # a tablet has no keyboard
                    page.click(f".pinpad [data-key='{key}']")
            page.click("button[value=substitute]")
            expect(page.locator(".suspicion")).to_contain_text("替考嫌疑")
            page.goto(f"{server.url}/counts")
            expect(page.locator(".twice")).to_contain_text(people.people[0].student.name)
            page.goto(f"{server.url}/play")
            expect(page.locator("#people input")).to_have_count(3)
            page.goto(f"{server.url}/counts?lang=en")
            page.goto(f"{server.url}/counts")
            expect(page.locator("html")).to_have_attribute("lang", "en")  # remembered
            page.goto(f"{server.url}/counts?lang=zh-CN")
            page.set_viewport_size({"width": 800, "height": 1280})
            page.goto(f"{server.url}/door/student")
            expect(page.locator("#title")).to_have_text("请放身份证")
            assert found.errors == []
    finally:
        server.stop()
    there = door.desk.door.roll.attendance(0)
    assert [there[number].presence for number in (1, 2, 3)] == [Presence.IN, Presence.IN, Presence.SUBSTITUTE]
    events = door.register.events()
    assert [one.act for one in events if one.candidate == 3] == [DoorAct.SUSPECTED, DoorAct.DECIDED]
    assert door.register.is_whole()

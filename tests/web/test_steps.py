"""The steps' own panels, on both screens."""

from __future__ import annotations

from playwright.sync_api import expect

from kiosk.snapshot import Command, Order
from kiosk.web import Server
from tests.web import script
from tests.web.browser import Watched
from tests.web.scripted import ScriptedStation


def test_the_student_reads_the_notice_in_both_languages(page: Watched, server: Server, station: ScriptedStation) -> None:
    screen = page.open(f"{server.url}/student")
    station.show(script.consent())
    panel = screen.locator("[data-panel=consent]")
    expect(panel.locator("[data-say=free] span")).to_have_text("你可以说“不”：不影响报名和考试，改由老师人工核对身份")
    expect(panel.locator("[data-say=free] small")).to_contain_text("You may say no")
    expect(panel.locator("[data-say=version]")).to_contain_text("告知书 2026-1 版")
    station.show(script.face())
    expect(panel).to_be_hidden()
    assert page.errors == []


def test_the_operator_enters_who_signed_the_paper(page: Watched, server: Server, station: ScriptedStation) -> None:
    screen = page.open(f"{server.url}/operator")
    turn = station.show(script.consent()).turn
    expect(screen.locator("[data-panel=consent]")).to_be_visible()
    screen.keyboard.press("Shift+F1")
    expect(screen.locator("#reason-why")).to_be_hidden()
    expect(screen.locator("#reason-question")).to_contain_text("纸质同意书")
    screen.fill("#reason-guardian", "王大海")
    with screen.expect_response("**/command"):
        screen.keyboard.press("Enter")
    assert station.orders == [Order(Command.GUARDIAN, turn, name="王大海")]
    assert page.errors == []


def test_a_no_needs_a_reason_and_may_be_the_guardian_s(page: Watched, server: Server, station: ScriptedStation) -> None:
    screen = page.open(f"{server.url}/operator")
    turn = station.show(script.consent()).turn
    screen.click("[data-command=decline]")
    screen.click("#reason [type=submit]")
    expect(screen.locator("#reason")).to_be_visible()  # nothing was said yet
    screen.click("#reason-ready button >> nth=1")
    screen.fill("#reason-guardian", "王大海")
    with screen.expect_response("**/command"):
        screen.click("#reason [type=submit]")
    assert station.orders == [Order(Command.DECLINE, turn, "监护人不同意采集人脸和指纹", name="王大海")]
    assert page.errors == []

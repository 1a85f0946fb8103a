"""The steps' own panels, on both screens."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect

from kiosk.errors import KioskError
from kiosk.pipeline import signature
from kiosk.records import BiometricKind, KeptBiometric, Means, Party, Statement, Step, StepResult, Verdict
from kiosk.snapshot import Command, Order
from kiosk.web import Server
from tests.web import script
from tests.web.browser import Watched
from tests.web.client import post
from tests.web.scripted import ScriptedOffice, ScriptedStation, orders_of


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
    screen.fill("#reason-relation", "父亲")
    screen.fill("#reason-phone", "13900000000")
    with screen.expect_response("**/command"):
        screen.keyboard.press("Enter")
    assert orders_of(station) == [Order(Command.GUARDIAN, turn, name="王大海", relation="父亲", phone="13900000000")]
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
    assert orders_of(station) == [Order(Command.DECLINE, turn, "监护人不同意采集人脸和指纹", name="王大海")]
    assert page.errors == []


def draw(page: Page) -> None:
    """Two lines, with the mouse."""
    pad = page.locator("[data-panel=signature] canvas")
    expect(pad).to_be_visible()
    box = pad.bounding_box()
    assert box is not None
    for (x, y), (to_x, to_y) in (((0.2, 0.3), (0.8, 0.6)), ((0.5, 0.2), (0.5, 0.8))):
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
        page.mouse.down()
        page.mouse.move(box["x"] + to_x * box["width"], box["y"] + to_y * box["height"], steps=12)
        page.mouse.up()


def ink(page: Page) -> int:
    """How many pixels of the pad are drawn on."""
    found: int = page.evaluate(
        """() => {
          const pad = document.querySelector("[data-panel=signature] canvas");
          const copy = new OffscreenCanvas(pad.width, pad.height).getContext("2d", { willReadFrequently: true });
          copy.drawImage(pad, 0, 0);
          const pixels = copy.getImageData(0, 0, pad.width, pad.height).data;
          return pixels.filter((value, n) => n % 4 === 3 && value > 0).length;
        }"""
    )
    return found


@pytest.mark.parametrize("where", ["student", "operator"])
def test_a_signature_is_drawn_cleared_drawn_again_and_handed_in(
    page: Watched, server: Server, station: ScriptedStation, where: str
) -> None:
    screen = page.open(f"{server.url}/{where}")
    station.show(script.signature())
    panel = screen.locator("[data-panel=signature]")
    expect(panel.locator(".done")).to_be_disabled()
    draw(screen)
    whole = ink(screen)
    panel.locator(".undo").click()
    assert 0 < ink(screen) < whole
    panel.locator(".again").click()
    assert ink(screen) == 0
    expect(panel.locator(".done")).to_be_disabled()
    draw(screen)
    with screen.expect_response("**/hand-in"):
        panel.locator(".done").click()
    (given,) = station.handed_in
    assert isinstance(given, dict)
    assert given["party"] == "student"
    drawn = signature.read(given)
    assert (len(drawn.strokes), {point.f for stroke in drawn.strokes for point in stroke}) == (2, {0.5})
    assert drawn.ink > drawn.height
    assert page.errors == []


def test_what_the_student_drew_is_gone_when_the_guardian_is_to_sign(
    page: Watched, server: Server, station: ScriptedStation
) -> None:
    screen = page.open(f"{server.url}/student")
    station.show(script.signature())
    expect(screen.locator("[data-say=by_student]")).to_be_visible()
    draw(screen)
    station.show(script.signature("guardian"))
    expect(screen.locator("[data-say=by_guardian]")).to_be_visible()
    assert ink(screen) == 0
    draw(screen)
    with screen.expect_response("**/hand-in"):
        screen.locator("[data-panel=signature] .done").click()
    (given,) = station.handed_in
    assert isinstance(given, dict)
    assert given["party"] == "guardian"


def test_what_the_station_says_of_a_signature_stands_beside_the_pad(
    page: Watched, server: Server, station: ScriptedStation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(given: object, about: int) -> None:
        raise KioskError("signature.too_short")

    monkeypatch.setattr(station, "hand_in", refuse)
    screen = page.open(f"{server.url}/student")
    station.show(script.signature())
    draw(screen)
    screen.locator("[data-panel=signature] .done").click()
    expect(screen.locator("[data-panel=signature] .problem")).to_have_text("签名太短，请写出完整的姓名")
    assert ink(screen) > 0  # it can be mended


def test_what_is_handed_in_names_what_it_is_about_and_is_never_large(client: FlaskClient, station: ScriptedStation) -> None:
    turn = station.show(script.signature()).turn
    assert post(client, "/hand-in", {"about": turn - 1, "given": {}}).get_json()["code"] == "station.order_late"
    for wrong in ({"given": {}}, {"about": "1"}, [turn]):  # type: ignore[var-annotated]
        assert post(client, "/hand-in", wrong).get_json()["code"] == "web.command_unknown"
    assert post(client, "/hand-in", {"about": turn, "given": "x" * 1024 * 1024}).get_json()["code"] == "web.too_large"
    assert station.handed_in == []
    assert post(client, "/command", {"command": "hand_in", "about": turn}).get_json()["code"] == "web.command_unknown"
    assert post(client, "/hand-in", {"about": turn, "given": {"party": "student"}}).status_code == 204
    assert station.handed_in == [{"party": "student"}]


def test_the_record_s_page_shows_what_was_said_and_signed(client: FlaskClient, office: ScriptedOffice) -> None:
    guardian = Statement(Party.GUARDIAN, True, Means.DRAWN, "王大海")
    signed = StepResult(Step.SIGNATURE, Verdict.PASS, script.DAY_OF, statements=(guardian,))
    office.captures = {"r1": replace(script.capture(), steps=(signed,))}
    office.dossiers.kept = (KeptBiometric(1, BiometricKind.SIGNATURE, script.DAY_OF, 1024, "0" * 64, stands=True),)
    text = client.get("/records/r1").text
    assert text.count("监护人王大海同意（屏幕手写签字）") >= 2
    assert "/records/r1/signature" in text
    assert client.get("/records/r1/signature").status_code == 200
    assert client.get("/records/r1/signature_strokes").status_code == 404

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Literal

import pytest
from flask import Flask
from playwright.sync_api import Browser, expect

from kiosk.config import Settings, StationSettings
from kiosk.errors import KioskError
from kiosk.exchange import ColumnReading, RosterReading, RowProblem
from kiosk.pipeline.face.liveness import Challenge
from kiosk.records import Message, RefusalReason, Step
from kiosk.snapshot import Command, Order
from kiosk.store import RosterChange
from kiosk.web import Server, create_app, serve_app
from kiosk.words import say
from tests.conftest import FPS
from tests.staff import OPERATOR, PIN
from tests.web import script
from tests.web.browser import LAYOUT_FAULTS, Watched, watched
from tests.web.client import decide
from tests.web.drawings import face_drawing
from tests.web.scripted import Preview, ScriptedOffice, ScriptedStation, orders_of

SIZES = [(1366, 768), (1920, 1080)]


@pytest.fixture
def camera(station: ScriptedStation) -> Iterator[None]:
    """Films."""
    stop = threading.Event()
    pictures = [face_drawing(1280, 720, shade=shade) for shade in (0, 6)]

    def run() -> None:
        number = 0
        while not stop.wait(1 / FPS):
            number += 1
            station.film(pictures[number % 2])

    thread = threading.Thread(target=run)
    thread.start()
    yield
    stop.set()
    thread.join()


@pytest.mark.parametrize(("size", "language"), [(SIZES[0], "zh-CN"), (SIZES[1], "zh-CN"), (SIZES[0], "en")])
def test_the_whole_day_fits_on_the_operator_s_screen(
    browser: Browser, server: Server, station: ScriptedStation, camera: None, size: tuple[int, int], language: str
) -> None:
    with watched(browser, viewport={"width": size[0], "height": size[1]}) as found:
        page = found.open(f"{server.url}/operator?lang={language}")
        for panel in (True, False):
            page.click("#play-toggle") if page.is_visible("#play") is not panel else None
            for name, make in script.DAY.items():
                snapshot = station.show(make())
                expect(page.locator("#instruction")).to_have_text(script.to_operator(snapshot, language))
                assert page.evaluate(LAYOUT_FAULTS) == [], (name, panel)
        assert found.errors == []
        assert all(address.startswith(server.url) for address in found.addresses)


@pytest.mark.parametrize("size", SIZES)
def test_the_whole_day_fits_on_the_student_s_screen(
    browser: Browser, server: Server, station: ScriptedStation, camera: None, size: tuple[int, int]
) -> None:
    with watched(browser, viewport={"width": size[0], "height": size[1]}) as found:
        page = found.open(f"{server.url}/student")
        for name, make in script.DAY.items():
            snapshot = station.show(make())
            expect(page.locator("#instruction")).to_have_text(script.to_student(snapshot))
            assert page.evaluate(LAYOUT_FAULTS) == [], name
        assert found.errors == []
        assert all(address.startswith(server.url) for address in found.addresses)


def test_the_student_is_shown_what_to_do(page: Watched, server: Server, station: ScriptedStation) -> None:
    screen = page.open(f"{server.url}/student")
    for make, pictogram in (
        (script.waiting, "lay-card"),
        (script.face, "chin-up"),
        *((partial(script.challenge, asked), asked.replace("_", "-")) for asked in Challenge),
        (script.right_thumb, "right-thumb"),
        (script.right_index, "right-index"),
        (script.lift, "lift"),
        (script.left_thumb, "left-thumb"),
        (script.decision, "operator"),
        (script.saved, "take-card"),
    ):
        snapshot = station.show(make())  # type: ignore[operator]
        expect(screen.locator("#instruction")).to_have_text(script.to_student(snapshot))
        shown = screen.locator("[data-pictogram]:visible")
        assert [shown.nth(n).get_attribute("data-pictogram") for n in range(shown.count())] == [pictogram]
    station.show(script.confirm())
    expect(screen.locator("#own-data")).to_contain_text("••••4426")


def test_the_student_sees_a_mirror_with_the_guide_in_the_tone_s_colour(
    page: Watched, server: Server, station: ScriptedStation, camera: None
) -> None:
    station.show(script.face())
    screen = page.open(f"{server.url}/student")
    expect(screen.locator("#viewer.pictured.live")).to_be_visible()
    assert (
        screen.evaluate("getComputedStyle(document.querySelector('#viewer canvas')).transform") == "matrix(-1, 0, 0, 1, 0, 0)"
    )
    assert screen.locator("#viewer").get_attribute("data-tone") == "mend"
    first = int(screen.locator("#viewer canvas").get_attribute("data-drawn") or 0)
    screen.wait_for_function("first => Number(document.querySelector('canvas').dataset.drawn) > first + 15", arg=first)
    station.show(script.right_thumb())
    expect(screen.locator("#viewer")).to_be_hidden()


def test_the_time_for_an_answer_runs_on_while_nothing_else_is_asked(
    page: Watched, server: Server, station: ScriptedStation, camera: None
) -> None:
    screen = page.open(f"{server.url}/student")
    left = "(document.querySelector('#answer-time span').getAnimations()[0]?.currentTime ?? -1)"
    station.show(script.challenge())
    expect(screen.locator("#answer-time")).to_be_visible()
    screen.wait_for_function(f"() => {left} > 300")
    with screen.expect_response("**/state?*"):
        station.show(replace(script.challenge(), notice=Message("station.other_card_waits")))
    assert screen.evaluate(left) > 300
    station.show(script.challenge("blink"))
    screen.wait_for_function(f"() => {left} < 300 && {left} >= 0")
    station.show(script.right_thumb())
    expect(screen.locator("#answer-time")).to_be_hidden()
    assert page.errors == []


def test_the_operator_decides_by_keyboard_alone(page: Watched, server: Server, station: ScriptedStation) -> None:
    screen = page.open(f"{server.url}/operator")
    snapshot = station.show(script.face())
    expect(screen.locator("#instruction")).to_have_text(script.to_student(snapshot))
    with screen.expect_response("**/command"):
        screen.keyboard.press("F2")
    assert station.commands == [(Command.SHOOT, "", OPERATOR)]
    station.show(script.decision())
    expect(screen.locator("[data-command=accept]")).to_be_visible()
    screen.keyboard.press("F4")
    expect(screen.locator("#reason")).to_be_visible()
    screen.keyboard.press("F3")  # behind the dialog: must do nothing
    screen.keyboard.press("Tab")
    screen.locator("#reason-ready button").first.focus()
    screen.keyboard.press("Enter")
    assert screen.input_value("#reason-text") == "人工比对，确认为本人"
    for key in ("ArrowDown", "ArrowDown", "Tab"):  # the second one of those who may decide
        screen.keyboard.press(key)
    screen.keyboard.type(PIN)
    with screen.expect_response("**/command"):
        screen.keyboard.press("Enter")
    expect(screen.locator("#reason")).to_be_hidden()
    assert station.commands[1:] == [(Command.ACCEPT, "人工比对，确认为本人", "王老师")]
    assert page.errors == []


def test_a_supervisor_compares_live_face_and_chip_photo_side_by_side(
    page: Watched, server: Server, station: ScriptedStation
) -> None:
    screen = page.open(f"{server.url}/operator")
    station.show(script.decision())
    expect(screen.locator("#compare")).to_be_visible()
    assert screen.locator("#compare img").count() == 2
    expect(screen.locator("#compare-score")).to_contain_text("0.29")
    station.show(script.right_thumb())
    expect(screen.locator("#compare")).to_be_hidden()
    expect(screen.locator("#viewer")).to_be_visible()


# The boxes of what must be seen while one decides, and of the dialog.
BOXES = """names => Object.fromEntries(names.map((name) => {
  const { left, top, right, bottom } = document.querySelector(name).getBoundingClientRect();
  return [name, [left, top, right, bottom]];
}))"""

HIDDEN_PX = "() => { const dialog = document.querySelector('dialog[open]'); return dialog.scrollHeight - dialog.clientHeight; }"


def overlapping(boxes: dict[str, list[float]], over: str) -> list[str]:
    left, top, right, bottom = boxes[over]
    return [
        name
        for name, box in boxes.items()
        if name != over and min(right, box[2]) - max(left, box[0]) > 1 and min(bottom, box[3]) - max(top, box[1]) > 1
    ]


@pytest.mark.parametrize("size", SIZES)
def test_the_faces_the_measures_and_the_banner_stay_in_sight_while_one_decides(
    browser: Browser, server: Server, station: ScriptedStation, size: tuple[int, int]
) -> None:
    with watched(browser, viewport={"width": size[0], "height": size[1]}) as found:
        for language in ("zh-CN", "en"):
            page = found.open(f"{server.url}/operator?lang={language}")
            for panel in (True, False):
                page.click("#play-toggle") if page.is_visible("#play") is not panel else None
                for make, faces, commands in (
                    (script.decision, "#compare", ("accept", "exception", "abort")),
                    (script.duplicate_face, "#duplicates", ("accept", "declare_lookalikes", "exception", "abort")),
                    (script.duplicate_thumb, "#duplicates", ("accept", "redo", "abort")),
                ):
                    shown = station.show(make())
                    expect(page.locator("#instruction")).to_have_text(script.to_operator(shown, language))
                    expect(page.locator(faces)).to_be_visible()
                    for command in commands:
                        page.click(f"[data-command={command}]")
                        expect(page.locator("dialog[open]")).to_be_visible()
                        boxes = page.evaluate(BOXES, [faces, "#say", "#steps", "#measures", "dialog[open]"])
                        assert overlapping(boxes, "dialog[open]") == [], (make, command, panel)
                        assert boxes["dialog[open]"][3] <= size[1], (make, command)
                        assert page.evaluate(HIDDEN_PX) <= 1, (make, command, language)
                        page.keyboard.press("Escape")


def test_who_was_refused_stays_in_sight_while_one_lets_them_in(page: Watched, server: Server, station: ScriptedStation) -> None:
    screen = page.open(f"{server.url}/operator")
    shown = station.show(script.out_of_time())
    expect(screen.locator("#chip img")).to_be_visible()
    expect(screen.locator("#card")).to_contain_text(script.CARD.id_number)
    screen.keyboard.press("Shift+F6")
    expect(screen.locator("dialog[open]")).to_be_visible()
    assert overlapping(screen.evaluate(BOXES, [".who", "#say", "dialog[open]"]), "dialog[open]") == []
    screen.click("#reason-ready button >> nth=0")
    decide(screen, "reason", "王老师")
    with screen.expect_response("**/command"):
        screen.keyboard.press("Enter")
    assert [(order.command, order.about, order.by and order.by.name) for order in station.orders] == [
        (Command.ADMIT, shown.turn, "王老师")
    ]


def test_near_misses_are_large_and_marked(page: Watched, server: Server, station: ScriptedStation) -> None:
    screen = page.open(f"{server.url}/operator")
    station.show(script.not_on_roster())
    expect(screen.locator("#near li")).to_have_count(2)
    assert screen.locator("#near mark").all_inner_texts() == ["晟", "34"]
    expect(screen.locator("#roster")).to_be_empty()
    station.show(script.waiting())
    expect(screen.locator("#near")).to_be_hidden()


def test_nobody_s_name_is_filled_in_for_a_decision(page: Watched, server: Server, station: ScriptedStation) -> None:
    screen = page.open(f"{server.url}/operator")
    station.show(replace(script.waiting(), commands=(Command.TYPE_IN,)))
    screen.click("[data-command=type_in]")
    screen.fill("#type-in-number", script.STUDENT.id_number)
    screen.select_option("#type-in-why", "lost")
    decide(screen, "type-in", "王主任")
    with screen.expect_response("**/type-in"):
        screen.click("#type-in-dialog [type=submit]")
    for name in ("王主任", "王老师"):
        station.show(script.waiting())
        expect(screen.locator("[data-command=accept]")).to_be_hidden()  # the next decision is another one
        station.show(script.decision())
        screen.click("[data-command=accept]")
        assert screen.input_value("#reason-by") == ""
        decide(screen, "reason", name)
        screen.keyboard.press("Escape")
        expect(screen.locator("#reason")).to_be_hidden()


def test_what_is_missing_is_said_in_the_reader_s_language(page: Watched, server: Server, station: ScriptedStation) -> None:
    for language, missing in (("zh-CN", "请填写“原因”。"), ("en", "Please fill in “Reason”.")):
        station.show(script.decision())
        screen = page.open(f"{server.url}/operator?lang={language}")
        screen.click("[data-command=accept]")
        screen.click("#reason [type=submit]")
        expect(screen.locator("#reason .form-problem")).to_have_text(missing)
        expect(screen.locator("#reason-text")).to_be_focused()
        screen.keyboard.press("Escape")
        screen.click("[data-command=abort]")
        screen.click("#abort-dialog [type=submit]")
        expect(screen.locator("#abort-dialog .form-problem")).not_to_be_empty()
        screen.keyboard.press("Escape")
    assert station.orders == []


def test_presses_are_counted_where_both_look(page: Watched, server: Server, station: ScriptedStation) -> None:
    station.show(script.lift())
    screen = page.open(f"{server.url}/operator")
    expect(screen.locator("#right_thumb .presses")).to_have_text("1/2")
    screen = page.open(f"{server.url}/student")
    expect(screen.locator("#presses strong")).to_have_text("1/2")
    assert screen.locator("#presses .came").count() == 1
    station.show(script.left_thumb())
    expect(screen.locator("#presses")).to_be_hidden()


# Notes what the student is told at the moment when the sign of success appears.
WATCH_SUCCESS = """() => new MutationObserver(([{ target }]) => {
  if (!target.hidden) window.celebrated = document.querySelector("#instruction").textContent;
}).observe(document.querySelector("#success"), { attributeFilter: ["hidden"] })"""


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_a_step_that_is_over_is_celebrated_and_nothing_waits_for_it(
    browser: Browser, server: Server, station: ScriptedStation, motion: Literal["no-preference", "reduce"]
) -> None:
    with watched(browser, viewport={"width": 1366, "height": 768}, reduced_motion=motion) as found:
        station.show(script.face())
        page = found.open(f"{server.url}/student")
        expect(page.locator("#instruction")).to_have_text(script.to_student(script.face()))
        expect(page.locator("#success")).to_be_hidden()
        page.evaluate(WATCH_SUCCESS)
        station.show(script.right_thumb())
        page.wait_for_function("said => window.celebrated === said", arg=script.to_student(script.right_thumb()))
        moves = page.evaluate("getComputedStyle(document.querySelector('#success')).animationName")
        assert moves == ("success" if motion == "no-preference" else "none")
        expect(page.locator("#success")).to_be_hidden()
        assert found.errors == []


@pytest.mark.parametrize("size", SIZES)
def test_long_names_of_school_and_exam_fit_on_both_screens(
    browser: Browser, station: ScriptedStation, office: ScriptedOffice, size: tuple[int, int]
) -> None:
    names = StationSettings(
        name="采集点-01（教学楼一层东侧多功能教室）",
        school="海西蒙古族藏族自治州格尔木市昆仑南路第一民族高级中学（东校区）",
        exam="2026年青海省普通高中学业水平合格性考试暨普通高等学校招生全国统一考试信息采集",
    )
    known = replace(office.operator, name="买买提·阿卜杜热依木")
    app = create_app(station=station, office=office, settings=Settings(station=names), demonstrator=known)  # type: ignore[arg-type]
    server = serve_app(app, 0)
    try:
        with watched(browser, viewport={"width": size[0], "height": size[1]}) as found:
            station.show(script.waiting())
            for screen in ("operator", "student"):
                page = found.open(f"{server.url}/{screen}")
                expect(page.locator("#instruction")).to_have_text("请将身份证放在读卡器上")
                assert page.evaluate(LAYOUT_FAULTS) == [], screen
            box = page.evaluate(BOXES, ["#idle", ".stage", "#pictograms"])
            assert box["#idle"][1] >= box[".stage"][1]
            assert box["#idle"][3] <= box[".stage"][3]
    finally:
        server.stop()


def test_a_reason_dialog_closes_when_its_moment_has_passed(page: Watched, server: Server, station: ScriptedStation) -> None:
    screen = page.open(f"{server.url}/operator")
    for after in (script.waiting, script.right_thumb):  # also where the same order could be given, about something else
        station.show(script.decision())
        screen.click("[data-command=exception]")
        expect(screen.locator("#reason")).to_be_visible()
        station.show(after())
        expect(screen.locator("#reason")).to_be_hidden()


def test_a_capture_is_aborted_for_a_cause(page: Watched, server: Server, station: ScriptedStation) -> None:
    screen = page.open(f"{server.url}/operator")
    shown = station.show(script.decision())
    expect(screen.locator("[data-command=abort]")).to_be_visible()
    screen.keyboard.press("F10")
    screen.check("#abort-dialog [value=impersonation]")
    with screen.expect_response("**/command"):
        screen.keyboard.press("Enter")
    expect(screen.locator("#abort-dialog")).to_be_hidden()
    assert orders_of(station) == [Order(Command.ABORT, shown.turn, cause=RefusalReason.IMPERSONATION)]


def test_both_hands_are_done_again_in_one_order(page: Watched, server: Server, station: ScriptedStation) -> None:
    screen = page.open(f"{server.url}/operator")
    shown = station.show(script.confirm())
    screen.click("[data-step=right_thumb] .redo")
    expect(screen.locator("#redo-dialog")).to_be_visible()
    screen.check("#redo-dialog [value=left_thumb]")
    with screen.expect_response("**/command"):
        screen.click("#redo-dialog [type=submit]")
    assert orders_of(station) == [Order(Command.REDO, shown.turn, steps=(Step.RIGHT_THUMB, Step.LEFT_THUMB))]


def test_the_data_are_saved_with_enter_unless_a_button_has_the_focus(
    page: Watched, server: Server, station: ScriptedStation
) -> None:
    screen = page.open(f"{server.url}/operator")
    station.show(script.confirm())
    expect(screen.locator("[data-command=save]")).to_be_visible()
    screen.locator("[data-command=hold]").focus()
    with screen.expect_response("**/command"):
        screen.keyboard.press("Enter")
    screen.evaluate("document.activeElement.blur()")
    with screen.expect_response("**/command"):
        screen.keyboard.press("Enter")
    assert [order.command for order in station.orders] == [Command.HOLD, Command.SAVE]


def test_a_command_that_is_refused_is_said_on_the_screen(
    page: Watched, server: Server, station: ScriptedStation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_late(_: Order) -> None:
        raise KioskError("station.order_late")

    screen = page.open(f"{server.url}/operator")
    station.show(script.face())
    monkeypatch.setattr(station, "give", too_late)
    expect(screen.locator("[data-command=shoot]")).to_be_visible()
    with screen.expect_response("**/command"):
        screen.keyboard.press("F2")
    expect(screen.locator("#toast")).to_have_text(say("zh-CN", "error.station.order_late"))


def test_a_server_that_comes_back_is_found_again(browser: Browser, app: Flask, station: ScriptedStation) -> None:
    server = serve_app(app, 0)
    with watched(browser) as found:
        screen = found.open(f"{server.url}/operator")
        snapshot = station.show(script.right_thumb())
        expect(screen.locator("#instruction")).to_have_text(script.to_student(snapshot))
        server.stop()
        expect(screen.locator("#lost")).to_be_visible()
        expect(screen.locator("#lost")).to_contain_text("连接中断")
        again = serve_app(app, server.port)
        try:
            snapshot = station.show(script.left_thumb())
            expect(screen.locator("#instruction")).to_have_text(script.to_student(snapshot))
            expect(screen.locator("#lost")).to_be_hidden()
        finally:
            again.stop()


def test_a_roster_is_looked_at_corrected_and_taken(
    page: Watched, server: Server, office: ScriptedOffice, roster_file: Path
) -> None:
    problem = RowProblem("Sheet1", 7, "C", "<b>6.32801E+17</b>", Message("station.not_on_roster"))
    columns = (ColumnReading("Sheet1", "C", "证件", ""),)
    office.preview_answer = Preview(RosterReading((script.STUDENT,), (problem,), (), columns), RosterChange())
    screen = page.open(f"{server.url}/records/roster")
    expect(screen.locator("#roster button[type=submit]")).to_be_disabled()
    screen.set_input_files("#roster-file", roster_file)
    expect(screen.locator("#roster .result-summary")).to_contain_text("读到 2 人")
    assert screen.locator("#roster-problems tbody td").all_inner_texts()[:4] == ["Sheet1", "7", "C", "<b>6.32801E+17</b>"]
    with screen.expect_download() as saved:
        screen.click("#roster-marked")
    assert saved.value.suggested_filename == "花名册-标注.xlsx"
    assert Path(saved.value.path()).read_bytes().startswith(b"PK marked")
    with screen.expect_response("**/look"):
        screen.select_option("#roster-columns select", "id_number")
    expect(screen.locator("#roster button[type=submit]")).to_be_enabled()
    screen.click("#roster button[type=submit]")
    expect(screen.locator("#roster .result-done")).to_contain_text("花名册已导入")
    assert office.taken == [(roster_file.read_bytes(), {"证件": "id_number"})]
    assert page.errors == []

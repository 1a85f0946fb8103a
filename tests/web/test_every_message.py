"""Whatever the station has to say fits on its screens, in both languages, and tells each reader what is theirs to do."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, expect

from kiosk.pipeline.face.cues import CUES
from kiosk.records import DeviceKind, DeviceState, DeviceStatus, Message, Step
from kiosk.snapshot import Snapshot
from kiosk.web import Server
from kiosk.web.assets import static_path
from kiosk.web.operator_words import for_operator
from kiosk.web.student_words import for_student
from kiosk.words import LANGUAGES, MOST_FOR_STUDENTS, catalogue, say, say_to_student
from tests.web import script
from tests.web.browser import LAYOUT_FAULTS, watched
from tests.web.messages import codes, filled

WORKFLOW = (Step.FACE, Step.RIGHT_THUMB, Step.LEFT_THUMB, Step.CONFIRM)
SIZES = [(1366, 768), (1920, 1080)]
# Shows states one after the other without the server, and tells what is wrong with each.
DRAW = f"""async ([module, states]) => {{
  const faults = {LAYOUT_FAULTS.split("*/")[-1].strip()};
  const {{ show }} = await import(`{static_path()}/js/${{module}}.js`);
  const draw = ([code, state]) => {{ show(state); return [code, faults()]; }};
  return JSON.parse(states).map(draw).filter(([, found]) => found.length);
}}"""


def drawn(page: Any, module: str, states: str) -> list[Any]:
    found: list[Any] = page.evaluate(DRAW, [module, states])
    return found


def situated(message: Message) -> Snapshot:
    """What the operator has to decide about, while something else is told beside it."""
    shown = script.decision()
    here = replace(shown.steps[-1], problems=(message,))
    return replace(shown, situation=message, steps=(*shown.steps[:-1], here))


def noticed(message: Message) -> Snapshot:
    return replace(script.refused(), notice=message)


def troubled(message: Message) -> Snapshot:
    """All that is plugged in is out of order."""
    devices = tuple(DeviceStatus(kind, DeviceState.FAULT, "", message, unverified=True) for kind in DeviceKind)
    return replace(script.right_thumb(), situation=message, notice=message, devices=devices)


def warned(message: Message) -> Snapshot:
    shown = script.differing_names()
    assert shown.card is not None
    return replace(shown, card=replace(shown.card, warnings=(message,)))


def placed(code: str) -> list[Callable[[Message], Snapshot]]:
    """Where on the operator's screen a message may stand."""
    places: list[Callable[[Message], Snapshot]] = [situated, noticed]
    if code.startswith(("error.card", "error.camera", "error.finger", "error.device")):
        places.append(troubled)
    if code.startswith(("card.", "error.card.photo")):
        places.append(warned)
    return places


@cache
def on_the_operator_s(language: str) -> str:
    """All states as JSON; place by place, as then little is drawn anew from one state to the next."""
    return json.dumps(
        [
            (f"{place.__name__} {code}", for_operator(place(filled(code)), WORKFLOW, language))
            for place in (situated, noticed, troubled, warned)
            for code in codes()
            if place in placed(code)
        ]
    )


@cache
def on_the_student_s() -> str:
    at = {"looking": script.face(), "pressing": script.lift(), "checking": script.confirm(), "waiting": script.waiting()}
    return json.dumps(
        [
            (f"{name} {code}", for_student(replace(shown, instruction=filled(code)), WORKFLOW, ("zh-CN", "en")))
            for name, shown in at.items()
            for code in codes()
        ]
    )


def test_all_messages_are_found_that_the_station_has() -> None:
    known = set(codes())
    assert {
        "station.confirm.left_little",
        "error.card.unreadable",
        "face.seen_before",
        "station.aborted.impersonation",
    } <= known
    assert {"hint.photo.mouth", "error.finger.line_damaged", "error.camera.covered", "error.store.disk_full"} <= known
    assert len(known) > 250


@pytest.mark.parametrize("size", SIZES)
def test_every_message_fits_on_the_operator_s_screen(browser: Browser, server: Server, size: tuple[int, int]) -> None:
    with watched(browser, viewport={"width": size[0], "height": size[1]}) as found:
        for language in LANGUAGES:
            page = found.open(f"{server.url}/operator?lang={language}")
            expect(page.locator("#instruction")).not_to_be_empty()
            assert drawn(page, "operator", on_the_operator_s(language)) == []
        assert found.errors == []


@pytest.mark.parametrize("size", SIZES)
def test_every_message_fits_on_the_student_s_screen(browser: Browser, server: Server, size: tuple[int, int]) -> None:
    with watched(browser, viewport={"width": size[0], "height": size[1]}) as found:
        page = found.open(f"{server.url}/student")
        expect(page.locator("#instruction")).not_to_be_empty()
        assert drawn(page, "student", on_the_student_s()) == []
        assert found.errors == []


def test_no_student_reads_more_than_twelve_characters_or_anybody_s_data() -> None:
    messages = [filled(code) for code in codes()]
    assert [words for one in messages if len(words := say_to_student("zh-CN", one)) > MOST_FOR_STUDENTS] == []
    data = [str(value) for one in messages for value in one.data.values()]
    assert [one.code for one in messages if any(value in say_to_student("zh-CN", one) for value in data)] == []


def test_what_nobody_foresaw_sends_the_student_to_the_teacher() -> None:
    ask = say("zh-CN", "student.ask_teacher")
    for code in ("error.store.disk_full", "error.card.pcsc.no_service", "error.finger.library_refused", "face.seen_before"):
        assert say_to_student("zh-CN", filled(code)) == ask
    assert say_to_student("zh-CN", Message("error.vendor.7")) == say_to_student("zh-CN", Message("hint.vendor.tilt")) == ask


def test_what_a_student_can_put_right_is_said_to_the_student() -> None:
    ask = say("zh-CN", "student.ask_teacher")
    pressed = [f"error.finger.{fault}" for fault in ("too_dry", "too_wet", "unclear", "no_answer", "line_damaged", "refused")]
    presses = [code for code in codes() if code.startswith(("hint.finger.", "station.press", "station.confirm."))]
    steps = ["consent.read", "consent.press", "signature.sign.student", "signature.sign.guardian"]
    said = [*CUES, *pressed, *presses, *steps, "finger.presses_differ", "finger.not_the_same", "finger.press_again"]
    for language in LANGUAGES:
        assert [code for code in said if say_to_student(language, filled(code)) in (ask, code)] == []


def test_every_text_for_students_is_about_a_message_that_there_is() -> None:
    own = [code.removeprefix("student.") for code in catalogue("zh-CN") if code.startswith("student.")]
    assert set(own) - {"ask_teacher"} <= set(codes())


def test_every_hint_of_the_framing_has_its_pictogram(app: Flask) -> None:
    page = app.test_client().get("/student").text
    for code, cue in CUES.items():
        pictogram = for_student(replace(script.face(), instruction=Message(code), cue=cue), WORKFLOW, ("zh-CN",))["pictogram"]
        assert f'data-pictogram="{pictogram}"' in page

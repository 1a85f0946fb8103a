"""The student's screen speaks: by a voice of this machine, or by tones; calmly, and never of anybody."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask.testing import FlaskClient
from playwright.sync_api import Page, expect

from kiosk.records import Message
from kiosk.snapshot import Snapshot
from kiosk.web import Server
from tests.web import script
from tests.web.browser import Watched
from tests.web.client import post
from tests.web.scripted import ScriptedStation

# Stands in for the browser's speech and sound, and notes what would be heard.
EARS = """
window.heard = [];
window.voices = VOICES;
Object.defineProperty(navigator, "userActivation", { value: { hasBeenActive: true }, configurable: true });
window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
Object.defineProperty(window, "speechSynthesis", { value: {
  getVoices: () => window.voices,
  speak: (speech) => window.heard.push(`${speech.voice.name}: ${speech.text}`),
  cancel: () => window.heard.push("silence"),
}});
window.AudioContext = class {
  state = "running"; currentTime = 0;
  createOscillator() {
    return { frequency: {}, connect: (to) => to, stop() {}, start() { window.heard.push(`${this.frequency.value} Hz`); } };
  }
  createGain() { return { gain: { setValueAtTime() {}, exponentialRampToValueAtTime() {} }, connect: (to) => to }; }
};
"""
HERE = '[{ lang: "zh-HK", name: "港", localService: true }, { lang: "zh-CN", name: "网", localService: false }, LOCAL]'
WITH_VOICE = EARS.replace("VOICES", HERE.replace("LOCAL", '{ lang: "zh_CN", name: "本机", localService: true }'))
WITHOUT_VOICE = EARS.replace("VOICES", HERE.replace(", LOCAL", ""))


def opened(page: Watched, server: Server, ears: str) -> Page:
    page.page.add_init_script(ears)
    return page.open(f"{server.url}/student")


def spoken(snapshot: Snapshot) -> Snapshot:
    return replace(snapshot, voice=True)


def heard(screen: Page) -> list[str]:
    found: list[Any] = screen.evaluate("() => window.heard.filter((line) => line !== 'silence')")
    return [str(line) for line in found]


def wait_for(screen: Page, *lines: str) -> None:
    """Until just these were heard."""
    script_ = "wanted => window.heard.filter((line) => line !== 'silence').join() === wanted.join()"
    screen.wait_for_function(script_, arg=list(lines))


def test_the_screen_speaks_with_a_voice_of_this_machine(page: Watched, server: Server, station: ScriptedStation) -> None:
    station.show(spoken(script.waiting()))
    screen = opened(page, server, WITH_VOICE)
    wait_for(screen, "本机: 请将身份证放在读卡器上")
    station.show(spoken(script.right_thumb()))
    wait_for(screen, "本机: 请将身份证放在读卡器上", "本机: 请按右手拇指")
    assert page.errors == []


def test_without_such_a_voice_tones_tell_good_from_bad(page: Watched, server: Server, station: ScriptedStation) -> None:
    station.show(spoken(script.lift()))
    screen = opened(page, server, WITHOUT_VOICE)
    wait_for(screen, "660 Hz", "990 Hz")
    station.show(spoken(script.decision()))
    wait_for(screen, "660 Hz", "990 Hz", "330 Hz")


def test_a_new_instruction_ends_the_old_one_and_none_is_repeated_nervously(
    page: Watched, server: Server, station: ScriptedStation
) -> None:
    station.show(spoken(script.right_thumb()))
    screen = opened(page, server, WITH_VOICE)
    wait_for(screen, "本机: 请按右手拇指")
    for _ in range(3):  # the same again, and one that is gone before it could be said
        station.show(replace(spoken(script.right_thumb()), notice=Message("station.other_card_waits")))
        station.show(spoken(script.right_thumb()))
    station.show(spoken(script.lift()))
    expect(screen.locator("#instruction")).to_have_text("请抬起手指")
    station.show(spoken(script.right_thumb()))
    station.show(spoken(script.left_thumb()))
    screen.wait_for_function("() => window.heard.at(-1) === '本机: 请再按一次左手拇指'")
    lines = screen.evaluate("() => window.heard")
    assert lines.count("本机: 请按右手拇指") == 1
    assert lines[-2] == "silence"


def test_nobody_s_data_are_spoken(page: Watched, server: Server, station: ScriptedStation) -> None:
    station.show(spoken(script.confirm()))
    screen = opened(page, server, WITH_VOICE)
    wait_for(screen, "本机: 信息无误请再按右拇指")
    personal = Message("identity.name_differs", {"card": script.CARD.name, "roster": script.STUDENT.name})
    station.show(spoken(replace(script.refused(), instruction=personal)))
    wait_for(screen, "本机: 信息无误请再按右拇指", "本机: 请找老师")


def test_the_operator_turns_the_voice_off(page: Watched, server: Server, station: ScriptedStation) -> None:
    station.show(spoken(script.right_thumb()))
    screen = page.open(f"{server.url}/operator")
    button = screen.locator("#voice")
    expect(button).to_have_attribute("aria-pressed", "true")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "false")
    assert not station.snapshot().voice


def test_a_silent_station_is_silent(page: Watched, server: Server, station: ScriptedStation, client: FlaskClient) -> None:
    station.show(spoken(script.right_thumb()))
    assert post(client, "/voice", {"on": False}).status_code == 204
    screen = opened(page, server, WITH_VOICE)
    expect(screen.locator("#instruction")).to_have_text("请按右手拇指")
    station.show(script.lift())
    expect(screen.locator("#instruction")).to_have_text("请抬起手指")
    assert post(client, "/voice", {"on": True}).status_code == 204
    wait_for(screen, "本机: 请抬起手指")


def test_a_browser_that_wants_a_click_first_is_given_a_button(page: Watched, server: Server, station: ScriptedStation) -> None:
    station.show(spoken(script.right_thumb()))
    screen = opened(page, server, WITH_VOICE.replace("hasBeenActive: true", "hasBeenActive: false"))
    expect(screen.locator("#voice-unlock")).to_be_visible()
    assert heard(screen) == []
    screen.evaluate("() => { Object.defineProperty(navigator, 'userActivation', { value: { hasBeenActive: true } }); }")
    screen.click("#voice-unlock")
    wait_for(screen, "本机: 请按右手拇指")
    expect(screen.locator("#voice-unlock")).to_be_hidden()

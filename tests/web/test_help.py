"""Help where it is needed: every screen has a passage of the handbook in both languages, and lists the keys that it binds."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

from flask.testing import FlaskClient
from playwright.sync_api import Browser, expect

from kiosk.config import Settings
from kiosk.snapshot import Command
from kiosk.web import Entrance, Server, app
from kiosk.web.handbook import handbook, passage, search
from kiosk.web.keys import DESK
from kiosk.web.office.navigation import GROUPS
from kiosk.words import LANGUAGES, say
from tests.web import script
from tests.web.browser import watched
from tests.web.client import post
from tests.web.scripted import ScriptedStation

PAGE = {"Accept": "text/html"}
TEMPLATES = Path(app.__file__).parent / "templates"
ABOUT = re.compile(r'<body data-language="[\w-]+" data-help="(\w*)"')


def test_every_screen_has_its_passage_in_both_languages(client: FlaskClient, tmp_path: Path) -> None:
    templates = "\n".join(path.read_text(encoding="utf-8") for path in TEMPLATES.rglob("*.html"))
    screens = {*(name for pages in GROUPS.values() for name in pages), *re.findall(r'help_about = "(\w+)"', templates)}
    assert {"operator", "login", "start", "play", "roster", "export", "record"} <= screens
    for language in LANGUAGES:
        assert [screen for screen in screens if not passage(language, screen)] == []
    names = [[one.name for one in handbook(language)] for language in LANGUAGES]
    assert names[0] == names[1]
    door = Entrance(Settings(), tmp_path / "data").app.test_client()
    told = [
        ABOUT.search(answer.text) for answer in (client.get("/operator"), client.get("/records"), door.get("/", headers=PAGE))
    ]
    assert [found[1] for found in told if found] == ["operator", "progress", "start"]


def test_the_panel_says_what_the_screen_is_for_and_lists_the_keys_that_are_bound(client: FlaskClient) -> None:
    panel = client.get("/help/operator?lang=en").text
    assert "Every student" in panel
    assert " id=" not in panel  # the page beside it has its own
    assert "When something is different" in panel
    listed = re.findall(r"<kbd>(.+?)</kbd></dt><dd>(.+?)</dd>", unescape(panel))
    assert {(key, say("en", f"command.{command}")) for command, key in DESK.items()} <= set(listed)
    assert ("F1", "show or close the help") in listed
    assert "Every student" not in client.get("/help/roster?lang=en").text
    assert client.get("/help/nonsense").status_code == 404
    assert len(set(DESK.values())) == len(DESK)
    assert DESK[Command.AGREE] != "F1"


def test_row_0_15_the_handbook_is_searched_by_words_wherever_they_stand(client: FlaskClient, tmp_path: Path) -> None:
    (twins,) = (one for one in search("zh-CN", "双胞胎 终止") if one.passage.name == "special")
    assert "<mark>双胞胎</mark>" in twins.line
    assert search("en", "  ") == search("en", "unfindable<b>") == []
    answer = client.get("/help?lang=en&q=recovery+CODE").text
    assert "<mark>recovery</mark> <mark>code</mark>" in answer
    assert client.get("/help?q=<script>").text.count("<script>") == 0
    door = Entrance(Settings(), tmp_path / "data").app.test_client()
    assert "恢复码" in door.get("/help", headers=PAGE).text


def test_a_newcomer_s_line_goes_away_for_good_in_this_browser(client: FlaskClient) -> None:
    line = say("zh-CN", "first.progress")
    assert line in client.get("/records").text
    assert post(client, "/help/seen", {"screen": "walls"}).status_code == 404
    assert post(client, "/help/seen", {"screen": "progress"}).status_code == 200
    assert post(client, "/help/seen", {"screen": "operator"}).status_code == 200
    assert line not in client.get("/records").text
    assert say("zh-CN", "first.operator") not in client.get("/operator").text
    assert "newcomers" not in client.get("/student").text


def test_whoever_goes_wrong_reads_it_in_the_own_language_and_is_led_back(client: FlaskClient) -> None:
    lost = client.get("/nowhere?lang=en", headers=PAGE)
    assert (lost.status_code, "There is no such page" in lost.text, "没有" in lost.text) == (404, True, False)
    wrong = client.get("/lock?lang=en", headers=PAGE)
    assert wrong.status_code == 405
    assert say("en", "error.web.impossible") in wrong.text
    assert 'href="/operator"' in wrong.text


def test_help_opens_beside_the_work_and_hinders_no_key(browser: Browser, server: Server, station: ScriptedStation) -> None:
    station.show(script.decision())
    with watched(browser, viewport={"width": 1366, "height": 768}) as found:
        page = found.open(f"{server.url}/operator")
        expect(page.locator("#commands button")).not_to_have_count(0)
        page.keyboard.press("F1")
        expect(page.locator("#help")).to_contain_text("每一位考生")
        page.keyboard.press("F10")
        expect(page.locator("#abort-dialog")).to_be_visible()
        page.fill("#abort-note", "?")  # typed, not asked
        page.keyboard.press("Escape")
        page.keyboard.press("Escape")
        expect(page.locator("#help")).to_have_count(0)
        expect(page.locator("#abort-dialog")).not_to_be_visible()  # beside an open dialog help is another page
        page.keyboard.press("?")
        expect(page.locator("#help")).to_be_visible()
        page.click("[data-help-close]")
        expect(page.locator("#help")).to_have_count(0)
        assert found.errors == []

"""How the screens look is the reader's choice: language, colours, size of the text; nothing on them is the browser's own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser, expect

from kiosk.config import Settings
from kiosk.web import Entrance, serve_app
from tests.web import script
from tests.web.browser import LAYOUT_FAULTS, watched
from tests.web.desk import Desk, desk
from tests.web.drawings import picture_book
from tests.web.test_accessibility import AXE

PAGE = {"Accept": "text/html"}
THEMES = ("dark", "contrast")
# Puts a theme's style sheet on a page that is there already, as the server would have.
WEAR = """theme => new Promise((done) => {
  document.getElementById("worn")?.remove();
  const link = document.createElement("link");
  const href = document.querySelector("[rel=stylesheet]").href.replace("base", theme);
  Object.assign(link, { id: "worn", rel: "stylesheet", href });
  link.onload = () => done(null);
  document.head.append(link);
})"""
PALE = """async () => (await axe.run(document, { runOnly: ["color-contrast"] }))
  .violations.flatMap((found) => found.nodes.map((node) => node.html.slice(0, 160)))"""


@pytest.fixture(scope="module")
def at_work(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Desk, str]]:
    with desk(tmp_path_factory.mktemp("desk")) as made:
        made.station.pictures = picture_book()
        running = serve_app(made.app, 0)
        yield made, running.url
        running.stop()


def choose(client: FlaskClient, **wishes: str) -> str:
    token = re.search(r'name="csrf-token" content="([^"]+)"', client.get("/", headers=PAGE, follow_redirects=True).text)
    assert token
    return client.post("/appearance", data={"csrf_token": token[1], **wishes}).location


def test_what_a_reader_chose_is_there_from_the_first_answer_on_every_page(client: FlaskClient) -> None:
    assert '<html lang="zh-CN" data-size="normal">' in client.get("/records").text
    assert "prefers-color-scheme: dark" in client.get("/records").text
    assert choose(client, theme="dark", size="larger", language="en", next="/records/roster?x=1") == "/records/roster?x=1"
    for page in ("/operator", "/records", "/login"):
        answer = client.get(page).text
        assert '<html lang="en" data-size="larger">' in answer
        assert "css/dark.css" in answer
        assert "prefers-color-scheme" not in answer
    choose(client, theme="light", size="gigantic", next="//elsewhere.example")
    answer = client.get("/records").text
    assert "css/dark.css" not in answer
    assert 'data-size="larger"' in answer


def test_the_student_s_screen_has_its_own_and_stays_light_unless_somebody_chose_otherwise(client: FlaskClient) -> None:
    choose(client, theme="dark", size="large")
    answer = client.get("/student").text
    assert '<html lang="zh-CN" data-text="normal">' in answer
    assert "css/dark.css" not in answer
    choose(client, student_theme="contrast", student_size="larger")
    answer = client.get("/student").text
    assert 'data-text="larger"' in answer
    assert "css/contrast.css" in answer


def test_the_page_before_the_store_is_open_can_be_chosen_too(tmp_path: Path) -> None:
    door = Entrance(Settings(), tmp_path / "data").app.test_client()
    assert choose(door, language="en", theme="contrast") == "/"
    answer = door.get("/", headers=PAGE).text
    assert '<html lang="en"' in answer
    assert "css/contrast.css" in answer


def test_no_theme_is_too_pale_to_read(browser: Browser, at_work: tuple[Desk, str]) -> None:
    made, url = at_work
    places = ["/records/retention", f"/records/{made.record(1).id}"]
    days = [("/operator", "not_on_roster"), ("/student", "confirm")]
    pale: dict[str, list[str]] = {}
    with watched(browser, viewport={"width": 1366, "height": 768}, reduced_motion="reduce") as found:
        for place, phase in [*((place, "") for place in places), *days]:
            if phase:
                made.station.show(script.DAY[phase]())
            page = found.open(url + place)
            page.evaluate(AXE)
            for theme in THEMES:
                page.evaluate(WEAR, theme)
                if faults := page.evaluate(PALE):
                    pale[f"{place} {phase} {theme}"] = faults
        assert found.errors == []
    assert pale == {}


def test_larger_text_cuts_nothing_off(browser: Browser, at_work: tuple[Desk, str]) -> None:
    made, url = at_work
    with watched(browser, viewport={"width": 1366, "height": 768}, reduced_motion="reduce") as found:
        found.page.context.add_cookies(
            [{"name": "student_size", "value": "larger", "url": url}, {"name": "size", "value": "larger", "url": url}]
        )
        for phase in ("consent", "confirm"):
            made.station.show(script.DAY[phase]())
            page = found.open(f"{url}/student")
            expect(page.locator("#instruction")).to_have_text(script.to_student(script.DAY[phase]()))
            assert page.evaluate(LAYOUT_FAULTS) == [], phase
        page = found.open(f"{url}/operator")
        expect(page.locator("#instruction")).not_to_be_empty()
        expect(page.locator("#commands button").last).to_be_in_viewport(ratio=1)  # though the page is longer than the window
        expect(page.locator("#counts")).to_be_in_viewport(ratio=1)


def test_what_the_browser_makes_speaks_the_page_s_language_not_the_browser_s(
    browser: Browser, at_work: tuple[Desk, str]
) -> None:
    _, url = at_work
    with watched(browser, viewport={"width": 1366, "height": 768}, locale="de-DE") as found:
        page = found.open(f"{url}/records/roster")
        roster = "姓名,身份证号,年级,班级\n林小满,632323200903150018,高一,1\n".encode()
        page.set_input_files("#roster-file", {"name": "花名册.csv", "mimeType": "text/csv", "buffer": roster})
        expect(page.locator("#roster-file + .file")).to_have_text("选择文件花名册.csv")
        expect(page.locator("#roster .result-summary")).not_to_be_empty()
        page = found.open(f"{url}/records/schedule?lang=en")
        page.fill("#window-opens", "2026-02-30 08:00")
        assert page.evaluate("document.getElementById('window-opens').validity.customError")
        page.fill("#window-opens", "2026-09-30 08:15")
        page.click("#window-opens + .date-open")
        expect(page.locator(".calendar strong")).to_have_text("September 2026")
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Enter")
        expect(page.locator("#window-opens")).to_have_value("2026-10-01 08:15")
        page = found.open(f"{url}/login?lang=zh-CN")
        page.fill("#pin", "1")
        page.click("[type=submit].primary")
        said = page.evaluate("document.querySelector('[name=by]').validationMessage")
        assert said.startswith("请填写")
        assert found.errors == []

from __future__ import annotations

from pathlib import Path
from typing import Any

import axe_core_python
import pytest
from playwright.sync_api import Browser, Page, expect

from kiosk.web import Server
from tests.web import script
from tests.web.browser import watched
from tests.web.scripted import ScriptedOffice, ScriptedStation

AXE = (Path(axe_core_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
# WCAG 2.1 levels A and AA, and what axe-core calls good practice.
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"], "resultTypes": ["violations"]}


def faults(page: Page, within: str = "html") -> list[str]:
    expect(page.locator("[role=radiogroup]:empty")).to_have_count(0)  # the panel that plays students is filled by its script
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    result: dict[str, Any] = page.evaluate("([within, rules]) => axe.run(within, rules)", [within, RULES])
    return [f"{found['id']}: {node['html'][:160]}" for found in result["violations"] for node in found["nodes"]]


@pytest.mark.parametrize("screen", ["operator", "student"])
def test_no_phase_of_a_screen_has_accessibility_faults(
    browser: Browser, server: Server, station: ScriptedStation, screen: str
) -> None:
    with watched(browser, viewport={"width": 1366, "height": 768}, reduced_motion="reduce") as found:
        page = found.open(f"{server.url}/{screen}")
        for name in ("waiting", "not_on_roster", "face", "decision", "mixed_up", "confirm", "unsaved", "device_lost"):
            snapshot = station.show(script.DAY[name]())
            said = script.to_operator(snapshot) if screen == "operator" else script.to_student(snapshot)
            expect(page.locator("#instruction")).to_have_text(said)
            assert faults(page) == [], name


@pytest.mark.parametrize("dialog", ["accept", "abort", "redo"])
def test_the_dialogs_have_no_accessibility_faults(
    browser: Browser, server: Server, station: ScriptedStation, dialog: str
) -> None:
    station.show(script.mixed_up() if dialog == "redo" else script.decision())
    with watched(browser, viewport={"width": 1366, "height": 768}) as found:
        page = found.open(f"{server.url}/operator")
        page.click(f"[data-command={dialog}]")
        assert faults(page) == []


@pytest.mark.parametrize("address", ["/records", "/records/r1", "/records/roster", "/play", "/help"])
def test_the_other_pages_have_no_accessibility_faults(
    browser: Browser, server: Server, office: ScriptedOffice, address: str
) -> None:
    office.progress = script.school()
    office.captures = {"r1": script.capture()}
    with watched(browser, viewport={"width": 1366, "height": 768}) as found:
        assert faults(found.open(server.url + address)) == []
        assert found.errors == []

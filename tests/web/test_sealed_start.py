"""A sealed station from its start on: the page that asks, the station behind it, and the commands beside it."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from playwright.sync_api import Browser

from kiosk.cli import main
from kiosk.records import Role
from kiosk.store import Store
from tests.e2e.served import served
from tests.staff import PIN


def kiosk(folder: Path, *arguments: str, typed: str) -> Result:
    return CliRunner().invoke(main, ["--config", str(folder / "config.toml"), *arguments], input=typed)


@pytest.mark.timeout(300)
def test_a_pin_opens_the_station_and_the_browser_that_waited_is_logged_in(browser: Browser, tmp_path: Path) -> None:
    with Store.open_station(tmp_path / "data") as store:
        store.slots.seal(by=store.accounts.issue("王考务", Role.OFFICER, PIN, by=None))
    with served(tmp_path, simulate=False) as station:
        screen = browser.new_page()
        screen.goto(f"{station.url}/operator")
        screen.fill("#pin", PIN)
        screen.click("form[action$=pin] button")
        screen.wait_for_selector("text=手工录入", timeout=60_000)  # by itself, when the station is there
        assert screen.locator("text=王考务").count()
        screen.goto(f"{station.url}/records/settings")
        screen.fill("#station-name", "二号站")
        screen.select_option("#settings-by", label="王考务 · 考务管理员")
        screen.fill("#settings-pin", PIN)
        screen.click(".settings-save button[type=submit]")
        screen.click("#confirm button.primary")
        screen.click("#restart-notice button")
        screen.wait_for_url("**/login?**", timeout=60_000)  # started anew by itself, and the store asked nobody
        assert "二号站" in (screen.text_content("body") or "")
        beside = kiosk(tmp_path, "keys", "show", typed=f"{PIN}\n")
        assert (beside.exit_code, "王考务" in beside.stdout) == (0, True), beside.output
        refused = kiosk(tmp_path, "progress", typed="000111\n")
        assert (refused.exit_code, "PIN 不对" in refused.output) == (2, True), refused.output
        screen.close()
        assert "Traceback" not in station.press_ctrl_c()
        assert station.process.returncode == 0
    changed = kiosk(tmp_path, "keys", "change", typed=f"{PIN}\n")
    assert changed.exit_code == 0, changed.output
    made = kiosk(tmp_path, "keys", "code", typed=f"{PIN}\n").stdout
    code = made.split("：")[1].split()[0]
    recovered = kiosk(tmp_path, "keys", "recover", typed=f"{code}\n975310\n")
    assert (recovered.exit_code, "王考务" in recovered.output) == (0, True), recovered.output
    assert kiosk(tmp_path, "store", "check", typed="975310\n").exit_code == 0

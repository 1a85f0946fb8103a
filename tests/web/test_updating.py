"""更新: an exam officer takes the next version from a file, and goes back; nobody else does."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from kiosk.ciphers import INTERNATIONAL
from kiosk.office import Updates
from kiosk.release import Home
from kiosk.web import serve_app
from tests.release.tiny import Tiny
from tests.web.browser import watched
from tests.web.client import post
from tests.web.desk import Desk, desk
from tests.web.test_accessibility import faults


@pytest.fixture(scope="module")
def station(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A station that was installed from a bundle."""
    folder = tmp_path_factory.mktemp("station")
    home = Tiny(folder).installed()
    with desk(folder) as found:
        found.office.updates = Updates(found.store, found.store.folder, lambda place, _: str(place), home)
        yield found


def test_a_bundle_is_handed_in_read_taken_and_taken_back(station: Desk, browser: Browser, tmp_path: Path) -> None:
    bundle, strange = Tiny(tmp_path, "1.1.0").archive(), tmp_path / "strange.zip"
    shutil.copyfile(Tiny(tmp_path, "1.2.0", key=INTERNATIONAL.new_signing_key()).archive("x.zip"), strange)
    server = serve_app(station.app, 0)
    try:
        with watched(browser, viewport={"width": 1366, "height": 768}) as page:
            screen = page.open(f"{server.url}/records/update?sticks=1")
            expect(screen.locator("#installed-heading")).to_have_text("当前版本 1.0.0")
            screen.set_input_files("#update-file", strange)
            screen.click("text=检查安装包")
            expect(screen.locator("form .form-problem").first).to_contain_text("不是本站信任的单位签发的")
            page.errors.clear()  # the refusal's status
            screen.set_input_files("#update-file", bundle)
            screen.click("text=检查安装包")
            expect(screen.locator("#said")).to_have_text("安装包有效：1.1.0 版。")
            expect(screen.locator(".changes")).to_contain_text("New.")
            assert faults(screen) == []
            assert screen.evaluate("document.documentElement.scrollWidth <= innerWidth")
            screen.click("form[data-address='/office/update/take'] button[type=submit]")
            expect(screen.locator("#confirm-lines")).to_contain_text("更新 1.0.0 → 1.1.0")
            screen.click("#confirm button.primary")
            expect(screen.locator("#said")).to_contain_text("1.1.0 版已装好并通过自检")
            expect(screen.locator("main .notice")).to_contain_text("重新启动采集站后启用")
            screen.click("text=退回 1.0.0 版")
            screen.click("#confirm button.primary")
            expect(screen.locator("#said")).to_contain_text("下次启动时使用 1.0.0 版")
            assert page.errors == []
    finally:
        server.stop()
    installed = station.office.updates.installed
    assert installed is not None
    assert (installed.version, installed.waiting, installed.way_back) == ("1.0.0", "", "1.1.0")
    told = [(entry.action, entry.actor) for entry in station.store.audit.entries() if entry.action.startswith("program.")]
    assert told == [("program.update", "采集员"), ("program.back", "采集员")]


def test_a_program_that_runs_from_its_sources_says_so(tmp_path: Path) -> None:
    assert Home.here() is None
    with desk(tmp_path) as found:
        client = found.app.test_client()
        assert "不是用安装包安装的" in client.get("/records/update").text
        answer = post(client, "/office/update/take", {"file": "x.zip"})
        assert answer.json is not None
        assert answer.json["code"] == "release.not_installed"

"""导出方案: an exam officer copies a profile, changes the copy as a notice asks, and sees what comes of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from kiosk.config import SettingsFile
from kiosk.exchange import load_profile
from kiosk.exchange.shelf import look_in
from kiosk.office import Profiles
from kiosk.web import serve_app
from tests.web.browser import watched
from tests.web.client import decide, post
from tests.web.desk import Desk, desk
from tests.web.test_accessibility import faults

BY = "采集员"  # an exam officer here


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("profiles")
    look_in(folder / "profiles")
    with desk(folder) as found:
        yield found
    look_in(None)


def folder_of(school: Desk) -> Path:
    return Path(str(school.office.files.folder)).parent


def test_a_copy_is_changed_with_its_sheet_photo_and_files_in_sight(school: Desk, browser: Browser) -> None:
    server = serve_app(school.app, 0)
    try:
        with watched(browser, viewport={"width": 1366, "height": 768}) as page:
            screen = page.open(f"{server.url}/records/profiles")
            assert faults(screen) == []
            screen.select_option("#copy-name", "henan-zhongkao")
            screen.fill("#copy-as", "henan-2027")
            decide(screen, "copy", BY)
            screen.click("form[data-address$=copy] button[type=submit]")
            expect(screen.locator("#said")).to_have_text("已复制，可以开始修改。")
            expect(screen.locator("#profile-head th").first).to_have_text("姓名")
            expect(screen.locator("#profile-pictures")).to_contain_text("pictures/照片/63010320100101001X.jpg")
            assert faults(screen) == []
            text = screen.input_value("#profile-text")
            screen.fill("#profile-text", text.replace("width = 450", "width = 45000"))
            line = text[: text.index("width = 450")].count("\n") + 1
            expect(screen.locator("#profile-faults")).to_have_text(f"第 {line} 行 photo.width：不得大于 4096，现在是 45000。")
            decide(screen, "profile", BY)
            screen.click("#profile-form button[type=submit]")
            expect(screen.locator("#profile-form .form-problem")).to_contain_text("photo.width")
            changed = text.replace("width = 450", "width = 413").replace('header = "姓名"', 'header = "考生姓名"')
            screen.fill("#profile-text", changed)
            expect(screen.locator("#profile-faults")).to_be_hidden()
            expect(screen.locator("#profile-head th").first).to_have_text("考生姓名")
            expect(screen.locator("#photo-words li").first).to_have_text("413×600 像素")
            assert screen.get_attribute("#photo-drawing", "viewBox") == "0 0 413 600"
            screen.click("#profile-form button[type=submit]")
            expect(screen.locator("#said")).to_contain_text("已保存")
            assert [one for one in page.errors if "409" not in one] == []
    finally:
        server.stop()
    profile = load_profile("henan-2027")
    assert (profile.photo.width, profile.columns[0].header) == (413, "考生姓名")
    actions = [(one.action, one.actor, one.subject) for one in school.store.audit.latest(2)]
    assert actions == [("profile.change", BY, "henan-2027"), ("profile.copy", BY, "henan-2027")]


def test_the_program_s_own_are_read_only_and_names_are_not_taken_twice(school: Desk) -> None:
    client = school.app.test_client()
    own = {"name": "qinghai-xuekao", "by": BY}
    assert " readonly" in client.get("/records/profiles/qinghai-xuekao").text
    assert "profile.shipped" in post(client, "/office/profiles/save", own | {"text": "title = 1", "stamp": ""}).text
    assert "profile.shipped" in post(client, "/office/profiles/remove", own).text
    for name, code in (("cmis-5", "profile.taken"), ("../x", "profile.name"), ("本校", "profile.name"), ("", "profile.name")):
        assert code in post(client, "/office/profiles/copy", own | {"as": name}).text
    assert not (folder_of(school) / "x.toml").exists()
    assert client.get("/records/profiles/no-such").status_code == 404


def test_a_profile_in_use_is_not_removed_and_waits_for_a_new_start_when_it_is_changed(school: Desk) -> None:
    client, file = school.app.test_client(), SettingsFile(folder_of(school) / "config.toml")
    here = school.office.profiles
    assert here is not None
    assert post(client, "/office/profiles/copy", {"name": "cmis-5", "as": "cmis-own", "by": BY}).status_code == 200
    file.write({"station.other_profiles": ["cmis-own"]})
    assert "profile.used" in post(client, "/office/profiles/remove", {"name": "cmis-own", "by": BY}).text
    running = Profiles(school.store, file, file.read())
    file.write({"station.other_profiles": None})
    text, stamp = here.text("cmis-own")
    order = {"name": "cmis-own", "by": BY, "stamp": stamp}
    assert post(client, "/office/profiles/save", order | {"text": text + "# 2027\n"}).status_code == 200
    assert "settings.changed_meanwhile" in post(client, "/office/profiles/save", order | {"text": text}).text
    assert (running.waiting(), here.waiting()) == (("cmis-own",), ())
    assert post(client, "/office/profiles/remove", {"name": "cmis-own", "by": BY}).status_code == 200
    assert [one.name for one in here.all() if one.own and one.name.startswith("cmis")] == []

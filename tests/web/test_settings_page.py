"""设置: an exam officer changes what stands in the file without ever opening it, and nobody undoes another's change unseen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser, expect

from kiosk.cli.runs import Runs
from kiosk.config import Settings, SettingsFile, keys
from kiosk.errors import ConfigError, KioskError
from kiosk.office import Office
from kiosk.records import Person, Role
from kiosk.web import create_app, serve_app
from kiosk.words import LANGUAGES
from tests.staff import PIN
from tests.web import script
from tests.web.browser import watched
from tests.web.client import decide, post, token
from tests.web.desk import Desk, desk


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with desk(tmp_path_factory.mktemp("settings")) as found:
        officer = next(one for one in found.store.accounts.open() if one.name == "考务管理员")
        found.store.accounts.issue("刘主任", Role.OFFICER, PIN, by=officer.person)
        yield found


@pytest.fixture
def client(school: Desk) -> FlaskClient:
    return school.app.test_client()


@pytest.fixture
def file(school: Desk) -> SettingsFile:
    return SettingsFile(Path(str(school.office.files.folder)).parent / "config.toml")


def test_an_officer_finds_a_setting_is_told_what_can_t_be_and_saves_what_can(
    school: Desk, file: SettingsFile, browser: Browser
) -> None:
    server = serve_app(school.app, 0)
    try:
        with watched(browser, viewport={"width": 1366, "height": 768}) as page:
            screen = page.open(f"{server.url}/records/settings")
            screen.fill("#settings-search", "人证核验")
            expect(screen.locator("#settings-found")).to_have_text("找到 2 项")
            expect(screen.locator(".setting:visible")).to_have_count(2)
            screen.fill("#face-pass_at", "0.2")
            screen.fill("#settings-search", "")
            screen.fill("#camera-fps", "schnell")
            decide(screen, "settings", "刘主任")
            screen.click(".settings-save button[type=submit]")
            expect(screen.locator("#face-review_at-fault")).to_have_text("不得大于 pass_at，现在是 0.33。")
            expect(screen.locator("#camera-fps-fault")).to_have_text('应为整数，现在是 "schnell"。')
            expect(screen.locator(".settings .form-problem")).to_contain_text("有 2 处需要更正")
            assert file.read() == Settings()
            screen.fill("#face-pass_at", "0.45")
            screen.click("[data-key='camera.fps'] [data-reset]")
            screen.click(".settings-save button[type=submit]")
            expect(screen.locator("#confirm-lines")).to_have_text("人脸 · 人证核验：通过：0.4 → 0.45")
            screen.click("#confirm button.primary")
            expect(screen.locator("#said")).to_have_text("已保存 1 项改动。")
            expect(screen.locator("[data-key='face.pass_at'].differs .setting-default")).to_contain_text("默认：0.4")
            expect(screen.locator("#restart-notice")).to_contain_text("1 项新设置在重启采集站后生效：人证核验：通过")
            screen.click("#restart-notice button")
            expect(screen.locator("#restart-notice .form-problem")).to_contain_text("请关闭程序后重新启动")
            screen.click("#versions a")
            expect(screen.locator("tbody td")).to_have_text(["0.45", "0.4"])
            decide(screen, "restore", "刘主任")
            screen.click("form[data-address$=restore] button[type=submit]")
            expect(screen.locator("#said")).to_have_text("已恢复，1 项有变化。")
            assert [one for one in page.errors if "409" not in one] == []
    finally:
        server.stop()
    assert file.read() == Settings()
    kept = [(one.actor, one.told["changes"]) for one in school.store.audit.latest(2)]
    assert kept == [("刘主任", ["face.pass_at: 0.45 → 0.4"]), ("刘主任", ["face.pass_at: 0.4 → 0.45"])]


def test_two_officers_who_save_at_once_can_t_overwrite_each_other(client: FlaskClient, file: SettingsFile) -> None:
    stamp = file.stamp()
    order = {"stamp": stamp, "by": "刘主任"}

    def save(**typed: str) -> str:
        told = order | {name.replace("__", "."): text for name, text in typed.items()}
        asked = post(client, "/office/settings", told)
        assert asked.json is not None
        if "confirm" not in asked.json:  # nobody is asked whether another's change is to be undone
            return asked.text
        return post(client, "/office/settings", told | {"confirmed": asked.json["confirm"]["key"]}).text

    assert "已保存 1 项" in save(camera__fps="25")
    assert "settings.changed_meanwhile" in save(camera__fps="20")
    assert file.read().camera.fps == 25
    assert "刷新" in save(web__port="8300")
    file.restore(file.versions()[0].name)


def test_a_secret_is_told_to_nobody(client: FlaskClient, school: Desk, file: SettingsFile) -> None:
    told = {"finger.password": "7771", "stamp": file.stamp(), "by": "刘主任"}
    asked = post(client, "/office/settings", told)
    assert asked.json is not None
    assert "7771" not in asked.text
    assert post(client, "/office/settings", told | {"confirmed": asked.json["confirm"]["key"]}).status_code == 200
    assert file.read().finger.password == 7771
    assert "7771" not in client.get("/records/settings").text
    assert "7771" not in str(school.store.audit.latest(1)[0].told)
    same = post(client, "/office/settings", {"finger.password": "", "stamp": file.stamp(), "by": "刘主任"})
    assert "没有改动" in same.text
    file.restore(file.versions()[0].name)


def test_what_no_type_can_know_is_checked_before_it_is_saved(client: FlaskClient, file: SettingsFile) -> None:
    typed = {"station.profile": "no-such", "consent.notice": "没有.toml"}
    answer = post(client, "/office/settings", typed | {"stamp": file.stamp(), "by": "刘主任"})
    assert answer.json is not None
    assert set(answer.json["faults"]) == {"station.profile"}
    typed = {"store.folder": "config.toml/data", "stamp": file.stamp(), "by": "刘主任"}
    assert "不能作数据目录" in post(client, "/office/settings", typed).json["faults"]["store.folder"]  # type: ignore[index]
    elsewhere = post(client, "/office/settings", typed | {"store.folder": "other"}).json
    assert elsewhere is not None
    assert "已有数据不会搬过去" in elsewhere["confirm"]["warnings"][0]
    answer = post(client, "/office/settings", {"consent.notice": "没有.toml", "stamp": file.stamp(), "by": "刘主任"})
    assert answer.json is not None
    assert "读不出告知书" in answer.json["faults"]["consent.notice"]


def test_what_is_chosen_is_called_as_it_is_in_the_form(client: FlaskClient, file: SettingsFile) -> None:
    typed = {"card.transport": "serial", "station.profile": "cmis-5", "workflow.steps": "face, confirm"}
    asked = post(client, "/office/settings", typed | {"stamp": file.stamp(), "by": "刘主任"}).json
    assert asked is not None
    assert asked["confirm"]["lines"] == [
        "本站 · 导出方案：青海学业水平考试 考籍注册 → 全国学籍系统 五项信息",
        "读卡器 · 读卡器接法：通用智能卡读卡器 → 串口",
        "采集环节 · 采集环节：人脸、右手拇指、左手拇指、核对 → 人脸、核对",
    ]
    assert "默认：青海学业水平考试 考籍注册" in client.get("/records/settings").text


def test_nothing_of_a_page_as_it_is_counts_as_a_change(school: Desk) -> None:
    assert school.office.configuration is not None
    typed = {key.path: "" if key.secret else key.written(key.default) for key in keys().values()}
    tried = school.office.configuration.try_out(typed)
    assert (tried.faults, tried.differences) == ({}, ())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_key_stands_on_the_page_in_words(client: FlaskClient, language: str) -> None:
    text = re.sub(r"<script.*?</script>", "", client.get(f"/records/settings?lang={language}").text)
    assert [path for path in keys() if f'name="{path}"' not in text] == []
    assert re.findall(r"\b(?:setting|setting_help|setting_section|setting_table|unit|effect|ui)\.\w[\w.]*", text) == []


def test_a_file_that_somebody_broke_is_told_of_and_an_earlier_version_brought_back(
    client: FlaskClient, file: SettingsFile
) -> None:
    kept = file.write({"camera.fps": 25}).kept
    whole = file.path.read_bytes()
    file.path.write_text("[web]\nport = many\n", encoding="utf-8")
    page = client.get("/records/settings").text
    assert "第 2 行第 8 列：等号后面的值看不懂" in page
    assert kept in page
    assert kept[11:19].replace("-", ":") in page  # of several within a minute each has its seconds
    version = client.get(f"/records/settings/{kept}").text
    assert "现在的设置文件读不出" in version
    assert "第 2 行第 8 列：等号后面的值看不懂" in version
    stamp = re.search(r'name="stamp" value="(\w+)"', version)
    assert stamp
    assert post(client, "/office/settings/restore", {"name": kept, "stamp": stamp[1], "by": "刘主任"}).status_code == 200
    assert file.read() == Settings()
    assert b"port = many" in (file.history / file.versions()[0].name).read_bytes()
    assert whole != file.path.read_bytes()


def test_a_file_that_is_broken_while_the_form_is_open_is_told_with_its_place(client: FlaskClient, file: SettingsFile) -> None:
    whole = file.path.read_bytes()
    file.path.write_bytes(whole + b"\n[face]\n")
    answer = post(client, "/office/settings", {"camera.fps": "25", "stamp": file.stamp(), "by": "刘主任"})
    lines = whole.count(b"\n")
    assert f"第 {lines + 2} 行 face：与第" in answer.text
    file.path.write_bytes(whole)


def test_only_an_officer_sees_and_changes_the_settings(client: FlaskClient, school: Desk, file: SettingsFile) -> None:
    answer = post(client, "/office/settings", {"camera.fps": "25", "stamp": file.stamp(), "by": "王主任"})
    assert "account.officer_needed" in answer.text
    officer = next(one for one in school.store.accounts.open() if one.name == "刘主任")
    operator = school.store.accounts.issue("小王", Role.SUPERVISOR, PIN, by=officer.person)
    app = create_app(station=school.station, office=school.office, settings=Settings(), demonstrator=operator)
    other = app.test_client()
    assert other.get("/records/settings").status_code == 409
    assert "/records/settings" not in other.get("/records").text
    for address in ("/office/settings", "/office/settings/restore", "/office/restart"):
        assert "account.not_allowed" in post(other, address, {}).text


def test_what_takes_effect_at_once_waits_for_no_restart(school: Desk, file: SettingsFile) -> None:
    here = school.office.configuration
    assert here is not None
    here.save({"retention.raw.days": "12"}, stamp=file.stamp(), by=Person("刘主任"))
    assert (school.office.retention.terms.raw.days, here.waiting()) == (12, ())
    here.restore(file.versions()[0].name, stamp=file.stamp(), by=Person("刘主任"))
    assert school.office.retention.terms.raw.days == 30


def test_a_change_by_hand_is_in_the_trail_from_the_next_start_on(school: Desk, file: SettingsFile) -> None:
    file.write({"camera.fps": 24})
    anew = Office(school.store, Path(str(school.office.files.folder)), file=file)
    assert anew.configuration is not None
    for _ in range(2):
        anew.configuration.note_start()
    newest, before = school.store.audit.latest(2)
    assert (newest.action, newest.told["changes"]) == ("configuration.found", ["camera.fps: 30 → 24"])
    assert before.action != "configuration.found"
    anew.close()
    file.restore(file.versions()[0].name)


def test_a_change_by_hand_is_not_taken_for_the_next_one_s_who_saves(school: Desk, file: SettingsFile) -> None:
    here = school.office.configuration
    assert here is not None
    here.note_start()
    file.write({"face.pass_at": 0.35})
    here.save({"camera.fps": "24"}, stamp=file.stamp(), by=Person("刘主任"))
    saved, found = school.store.audit.latest(2)
    assert (saved.actor, saved.told["changes"]) == ("刘主任", ["camera.fps: 30 → 24"])
    assert (found.action, found.actor, found.told["changes"]) == ("configuration.found", "", ["face.pass_at: 0.4 → 0.35"])
    for version in file.versions()[:2]:
        file.restore(version.name)


def test_the_station_is_started_anew_but_not_while_a_student_sits_there(school: Desk) -> None:
    asked: list[str] = []

    def restart() -> str:
        asked.append("restart")
        return "http://127.0.0.1:8210"

    officer = next(one for one in school.store.accounts.open() if one.name == "刘主任")
    app = create_app(station=school.station, office=school.office, settings=Settings(), demonstrator=officer, restart=restart)
    client = app.test_client()
    school.station.show(script.face())
    assert "settings.at_desk" in post(client, "/office/restart").text
    assert asked == []
    school.station.show(script.waiting())
    answer = client.post("/office/restart", headers={"X-CSRFToken": token(client)}).json
    assert answer is not None
    assert (answer["restarting"], answer["run"]) == ("http://127.0.0.1:8210", client.get("/office/run").json["run"])  # type: ignore[index]
    assert asked == ["restart"]


def test_settings_with_which_the_station_can_t_come_up_are_taken_back(tmp_path: Path) -> None:
    file = SettingsFile(tmp_path / "config.toml")
    file.path.touch()  # as many are: all defaults
    runs, taken = Runs(file), KioskError("web.port_taken", port=80)
    assert not runs.take_back(taken)  # the first start is told as it is
    runs.note_up()
    runs.ask()
    assert runs.wait()
    file.write({"web.port": 80})
    assert runs.take_back(taken)
    assert (file.read().web.port, file.version(file.versions()[0].name).web.port) == (8210, 80)
    assert not runs.take_back(taken)  # the same settings again would end the same way
    file.path.write_text("[web\n", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        file.read()
    assert runs.take_back(caught.value)
    runs.stop()
    assert not runs.wait()

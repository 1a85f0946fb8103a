"""导出方案: an exam officer copies a profile, changes the copy as a notice asks, and sees what comes of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from kiosk.config import SettingsFile
from kiosk.exchange import load_profile
from kiosk.exchange.fields import FIELDS
from kiosk.exchange.profile import FILE_FIELDS
from kiosk.exchange.profile_form import form_keys
from kiosk.exchange.shelf import look_in
from kiosk.office import Profiles
from kiosk.web import serve_app
from kiosk.words import LANGUAGES
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


def test_a_copy_is_changed_in_its_form_and_text_with_sheet_photo_and_files_in_sight(school: Desk, browser: Browser) -> None:
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
            head, rows = screen.locator("#profile-head th"), screen.locator("[data-list=column] .profile-row")
            expect(head.first).to_have_text("姓名")
            expect(screen.locator("#profile-pictures")).to_contain_text("pictures/照片/63010320100101001X.jpg")
            # a wrong number is told at its field, and nothing is saved
            screen.fill("[name='photo.width']", "45000")
            expect(screen.locator("[data-fault='photo.width']")).to_have_text("不得大于 4096，现在是 45000。")
            assert faults(screen) == []
            decide(screen, "profile", BY)
            screen.click("#profile-form button[type=submit]")
            expect(screen.locator("#profile-form .form-problem")).to_contain_text("photo.width")
            screen.fill("[name='photo.width']", "413")
            expect(screen.locator("#photo-words li").first).to_have_text("413×600 像素")
            assert screen.get_attribute("#photo-drawing", "viewBox") == "0 0 413 600"
            # rows by keyboard and mouse: moved, unfolded, pasted, removed
            rows.first.locator("[data-of=header]").fill("考生姓名")
            rows.first.locator("[data-of=header]").press("Alt+ArrowDown")
            expect(rows.nth(1).locator("[data-of=header]")).to_be_focused()
            expect(head.nth(1)).to_have_text("考生姓名")
            rows.first.locator("[data-of=shows]").hover()
            rows.nth(2).locator(".handle").drag_to(rows.first.locator("[data-of=shows]"), target_position={"x": 5, "y": 1})
            expect(head).to_have_text(["身份证号", "性别", "考生姓名", *head.all_inner_texts()[3:]])
            rows.nth(1).locator("[data-act=more]").click()
            rows.nth(1).locator("[data-of=codes]").fill("男 = 1\n女 = 2")
            rows.nth(1).locator("[data-of=width]").fill("breit")
            expect(rows.nth(1).locator("[data-fault='column.2.width']")).to_contain_text("breit")
            rows.nth(1).locator("[data-of=width]").fill("8")
            expect(screen.locator("#profile-rows tr").first).to_contain_text("1")
            screen.click("[data-add=column]")
            screen.evaluate(
                "text => { const data = new DataTransfer(); data.setData('text', text);"
                " document.activeElement.dispatchEvent(new ClipboardEvent('paste', {clipboardData: data, bubbles: true})); }",
                "班次\t座位",
            )
            for number, shows in ((21, "field:class_number"), (22, "text")):
                rows.nth(number - 1).locator("[data-of=shows]").focus()
                rows.nth(number - 1).locator("[data-of=shows]").select_option(shows)
            rows.nth(21).locator("[data-of=text]").fill("{grade}-{no_such}")
            expect(rows.nth(21).locator("[data-fault='column.22.text']")).to_contain_text("no_such")
            rows.nth(21).locator("[data-act=remove]").click()
            expect(head).to_have_count(21)
            rows.nth(4).locator("[data-of=header]").press("Alt+Delete")
            expect(head).to_have_count(20)
            screen.click("[data-back=column]")
            expect(head.nth(4)).to_have_text("民族")
            expect(screen.locator("#profile-faults")).to_be_hidden()
            # the text says the same, and what is changed there stands in the form
            screen.click("#tab-text")
            text = screen.input_value("#profile-text")
            screen.fill("#profile-text", text.replace("width = 413", "width = 40000"))
            line = text[: text.index("width = 413")].count("\n") + 1
            expect(screen.locator("#profile-faults")).to_have_text(f"第 {line} 行 photo.width：不得大于 4096，现在是 40000。")
            screen.fill("#profile-text", text.replace("width = 413", "width = 420"))
            expect(screen.locator("#photo-words li").first).to_have_text("420×600 像素")
            assert screen.input_value("[name='photo.width']") == "420"
            screen.press("#tab-text", "ArrowLeft")
            screen.fill("[name='note']", "二〇二七年通知")
            screen.click("#profile-form button[type=submit]")
            expect(screen.locator("#said")).to_contain_text("已保存")
            assert [one for one in page.errors if "409" not in one] == []
    finally:
        server.stop()
    profile = load_profile("henan-2027")
    assert (profile.photo.width, profile.note) == (420, "二〇二七年通知")
    assert [one.header for one in profile.columns[:3]] == ["身份证号", "性别", "考生姓名"]
    assert (profile.columns[1].codes, profile.columns[-1].header) == ({"男": "1", "女": "2"}, "班次")
    kept = (folder_of(school) / "profiles" / "henan-2027.toml").read_text(encoding="utf-8")
    assert kept.startswith("# 河南省")
    assert "# what no computer judges: the operator does, with one key" in kept
    actions = [(one.action, one.actor, one.subject) for one in school.store.audit.latest(2)]
    assert actions == [("profile.change", BY, "henan-2027"), ("profile.copy", BY, "henan-2027")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_key_and_field_of_a_profile_stands_in_the_form_in_words(school: Desk, language: str) -> None:
    text = school.app.test_client().get(f"/records/profiles/qinghai-xuekao?lang={language}").text
    assert [path for path in form_keys() if f'name="{path}"' not in text] == []
    assert [name for name in FIELDS if f'value="field:{name}"' not in text] == []
    for name in (*FIELDS, *FILE_FIELDS):  # with its meaning beside it
        assert re.search(rf"<code>{{{name}}}</code> [^<{{.]", text), name
    said = re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL)
    said = re.sub(r"<textarea id=\"profile-text\".*?</textarea>", "", said, flags=re.DOTALL)
    codes = r">\s*((?:profile\w+|decisionkind|unit|biometric|step|role|ui|item|itemgroup)\.\w[\w.]*)"
    assert re.findall(codes, said) == []
    assert re.findall(r">\s*</(?:label|option)>", said.replace('<option value=""></option>', "")) == []


def test_what_no_page_sends_is_refused_and_what_no_form_can_show_is_left_to_the_text(school: Desk) -> None:
    client = school.app.test_client()
    order = {"name": "x", "text": 'title = "x"\n'}
    for form in (
        "[]",
        '{"values": {"title": 3}, "rows": {}}',
        '{"values": {}, "rows": {"column": [{"was": 4, "values": {}}]}}',
    ):
        assert "web.body_unreadable" in post(client, "/office/profiles/check", order | {"form": form}).text
    for text in ("photo = 3", "column = 3", "title = "):
        answer = post(client, "/office/profiles/check", order | {"text": text}).json
        assert answer is not None
        assert answer["form"] is None
        assert answer["faults"]


def test_a_text_that_is_too_long_is_refused_and_never_cut(school: Desk) -> None:
    client, here = school.app.test_client(), school.office.profiles
    assert here is not None
    assert post(client, "/office/profiles/copy", {"name": "cmis-5", "as": "too-long", "by": BY}).status_code == 200
    text, stamp = here.text("too-long")
    order = {"name": "too-long", "text": text + "# " + "长" * 200_000, "stamp": stamp, "by": BY}
    for address in ("/office/profiles/check", "/office/profiles/save"):
        answer = post(client, address, order)
        assert answer.json is not None
        assert (answer.status_code, answer.json["code"]) == (409, "profile.too_long")
        assert "200000" in answer.json["message"]
    assert here.text("too-long") == (text, stamp)


def test_the_program_s_own_are_read_only_and_names_are_not_taken_twice(school: Desk) -> None:
    client = school.app.test_client()
    own = {"name": "qinghai-xuekao", "by": BY}
    assert " readonly" in client.get("/records/profiles/qinghai-xuekao").text
    assert "profile.shipped" in post(client, "/office/profiles/save", own | {"text": "title = 1", "stamp": ""}).text
    assert "profile.shipped" in post(client, "/office/profiles/remove", own).text
    for name, code in (
        ("cmis-5", "profile.taken"),
        ("../x", "profile.name"),
        ("con", "profile.name"),
        ("本校", "profile.name"),
        ("", "profile.name"),
    ):
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
    earlier = {one.read_text(encoding="utf-8") for one in (folder_of(school) / "profiles" / "earlier").glob("cmis-own-*.toml")}
    assert earlier == {text, text.rstrip("\n") + "\n# 2027\n"}

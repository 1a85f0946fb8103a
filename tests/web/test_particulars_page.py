"""学生信息: the page that lists what is missing, takes a list that was filled in, and puts one student's items right."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from kiosk.records import Role
from kiosk.web import serve_app
from tests.office.test_particulars import filled, of
from tests.staff import PIN
from tests.store.conftest import student
from tests.web.browser import watched
from tests.web.client import decide, post
from tests.web.desk import Desk, desk
from tests.web.test_accessibility import faults


@pytest.fixture
def school(tmp_path: Path) -> Iterator[Desk]:
    with desk(tmp_path) as found:
        officer = next(one.person for one in found.store.accounts.open() if one.role is Role.OFFICER)
        found.store.accounts.issue("刘主任", Role.OFFICER, PIN, by=officer)
        yield found


def test_a_list_is_looked_at_taken_and_one_item_of_it_put_right(school: Desk, browser: Browser, tmp_path: Path) -> None:
    path = filled(
        tmp_path,
        of(1, 民族="汉", 联系电话="13900001111", 政治面貌="03-共青团员"),
        of(5, 出生地="630122", 联系电话="13900005555"),
    )
    server = serve_app(school.app, 0)
    try:
        with watched(browser, viewport={"width": 1366, "height": 768}) as page:
            screen = page.open(f"{server.url}/records/particulars")
            assert faults(screen) == []
            screen.set_input_files("#list-file", path)
            screen.click("#list button[type=submit]")
            expect(screen.locator("#confirm-lines")).to_contain_text("2 名学生在名单上；2 名学生共 4 项有新内容")
            expect(screen.locator("#confirm-warnings")).to_contain_text("第 3 行")
            expect(screen.locator("#confirm-warnings")).to_contain_text("青海省西宁市湟中县 的旧代码")
            screen.click("#confirm button.primary")
            expect(screen.locator("#said")).to_contain_text("已导入 2 名学生的信息")
            screen.select_option("select[name=state]", "differing")
            screen.click(".filters button[type=submit]")
            expect(screen.locator(".tall tbody tr")).to_contain_text("民族：家长填“汉”，芯片为“藏”，以芯片为准")
            screen.click(".tall tbody a")
            assert faults(screen) == []
            screen.fill("#item-phone", "12")
            screen.fill("#items-reason", "家长来电")
            decide(screen, "items", "刘主任")
            screen.click("#items button[type=submit]")
            expect(screen.locator("#items .form-problem")).to_contain_text("“联系电话”不能这样填")
            screen.fill("#item-phone", "139 0000 2222")
            screen.fill("#item-study_way", "无此一项")  # no list of a notice: taken as it is written, and told first
            decide(screen, "items", "刘主任")
            screen.click("#items button[type=submit]")
            expect(screen.locator("#confirm-lines")).to_have_text("就读方式：无此一项")
            expect(screen.locator("#confirm-warnings")).to_contain_text("请与本省下发的表核对")
            screen.click("#confirm button.primary")
            expect(screen.locator("#said")).to_contain_text("已更正 考生1 的信息")
            expect(screen.locator("tbody tr").first).to_contain_text("联系电话：13900001111 → 13900002222")
            assert [error for error in page.errors if "409" not in error] == []  # the number that was refused
    finally:
        server.stop()


def test_lists_and_sheets_of_a_class_are_downloaded_and_the_copy_for_the_student_has_it_all(school: Desk) -> None:
    client = school.app.test_client()
    assert client.get("/records/particulars.xlsx?class=高一/6").data.startswith(b"PK")
    assert client.get("/records/particulars.pdf?class=高一/6").data.startswith(b"%PDF")
    assert "particulars.class_first" in client.get("/records/particulars.pdf").text
    school.office.particulars.correct(student(2), {"health": "10"}, reason="补填", by=school.store.accounts.open()[0].person)
    assert client.get(f"/records/own-data/{school.record(2).id}.pdf").status_code == 200
    assert "nothing_to_undo" in post(client, "/office/particulars/undo", {}).text or not school.office.particulars.last_import()


def test_students_of_several_schools_are_listed_filtered_and_imported_by_school(school: Desk) -> None:
    students, there = school.store.roster.students(), {"school": "红河中学", "school_code": "3163000002"}
    school.store.roster.replace_or_update(
        [replace(one, **(there if at > 3 else {"school": "青山中学"})) for at, one in enumerate(students)], transfer=True
    )
    client = school.app.test_client()
    page = client.get("/records/particulars?class=@3163000002").text
    assert all((f">{one.name}<" in page) == (at > 3) for at, one in enumerate(students))
    assert '<option value="3163000002">红河中学</option>' in page
    assert client.get("/records/particulars.pdf?class=@3163000002").data.startswith(b"%PDF")

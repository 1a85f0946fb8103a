"""联系人与值班, 佐证, 材料与存档: the office's pages, their papers, and who is called when a device fails."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Browser, expect
from pypdf import PdfReader

from kiosk.exchange.fields import FIELDS
from kiosk.records import Contact, DeviceKind, DeviceState, DeviceStatus, Message, Person, School, Student
from kiosk.store import Window
from kiosk.web import serve_app
from tests.exchange.photographs import jpeg
from tests.store.conftest import student
from tests.web import script
from tests.web.browser import watched
from tests.web.client import decide, post, token
from tests.web.desk import Desk, desk

NOBODY = Person("王主任")
NEWCOMER = Student("安娜", "无号ABC123", "高一", "5", sex="女", birth_text="20080304", document_type="A")


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with desk(tmp_path_factory.mktemp("affairs")) as found:
        contacts = (Contact("张老师", "教务主任", "13800000000"), Contact("李老师", "干事", "13900000000"))
        told = School("西宁第一中学", "6301001", principal="赵校长", phone="0971-6303000", contacts=contacts)
        found.office.school.change(told, by=NOBODY)
        found.store.roster.replace_or_update([*found.store.roster.students(), NEWCOMER])
        opens = found.store.audit.now().astimezone()
        found.store.rounds.add(Window("正式采集", opens, opens + timedelta(days=2), "高一"), by="王主任")
        yield found


def words_of(content: bytes) -> str:
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages).replace(" ", "").replace("\n", "")


def test_row_0_1_and_2_16_and_4_12_whom_to_call_and_who_is_there(school: Desk, browser: Browser) -> None:
    server = serve_app(school.app, 0)
    try:
        with watched(browser, viewport={"width": 1366, "height": 768}) as page:
            screen = page.open(f"{server.url}/records/contacts")
            expect(screen.locator("#gaps p")).to_have_count(3)
            expect(screen.locator("#lines tbody tr")).to_have_count(2)  # the school's own, kept on its page
            screen.fill("#duty-name", "王主任")
            with screen.expect_navigation():
                screen.click("#duty button[type=submit]")
            expect(screen.locator("#duties tbody tr")).to_have_count(1)
            expect(screen.locator("#gaps p").first).not_to_contain_text("负责人")
            screen.select_option("#line-about", "vendor/finger")
            screen.fill("#line-name", "竟业达")
            screen.fill("#line-person", "陈工")
            screen.fill("#line-phone", "１３７００００００００")
            with screen.expect_navigation():
                screen.click("#line button[type=submit]")
            expect(screen.locator("#lines")).to_contain_text("13700000000")
            screen.keyboard.press("F1")
            expect(screen.locator(".calls")).to_contain_text("张老师 13800000000")
            screen.screenshot(path="/tmp/cw/contacts.png")
            screen.goto(f"{server.url}/records/materials")
            screen.screenshot(path="/tmp/cw/materials.png", full_page=True)
            screen.goto(f"{server.url}/records/cases")
            screen.fill("#shared-number", student(7).id_number)
            screen.fill("#shared-name1", "张伟")
            screen.fill("#shared-name2", "张玮")
            screen.fill("#shared-reason", "两人同号，均不改号")
            with screen.expect_navigation():
                screen.click("#shared button[type=submit]")
            expect(screen.locator("#case-1 .effect")).to_contain_text("都不能采集")
            screen.screenshot(path="/tmp/cw/cases.png", full_page=True)
            assert page.errors == []
    finally:
        server.stop()

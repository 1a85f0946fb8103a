"""数据包: the office's page for what goes there and what comes from there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from kiosk.ciphers.age import Sealing
from kiosk.exchange.receipt_parcel import ReceiptHead, ReceiptParcel, write_receipt
from kiosk.exchange.school_parcel import write_school
from kiosk.office.invitation import Invitation, invitation_in_words
from kiosk.web import serve_app
from tests.parcels.conftest import OFFICE, SCHOOL, STRANGER, WANG, certify
from tests.parcels.offices import centre
from tests.parcels.test_delivery import certified
from tests.parcels.test_delivery import door as opened_door
from tests.parcels.test_school import version
from tests.store.conftest import AT
from tests.web.browser import watched
from tests.web.client import post
from tests.web.desk import CAPTURED, EVERYBODY, Desk, desk
from tests.web.test_accessibility import faults


@pytest.fixture
def school(tmp_path: Path) -> Iterator[Desk]:
    with desk(tmp_path) as found:
        found.store.school.put(SCHOOL, by=WANG)
        yield found


def test_without_a_certificate_nobody_knows_for_whom(school: Desk) -> None:
    client = school.app.test_client()
    assert 'action="/office/packages' not in client.get("/records/packages").text
    answer = post(client, "/office/packages/captures", {"which": "new"})
    assert (answer.status_code, "证书" in answer.text) == (409, True), answer.text


def test_the_day_is_written_kept_on_a_stick_and_what_comes_back_is_taken(
    school: Desk, browser: Browser, tmp_path: Path
) -> None:
    certify(school.store)
    listed, receipt = tmp_path / "list.age", tmp_path / "receipt.age"
    to = Sealing(recipients=(school.store.signing.recipient(),))
    write_school(listed, to, OFFICE, version(1, *range(1, EVERYBODY + 2)))
    head = ReceiptHead(school.store.id(), AT, may_delete=True)
    wanted = school.record(1).id
    write_receipt(receipt, to, OFFICE, ReceiptParcel(head, ((wanted, "0" * 64),), ((wanted, "照片模糊"),)))
    server = serve_app(school.app, 0)
    try:
        with watched(browser, viewport={"width": 1366, "height": 768}) as page:
            screen = page.open(f"{server.url}/records/packages")
            with screen.expect_navigation():
                screen.click("#captures button[type=submit]")
            expect(screen.locator("#said")).to_contain_text(f"{CAPTURED} 条记录")
            expect(screen.locator("#written tbody tr")).to_have_count(1)
            expect(screen.locator("#standing")).to_contain_text(f"{CAPTURED} 条上级还没有确认")
            with screen.expect_download() as kept:
                screen.click("#written tbody a")
            kept.value.save_as(tmp_path / "stick.age")
            screen.set_input_files("#take-file", listed)
            screen.click("#take button[type=submit]")
            expect(screen.locator("#confirm-lines")).to_contain_text("新增 1 人")
            with screen.expect_navigation():
                screen.click("#confirm button[value=yes]")
            expect(screen.locator("#versions tbody tr")).to_have_count(1)
            screen.set_input_files("#take-file", receipt)
            screen.click("#take button[type=submit]")
            expect(screen.locator("#confirm-lines")).to_contain_text("照片模糊")
            with screen.expect_navigation():
                screen.click("#confirm button[value=yes]")
            expect(screen.locator("#office-words tbody")).to_contain_text("要求重采")
            assert faults(screen, "main") == []
    finally:
        server.stop()
    assert (tmp_path / "stick.age").read_bytes().startswith(b"age-encryption.org/v1")


def test_the_day_is_sent_over_the_network_and_what_the_office_answers_is_shown(
    school: Desk, browser: Browser, tmp_path: Path
) -> None:
    found = certified(school.store)
    school.store.signing.take_certificate(found.content, office_key=OFFICE.signing.public, school_code="", by="王主任")
    assert "没有开启" in school.app.test_client().get("/records/packages").text
    (tmp_path / "lists").mkdir()
    to = Sealing(recipients=(school.store.signing.recipient(), OFFICE.recipient))
    write_school(tmp_path / "lists" / "list.age", to, OFFICE, version(1, *range(1, EVERYBODY + 2)))
    server = serve_app(school.app, 0)
    try:
        with centre(tmp_path, {}) as office, opened_door(office, tmp_path) as address:
            school.office.delivery.call_at(address)
            with watched(browser, viewport={"width": 1366, "height": 768}) as page:
                screen = page.open(f"{server.url}/records/packages")
                with screen.expect_navigation():
                    screen.click("#deliver button[type=submit]")
                expect(screen.locator("#said")).to_contain_text("办公室采用 1")
                expect(screen.locator("#written tbody")).to_contain_text(f"办公室已采用：新 {CAPTURED}")
                assert faults(screen, "main") == []
                screen.click(".delivered button[type=submit]")
                expect(screen.locator("#confirm-lines")).to_contain_text("新增 1 人")
                with screen.expect_navigation():
                    screen.click("#confirm button[value=yes]")
                expect(screen.locator("#versions tbody tr")).to_have_count(2)  # and the receipt, which was taken by itself
                expect(screen.locator(".delivered")).to_have_count(0)
                expect(screen.locator("#standing")).to_contain_text("0 条上级还没有确认")
    finally:
        server.stop()


def test_the_office_s_code_is_scanned_instead_of_typing_its_address(school: Desk) -> None:
    certify(school.store)
    client, address = school.app.test_client(), "10.1.2.3:8311"
    text = Invitation(address, OFFICE.signing.public).text
    assert 'id="scan"' in client.get("/records/packages").text
    strange = Invitation(address, STRANGER.signing.public).text
    for typed, said in ((text[:-2], "不是上级办公室的二维码"), (strange, "另一个办公室")):
        answer = post(client, "/office/packages/invitation", {"code": typed})
        assert (answer.status_code, said in answer.text) == (409, True), answer.text
    told = {"code": text.upper().replace(":", "：")}  # by a keyboard in Chinese, with the capitals locked
    asked = post(client, "/office/packages/invitation", told)
    assert asked.json is not None
    assert (address in str(asked.json), asked.json["confirm"]["warnings"]) == (True, [])
    assert school.office.delivery.standing().address == ""
    answer = post(client, "/office/packages/invitation", told | {"confirmed": asked.json["confirm"]["key"]})
    assert answer.status_code == 200, answer.text
    assert school.office.delivery.standing().address == address  # at once, and at the next start
    assert school.office.configuration is not None
    assert school.office.configuration.current().delivery.office == address


def test_whom_a_station_that_knows_no_office_meets_is_compared_by_telephone(school: Desk) -> None:
    assert school.office.invitations is not None
    plan = school.office.invitations.plan(Invitation("office.example:8311", OFFICE.signing.public).text)
    assert "打电话核对指纹" in invitation_in_words("zh-CN", plan).warnings[0]


def test_what_nobody_sends_is_told(school: Desk) -> None:
    client = school.app.test_client()
    for wrong in ({"which": "some"}, {"day": "gestern"}, {"part_size": "1"}):
        assert json.loads(post(client, "/office/packages/captures", wrong).text)["message"]
    assert client.get("/records/packages/unknown.age").status_code == 404

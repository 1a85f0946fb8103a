"""An office's pages: stations, receiving, conflicts; who is kept to some schools; nothing in the clear over the network."""

from __future__ import annotations

import re
import ssl
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from ipaddress import ip_address
from pathlib import Path

import openpyxl
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, expect
from werkzeug.test import TestResponse

from kiosk.checkin import Shelf
from kiosk.config import OfficeSettings, Settings
from kiosk.errors import KioskError
from kiosk.office import District, Office
from kiosk.office.invitation import Invitation, invitation_of
from kiosk.office.reception import Reception
from kiosk.records import Account, Press, Role, Step, StepResult, Verdict
from kiosk.web import serve_app
from kiosk.web.office_serving import Serving, Tls, create_office, serve_office
from tests.parcels.conftest import OFFICE
from tests.parcels.offices import Centre, Site, centre, one, stations, two
from tests.store.conftest import AT, begin_in, student
from tests.web.browser import watched
from tests.web.test_accessibility import faults

__all__ = ["one", "stations", "two"]  # fixtures
PIN = "135790"


@dataclass
class Desk:
    """An office with an officer, a supervisor and somebody who is kept to another district."""

    app: Flask
    centre: Centre
    officer: Account
    supervisor: Account
    guest: Account


@pytest.fixture
def office(tmp_path: Path, one: Site, two: Site) -> Iterator[Desk]:
    with centre(tmp_path, {}) as found, serve_office("127.0.0.1:0", None) as at:
        accounts = found.store.accounts
        officer = accounts.issue("李主任", Role.OFFICER, PIN, by=None)
        people = []
        for name in ("赵主任", "区教研员"):
            issued = accounts.issue(name, Role.SUPERVISOR, f"{PIN}0", by=officer.person)
            people.append(accounts.change_pin(issued.id, f"{PIN}0", PIN))
        found.store.account_areas.keep_to(people[1].id, ["6399"], by="李主任")
        settings = Settings(office=OfficeSettings(deliveries="10.1.2.3:8311"))
        desk, reception = Office(found.store, tmp_path / "export"), Reception(found.intake)
        reception.start()
        district = District(found.store, reception, OFFICE, tmp_path / "receipts")
        app = create_office(
            desk,
            district,
            settings,
            at,
            tmp_path / "uploads",
            Shelf(found.store),
        )
        yield Desk(app, found, officer, *people)
        reception.close()
        desk.close()


def test_packages_are_dropped_looked_over_and_what_contradicts_is_decided_by_two(
    office: Desk, one: Site, two: Site, browser: Browser, tmp_path: Path
) -> None:
    server = serve_app(office.app, 0)
    try:
        with watched(browser, viewport={"width": 1366, "height": 768}) as page:
            screen = page.open(f"{server.url}/operator")
            screen.check(f"input[value='{office.officer.id}']")
            screen.fill("#pin", PIN)
            screen.click("button.primary")
            screen = page.open(f"{server.url}/records/receiving")
            screen.set_input_files("#receive-file", [one.send(), two.send()])
            with screen.expect_navigation():
                screen.click("#receive button[type=submit]")
            expect(screen.locator("#received .tag.pass")).to_have_count(2)
            expect(screen.locator("#intake")).to_be_hidden()
            assert faults(screen, "main") == []
            screen = page.open(f"{server.url}/records/conflicts")
            assert faults(screen, "main") == []
            screen.click("#conflicts tbody a")
            expect(screen.locator(".side")).to_have_count(2)
            expect(screen.locator(".side").nth(1)).to_contain_text("采集点-two")
            assert faults(screen, "main") == []
            screen.check("input[name=chosen] >> nth=1")
            screen.fill("#conflict-reason", "照片清楚")
            screen.select_option("#conflict-by", office.officer.id)
            screen.fill("#conflict-pin", PIN)
            screen.click("main form button[type=submit]")
            expect(screen.locator("main form .form-problem")).to_contain_text("两个人决定")
            screen.select_option("#conflict-by", office.supervisor.id)
            screen.fill("#conflict-pin", PIN)
            with screen.expect_navigation():
                screen.click("main form button[type=submit]")
            assert office.centre.counting()["考生2"] == two.records[2]
            screen = page.open(f"{server.url}/records/stations")
            expect(screen.locator("section[aria-labelledby=stations] tbody tr")).to_have_count(2)
            assert faults(screen, "main") == []
            screen.set_viewport_size({"width": 390, "height": 844})
            assert screen.evaluate("document.documentElement.scrollWidth") == 390
    finally:
        server.stop()


def test_who_is_kept_to_some_schools_sees_nothing_else_and_an_officer_answers(office: Desk, one: Site, two: Site) -> None:
    office.centre.take(one.send(), two.send())
    client = office.app.test_client()
    assert post(client, "/login", {"by": office.guest.id, "pin": PIN}).headers["Location"].endswith("/records/stations")
    shown = client.get("/records/stations").text
    assert "采集点-one" not in shown
    assert "考生3" not in shown
    assert "/records/receiving" not in shown
    assert client.get("/records/conflicts/1").status_code == 404
    assert client.get("/records/conflicts/1/0/portrait").status_code == 404
    views = {rule.endpoint: rule for rule in office.app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    for path in ("/records", f"/records/{one.records[1]}", "/records/roster", "/records/export", "/office/receiving/progress"):
        assert client.get(path).status_code == 409, path
    assert len(views) > 60  # and whatever is added is closed until it is named
    office.centre.store.account_areas.keep_to(office.guest.id, ["6301"], by="李主任")
    assert "采集点-one" in client.get("/records/stations").text
    assert client.get("/records/conflicts/1/0/portrait").status_code == 200
    assert client.get("/records/stations.xlsx").status_code == 200
    assert client.get("/records").status_code == 409
    # there is no desk, and receipts go out
    client = office.app.test_client()
    post(client, "/login", {"by": office.officer.id, "pin": PIN})
    assert client.get("/operator", headers={"Accept": "text/html"}).headers["Location"] == "/records/stations"
    shown = client.get("/records/receiving").text
    found = re.search(r"<code>(kiosk-office:1:\S+)</code>", shown)
    assert found is not None
    assert invitation_of(found[1]) == Invitation("10.1.2.3:8311", OFFICE.signing.public)
    assert shown.count("<svg") > client.get("/records/conflicts").text.count("<svg")
    answer = post(client, "/office/receiving/answers", {"may_delete": "yes"})
    assert "2 份回执包" in answer.text
    (name, _) = (path.name for path in office.app.extensions["kiosk"].district.answers())
    assert client.get(f"/records/receiving/answers/{name}").status_code == 200
    receipts = office.app.extensions["kiosk"].district.answers()
    mine = next(path for path in receipts if one.store.id()[:8] in path.name)
    one.office.receipts.take(mine, by="王主任")
    assert one.office.parcels.standing().unconfirmed == 0


def test_areas_have_names_lead_down_and_keep_accounts(office: Desk, one: Site) -> None:
    where = {1: ("一中", "6301001"), 2: ("二中", "63010302"), 3: ("三中", "63020201")}
    store = office.centre.store
    store.roster.replace_or_update([replace(student(n), school=name, school_code=code) for n, (name, code) in where.items()])
    again = begin_in(one.store, student(1), "照片模糊")
    presses = (Press(Verdict.PASS, 0.84), Press(Verdict.PASS, 1.0), Press(Verdict.FAIL, None, "finger.no_image"))
    thumb = StepResult(Step.RIGHT_THUMB, Verdict.PASS, AT, presses=presses, device="ZFM-20")
    one.store.captures.save_step(again.id, thumb)
    one.store.captures.finish(again.id, AT)
    office.centre.take(one.send())
    client = office.app.test_client()
    post(client, "/login", {"by": office.officer.id, "pin": PIN})
    rows = areas_shown(client.get("/records/stations").text)
    assert rows == {"6301": ("西宁市", "2 / 2"), "6302": ("海东市", "0 / 1")}
    below = client.get("/records/stations?area=6301").text
    assert areas_shown(below) == {"630103": ("城中区", "1 / 1")}
    assert "青海省" in below
    assert "采集点-one" in below
    assert "ZFM-20：2 次按压的质量分布" in below
    assert "三中" not in below
    assert "采集点-one" not in client.get("/records/stations?area=6302").text
    begun = AT.astimezone().date()
    for filters, there in (("device=ZFM-20", True), ("device=R503", False), (f"from={begun}&to={begun}", True)):
        shown = client.get(f"/records/stations?area=6301&{filters}").text
        assert ("采集点-one" in shown) is there, filters
        assert ("每小时采集人次" in shown) is there, filters
        sheet = openpyxl.load_workbook(BytesIO(client.get(f"/records/stations.xlsx?{filters}").data)).active
        assert [cell.value for cell in sheet["C"][1:]] == (["采集点-one"] if there else []), filters
    assert "ZFM-20：每小时的质量中位数" in shown
    assert "每小时采集人次" not in client.get("/records/stations?from=2026-08-01&to=2026-08-02").text
    accounts = client.get("/records/accounts").text
    assert "青海省西宁市城中区 (630103)" in accounts
    keep = {"account": office.guest.id}
    assert "青海省西宁市" in post(client, "/office/accounts/areas", keep | {"places": "6301"}).text
    assert store.account_areas.of(office.guest.id) == {"6301"}
    assert "青海省西宁市" in client.get("/records/accounts").text
    assert "全部地区" in post(client, "/office/accounts/areas", keep).text
    assert post(client, "/office/accounts/areas", keep | {"places": "天上"}).status_code == 409


def areas_shown(text: str) -> dict[str, tuple[str, str]]:
    """Name and progress by area."""
    row = re.compile(r'<a href="\?area=(\d+)">([^<]+)</a> <small.*?<td class="number"[^>]*>(\d+ / \d+)</td>', re.DOTALL)
    table = text.partition('class="stacked"')[2].partition("</table>")[0]
    return {area: (name, share) for area, name, share in row.findall(table)}


def test_whatever_others_can_reach_is_sealed_by_tls(tmp_path: Path) -> None:
    for address in ("0.0.0.0:0", "192.0.2.1:8310", "office.example:443"):
        with pytest.raises(KioskError, match=r"office\.needs_tls"), serve_office(address, None):
            pass
    tls = certificate(tmp_path)
    with serve_office("127.0.0.1:0", tls) as at:
        at.answer(_hello(at))
        url = f"https://127.0.0.1:{at.port}/"
        trusted = ssl.create_default_context(cafile=str(tls.certificate))
        with urllib.request.urlopen(url, context=trusted, timeout=10) as answer:
            assert answer.read() == b"hello"
        with pytest.raises(OSError, match="certificate verify failed"):
            urllib.request.urlopen(url, timeout=10)
        old = ssl.create_default_context(cafile=str(tls.certificate))
        with pytest.warns(DeprecationWarning, match="TLSv1_1"):
            old.maximum_version = ssl.TLSVersion.TLSv1_1
        with pytest.raises(OSError, match=r"(?i)ssl|tls|reset|eof"):
            urllib.request.urlopen(url, context=old, timeout=10)
    (tmp_path / "key.pem").write_text("nothing")
    with pytest.raises(KioskError, match=r"office\.tls"), serve_office("0.0.0.0:0", tls):
        pass


def _hello(at: Serving) -> Flask:
    app = Flask("hello")
    app.add_url_rule("/", "hello", lambda: "hello")
    assert at.names == ["127.0.0.1"]
    return app


def post(client: FlaskClient, address: str, values: dict[str, str]) -> TestResponse:
    """A form, with the token of the page that is open."""
    shown = client.get("/records/stations", follow_redirects=True, headers={"Accept": "text/html"}).text
    token = re.search(r'name="csrf-token" content="([^"]+)"', shown)
    assert token
    return client.post(address, data=values, headers={"X-CSRFToken": token[1]})


def certificate(folder: Path) -> Tls:
    """Of 127.0.0.1, for itself."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "office")])
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(days=1))
    made = made.add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
    (folder / "certificate.pem").write_bytes(made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return Tls(folder / "certificate.pem", folder / "key.pem")

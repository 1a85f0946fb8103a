"""The page before the store is open: who has a PIN gets in, who has none waits, and nobody guesses for long."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

import pyrage
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from kiosk.config import AccountSettings, Settings
from kiosk.errors import StoreError
from kiosk.office import Office
from kiosk.records import Role
from kiosk.store import Store, unlock_pin
from kiosk.web import Entered, Entrance, admit, create_app
from kiosk.web.context import Context
from tests.staff import PIN
from tests.web.desk import ScriptedStation

NEW_PIN = "975310"
PAGE = {"Accept": "text/html"}


class Sealed:
    """A sealed store, and the page before it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.now_s = folder / "data", 0.0
        with Store.open_station(self.folder) as store:
            officer = store.accounts.issue("王考务", Role.OFFICER, PIN, by=None)
            issued = store.accounts.issue("李采集", Role.OPERATOR, NEW_PIN, by=officer.person)
            self.officer, self.operator = officer.id, issued.id
            self.code = store.slots.seal(by=officer)
            self.office = pyrage.x25519.Identity.generate()
            store.slots.set_office(str(self.office.to_public()), by="王考务")
        rules = AccountSettings(tries=3, locked_minutes=5)
        self.entrance = Entrance(Settings(accounts=rules), self.folder, lambda: self.now_s)
        self.client = self.entrance.app.test_client()

    def send(self, address: str, client: FlaskClient | None = None, **fields: str) -> TestResponse:
        client = client or self.client
        found = re.search(r'name="csrf-token" content="([^"]+)"', client.get("/operator", headers=PAGE).text)
        assert found
        return client.post(address, data=fields, headers={"X-CSRFToken": found[1], **PAGE})


def app_of(store: Store, entered: Entered) -> Flask:
    """The station's screens, as the program starts them after that."""
    office = Office(store, Path("export"))
    app = create_app(station=ScriptedStation(), office=office, settings=Settings(), secret=entered.secret)
    admit(app, entered, office.accounts)
    return app


@pytest.fixture
def sealed(tmp_path: Path) -> Sealed:
    return Sealed(tmp_path)


def test_every_address_leads_to_the_page_and_nothing_else_is_shown(sealed: Sealed) -> None:
    for address in ("/", "/operator", "/records/accounts", "/student"):
        page = sealed.client.get(address, headers=PAGE)
        assert "输入您的 PIN" in page.text
        assert page.headers["Cache-Control"] == "no-store"
        assert "form-action 'self'" in page.headers["Content-Security-Policy"]
    assert [name in page.text for name in ("王考务", "李采集")] == [True, True]
    assert "Open the station" in sealed.client.get("/?lang=en", headers=PAGE).text
    news = sealed.client.get("/state", headers={"Accept": "application/json"})
    assert (news.status_code, news.get_json()["code"]) == (401, "web.login_needed")
    assert sealed.client.post("/entrance/pin", data={"by": sealed.officer, "pin": PIN}).status_code == 400  # without a token
    assert sealed.client.get("/", headers={**PAGE, "Host": "evil.example"}).status_code == 400


def test_a_pin_opens_the_store_and_its_browser_goes_on_logged_in(sealed: Sealed) -> None:
    wrong = sealed.send("/entrance/pin", by=sealed.officer, pin="111222")
    assert (wrong.status_code, "PIN 不对" in wrong.text) == (409, True)
    assert sealed.send("/entrance/pin", by=sealed.officer, pin=PIN).status_code == 303
    assert "正在打开" in sealed.client.get("/operator", headers=PAGE).text
    entered = sealed.entrance.wait(Event())
    assert entered is not None
    with Store.open_station(sealed.folder, unlock=entered.unlock) as store:
        app = app_of(store, entered)
        cookie = sealed.client.get_cookie("kiosk")
        assert cookie is not None
        inside, stranger = app.test_client(), app.test_client()
        inside.set_cookie("kiosk", cookie.value)
        assert inside.get("/records/accounts").status_code == 200
        assert stranger.get("/records/accounts").status_code == 401
        assert [entry.action for entry in store.audit.entries()][-1] == "account.log_in"


def test_a_pin_that_somebody_else_chose_opens_but_is_changed_before_anything_is_shown(sealed: Sealed) -> None:
    assert sealed.send("/entrance/pin", by=sealed.operator, pin=NEW_PIN).status_code == 303
    entered = sealed.entrance.wait(Event())
    assert entered is not None
    with Store.open(sealed.folder, unlock=entered.unlock) as store:
        app = app_of(store, entered)
        here = next(found for found in app.extensions.values() if isinstance(found, Context))
        assert here.presence.find(entered.token, active=False) is None


@pytest.mark.parametrize("way", ["code", "office"])
def test_without_any_pin_the_printed_code_or_the_offices_key_gives_the_officer_a_new_one(sealed: Sealed, way: str) -> None:
    code = sealed.code if way == "code" else str(sealed.office)
    refused = sealed.send("/entrance/code", code=code, pin="1", again="1")
    assert (refused.status_code, "至少" in refused.text or "位" in refused.text) == (409, True)
    assert "两次输入的 PIN 不一样" in sealed.send("/entrance/code", code=code, pin=NEW_PIN, again=PIN).text
    assert sealed.send("/entrance/code", code="ABCD-EFGH", pin=NEW_PIN, again=NEW_PIN).status_code == 409
    assert sealed.send("/entrance/code", code=code, pin=NEW_PIN, again=NEW_PIN).status_code == 303
    entered = sealed.entrance.wait(Event())
    assert entered is not None
    with Store.open(sealed.folder, unlock=entered.unlock) as store:
        app_of(store, entered)
    Store.open(sealed.folder, unlock=lambda ring: unlock_pin(ring, sealed.officer, NEW_PIN)).close()


def test_after_some_wrong_tries_the_right_pin_waits_too_and_a_new_start_waits_anew(sealed: Sealed) -> None:
    for _ in range(3):
        sealed.send("/entrance/pin", by=sealed.officer, pin="111222")
    told = sealed.send("/entrance/pin", by=sealed.officer, pin=PIN).text
    assert "5 分钟后再试" in told
    again = Entrance(Settings(accounts=AccountSettings(tries=3, locked_minutes=5)), sealed.folder, lambda: 0.0)
    assert "5 分钟后再试" in sealed.send("/entrance/pin", again.app.test_client(), by=sealed.officer, pin=PIN).text
    sealed.now_s = 301.0
    assert sealed.send("/entrance/pin", by=sealed.officer, pin=PIN).status_code == 303


def test_what_keeps_the_store_from_opening_is_told_to_whoever_waits(sealed: Sealed) -> None:
    sealed.send("/entrance/pin", by=sealed.officer, pin=PIN)
    sealed.entrance.fail(StoreError("store.vault_older", behind=3))
    page = sealed.client.get("/operator", headers=PAGE).text
    assert "打不开" in page
    assert 'http-equiv="refresh"' not in page


def test_the_program_can_end_before_anybody_came(sealed: Sealed) -> None:
    stopped = Event()
    stopped.set()
    assert sealed.entrance.wait(stopped) is None


def test_a_new_station_begins_or_takes_a_backup_and_then_asks_for_the_pin_of_its_day(sealed: Sealed, tmp_path: Path) -> None:
    with Store.open_station(sealed.folder, unlock=lambda ring: unlock_pin(ring, sealed.officer, PIN)) as store:
        (tmp_path / "stick").mkdir()
        assert store.backups.make(tmp_path / "stick", datetime.now(UTC), keep=1) is not None
    sealed.folder = tmp_path / "another machine"
    sealed.entrance = Entrance(Settings(), sealed.folder)
    sealed.client = sealed.entrance.app.test_client()
    assert "这是一台新的采集站" in sealed.client.get("/operator", headers=PAGE).text
    stick = str(tmp_path / "stick")
    assert "里没有备份" in sealed.send("/entrance/restore", folder=str(tmp_path / "nothing"), name="", secret="x").text
    assert "PIN 不对" in sealed.send("/entrance/restore", folder=stick, name="王考务", secret="000111").text
    assert sealed.send("/entrance/restore", folder=stick, name="", secret=sealed.code).status_code == 303
    assert "的备份。请输入当时的 PIN 打开" in sealed.client.get("/operator", headers=PAGE).text
    assert sealed.send("/entrance/new").status_code == 303  # of no use any more
    assert sealed.send("/entrance/pin", by=sealed.officer, pin=PIN).status_code == 303
    entered = sealed.entrance.wait(Event())
    assert entered is not None
    Store.open(sealed.folder, unlock=entered.unlock).close()


def test_a_new_station_begins_when_somebody_says_so(tmp_path: Path) -> None:
    entrance = Entrance(Settings(), tmp_path / "data")
    client = entrance.app.test_client()
    found = re.search(r'name="csrf-token" content="([^"]+)"', client.get("/operator", headers=PAGE).text)
    assert found
    assert client.post("/entrance/new", headers={"X-CSRFToken": found[1], **PAGE}).status_code == 303
    assert (entrance.wait(Event()), entrance.begins_new) == (None, True)
    assert "正在打开" in client.get("/operator", headers=PAGE).text

"""What browsers are told about cookies and methods, and what of the program's own files they can have."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kiosk.config import Settings
from kiosk.office import Office
from kiosk.records import Role
from kiosk.store import Store
from kiosk.web import create_app
from kiosk.web.assets import static_path
from tests.staff import PIN
from tests.web.scripted import ScriptedStation
from tests.web.test_login import send

LOOKING, CHANGING = {"GET", "HEAD", "OPTIONS"}, {"POST", "OPTIONS"}


def test_the_cookies_are_for_the_server_alone_and_for_its_own_pages(client: FlaskClient) -> None:
    sent = client.get("/operator?lang=en").headers.getlist("Set-Cookie")
    assert {cookie.partition("=")[0] for cookie in sent} == {"kiosk", "language"}
    for cookie in sent:
        assert {"HttpOnly", "SameSite=Strict"} <= set(cookie.split("; ")), cookie
        assert "Domain=" not in cookie


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("/operator", "text/html; charset=utf-8"),
        ("/state?after=0", "application/json"),
        (f"{static_path()}/js/dom.js", "text/javascript; charset=utf-8"),
        (f"{static_path()}/css/base.css", "text/css; charset=utf-8"),
        ("/nowhere", "text/html; charset=utf-8"),
    ],
)
def test_every_answer_says_what_it_is_and_lets_no_other_origin_read_it(client: FlaskClient, address: str, kind: str) -> None:
    with client.get(address, headers={"Origin": "http://127.0.0.1:9999", "Accept": "text/html"}) as answer:
        assert answer.headers["Content-Type"] == kind
        assert not [name for name, _ in answer.headers if name.startswith("Access-Control-")]


def test_a_log_in_makes_another_token_and_a_log_out_ends_it_at_the_server(tmp_path: Path) -> None:
    with Store.open(tmp_path / "data") as store:
        office = Office(store, tmp_path / "export")
        officer = store.accounts.issue("王主任", Role.OFFICER, PIN, by=None)
        browser = create_app(station=ScriptedStation(), office=office, settings=Settings()).test_client()
        tokens = []
        for _ in range(2):
            send(browser, "/login", by=officer.id, pin=PIN)
            with browser.session_transaction() as session:
                tokens.append(session["who"])
            kept = browser.get_cookie("kiosk")
        assert len(set(tokens)) == 2
        assert browser.get("/records").status_code == 200
        send(browser, "/logout")
        assert kept is not None
        browser.set_cookie("kiosk", kept.value)
        assert browser.get("/records").status_code == 401, "a cookie that somebody has kept opens nothing"
        office.close()


def test_no_view_is_for_looking_and_changing_both_and_trace_is_none(app: Flask) -> None:
    rules = list(app.url_map.iter_rules())
    assert len(rules) > 50
    assert [rule.rule for rule in rules if rule.methods not in (LOOKING, CHANGING)] == []
    for address in ("/operator", "/login", f"{static_path()}/css/base.css"):
        assert app.test_client().open(address, method="TRACE").status_code == 405


@pytest.mark.parametrize("place", ["/static", static_path()])
@pytest.mark.parametrize("address", ["/", "/js/", "/../app.py", "/%2e%2e/app.py", "/../../../.git/config", "/../../../data/"])
def test_no_folder_is_listed_and_nothing_beside_it_is_served(client: FlaskClient, place: str, address: str) -> None:
    assert client.get(place + address).status_code == 404


@pytest.mark.parametrize("address", ["/.git/config", "/data/"])
def test_nothing_of_the_installation_is_served(client: FlaskClient, address: str) -> None:
    assert client.get(address).status_code == 404

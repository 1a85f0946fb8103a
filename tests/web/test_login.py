"""Nobody sees anything without having logged in, and nobody decides in another's name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import expect
from werkzeug.test import TestResponse

from kiosk.config import Settings
from kiosk.office import Office
from kiosk.records import Account, Role
from kiosk.snapshot import Command, Order
from kiosk.store import Store, is_sealed
from kiosk.web import create_app, serve_app
from kiosk.web.context import Context
from tests.staff import PIN, operator_of, supervisor
from tests.web import script
from tests.web.browser import Watched
from tests.web.client import decide
from tests.web.scripted import ScriptedStation

NEW_PIN = "730164"


class Station:
    """A station whose people have accounts, and whose clock a test sets."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder / "data"
        self.store = Store.open(self.folder)
        self.office = Office(self.store, folder / "export")
        self.desk = ScriptedStation()
        self.now_s = 1000.0
        self.app: Flask = create_app(station=self.desk, office=self.office, settings=Settings())
        here = next(found for found in self.app.extensions.values() if isinstance(found, Context))
        monkeypatch.setattr(here.presence, "_now_s", lambda: self.now_s)

    def account(self, name: str, role: Role = Role.OPERATOR) -> Account:
        """Somebody who has chosen their own PIN already."""
        accounts = self.store.accounts
        if not accounts.all():
            operator_of(accounts)
        officer = next(one for one in accounts.open() if one.role is Role.OFFICER)
        made = accounts.issue(name, role, NEW_PIN, by=officer.person)
        return accounts.change_pin(made.id, NEW_PIN, PIN)

    def actions(self) -> list[tuple[str, str]]:
        return [(entry.action, entry.actor) for entry in self.store.audit.entries()]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Station]:
    station = Station(tmp_path, monkeypatch)
    yield station
    station.office.close()
    station.store.close()


def send(client: FlaskClient, address: str, page: str = "/login", **fields: str) -> TestResponse:
    """A form of a page."""
    found = re.search(r'name="csrf-token" content="([^"]+)"', client.get(page).text)
    assert found
    return client.post(address, data=fields, headers={"X-CSRFToken": found[1], "Accept": "text/html"})


def logged_in(here: Station, account: Account) -> FlaskClient:
    client = here.app.test_client()
    answer = send(client, "/login", by=account.id, pin=PIN)
    assert answer.status_code == 303 or "数据已加密" in answer.text  # the first officer is shown the recovery code
    return client


def test_a_page_without_a_session_shows_nothing(here: Station) -> None:
    here.account("李老师")
    client = here.app.test_client()
    pages = [rule.rule for rule in here.app.url_map.iter_rules() if "GET" in (rule.methods or ()) and not rule.arguments]
    assert len(pages) > 20
    for page in set(pages) - {"/login", "/help", "/student/window"}:  # the handbook is nobody's data; that one wants a ticket
        answer = client.get(page, headers={"Accept": "text/html"})
        assert (answer.status_code, answer.headers.get("Location", "")[:6]) == (302, "/login"), page
        assert client.get(page, headers={"Accept": "application/json"}).status_code == 401, page


def test_the_first_person_at_a_new_station_becomes_its_officer_and_nobody_after_that(here: Station) -> None:
    client = here.app.test_client()
    assert "建立第一个帐号" in client.get("/login").text
    assert "至少 6 位" in client.get("/login").text  # before anybody has chosen a shorter one
    assert "两次输入的 PIN 不一样" in send(client, "/login/first", name="王主任", pin=PIN, again=NEW_PIN).text
    sealed = send(client, "/login/first", name="王主任", pin=PIN, again=PIN).text
    assert re.search(r"<code>([A-Z2-9]{4}-){7}[A-Z2-9]{4}</code>", sealed)
    assert 'href="/operator"' in sealed
    assert is_sealed(here.folder)
    assert client.get("/records/accounts").status_code == 200
    other = here.app.test_client()
    assert "已有帐号" in send(other, "/login/first", name="张三", pin=PIN, again=PIN).text
    assert other.get("/operator").status_code == 401


def test_a_pin_that_somebody_else_chose_is_changed_before_anything_is_shown(here: Station) -> None:
    operator = operator_of(here.store.accounts)
    client = here.app.test_client()
    changing = send(client, "/login", by=operator.id, pin=PIN).text
    assert "请改成只有您自己知道的" in changing
    assert "至少 6 位" in changing
    assert client.get("/operator").status_code == 401
    same = send(client, "/login", by=operator.id, pin=PIN, new=PIN, again=PIN)
    assert "与原来的相同" in same.text
    assert send(client, "/login", by=operator.id, pin=PIN, new=NEW_PIN, again=NEW_PIN).status_code == 303
    assert client.get("/operator").status_code == 200


def test_who_opens_the_operators_screen_is_on_duty_until_the_screen_is_left(here: Station) -> None:
    client = logged_in(here, here.account("李老师"))
    client.get("/records")
    assert not hasattr(here.desk, "on_duty")  # a look at the lists takes nobody's place
    client.get("/operator")
    person, awake = here.desk.on_duty
    assert (person.name, awake()) == ("李老师", True)
    send(client, "/logout", "/operator")
    assert not awake()
    assert client.get("/operator").status_code == 401


def test_after_ten_idle_minutes_the_screen_is_locked_and_the_students_goes_on(here: Station) -> None:
    operator = here.account("李老师")
    client = logged_in(here, operator)
    client.get("/operator")
    client.get("/student")
    here.now_s += 601
    assert client.get("/state?screen=operator").status_code == 401
    assert client.get("/state?screen=student").status_code == 200
    assert "已锁定。李老师" in client.get("/login").text
    assert not here.desk.on_duty[1]()
    assert "还可以试 4 次" in send(client, "/login", by=operator.id, pin=NEW_PIN).text
    assert send(client, "/login", by=operator.id, pin=PIN).status_code == 303
    assert client.get("/operator").status_code == 200
    assert here.desk.on_duty[1]()


def test_screens_that_ask_for_news_keep_nobody_logged_in_but_a_student_at_the_desk_does(here: Station) -> None:
    client = logged_in(here, here.account("李老师"))
    here.desk.show(script.face())
    for _ in range(20):
        here.now_s += 60
        assert client.get("/state?screen=operator").status_code == 200
    here.desk.show(script.waiting())
    asking = ("/state?screen=operator", "/state?screen=student", "/office/jobs/1")
    for minute in range(10):
        here.now_s += 60
        client.get(asking[minute % len(asking)])
    here.now_s += 60
    assert client.get("/state?screen=operator").status_code == 401


def test_change_of_shift_is_one_form(here: Station) -> None:
    first, second = here.account("李老师"), here.account("孙老师")
    client = logged_in(here, first)
    client.get("/operator")
    send(client, "/lock", "/operator")
    assert send(client, "/login", by=second.id, pin=PIN).status_code == 303
    assert "孙老师" in client.get("/operator").text
    assert here.desk.on_duty[0].account == second.id


def test_an_auditor_sees_and_changes_nothing(here: Station) -> None:
    client = logged_in(here, here.account("审计", Role.AUDITOR))
    assert client.get("/records/trail").status_code == 200
    assert client.get("/records").status_code == 200
    assert client.get("/operator").status_code == 409
    assert "您的角色不能做这件事" in send(client, "/voice", "/records").text
    assert "您的角色不能做这件事" in send(client, "/office/export", "/records").text
    assert here.actions().count(("account.refused", "审计")) == 3


def test_whose_role_does_not_do_reads_whose_does_and_hands_over_to_them(here: Station) -> None:
    operator, officer = here.account("李老师"), here.account("周主任", Role.OFFICER)
    logged_in(here, officer)  # who sees the recovery code, once
    client = logged_in(here, operator)
    refused = client.get("/records/settings?lang=zh-CN", headers={"Accept": "text/html"})
    assert refused.status_code == 409
    assert "要由考务管理员来做" in refused.text
    assert "退出，由别人登录" in refused.text
    onward = re.search(r'name="next" value="([^"]+)"', refused.text)
    assert onward is not None
    left = send(client, "/logout", "/operator", next=onward[1])
    assert left.headers["Location"] == "/login?next=/records/settings?lang%3Dzh-CN"
    assert send(client, "/login", by=officer.id, pin=PIN, next=onward[1]).headers["Location"] == onward[1]
    assert "要由负责人" not in client.get("/records/trail", headers={"Accept": "text/html"}).text
    auditor = logged_in(here, here.account("审计", Role.AUDITOR))
    assert "要由采集员或负责人或考务管理员来做" in auditor.get("/operator", headers={"Accept": "text/html"}).text


def test_an_operator_neither_issues_accounts_nor_reads_the_trail_nor_updates_the_program(here: Station) -> None:
    client = logged_in(here, here.account("李老师"))
    for order in ("file", "take", "back"):
        assert send(client, f"/office/update/{order}", "/operator", file="x.zip").status_code == 409
    assert send(client, "/office/accounts/issue", "/operator", name="孙", role="officer", pin=PIN).status_code == 409
    assert client.get("/records/trail").status_code == 409
    assert "/records/trail" not in client.get("/records").text


def test_a_decision_wants_the_pin_of_somebody_who_may_decide(here: Station) -> None:
    operator = here.account("李老师")
    chief = supervisor(here.store.accounts, "王主任")
    client = logged_in(here, operator)
    turn = here.desk.show(script.decision()).turn
    asked = {"command": "accept", "about": str(turn), "reason": "人工比对"}
    for wrong, code in (
        ({"by": chief.id}, "account.pin_missing"),
        ({"by": chief.id, "pin": NEW_PIN}, "account.wrong_pin"),
        ({"by": operator.id, "pin": PIN}, "account.not_allowed"),
        ({"by": "王主任", "pin": PIN}, "account.unknown"),
    ):
        answer = client.post("/command", json=asked | wrong, headers={"X-CSRFToken": token_of(client)})
        assert answer.get_json()["code"] == code
    assert here.desk.orders == []
    assert here.actions().count(("account.refused", "李老师")) == 1
    right = asked | {"by": chief.id, "pin": PIN}
    assert client.post("/command", json=right, headers={"X-CSRFToken": token_of(client)}).status_code == 204
    assert here.desk.orders == [Order(Command.ACCEPT, turn, "人工比对", chief.person)]


def test_an_ended_account_is_out_at_once(here: Station) -> None:
    operator = here.account("李老师")
    officer = here.account("刘主任", Role.OFFICER)
    client, desk = logged_in(here, operator), logged_in(here, officer)
    assert send(desk, "/office/accounts/end", "/operator", account=operator.id, reason="调离").status_code == 200
    assert client.get("/operator").status_code == 401


def test_another_pin_logs_the_other_browsers_out_and_not_this_one(here: Station) -> None:
    operator = here.account("李老师")
    client, forgotten = logged_in(here, operator), logged_in(here, operator)
    changed = send(client, "/office/accounts/own-pin", "/operator", pin=PIN, new=NEW_PIN, again=NEW_PIN)
    assert changed.status_code == 200
    assert client.get("/operator").status_code == 200
    assert forgotten.get("/operator").status_code == 401


def test_nobody_is_sent_elsewhere_after_the_log_in(here: Station) -> None:
    operator = here.account("李老师")
    for there in ("//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"):
        answer = send(here.app.test_client(), "/login", by=operator.id, pin=PIN, next=there)
        assert answer.headers["Location"] == "/operator"


def test_the_trail_is_shown_filtered_taken_out_and_held_against_its_seals(here: Station) -> None:
    client = logged_in(here, here.account("审计", Role.AUDITOR))
    page = client.get("/records/trail?action=account.log_in").text
    assert page.count('<th scope="row">登录</th>') == 1
    token = {"X-CSRFToken": re.findall(r'csrf-token" content="([^"]+)', page)[0]}
    sheet = client.post("/office/trail/sheet", json={"action": "account.log_in"}, headers=token).get_json()["file"]
    assert here.actions()[-1] == ("audit.export", "审计")
    year = client.post("/office/trail/year", json={"year": "2026"}, headers=token).get_json()["file"]
    assert here.actions()[-1] == ("audit.report", "审计")
    assert client.get(sheet).data[:2] == client.get(year).data[:2] == b"PK"
    assert logged_in(here, here.account("另一审计", Role.AUDITOR)).get(sheet).status_code == 404
    assert client.post("/office/trail/year", json={"year": "1234"}, headers=token).status_code == 404
    assert "没有改动" in client.post("/office/trail/verify", headers=token).get_json()["message"]
    with here.store._opened.identity.write() as connection:
        connection.exec_driver_sql("DROP TRIGGER audit_no_update")
        connection.exec_driver_sql("UPDATE audit SET actor = '别人' WHERE number = 2")
    assert client.post("/office/trail/verify", headers=token).get_json()["message"].startswith("操作日志从第 2 条起")


def test_two_people_live_a_shift_in_the_browser(page: Watched, here: Station) -> None:
    here.account("李老师")
    here.account("王主任乙", Role.SUPERVISOR)
    server = serve_app(here.app, 0)
    try:
        screen = page.open(f"{server.url}/operator")
        screen.get_by_text("李老师").click()
        screen.fill("#pin", PIN)
        screen.keyboard.press("Enter")
        screen.wait_for_url(f"{server.url}/operator")
        here.desk.show(script.decision())
        screen.click("[data-command=accept]")
        screen.locator("#reason-ready button").first.click()
        decide(screen, "reason", "王主任乙")
        screen.fill("#reason-pin", NEW_PIN)
        screen.click("#reason [type=submit]")
        expect(screen.locator("#reason .form-problem")).to_contain_text("PIN 不对")
        screen.fill("#reason-pin", PIN)
        with screen.expect_response("**/command"):
            screen.click("#reason [type=submit]")
        assert here.desk.commands[-1][2] == "王主任乙"
        screen.click(".leaving button >> nth=0")
        screen.wait_for_url("**/login*")
        expect(screen.locator("h2")).to_contain_text("已锁定。李老师")
        screen.keyboard.type(PIN)  # the field has the focus, and the person is chosen
        screen.keyboard.press("Enter")
        screen.wait_for_url(f"{server.url}/operator")
    finally:
        server.stop()


def token_of(client: FlaskClient) -> str:
    return re.findall(r'csrf-token" content="([^"]+)', client.get("/operator").text)[0]


def test_the_time_of_a_log_in_is_the_trails(here: Station) -> None:
    logged_in(here, here.account("李老师"))
    entry = list(here.store.audit.entries())[-1]
    assert (entry.action, entry.actor) == ("account.log_in", "李老师")
    assert abs((entry.at - datetime.now(UTC)).total_seconds()) < 60

"""What the staff are known by, at the screens: a thumb in the place of a PIN, enrolment, and the office's list."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kiosk.ciphers import INTERNATIONAL
from kiosk.config import Settings
from kiosk.errors import KioskError
from kiosk.exchange.profile import read_profile
from kiosk.office import Office
from kiosk.records import Account, AccountList, ListedAccount, Message, Person, Role
from kiosk.snapshot import Command
from kiosk.station import Enrolling, Part, PartSeen, Scanner, Seen
from kiosk.store import Store, verifier_of, write_list
from kiosk.web import create_app
from kiosk.web.grants import Grants
from tests.staff import PIN, operator_of, supervisor
from tests.web import script
from tests.web.scripted import ScriptedStation
from tests.web.test_login import NEW_PIN, send, token_of

PROFILE = """
title = "严格"
[[column]]
header = "姓名"
field = "name"
[decisions.accept]
role = "officer"
[decisions.plain_export]
other_person = false
"""


class Hand:
    """A reader and a scanner on which a test lays what it likes."""

    def __init__(self) -> None:
        self.seen = Seen(1, Scanner.READY)
        self.claims = 0

    def begin(self) -> int:
        self.claims += 1
        return self.claims

    def wait(self, claim: int, after: int, timeout_s: float) -> Seen:
        return self.seen if claim == self.claims else Seen(self.seen.number, Scanner.ELSEWHERE)

    def leave(self, claim: int) -> None:
        pass


class Chair:
    """An enrolment that goes as a test says."""

    def __init__(self) -> None:
        self.sits: Account | None = None
        self.given: list[Part] = []

    def begin(self, account: Account) -> None:
        self.sits = account

    def status(self) -> Enrolling | None:
        if self.sits is None:
            return None
        parts = dict.fromkeys(Part, PartSeen()) | {
            Part.CARD: PartSeen(done=True),
            Part.FACE: PartSeen(problem=Message("finger.press_again")),
        }
        return Enrolling(self.sits, parts, Part.LEFT_THUMB, "张三")

    def press(self, part: Part) -> None:
        self.given.append(part)

    def shoot(self) -> None:
        raise KioskError("staff.no_picture")

    def keep(self, by: Person) -> Account:
        assert self.sits is not None
        return self.sits

    def stop(self) -> None:
        self.sits = None


class Desk:
    """A station with its people, and what they lay their hands on."""

    def __init__(self, folder: Path) -> None:
        self.store = Store.open(folder / "data")
        self.office = Office(self.store, folder / "export")
        self.station, self.hand, self.chair = ScriptedStation(), Hand(), Chair()
        self.app: Flask = create_app(
            station=self.station,
            office=self.office,
            settings=Settings(),
            staff_desk=self.hand,
            enroller=self.chair,
        )
        self.operator = self._own_pin(operator_of(self.store.accounts))
        self.chief = self._own_pin(supervisor(self.store.accounts, "王主任"))
        self.officer = self._own_pin(next(one for one in self.store.accounts.open() if one.role is Role.OFFICER))

    def _own_pin(self, account: Account) -> Account:
        if not account.issued:
            return account
        self.store.accounts.change_pin(account.id, PIN, NEW_PIN)
        return self.store.accounts.change_pin(account.id, NEW_PIN, PIN)

    def sits(self, account: Account) -> FlaskClient:
        client = self.app.test_client()
        assert send(client, "/login", by=account.id, pin=PIN).status_code in {
            200,
            303,
        }  # the first officer sees the recovery code
        return client


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.office.close()
    made.store.close()


def ask(client: FlaskClient, address: str, **fields: object) -> tuple[int, dict[str, object]]:
    answer = client.post(address, json=fields, headers={"X-CSRFToken": token_of(client)})
    return answer.status_code, answer.get_json(silent=True) or {}


def pressed(desk: Desk, client: FlaskClient, who: Account, purpose: str = "/command accept") -> str:
    """The grant of somebody's thumb, for a form."""
    _, begun = ask(client, "/thumb/begin")
    desk.hand.seen = Seen(desk.hand.seen.number + 1, Scanner.READY, thumb=who)
    _, news = ask(client, "/thumb/decide", claim=begun["claim"], after=0, purpose=purpose)
    return str(news.get("grant", ""))


def test_a_thumb_lets_its_owner_in_and_the_trail_says_how(desk: Desk) -> None:
    client = desk.app.test_client()
    page = client.get("/login").text
    assert 'id="thumb-line"' in page
    token = {"X-CSRFToken": page.split('name="csrf-token" content="')[1].split('"')[0]}
    claim = client.post("/thumb/begin", json={}, headers=token).get_json()["claim"]
    news = client.post("/thumb/login", json={"claim": claim, "after": 0}, headers=token).get_json()
    assert (news["message"], "go" in news) == ("可直接按拇指，或将工作卡放在读卡器上", False)
    desk.hand.seen = Seen(2, Scanner.READY, card=desk.chief)
    news = client.post("/thumb/login", json={"claim": claim, "after": 1}, headers=token).get_json()
    assert (news["message"], news["person"]["id"], "go" in news) == ("王主任，请输入 PIN", desk.chief.id, False)
    desk.hand.seen = Seen(3, Scanner.READY, thumb=desk.chief)
    body = {"claim": claim, "after": 2, "next": "//evil.example"}
    assert client.post("/thumb/login", json=body, headers=token).get_json()["go"] == "/operator"
    assert client.get("/operator").status_code == 200
    entry = list(desk.store.audit.entries())[-1]
    assert (entry.action, entry.actor) == ("account.log_in_thumb", "王主任")


def test_a_thumb_stands_for_a_pin_in_this_browser_for_this_order_and_no_other(desk: Desk) -> None:
    client, other = desk.sits(desk.operator), desk.sits(desk.operator)
    turn = str(desk.station.show(script.decision()).turn)
    order = {"command": "accept", "about": turn, "reason": "人工比对", "thumb": pressed(desk, client, desk.chief)}
    for where, wrong in ((other, order), (client, order | {"command": "exception"}), (client, order | {"thumb": "none"})):
        assert ask(where, "/command", **wrong)[1]["code"] == "account.press_again"
    assert ask(client, "/command", **order)[0] == 204
    assert desk.station.commands[-1] == (Command.ACCEPT, "人工比对", "王主任")
    assert ask(client, "/command", **(order | {"reason": "另一个理由"}))[1]["code"] == "account.press_again"
    assert ("account.thumb", "王主任") in [(one.action, one.actor) for one in desk.store.audit.entries()]


def test_a_thumb_of_somebody_who_may_not_decide_is_told_so_and_worth_nothing(desk: Desk) -> None:
    client = desk.sits(desk.operator)
    assert pressed(desk, client, desk.operator) == ""


def test_a_grant_is_for_once_and_over_after_two_minutes() -> None:
    now_s = 0.0
    grants = Grants(lambda: now_s)
    key = grants.give("a", browser="b", purpose="p")
    fields = {"by": "a", "reason": "r"}
    assert grants.take(key, browser="b", purpose="p", fields=fields) == "a"
    assert grants.take(key, browser="b", purpose="p", fields=fields | {"confirmed": "yes"}) == "a"
    for told in (fields, fields | {"confirmed": "yes"}):  # done, and done twice
        with pytest.raises(KioskError, match=r"^account\.press_again\b"):
            grants.take(key, browser="b", purpose="p", fields=told)
    key = grants.give("a", browser="b", purpose="p")
    now_s = 121.0
    with pytest.raises(KioskError, match=r"^account\.press_again\b"):
        grants.take(key, browser="b", purpose="p", fields=fields)


def test_nobody_exports_in_the_clear_for_himself_unless_the_profile_lets_him(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = {"profile": "qinghai-xuekao", "by": desk.chief.id, "pin": PIN}
    client = desk.sits(desk.chief)
    assert ask(client, "/office/export", **asked)[1]["code"] == "account.other_person"
    assert ask(client, "/office/export", **(asked | {"by": desk.officer.id}))[0] == 200
    desk.office.close()
    path = tmp_path / "strict.toml"
    path.write_text(PROFILE, encoding="utf-8")
    monkeypatch.setattr("kiosk.web.app.load_profile", lambda _: read_profile(path))
    desk.app = create_app(station=desk.station, office=desk.office, settings=Settings())
    client = desk.sits(desk.chief)
    assert ask(client, "/office/export", **asked)[0] == 200
    turn = str(desk.station.show(script.decision()).turn)
    order = {"command": "accept", "about": turn, "reason": "人工比对"}
    client = desk.sits(desk.operator)
    assert ask(client, "/command", **order, by=desk.chief.id, pin=PIN)[1]["code"] == "account.officer_needed"
    assert ask(client, "/command", **order, by=desk.officer.id, pin=PIN)[0] == 204


def test_enrolment_is_an_officers_and_wants_the_persons_own_pin(desk: Desk) -> None:
    refused = ask(desk.sits(desk.chief), "/office/staff/begin", account=desk.chief.id, pin=PIN)[1]
    assert refused["code"] == "account.not_allowed_here"
    client = desk.sits(desk.officer)
    assert "人员登记：王主任" in client.get(f"/records/accounts/{desk.chief.id}").text
    assert client.get("/records/accounts/nobody").status_code == 404
    assert ask(client, "/office/staff/begin", account=desk.chief.id, pin=NEW_PIN)[1]["code"] == "account.wrong_pin"
    issued = supervisor(desk.store.accounts, "李主任")
    assert ask(client, "/office/staff/begin", account=issued.id, pin=PIN)[1]["code"] == "staff.change_pin_first"
    assert desk.chair.sits is None
    assert client.get("/office/staff/state").get_json() == {"running": False}
    assert ask(client, "/office/staff/begin", account=desk.chief.id, pin=PIN)[0] == 204
    state = client.get("/office/staff/state").get_json()
    assert {part["part"]: part["words"] for part in state["parts"]}["left_thumb"].startswith("请按左手拇指")
    assert state["card"] == "卡上的姓名是 张三，帐号是 王主任。请确认是本人的卡。"
    assert ask(client, "/office/staff/give", part="right_thumb")[0] == 204
    assert ask(client, "/office/staff/give", part="face")[1]["code"] == "staff.no_picture"
    assert ask(client, "/office/staff/give", part="nose")[1]["code"] == "web.command_unknown"
    assert ask(client, "/office/staff/keep")[1]["message"] == "已保存 王主任 的登记。"
    assert ask(client, "/office/staff/stop")[0] == 204
    assert ask(client, "/office/staff/erase", account=desk.chief.id)[1]["code"] == "web.reason_missing"
    assert ask(client, "/office/staff/erase", account=desk.chief.id, reason="本人要求")[0] == 200


def test_the_offices_list_is_told_before_it_is_taken_and_who_stands_on_it_no_more_is_out(desk: Desk) -> None:
    office, client = INTERNATIONAL.new_signing_key(), desk.sits(desk.officer)
    listed = ListedAccount("T1", "赵老师", Role.OPERATOR, verifier_of(PIN, 6), once=False)
    now = datetime.now(UTC)
    found = AccountList("6301001", 1, now, now + timedelta(days=9), (listed,))

    def hand_in(file: bytes, **more: str) -> dict[str, object]:
        data = {"file": (io.BytesIO(file), "accounts.json"), **more}
        answer = client.post("/office/accounts/list", data=data, headers={"X-CSRFToken": token_of(client)})
        return dict(answer.get_json())

    key = {"key": office.public.hex()}
    asked = hand_in(write_list(found, office), **key)["confirm"]
    assert isinstance(asked, dict)
    assert "新建：赵老师（采集员）" in asked["lines"]
    assert len(desk.store.accounts.open()) == 6
    assert hand_in(write_list(found, office), **key, confirmed=asked["key"])["message"] == "已采用上级名册。"
    zhao = next(one for one in desk.store.accounts.open() if one.name == "赵老师")
    theirs = desk.sits(zhao)
    assert theirs.get("/operator").status_code == 200
    second = write_list(replace(found, version=2, accounts=(replace(listed, id="T2", name="钱老师"),)), office)
    asked = hand_in(second)["confirm"]
    assert isinstance(asked, dict)
    hand_in(second, confirmed=asked["key"])
    assert theirs.get("/operator").status_code == 401
    assert hand_in(b"no list")["code"] == "accountlist.unreadable"

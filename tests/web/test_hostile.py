"""Requests that no page of ours sends: each is answered in words, none by a fault of ours."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from bench import faults_http
from kiosk.errors import StoreError
from kiosk.store import Audit
from tests.store.conftest import student
from tests.web.client import post, token
from tests.web.desk import desk
from tests.web.test_desk import handle

COUNT = 700  # ten for each rule; `python -m bench.faults_http` sends more


def test_hostile_requests_to_every_rule_are_answered_in_words(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with desk(tmp_path) as at_work:
        found = faults_http.fuzz(at_work.app, COUNT, seed=7)
        assert found.faults == []
        assert found.answers[409] > COUNT / 10
        assert at_work.store.audit.first_broken() is None
        at_work.office.close()


@pytest.mark.parametrize(
    "body", ["3", "null", "[]", '"x"', "{", "[" * 100_000, '{"on": {"a": 1}}', '{"a": "\\ud800"}', '{"a":"\\u0000"}']
)
@pytest.mark.parametrize("address", ["/voice", "/play/plug/card", "/command", "/type-in"])
def test_a_body_that_is_no_object_of_texts_is_refused_in_words(client: FlaskClient, address: str, body: str) -> None:
    headers = {"X-CSRFToken": token(client), "Content-Type": "application/json"}
    answer = client.post(address, data=body, headers=headers)
    assert answer.status_code == 409
    assert answer.get_json()["code"] in {"web.body_unreadable", "web.text_unreadable"}


@pytest.mark.parametrize("number", ["²", "1" * 23, "-1", "", "1.5", "٣"])
def test_a_number_that_is_none_is_refused_in_words(tmp_path: Path, number: str) -> None:
    with desk(tmp_path) as at_work:
        asked = {"number": number, "reason": "改期", "by": "教务处"}
        answer = post(at_work.app.test_client(), "/office/window/withdraw", asked)
        assert (answer.status_code, answer.get_json()["code"]) == (409, "web.number_missing")


@pytest.mark.parametrize("time", ["0001-01-01T00:00+14:00", "9999-12-31T23:59-14:00", "1999-12-31T00:00", "tomorrow", ""])
def test_a_time_that_nobody_means_is_refused_in_words(tmp_path: Path, time: str) -> None:
    with desk(tmp_path) as at_work:
        client = at_work.app.test_client()
        window = {"group": "", "opens": time, "closes": "2099-01-01T00:00", "by": "教务处"}
        admitted = {"student": handle(client, 5), "until": time, "reason": "x", "by": "教务处"}
        for address, asked in (("/office/window", window), ("/office/admit", admitted)):
            assert post(client, address, asked).get_json()["code"] == "web.time_missing"


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:9999"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_post_from_somebody_else_s_page_is_refused_though_its_token_is_good(
    client: FlaskClient, headers: dict[str, Any]
) -> None:
    answer = client.post("/voice", json={"on": True}, headers={"X-CSRFToken": token(client), **headers})
    assert (answer.status_code, answer.get_json()["code"]) == (409, "web.foreign_page")


def test_our_own_pages_are_told_from_others_by_what_the_browser_says(client: FlaskClient) -> None:
    ours = {"X-CSRFToken": token(client), "Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
    assert client.post("/voice", json={"on": True}, headers=ours).status_code == 204
    assert client.get("/state", headers={"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"}).status_code == 409
    visit = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    assert client.get("/operator", headers=visit).status_code == 200
    assert client.get("/operator", headers=visit | {"Sec-Fetch-Dest": "iframe"}).status_code == 409


def test_a_look_that_can_not_be_kept_says_why_on_a_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise StoreError("store.disk_full")

    with desk(tmp_path) as at_work:
        client, record = at_work.app.test_client(), at_work.record(1).id
        monkeypatch.setattr(Audit, "record", full)
        page = client.get(f"/records/{record}", headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
        assert page.status_code == 409
        assert "<html" in page.text
        assert "磁盘已满，查看无法登记" in page.text
        assert json.loads(client.get(f"/records/{record}").data)["code"] == "store.look_disk_full"


def test_no_student_stands_in_the_titles_that_a_browser_remembers(tmp_path: Path) -> None:
    with desk(tmp_path) as at_work:
        client = at_work.app.test_client()
        for address, number in ((f"/records/{at_work.record(1).id}", 1), (f"/records/student/{handle(client, 5)}", 5)):
            text = client.get(address).text
            title = text[text.index("<title>") : text.index("</title>")]
            assert student(number).name in text
            assert student(number).name not in title

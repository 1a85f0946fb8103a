from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kiosk.config import Settings, StationSettings
from kiosk.records import ProgressState, Student, StudentProgress
from kiosk.web import create_app
from tests.web.scripted import ScriptedOffice, ScriptedStation

PAGES = ["/operator", "/student", "/play", "/records"]


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_chinese_first_and_loads_nothing_from_elsewhere(client: FlaskClient, page: str) -> None:
    answer = client.get(page)
    assert answer.status_code == 200
    assert '<html lang="zh-CN" ' in answer.text
    assert "模拟设备 — 数据不可用于报名" in answer.text
    assert "http://" not in answer.text.replace("http://www.w3.org/", "")
    assert "https://" not in answer.text


@pytest.mark.parametrize("page", [*PAGES, "/state", "/picture/chip", "/play/people"])
def test_every_answer_forbids_inline_code_frames_and_copies(client: FlaskClient, page: str) -> None:
    headers = client.get(page).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Referrer-Policy"] == "same-origin"


def test_scripts_are_asked_for_once_and_again_after_an_update(client: FlaskClient, app: Flask) -> None:
    page, address = client.get("/operator").text, f"{app.static_url_path}/js/operator.js"
    assert address in page
    with client.get(address) as answer:
        assert answer.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    older = f"/static/{'0' * 16}/js/operator.js"
    assert older not in page
    assert client.get(older).headers["Cache-Control"] == "no-store"


def test_no_page_has_inline_scripts_or_styles(client: FlaskClient) -> None:
    for page in PAGES:
        text = client.get(page).text
        assert " style=" not in text
        assert " onclick=" not in text
        assert "<style" not in text
        assert all('type="application/json"' in part or "src=" in part for part in text.split("<script")[1:])


@pytest.mark.parametrize(("address", "way_back"), [("/nowhere", "/operator"), ("/records/nobody", "/records")])
def test_a_page_that_there_is_not_says_so_in_the_reader_s_language_and_leads_back(
    client: FlaskClient, address: str, way_back: str
) -> None:
    answer = client.get(address, headers={"Accept": "text/html"})
    assert answer.status_code == 404
    assert "没有这个页面" in answer.text
    assert "There is no such page" not in answer.text
    assert "There is no such page" in client.get(f"{address}?lang=en", headers={"Accept": "text/html"}).text
    assert f'href="{way_back}"' in answer.text
    assert client.get(way_back).status_code == 200
    assert client.get(address, headers={"Accept": "*/*"}).status_code == 404


def test_the_idle_screen_says_whose_exam_it_is_and_what_becomes_of_the_data(
    station: ScriptedStation, office: ScriptedOffice
) -> None:
    office.school.name = "格尔木市第一中学"
    here = StationSettings(exam="2026年学业水平考试")
    client = create_app(
        station=station,
        office=office,  # type: ignore[arg-type]
        settings=Settings(station=here),
        demonstrator=office.operator,  # type: ignore[arg-type]
    ).test_client()
    text = client.get("/student").text
    assert all(words in text for words in ("格尔木市第一中学", "2026年学业水平考试", "只用于考试身份核验"))
    assert 'title="采集员 · 采集点-01 · 格尔木市第一中学"' in client.get("/operator").text


def test_a_page_under_a_foreign_name_is_refused(client: FlaskClient) -> None:
    assert client.get("/operator", headers={"Host": "exam.example"}).status_code == 400
    assert client.get("/state", headers={"Host": "exam.example:8210"}).status_code == 400
    assert client.get("/operator", headers={"Host": "localhost:8210"}).status_code == 200


def test_the_switch_to_english_is_remembered(client: FlaskClient) -> None:
    assert '<html lang="en" ' in client.get("/operator?lang=en").text
    assert "Simulated devices" in client.get("/operator").text
    assert '<html lang="zh-CN" ' in client.get("/operator?lang=zh-CN").text
    assert '<html lang="zh-CN" ' in client.get("/operator?lang=xx").text


def test_a_station_with_real_devices_has_no_player_and_no_banner(station: ScriptedStation, office: ScriptedOffice) -> None:
    app: Flask = create_app(station=station, office=office, settings=Settings(), demonstrator=office.operator)  # type: ignore[arg-type]
    client = app.test_client()
    assert client.get("/play").status_code == 404
    assert client.post("/play/take").status_code in {400, 404}
    text = client.get("/operator").text
    assert "模拟设备" not in text
    assert "play.js" not in text


def test_a_name_on_a_roster_never_becomes_markup(client: FlaskClient, office: ScriptedOffice) -> None:
    evil = Student("<script>alert(1)</script>", "632801201003124426", "<b>", "3")
    office.progress = [StudentProgress(evil, ProgressState.ABSENT, note="<i>")]
    text = client.get("/records").text
    assert all(markup not in text for markup in ("<script>alert", "<b>", "<i>"))

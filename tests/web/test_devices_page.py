"""The devices' page before the day, with the simulated devices: from the warning in the morning to the line on the paper."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page, expect

from drivers_sim.classroom import Classroom
from kiosk import weights
from kiosk.assembly import Kiosk
from kiosk.config import Settings, StationSettings
from kiosk.records import CheckPoint, DeviceKind, FingerPosition, Message, Step, Verdict
from kiosk.simulation import DEMO_OPERATOR
from kiosk.snapshot import Command, Order, Phase, Snapshot
from kiosk.web import Server, create_app, serve_app
from kiosk.web.operator_words import ABORT_CAUSES
from kiosk.web.student_words import for_student
from tests.conftest import FPS, quick
from tests.web.browser import LAYOUT_FAULTS, watched
from tests.web.test_accessibility import faults

BLUE = "全国学籍系统 照片"  # wants a blue wall, and the simulated one is grey


@pytest.fixture(scope="module")
def kiosk(tmp_path_factory: pytest.TempPathFactory, _networks_are_shared: None) -> Iterator[Kiosk]:
    settings = quick(Settings(station=StationSettings(school="格尔木市第一中学", other_profiles=("cmis-photos",))))
    cache = weights.folder().parent / "simulated"
    classroom = Classroom(students=2, seed=1, realistic=False, pcsc=False, cache=cache, fps=FPS)
    with Kiosk(settings, tmp_path_factory.mktemp("kiosk"), classroom) as running:
        yield running


@pytest.fixture(scope="module")
def server(kiosk: Kiosk) -> Iterator[Server]:
    app = create_app(
        station=kiosk.station,
        office=kiosk.office,
        settings=kiosk.settings,
        simulator=kiosk.simulator,
        demonstrator=kiosk.demonstrator,
        checkup=kiosk.checkup,
    )
    app.config["WTF_CSRF_ENABLED"] = False
    running = serve_app(app, 0)
    yield running
    running.stop()


def at(page: Page, point: str) -> None:
    """The test has come to a point."""
    expect(page.locator(f'[data-point="{point}"]')).to_have_attribute("aria-current", "step")


def layout_faults(page: Page) -> list[str]:
    return [fault for fault in page.evaluate(LAYOUT_FAULTS) if fault != "the page scrolls"]


def test_the_devices_are_tested_before_the_day(
    kiosk: Kiosk, server: Server, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulator, refused = kiosk.simulator, kiosk.store.refusals.all()
    assert isinstance(simulator, Classroom)
    monkeypatch.setattr(kiosk.checkup, "_latest", None)  # in the morning
    with watched(browser, viewport={"width": 1366, "height": 768}) as found:
        page = found.open(f"{server.url}/operator")
        expect(page.locator("#notice")).to_have_text("今天还没有检测设备")
        expect(page.locator("#devices-open")).to_have_class("button due")
        assert page.evaluate(LAYOUT_FAULTS) == []
        with page.context.expect_page() as opened:
            page.click("#devices-open")
        page = opened.value
        simulator.unplug(DeviceKind.CAMERA)
        expect(page.locator('[data-device="camera"] .device-problem')).to_contain_text("找不到摄像头")
        simulator.plug(DeviceKind.CAMERA)
        expect(page.locator('[data-device="camera"] .device-lines')).to_contain_text("1280×720")

        page.click("#begin")
        expect(page.locator("#ask")).to_contain_text("坐到考生座位上")
        simulator.sit_down(1)
        at(page, "wall")  # seat and lamps are good, and this wall is not blue
        expect(page.locator("#hints")).to_contain_text(BLUE)
        assert layout_faults(page) == []
        page.click("#leave")
        at(page, "right_thumb")
        simulator.press(1, FingerPosition.RIGHT_THUMB)
        at(page, "left_thumb")
        expect(page.locator("#press img")).to_be_visible()
        expect(page.locator("#press .figures")).to_have_text(re.compile(r"细节点 \d+ 个"))
        drawn = f"{server.url}{page.locator('#press img').get_attribute('src')}"
        assert page.request.get(drawn).body()[:4] == b"\x89PNG"
        simulator.lift()
        expect(page.locator("#ask")).to_contain_text("左手拇指")
        simulator.press(1, FingerPosition.LEFT_THUMB)
        at(page, "card")
        simulator.lift()
        simulator.lay_card(2)
        expect(page.locator("#keep")).to_be_visible()
        expect(page.locator('[data-device="card"] .device-lines')).to_contain_text("**")
        assert layout_faults(page) == []
        assert faults(page) == []
        page.click("#keep button.primary")
        expect(page.locator("#said")).to_contain_text("1 项不合格")
        assert page.request.get(drawn).status == 404
        page.close()
        assert found.errors == []
    simulator.take_card()
    simulator.stand_up()
    kept = kiosk.store.device_tests.latest()
    assert kept is not None
    assert (kept.by, kept.failed, kept.missing) == (DEMO_OPERATOR, (CheckPoint.WALL,), ())
    assert kiosk.store.refusals.all() == refused  # the tester's card was no student's


def test_meanwhile_the_student_s_screen_asks_for_nothing() -> None:
    shown = for_student(Snapshot(1, Phase.TESTING, Message("station.testing")), (Step.FACE,), ("zh-CN", "en"))
    assert (shown["instruction"], shown["pictogram"]) == ("设备检测中，请稍候", "operator")
    assert {step["state"] for step in shown["progress"]} == {"todo"}


@pytest.fixture
def client(server: Server, kiosk: Kiosk) -> FlaskClient:
    app = create_app(
        station=kiosk.station,
        office=kiosk.office,
        settings=kiosk.settings,
        demonstrator=kiosk.demonstrator,
        checkup=kiosk.checkup,
    )
    app.config["WTF_CSRF_ENABLED"] = False
    return app.test_client()


def test_the_result_can_be_printed_and_stands_on_the_progress_list(client: FlaskClient, kiosk: Kiosk, tmp_path: Path) -> None:
    kiosk.checkup.begin()
    for _ in CheckPoint:
        kiosk.checkup.leave_point()
    kiosk.checkup.finish("张老师")
    assert client.get("/devices/test.pdf").data[:5] == b"%PDF-"
    paper = kiosk.office.papers("qinghai-xuekao").progress(tmp_path / "进度.pdf", title="采集进度")
    from pypdf import PdfReader

    text = "".join(page.extract_text() for page in PdfReader(paper).pages).replace(" ", "")
    assert "7项不合格或未检测（张老师）" in text
    assert client.get("/state").json["untested"] == "今天的设备检测有 7 项不合格"  # type: ignore[index]


def test_the_file_for_support_is_sealed_under_a_password(client: FlaskClient) -> None:
    refused = client.post("/devices/support", json={"password": "short"})
    assert refused.status_code == 409
    answer = client.post("/devices/support", json={"password": "long enough"})
    assert answer.mimetype == "application/octet-stream"
    assert answer.data.startswith(b"age-encryption.org/v1\n-> scrypt ")
    assert b"versions.json" not in answer.data


def test_a_student_under_way_is_not_disturbed(client: FlaskClient, kiosk: Kiosk) -> None:
    simulator = kiosk.simulator
    assert isinstance(simulator, Classroom)
    simulator.lay_card(1)
    number = 0
    while (shown := kiosk.station.wait(number, 10.0)).step is None:
        number = shown.number
    told = client.get("/devices/state").json
    assert told is not None
    assert (told["occupied"], told["live"], told["press"], told["walls"]) == (True, False, None, [])
    assert shown.student is not None
    text = client.get("/devices/state").get_data(as_text=True)
    assert shown.student.name not in text
    assert shown.student.id_number[-4:] not in text
    assert client.post("/devices/test", json={}).json["code"] == "station.occupied"  # type: ignore[index]
    assert all(one["tone"] == Verdict.PASS for one in told["devices"])
    kiosk.station.give(Order(Command.ABORT, shown.turn, cause=ABORT_CAUSES[0]))
    simulator.take_card()
    while (shown := kiosk.station.wait(shown.number, 10.0)).phase is not Phase.WAITING:
        pass

"""The first running whole, as its users see it: start, play a student in the browser, export, open the sheet and the day's
report, Ctrl-C. Nothing leaves the machine meanwhile."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path

import openpyxl
from PIL import Image
from playwright.sync_api import Browser, Page, expect
from pypdf import PdfReader

from kiosk import idnumber
from kiosk.simulation import DEMO_OFFICER
from tests.e2e.connections import Connections
from tests.e2e.served import served
from tests.web.browser import watched
from tests.web.client import decide

PRESSES = {"右手拇指": "right", "左手拇指": "left", "左拇指": "left"}


def play(operator: Page, student: Page) -> list[str]:
    """Do at the panel what the student's screen says, until it says that all is done. Returns what it said."""
    said: list[str] = []
    operator.click("[data-play=lay]")
    seated = False
    while True:
        student.wait_for_function(
            "last => document.querySelector('#instruction').textContent !== last", arg=said[-1] if said else ""
        )
        says = student.locator("#instruction").inner_text()
        said.append(says)
        if "采集完成" in says:
            return said
        if "摄像头" in says and not seated:
            seated = True
            operator.click("[data-play=sit]")
        for thumb, press in PRESSES.items():
            if thumb in says:
                operator.click(f"[data-press={press}]")


def test_a_student_is_captured_and_exported_without_a_connection_to_the_outside(tmp_path: Path, browser: Browser) -> None:
    connections = Connections.recorder(tmp_path)
    with served(tmp_path, env=connections.env) as station:
        with (
            watched(browser, viewport={"width": 1366, "height": 768}) as operators,
            watched(browser, viewport={"width": 1920, "height": 1080}) as students,
        ):
            operator, student = operators.open(f"{station.url}/operator"), students.open(f"{station.url}/student")
            expect(student.locator("#instruction")).to_have_text("请将身份证放在读卡器上")
            if not operator.locator("#play").is_visible():
                operator.click("#play-toggle")

            said = play(operator, student)
            assert [line for line in said if "请抬起手指" in line], said
            expect(operator.locator("#counts")).to_contain_text("1")
            operator.click("[data-play=take]")
            expect(student.locator("#instruction")).to_have_text("请将身份证放在读卡器上")

            with operator.expect_popup() as opened:
                operator.click("#export-open")
            office = opened.value
            expect(office.locator("#report .result-summary")).to_contain_text("共 1 条")
            decide(office, "export", DEMO_OFFICER)
            office.click("#export button[type=submit]")
            places = office.locator("#done .path")
            expect(places.nth(1)).to_have_text(re.compile(r"\.xlsx$"))
            sheet = Path(places.nth(0).inner_text()) / places.nth(1).inner_text()

            office.goto(f"{station.url}/records/day")
            expect(office.locator("[data-part=glance]")).to_contain_text("1")
            report = office.request.get(f"{station.url}{office.get_by_role('link', name='打印当日报告').get_attribute('href')}")
            paper = "".join(page.extract_text() for page in PdfReader(BytesIO(report.body())).pages)
            assert all(words in paper for words in ("采集日报", "采集点-01", "青海学业水平考试"))
            assert operators.errors == students.errors == []
            hosts = {address.split("/")[2] for address in operators.addresses + students.addresses if "://" in address}
            assert hosts == {station.url.removeprefix("http://")}
        assert "保存" in station.press_ctrl_c()
        assert station.process.returncode == 0
    check_sheet(sheet)
    connections.require_none_outside()


def check_sheet(sheet: Path) -> None:
    (said, *_), *rows = openpyxl.load_workbook(sheet).active.iter_rows()
    assert said.value == "模拟数据，不可用于报名"
    header = [cell.value for cell in rows[0]]
    assert header[:6] == ["考籍号", "姓名", "性别", "民族", "出生日期", "身份证号"]
    (row,) = rows[1:]
    cells = dict(zip(header, row, strict=True))
    number = cells["身份证号"]
    assert number.data_type == "s"
    assert idnumber.problem(number.value) is None
    assert cells["人证核验结果"].value == "通过"
    for column, size in (("人脸照片", (480, 640)), ("右手拇指", (256, 288)), ("左手拇指", (256, 288))):
        picture = sheet.parent / cells[column].value
        assert number.value in str(picture)
        with Image.open(picture) as opened:
            assert opened.size == size


def test_a_configuration_that_is_wrong_ends_in_words_and_not_in_a_traceback(tmp_path: Path) -> None:
    from click.testing import CliRunner

    from kiosk.cli import main

    config = tmp_path / "config.toml"
    config.write_text("[web]\nport = -1\n[camera]\nfps = 0\n", encoding="utf-8")
    result = CliRunner().invoke(main, ["--config", str(config), "serve", "--simulate"])
    assert result.exit_code == 2
    assert "web.port" in result.output
    assert "camera.fps" in result.output
    assert "Traceback" not in result.output

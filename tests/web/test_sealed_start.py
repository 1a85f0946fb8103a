"""A sealed station from its start on: the page that asks, the station behind it, and the commands beside it."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner, Result
from playwright.sync_api import Browser, Page, expect

from kiosk.cli import main
from tests.e2e.served import served
from tests.staff import PIN
from tests.web.browser import PATIENCE_MS


def kiosk(folder: Path, *arguments: str, typed: str) -> Result:
    return CliRunner().invoke(main, ["--config", str(folder / "config.toml"), *arguments, "--account", "王考务"], input=typed)


def set_up(screen: Page, roster: Path) -> None:
    """Through the steps in their order, as far as a machine without devices lets anybody."""
    expect(screen.locator(".setup-steps [aria-current]")).to_contain_text("本站与考试")
    screen.fill("#station-name", "二号站")
    screen.fill("#station-exam", "学业水平考试")
    decided(screen, "settings")
    screen.click("#confirm button.primary")
    done(screen, "本站与考试")
    screen.fill("#school-name", "某中学")
    for number in (1, 2):
        screen.fill(f"#contact{number}-name", f"联系人{number}")
        screen.fill(f"#contact{number}-phone", "0971-5550100")
    decided(screen, "school")
    done(screen, "学校")
    screen.fill("#issue-name", "采集员甲")
    screen.select_option("#issue-role", "operator")
    screen.fill("#issue-pin", "864209")
    screen.click("#issue button.primary")
    done(screen, "工作人员")
    for kind, what in (("card", "智能卡服务"), ("camera", "找不到摄像头"), ("finger", "没有找到指纹仪")):
        expect(screen.locator(f"[data-device={kind}] .device-problem")).to_contain_text(what)
    screen.click("a[rel=next]")
    screen.click("main a.primary")
    screen.set_input_files("#roster-file", roster)
    screen.click("#roster button[type=submit]:enabled", timeout=PATIENCE_MS)
    screen.wait_for_selector("#roster .result-done:not(:empty)")
    screen.goto(f"{screen.url.partition('/records')[0]}/records/setup/roster")
    done(screen, "花名册")
    expect(screen.locator("main")).to_contain_text("还没有检测过设备")


def decided(screen: Page, form: str) -> None:
    screen.select_option(f"#{form}-by", label="王考务 · 考务管理员")
    screen.fill(f"#{form}-pin", PIN)
    screen.click("form.panel button.primary")


def done(screen: Page, step: str) -> None:
    """The step is ticked; on to the next."""
    expect(screen.locator(".setup-steps .done", has_text=step)).to_be_visible()
    screen.click("a[rel=next]")


def test_from_an_empty_machine_to_a_station_that_is_set_up_and_opened_by_a_pin(browser: Browser, tmp_path: Path) -> None:
    roster = tmp_path / "名单.csv"
    roster.write_text("姓名,身份证号,年级,班级\n林晓,630103200801014137,高一,5\n", encoding="utf-8")
    with served(tmp_path, simulate=False) as station:
        screen = browser.new_page(viewport={"width": 1366, "height": 768})
        screen.goto(f"{station.url}/operator")
        screen.click("text=建立新站")
        screen.fill("#name", "王考务", timeout=PATIENCE_MS)  # by itself, when the station is there
        screen.fill("#pin", PIN)
        screen.fill("#again", PIN)
        screen.click("form[action$=first] button")
        screen.click("text=已保存，继续")
        set_up(screen, roster)
        screen.click("#restart-notice button")
        screen.wait_for_selector(
            "#pin", timeout=PATIENCE_MS
        )  # started anew by itself: the page asks, and the station is behind it
        screen.click(".people label:has-text('王考务')")
        screen.fill("#pin", PIN)
        screen.click("form[action$=pin] button")
        screen.wait_for_selector("text=手工录入", timeout=PATIENCE_MS)
        assert "二号站" in (screen.text_content("body") or "")
        assert screen.locator("text=王考务").count()
        screen.goto(f"{station.url}/records/setup")
        assert screen.url.endswith("/devices"), "nothing is plugged in: that is what is left to do"
        beside = kiosk(tmp_path, "keys", "show", typed=f"{PIN}\n")
        assert (beside.exit_code, "王考务" in beside.stdout) == (0, True), beside.output
        refused = kiosk(tmp_path, "progress", typed="000111\n")
        assert (refused.exit_code, "PIN 不对" in refused.output) == (2, True), refused.output
        screen.close()
        assert "Traceback" not in station.press_ctrl_c()
        assert station.process.returncode == 0
    changed = kiosk(tmp_path, "keys", "change", typed=f"{PIN}\n")
    assert changed.exit_code == 0, changed.output
    made = kiosk(tmp_path, "keys", "code", typed=f"{PIN}\n").stdout
    code = made.split("：")[1].split()[0]
    recovered = CliRunner().invoke(
        main, ["--config", str(tmp_path / "config.toml"), "keys", "recover"], input=f"{code}\n975310\n"
    )
    assert (recovered.exit_code, "王考务" in recovered.output) == (0, True), recovered.output
    assert kiosk(tmp_path, "store", "check", typed="975310\n").exit_code == 0

"""The office's screens as they are used: a real store behind them, a real browser before them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from kiosk.records import Student
from kiosk.web import Server, serve_app
from tests.pipeline.test_document import shot
from tests.store.conftest import student
from tests.web.browser import Watched
from tests.web.client import decide, follow
from tests.web.desk import Desk, desk
from tests.web.test_accessibility import faults

PAGES = ("schedule", "signing", "printing", "export", "lists", "exams", "documents", "school", "settings", "trail")
# Nothing may be wider than the page: tables scroll in boxes of their own.
TOO_WIDE = "() => document.documentElement.scrollWidth > innerWidth + 1"


@pytest.fixture
def at_work(tmp_path: Path) -> Iterator[Desk]:
    with desk(tmp_path) as made:
        made.station.film(shot()[0])
        yield made


@pytest.fixture
def server(at_work: Desk) -> Iterator[Server]:
    running = serve_app(at_work.app, 0)
    yield running
    running.stop()


def test_no_office_page_has_accessibility_faults_or_is_too_wide(page: Watched, server: Server, at_work: Desk) -> None:
    for name in (*PAGES, at_work.record(1).id):
        screen = page.open(f"{server.url}/records/{name}")
        expect(screen.locator(".job:visible")).to_have_count(0)
        assert faults(screen) == [], name
        assert not screen.evaluate(TOO_WIDE), name
    assert page.errors == []
    assert all(address.startswith((server.url, "blob:")) for address in page.addresses)


def test_a_class_teacher_notes_an_absence_with_two_clicks_and_a_name(page: Watched, server: Server) -> None:
    screen = page.open(f"{server.url}/records?state=not_seen")
    follow(screen, f"text={student(5).name}")
    screen.click("[data-reason=因病请假]")
    decide(screen, "absent", "王老师")
    screen.click("form[data-address='/office/absent'] button[type=submit]")
    expect(screen.locator("#said")).to_have_text("已登记 考生5 缺席。")
    assert screen.input_value("#admit-by") == ""  # whoever decides next says so anew
    assert page.errors == []


def test_row_0_13_an_exam_is_set_up_seated_by_the_platform_s_list_and_printed(
    page: Watched, server: Server, tmp_path: Path
) -> None:
    screen = page.open(f"{server.url}/records/exams")
    screen.fill("#exam-title", "期末考试")
    screen.click("form[data-address='/office/exam'] button[type=submit]")
    expect(screen.locator("#said")).to_have_text("已建立考试“期末考试”。")
    file = tmp_path / "考场.csv"
    rows = "".join(f"考生{n},{student(n).id_number},2027{n},1,{n}\n" for n in (1, 2))
    file.write_text(f"姓名,身份证号,准考证号,考场号,座位号\n{rows}", encoding="utf-8")
    screen.set_input_files("#seats-file", file)
    screen.click("#seat-list button[type=submit]")
    expect(screen.locator("#confirm-lines")).to_contain_text("1 个考场，2 名考生。")
    screen.click("#confirm button[value=yes]")
    expect(screen.locator("#said")).to_have_text("已编排 2 名考生。")
    screen.click("#exam-print button[type=submit]")
    expect(screen.locator("#exam-print .files li")).to_have_count(5)
    assert page.errors == []


def test_a_pile_of_forms_is_scanned_one_after_the_other(page: Watched, server: Server, at_work: Desk) -> None:
    screen = page.open(f"{server.url}/records/signing")
    decide(screen, "scan", "班主任")
    screen.focus("#scan-number")
    for number in (1, 2):
        screen.keyboard.type(at_work.record(number).number)
        screen.keyboard.press("Enter")
        expect(screen.locator("#scanned li")).to_have_count(number)
        expect(screen.locator("#scan-number")).to_have_value("")
        expect(screen.locator("#scan-number")).to_be_focused()
    assert at_work.record(2).signed_at is not None
    assert page.errors == []


def test_an_export_shows_how_far_it_is_and_is_stopped_without_a_trace(
    page: Watched, server: Server, at_work: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    held, export = threading.Event(), at_work.office.files.export

    def slow(profile: str, out: Path | None, progress: Callable[[int], None], **options: Any) -> object:
        def told(rows: int) -> None:
            progress(rows)
            if rows == 2:
                held.wait(60)

        return export(profile, out, told, **options)

    monkeypatch.setattr(at_work.office.files, "export", slow)
    screen = page.open(f"{server.url}/records/export")
    expect(screen.locator("#report .result-summary")).to_contain_text("共 4 条")
    screen.check("[name=rows][value=all]")
    decide(screen, "export", "王主任")
    screen.click("#export button[type=submit]")
    expect(screen.locator("#export-job .job-words")).to_have_text("已处理 2 / 4")
    screen.reload()  # the bar is found again
    expect(screen.locator("#export-job .job-words")).to_have_text("已处理 2 / 4")
    screen.click("#export-job .job-stop")
    expect(screen.locator("#export-job .job-words")).to_have_text("正在停止…")
    held.set()
    expect(screen.locator("#export-problem")).to_have_text("已停止，没有留下任何文件。")
    assert list((tmp_path / "export").iterdir()) == []
    monkeypatch.undo()
    write_all(screen)
    assert len([path for path in (tmp_path / "export").iterdir() if (path / "manifest.json").is_file()]) == 1


def write_all(screen: Page) -> None:
    screen.click("#check")
    expect(screen.locator("#report .result-summary")).to_contain_text("共 4 条")
    screen.check("[name=rows][value=all]")
    decide(screen, "export", "王主任")
    screen.click("#export button[type=submit]")
    expect(screen.locator("#done")).to_contain_text("导出完成：4 名考生")


def test_a_document_is_found_in_the_live_picture_shot_and_kept(page: Watched, server: Server, at_work: Desk) -> None:
    screen = page.open(f"{server.url}/records/documents")
    expect(screen.locator("#viewer.found")).to_be_visible()
    screen.check(f"[name=record][value='{at_work.record(1).id}']")
    screen.click("#shoot button[type=submit]")
    expect(screen.locator("#made img")).to_be_visible()
    screen.fill("#keep-number", student(1).id_number)
    decide(screen, "keep", "王主任")
    screen.click("#keep button[type=submit]")
    expect(screen.locator("#said")).to_have_text("已保存 考生1 的证件图像。")
    expect(screen.locator("#chosen-name")).to_have_text("考生2")
    assert page.errors == []


def test_numbers_for_students_without_a_resident_number_are_given_with_one_click(
    page: Watched, server: Server, at_work: Desk
) -> None:
    john = Student("JOHN SMITH", "E12345678", "高一", "5", sex="男", birth_text="20090203", document_type="A")
    at_work.store.roster.replace_or_update([*at_work.store.roster.students(), john])
    screen = page.open(f"{server.url}/records/roster")
    assert faults(screen) == []
    screen.fill("#substitutes-school", "0101")
    screen.click("#substitutes button[type=submit]")
    expect(screen.locator("#roster-others")).to_contain_text("010100200902030001")
    expect(screen.locator("#substitutes .result-done")).to_contain_text("已编号 1 人")
    assert not screen.evaluate(TOO_WIDE)
    assert page.errors == []

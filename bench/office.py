"""How long the office waits at its screens with a whole school: pages in a real browser, and the long jobs behind their bars.

    python -m bench.office [--students 3000] [--folder DIR]

The school is made once and kept in the folder. A page's time is from the click to `load`, and until the server
had answered; the best of three. Long jobs are timed until their result stands on the screen.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import xlsxwriter

from bench.browser import launch
from bench.figures import kept, note, option
from bench.school import DECIDER, captured, open_school, serve
from kiosk.records import Student
from kiosk.simulation import DEMO_PIN

_PATIENCE_MS: Final = 600_000
_PAGES: Final = {
    "progress": "/records",
    "progress, last page": "/records?page=999",
    "search by name": "/records?q=王",
    "one class": "/records?class=高二/3",
    "never seen": "/records?state=not_seen",
    "day": "/records/day?from=2026-09-01",
    "review": "/records/review",
    "refused": "/records/refused",
    "roster": "/records/roster",
    "particulars": "/records/particulars",
    "schedule": "/records/schedule",
    "sign-off": "/records/signing",
    "printing": "/records/printing",
    "export": "/records/export",
    "documents": "/records/documents",
    "consent": "/records/consent",
    "lists": "/records/lists",
    "exams": "/records/exams",
    "materials": "/records/materials",
    "cases": "/records/cases",
    "contacts": "/records/contacts",
    "packages": "/records/packages",
}


def page_times(page: Any, address: str) -> tuple[float, float]:
    """Milliseconds to `load`, and of them those until the server had answered; the best of three."""
    best = (float("inf"), float("inf"))
    for _ in range(3):
        page.goto(address, wait_until="load")
        timing = "performance.getEntriesByType('navigation')[0]"
        found = page.evaluate(f"[{timing}.loadEventStart, {timing}.responseStart]")
        best = min(best, (float(found[0]), float(found[1])))
    return best


def job_time(page: Any, start: Callable[[], None], done: str) -> float:
    before = time.perf_counter()
    start()
    page.wait_for_selector(done, timeout=_PATIENCE_MS)
    return time.perf_counter() - before


def write_roster(students: list[Student], path: Path) -> Path:
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet = book.add_worksheet("花名册")
        sheet.write_row(0, 0, ["姓名", "身份证号", "性别", "年级", "班级", "考籍号", "学籍号", "学校", "学校标识码", "考号"])
        for line, one in enumerate(students, start=1):
            known = (one.name, one.id_number, one.sex, one.grade, one.class_name, one.registration_number, one.student_number)
            sheet.write_row(line, 0, [*known, one.school, one.school_code, one.exam_number])
    return path


def jobs(page: Any, url: str, roster: list[Student], folder: Path) -> Iterator[tuple[str, float]]:
    """What takes long, in the order of the days."""
    changed = [replace(one, class_name="40") if number < 5 else one for number, one in enumerate(roster)]
    page.goto(f"{url}/records/roster")
    file = write_roster(changed, folder / "花名册.xlsx")
    yield (
        "roster looked at",
        job_time(page, lambda: page.set_input_files("#roster-file", file), "#roster .result:not([hidden])"),
    )
    yield "roster taken", job_time(page, lambda: page.click("#roster button[type=submit]"), "#roster .result-done:not(:empty)")
    numbered = [replace(one, exam_number=f"26{number:06d}") for number, one in enumerate(roster)]
    file = write_roster(numbered, folder / "考号.xlsx")
    page.set_input_files("#numbers-file", file)
    page.wait_for_selector("#exam-numbers button[type=submit]:enabled", timeout=_PATIENCE_MS)
    done = "#exam-numbers .result-done:not(:empty)"
    yield "exam numbers taken", job_time(page, lambda: page.click("#exam-numbers button[type=submit]"), done)
    yield "report", job_time(page, lambda: page.goto(f"{url}/records/export"), "#report:not([hidden])")
    if page.is_visible("#which"):
        page.check("[name=rows][value=all]")
    page.select_option("#export-by", page.locator("#export-by option", has_text=DECIDER).get_attribute("value"))
    page.fill("#export-pin", DEMO_PIN)
    yield "export", job_time(page, lambda: page.click("#export button[type=submit]"), "#done .links")
    page.goto(f"{url}/records/printing")
    page.check("#forms [name=which][value=all]")
    yield "forms of all", job_time(page, lambda: page.click("#forms button[type=submit]"), "#forms .files")
    yield "class lists", job_time(page, lambda: page.click("#lists button[type=submit]"), "#lists .files")
    yield "progress printed", job_time(page, lambda: page.click("#progress button[type=submit]"), "#progress .files")
    page.goto(f"{url}/records/exams")
    page.evaluate("document.getElementById('exam-title').closest('details').open = true")
    page.fill("#exam-title", "期末考试")
    page.click("form[data-address='/office/exam'] button[type=submit]")
    page.click("#seat-rule button[type=submit]")
    page.click("#confirm[open] button[value=yes]")
    ready = "#exam-print button[type=submit]:enabled"
    page.wait_for_selector(ready, timeout=_PATIENCE_MS)
    yield "exam papers", job_time(page, lambda: page.click(ready), "#exam-print .files")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--students", type=int, default=3000)
    parser.add_argument("--folder", type=Path)
    option(parser)
    asked = parser.parse_args()
    with kept("office", asked.json, "kiosk/web", "kiosk/office", "kiosk/exchange", "kiosk/store"):
        return _walk(asked)


def _walk(asked: argparse.Namespace) -> int:
    from playwright.sync_api import sync_playwright

    folder = asked.folder or Path(tempfile.mkdtemp(prefix="kiosk-school-"))
    print(f"load before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    with (
        open_school(folder, asked.students) as store,
        tempfile.TemporaryDirectory() as scratch,
        sync_playwright() as playwright,
        launch(playwright.chromium) as browser,
    ):
        server, office = serve(store, folder)
        page = browser.new_page(viewport={"width": 1366, "height": 768})
        try:
            for name, address in (*_PAGES.items(), ("one record", f"/records/{captured(store).id}")):
                whole_ms, server_ms = page_times(page, server.url + address)
                note(name, whole_ms, "ms", f"answered after {server_ms:.0f} ms")
                print(f"{name:24} {whole_ms:7.0f} ms, answered after {server_ms:5.0f} ms", flush=True)
            for name, seconds in jobs(page, server.url, store.roster.students(), Path(scratch)):
                note(name, seconds, "s")
                print(f"{name:24} {seconds:7.1f} s", flush=True)
        finally:
            server.stop()
            office.close()
    print(f"load after: {os.getloadavg()[0]:.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""A day of two people at one station, each with a browser of their own: enrolled, logged in, relieved by thumb, locked,
deciding for each other and never for themselves; and the trail has all of it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from click.testing import CliRunner
from playwright.sync_api import Browser, Page, expect

from drivers_sim.classroom import Classroom
from kiosk.assembly import Kiosk
from kiosk.cli import main
from kiosk.records import Account, FingerPosition, Person, Role, Step
from kiosk.simulation import DEMO_OFFICER, DEMO_PIN
from kiosk.store import Store, restore, unlock_open
from kiosk.web import create_app, serve_app
from tests.conftest import StartKiosk
from tests.web.browser import watched
from tests.web.client import decide, follow

PIN = "258036"  # as every account of the tests has it
RIGHT = FingerPosition.RIGHT_THUMB
STUDENT, LEAVER, TEACHER = 1, 2, 5  # the fifth of a class stands on no roster
EXPECTED = (
    "staff.enrol",
    "account.log_in",
    "account.log_in_thumb",
    "account.thumb",
    "account.wrong_pin",
)


def account(kiosk: Kiosk, name: str, role: Role) -> Account:
    """Somebody who has chosen their own PIN already."""
    accounts = kiosk.store.accounts
    officer = next(one for one in accounts.open() if one.name == DEMO_OFFICER)
    made = accounts.issue(name, role, "730164", by=officer.person)
    return accounts.change_pin(made.id, "730164", PIN)


@contextmanager
def served(kiosk: Kiosk) -> Iterator[str]:
    """The station's screens, where nobody is let in without a log-in."""
    app = create_app(
        station=kiosk.station,
        office=kiosk.office,
        settings=kiosk.settings,
        staff_desk=kiosk.staff_desk,
        enroller=kiosk.enroller,
    )
    server = serve_app(app, 0)
    try:
        yield server.url
    finally:
        server.stop()


def log_in(screen: Page, name: str, pin: str = PIN) -> None:
    screen.locator(".people label", has_text=name).click()
    screen.fill("#pin", pin)
    screen.keyboard.press("Enter")


def enrol(screen: Page, classroom: Classroom, url: str, who: Account) -> None:
    """Card and one thumb; what else may be given is held by `tests/station/test_enrolling.py`."""
    screen.goto(f"{url}/records/accounts/{who.id}")
    screen.fill("#enrol-pin", PIN)
    screen.click("#enrol-begin button[type=submit]")
    card, thumb = (screen.locator(f"[data-part={part}] .part-state") for part in ("card", "right_thumb"))
    expect(card).to_contain_text("放在读卡器上")
    classroom.lay_card(TEACHER)
    expect(card).to_have_text("已采")
    screen.click("[data-give=right_thumb]")
    expect(thumb).to_contain_text("（第 1 次")
    classroom.press(TEACHER, RIGHT)
    expect(thumb).to_have_text("请抬起手指")
    classroom.lift()
    expect(thumb).to_contain_text("（第 2 次")
    classroom.press(TEACHER, RIGHT)
    expect(thumb).to_have_text("已采")
    classroom.lift()
    with screen.expect_navigation():
        screen.click("#enrol-keep")
    expect(screen.locator("#said")).to_contain_text("已保存")
    classroom.take_card()


def test_two_people_live_a_day(start_kiosk: StartKiosk, browser: Browser, tmp_path: Path) -> None:
    kiosk = start_kiosk(students=TEACHER)
    classroom = kiosk.simulator
    assert isinstance(classroom, Classroom)
    li, wang = account(kiosk, "李老师", Role.OPERATOR), account(kiosk, "王主任", Role.SUPERVISOR)
    kiosk.station.go_on_duty(Person(""), lambda: False)  # nobody sits there yet
    size = {"width": 1366, "height": 768}
    with served(kiosk) as url, watched(browser, viewport=size) as first, watched(browser, viewport=size) as second:
        office, desk = first.open(f"{url}/records/accounts"), second.page
        # The officer enrols the supervisor, who is there and says so with the PIN.
        log_in(office, DEMO_OFFICER, DEMO_PIN)
        office.wait_for_url(f"{url}/records/accounts")
        enrol(office, classroom, url, wang)

        # The operator's day begins with a wrong PIN, and a student who came too early waits for it.
        desk.goto(f"{url}/operator")
        log_in(desk, "李老师", "999000")
        expect(desk.locator(".notice.stop")).to_contain_text("还可以试 4 次")
        classroom.lay_card(STUDENT)
        log_in(desk, "李老师")
        desk.wait_for_url(f"{url}/operator")
        expect(desk.locator("[data-command=exception]")).to_be_visible()

        # A decision by thumb, without leaving the screen: the camera can't be used for this student.
        desk.click("[data-command=exception]")
        desk.locator("#reason-ready button").first.click()
        line = desk.locator("#reason .thumb-words")
        expect(line).to_contain_text("可直接按拇指")
        classroom.press(TEACHER, RIGHT)
        expect(line).to_have_text("王主任 已按拇指确认身份")
        classroom.lift()
        with desk.expect_response("**/command") as answered:
            desk.click("#reason [type=submit]")
        assert answered.value.status == 204
        record = kiosk.store.captures.unfinished(classroom.people[STUDENT - 1].student.id_number)
        assert record is not None
        left_out = record.result(Step.FACE)
        assert left_out is not None
        assert left_out.decided_by == "王主任"

        # A change of shift by thumb, once the student has been sent away: until then the scanner is the student's.
        with desk.expect_response("**/command"):
            desk.click("[data-command=abort]")
            desk.locator("#abort-dialog [name=cause]").first.check(force=True)
            desk.click("#abort-dialog [type=submit]")
        classroom.take_card()
        desk.click(".leaving button >> nth=0")
        desk.wait_for_url("**/login*")
        expect(desk.locator("#thumb-words")).to_contain_text("可直接按拇指")
        began_s = time.monotonic()
        classroom.press(TEACHER, RIGHT)
        desk.wait_for_url(f"{url}/operator")
        relieved_s = time.monotonic() - began_s
        classroom.lift()
        assert relieved_s < 5

        # Who sits there decides nothing for himself, by thumb or by PIN.
        classroom.lay_card(STUDENT)
        expect(desk.locator("[data-command=redo]")).to_be_visible()
        desk.click("[data-command=exception]")
        desk.locator("#reason-ready button").first.click()
        decide(desk, "reason", "王主任")
        desk.click("#reason [type=submit]")
        expect(desk.locator("#reason .form-problem")).to_contain_text("须由另一人决定")
        decide(desk, "reason", DEMO_OFFICER)
        with desk.expect_response("**/command") as answered:
            desk.click("#reason [type=submit]")
        assert answered.value.status == 204
        classroom.take_card()

        # A card of the staff at a locked screen chooses its owner; the PIN does the rest.
        desk.click(".leaving button >> nth=1")
        desk.wait_for_url("**/login*")
        classroom.lay_card(TEACHER)
        expect(desk.locator("#thumb-words")).to_have_text("王主任，请输入 PIN")
        expect(desk.locator(f".people input[value='{wang.id}']")).to_be_checked()
        expect(desk.locator("#pin")).to_be_focused()
        desk.keyboard.type(PIN)
        desk.keyboard.press("Enter")
        desk.wait_for_url(f"{url}/operator")
        classroom.take_card()

        # What a guardian asks for is deleted by two, once nobody sits at the desk.
        with desk.expect_response("**/command"):
            desk.click("[data-command=abort]")
            desk.locator("#abort-dialog [name=cause]").first.check(force=True)
            desk.click("#abort-dialog [type=submit]")
        gone = classroom.people[LEAVER - 1].student
        desk.goto(f"{url}/records")
        follow(desk, f"text={gone.name}")
        desk.click("#law summary")
        desk.check("#erase [value=everything]")
        desk.locator("#erase [data-reason]").first.click()
        decide(desk, "erase", DEMO_OFFICER)
        with desk.expect_navigation():
            desk.click("#erase [type=submit]")
        assert kiosk.store.roster.find(gone.id_number) is None
        assert [error for error in first.errors + second.errors if not error.startswith("Failed to load resource")] == []
    actions = [(entry.action, entry.actor) for entry in kiosk.store.audit.entries()]
    assert set(EXPECTED) <= {action for action, _ in actions}
    assert ("account.log_in_thumb", "王主任") in actions
    assert not any(action == "account.thumb" and actor == li.name for action, actor in actions)
    (tmp_path / "config.toml").touch()
    kiosk.close()
    told = CliRunner().invoke(main, ["--config", str(tmp_path / "config.toml"), "audit", "--simulate", "--verify"])
    assert told.exit_code == 0, told.output
    assert "没有改动" in told.output

    # The day goes on on an empty machine, from a backup.
    with Store.open_station(kiosk.data_folder) as store:
        made = store.backups.make(tmp_path, datetime.now(UTC), keep=1)
        before = [entry.action for entry in store.audit.entries()]
    assert made is not None
    restore(made.folder, tmp_path / "another machine", unlock_open)
    with Store.open_station(tmp_path / "another machine") as store:
        assert [entry.action for entry in store.audit.entries()] == before[:-1]  # the last one says that it was made
        assert store.audit.first_broken() is None
        assert store.accounts.prove(wang.id, PIN).name == "王主任"
        assert store.staff.enrolled()[wang.id].card
        assert store.roster.find(gone.id_number) is None

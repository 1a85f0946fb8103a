"""Each no at a door as the screens tell it: red, in words of its own, the operator's apart from the student's, readable in
every theme, lying and upright."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from bench.door import classroom, exam_day
from drivers_sim.people.faces import portrait_jpeg
from kiosk.assembly import ExamDoor
from kiosk.checkin import Door, Post, Shelf
from kiosk.ciphers.age import Sealing
from kiosk.config import Settings
from kiosk.exchange.exam_parcel import write_exam
from kiosk.records import Candidate, Decided, Enrolled, Person, Presence, Role, Seating
from kiosk.store import Store
from kiosk.web import serve_app
from kiosk.web.checkin import create_door_app
from tests.web.browser import LAYOUT_FAULTS, watched
from tests.web.test_accessibility import AXE
from tests.web.test_appearance import PALE, THEMES, WEAR

NAMED, PIN = "考务主任", "24681357"
FIRST, SECOND = Person("监考甲"), Person("监考乙")
Act = Callable[[Door, datetime], object]


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory, _networks_are_shared: None) -> Iterator[ExamDoor]:
    """Four candidates; the third writes English only, the fourth sits in room 2."""
    folder, people, settings = tmp_path_factory.mktemp("exam"), classroom(4), Settings()

    def packed(number: int) -> Enrolled:
        student, room, subject = people.people[number - 1].student, "2" if number == 4 else "1", "英语" if number == 3 else ""
        seat = Seating(student.id_number, f"2027{number:05d}", room, number, "教学楼 101", subject)
        who = Candidate(number, student.id_number, seat.exam_number, student.name, (seat,), student.sex)
        return Enrolled(who, portrait_jpeg(number))

    with Store.open(settings.store.within(folder, simulated=True)) as store:
        store.accounts.issue(NAMED, Role.OFFICER, PIN, by=None)
        path, to = folder / "考场包.age", Sealing(recipients=(store.signing.recipient(),))
        everybody = [packed(number) for number in (1, 2, 3, 4)]
        write_exam(path, to, store.signing.key(), exam_day(store), everybody, by_office=False, simulated=True)
        Shelf(store).take(path, door="东门", by="考务")
    with ExamDoor(settings, folder, people) as opened:
        yield opened


def card(number: int, name: str = "", *, late: timedelta = timedelta()) -> Act:
    def lay(door: Door, at: datetime) -> object:
        who = door.register.candidate(number)
        return door.card(who.id_number, name or who.name, door.register.day.sessions[0].latest_entry + late if late else at)

    return lay


def substitute(door: Door, at: datetime) -> object:
    suspicion = door.confirm(2, 0, at, by=FIRST.name, here=False)
    return door.decide(suspicion.id, Decided.SUBSTITUTE, "不是同一人", (FIRST, SECOND), at)


# What is done before, what comes, what the student is told, what the operator reads in Chinese and in English.
REDS: list[tuple[Act | None, Act, str, str, str]] = [
    (
        None,
        lambda door, at: door.card("632323200903150018", "路人甲", at),
        "没有找到你的座位",
        "没有这名考生",
        "Nobody of this site",
    ),
    (None, card(1, "另有其人"), "请听监考老师安排", "证件姓名“另有其人”", "The card says “另有其人”"),
    (None, card(3), "你的考试是 英语", "不是本场考生", "Not of this session"),
    (None, card(1, late=timedelta(seconds=1)), "已过入场时间", "截止入场", "the latest entry was"),
    (lambda door, at: door.confirm(1, 0, at, by=FIRST.name), card(1), "你已经入场", "入场，座位第 1 考场", "Let in already"),
    (lambda door, at: door.leave(1, 0, at, by=FIRST.name), card(1), "离场后不能返回", "不得返回", "nobody come back"),
    (substitute, card(2), "请听监考老师安排", "替考嫌疑", "suspected substitute"),
    (lambda door, _: door.take_post(Post(room="1")), card(4), "请到第 2 考场", "不是本考场考生", "Not of this room"),
    (None, card(4, late=timedelta(days=2)), "请听监考老师安排", "到期", "ran out"),
]


def too_pale(page: Page) -> dict[str, list[str]]:
    """What can't be read well, by theme."""
    found: dict[str, list[str]] = {}
    page.evaluate(AXE)
    for theme in THEMES:
        page.evaluate(WEAR, theme)
        found[theme] = page.evaluate(PALE)
    return {theme: faults for theme, faults in found.items() if faults}


def test_each_no_is_red_in_words_of_its_own_the_operator_s_apart_from_the_student_s(door: ExamDoor, browser: Browser) -> None:
    server, desk = serve_app(create_door_app(door), 0), door.desk
    wide, upright = {"width": 1280, "height": 800}, {"width": 800, "height": 1280}
    try:
        with (
            watched(browser, viewport=wide, reduced_motion="reduce") as operator,
            watched(browser, viewport=upright, reduced_motion="reduce") as beside,
        ):
            for one in (operator, beside):
                page = one.open(f"{server.url}/door")
                page.get_by_text(NAMED).click()
                page.fill("#pin", PIN)
                page.click("#login-form button.primary")
                expect(page.locator("#title")).to_have_text("请放身份证")
            beside.open(f"{server.url}/door?lang=en")
            pale: dict[str, list[str]] = {}
            for before, comes, student, chinese, english in REDS:
                if before is not None:
                    desk.call(before)
                desk.call(comes)
                for one, told in ((operator, chinese), (beside, english)):
                    page = one.page
                    expect(page.locator("#operator")).to_contain_text(told)
                    expect(page.locator("#candidate")).to_have_attribute("data-tone", "stop")
                    expect(page.locator("#title")).to_contain_text(student)
                    expect(page.locator(".candidate")).not_to_contain_text("替考")
                    assert page.evaluate(LAYOUT_FAULTS) == [], told
                    pale |= too_pale(page) if told in (REDS[0][3], REDS[0][4]) else {}
                desk.call(lambda one, at: one.card_gone(at))
            assert pale == {}
            assert operator.errors == []  # the other page has not been touched since it came: a browser lets it make no sound
    finally:
        server.stop()
    assert door.desk.door.roll.attendance(0)[2].presence is Presence.SUBSTITUTE

"""Staff at the desk: known by thumb and card, told apart from students, and never captured for one."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest

from bench.played_station import Played, PlayedImpression, face_of, finger_of
from bench.sequences import card_of, person
from kiosk.config import AccountSettings
from kiosk.devices import CardPresented, CardRemoved, CardSeen, DeviceEvent, ImpressionReady, StatusChanged
from kiosk.errors import KioskError
from kiosk.pipeline.face.compact import pack as pack_face
from kiosk.pipeline.finger import compact
from kiosk.records import (
    Account,
    Biometric,
    BiometricKind,
    DeviceKind,
    DeviceState,
    DeviceStatus,
    FingerPosition,
    Impression,
    Message,
    Person,
    Role,
    Student,
)
from kiosk.snapshot import Command, Order, Phase
from kiosk.station import Scanner, Seen, StaffDesk
from kiosk.station.events import DutyChanged, OrderGiven, ThumbAsked
from kiosk.store import Store

PIN = "204816"
RIGHT, LEFT = FingerPosition.RIGHT_THUMB, FingerPosition.LEFT_THUMB
WANG, STRANGER = 8, 9  # bodies; students are 1 and 2


class Room:
    """A played station whose devices are heard by the staff's desk, too."""

    def __init__(self, store: Store) -> None:
        self.played = Played(store)
        self.store = store
        self.desk = StaffDesk(store, self.played.judge_press, AccountSettings(), self)
        self.officer = store.accounts.issue("刘主任", Role.OFFICER, PIN, by=None)
        self.marks = itertools.count(1)

    def lend_scanner(self, number: int | None) -> None:
        asked = ThumbAsked(number)
        self.played.happen(asked)
        asked.answer.result(0)

    def enrol(self, name: str, body: int, card: str = "", role: Role = Role.SUPERVISOR) -> Account:
        """Somebody with an account of their own choice of PIN, whose body is known."""
        accounts = self.store.accounts
        accounts.issue(name, role, "735192", by=self.officer.person)
        account = next(one for one in accounts.open() if one.name == name)
        accounts.change_pin(account.id, "735192", PIN)
        fingers = ((BiometricKind.RIGHT_THUMB_TEMPLATE, RIGHT), (BiometricKind.LEFT_THUMB_TEMPLATE, LEFT))
        templates = [Biometric(kind, compact.pack(finger_of(body, finger)[0])) for kind, finger in fingers]
        templates.append(Biometric(BiometricKind.FACE_TEMPLATE, pack_face(face_of(body))))
        self.store.staff.keep(account.id, card=card or None, templates=templates, by=self.officer.person)
        return account

    def tell(self, event: DeviceEvent) -> Phase:
        self.desk.take(event)
        return self.played.happen(event).phase

    def lay(self, who: Student) -> Phase:
        self.tell(CardSeen())
        return self.tell(CardPresented(card_of(who), 0.1))

    def press(self, body: int, finger: FingerPosition = RIGHT) -> None:
        """A thumb is laid on the scanner, whoever asked for it."""
        assert self.played.press is not None
        number, _ = self.played.press
        impression = PlayedImpression(f"{next(self.marks)}".encode(), body, finger)
        self.tell(ImpressionReady(number, cast("Impression", impression), 0.1, 0.1))

    def pressed(self, claim: int, body: int) -> Seen:
        """What the screen that waits is told of a press; misses rest no longer than a test has time."""
        self.desk._missed_s = -1000.0
        seen = self.desk.wait(claim, 0, 0)
        self.press(body)
        return self.desk.wait(claim, seen.number, 5)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with Store.open(tmp_path / "data") as store:
        store.roster.replace_or_update([person(1), person(2)])
        made = Room(store)
        yield made
        made.desk.close()


def situation(room: Room) -> str:
    found = room.played.board.newest().situation
    return found.code if found is not None else ""


def ordered(room: Room, command: Command, by: Person) -> str:
    """Why it was refused; empty where it was done."""
    given = OrderGiven(Order(command, room.played.board.newest().turn, "看过了", by))
    room.played.happen(given)
    return getattr(given.answer.exception(0), "code", "")


def test_a_thumb_is_known_whichever_hand_it_is_of_and_told_once(room: Room) -> None:
    wang = room.enrol("王主任", WANG)
    claim = room.desk.begin()
    seen = room.pressed(claim, WANG)
    assert seen.thumb is not None
    assert seen.thumb.id == wang.id
    assert room.desk.wait(claim, 0, 0).thumb is None
    room.desk.wait(claim, 0, 0)
    room.press(WANG, LEFT)
    assert room.desk.wait(claim, seen.number, 5).thumb is not None


def test_a_thumb_that_is_nobodys_locks_nobody_out_but_makes_the_next_wait(room: Room) -> None:
    room.enrol("王主任", WANG)
    claim = room.desk.begin()
    for _ in range(6):
        seen = room.pressed(claim, STRANGER)
        assert (seen.thumb, seen.problem and seen.problem.code) == (None, "staff.thumb_unknown")
    assert room.desk.wait(claim, 0, 0).scanner is Scanner.RESTING
    assert all(one.locked_until is None for one in room.store.accounts.open())
    misses = [entry for entry in room.store.audit.entries() if entry.action == "staff.thumb_unknown"]
    assert [entry.detail["misses"] for entry in misses][:2] == [1, 1]  # counted from when each was made to be forgotten


def test_an_officer_whom_a_passer_by_locked_out_by_pins_gets_in_by_thumb(room: Room) -> None:
    wang = room.enrol("王主任", WANG)
    for _ in range(5):
        with pytest.raises(KioskError):
            room.store.accounts.prove(wang.id, "000111")
    with pytest.raises(KioskError, match=r"^account\.locked\b"):
        room.store.accounts.prove(wang.id, PIN)
    assert room.pressed(room.desk.begin(), WANG).thumb is not None


def test_misses_in_a_row_wait_longer_and_longer(room: Room) -> None:
    room.enrol("王主任", WANG)
    rests = []
    for _ in range(6):
        room.desk._miss()
        rests.append(room.desk._rests_until_s() - room.desk._missed_s)
    assert rests == [1, 2, 5, 10, 30, 30]


def test_a_thumb_opens_the_screen_that_asked_last_and_no_other(room: Room) -> None:
    room.enrol("王主任", WANG)
    login = room.desk.begin()
    room.desk.wait(login, 0, 0)
    form = room.desk.begin()
    seen = room.pressed(form, WANG)
    assert seen.thumb is not None
    assert (room.desk.wait(login, 0, 0).scanner, room.desk.wait(login, 0, 0).thumb) == (Scanner.ELSEWHERE, None)


def test_a_press_for_a_screen_that_was_left_is_nobodys(room: Room) -> None:
    room.enrol("王主任", WANG)
    login = room.desk.begin()
    room.desk.wait(login, 0, 0)
    late = room.played.press
    room.desk.leave(login)
    assert room.played.press is None
    form = room.desk.begin()
    room.played.press = late
    room.press(WANG)
    assert room.desk.wait(form, 0, 0.2).thumb is None


def test_a_thumb_that_was_pressed_while_a_page_was_hidden_opens_nothing_later(room: Room) -> None:
    room.enrol("王主任", WANG)
    claim = room.desk.begin()
    seen = room.desk.wait(claim, 0, 0)
    room.press(WANG)
    with room.desk._changed:
        assert room.desk._changed.wait_for(lambda: room.desk._seen.thumb is not None, 5)
        room.desk._pressed_s -= 4
    assert room.desk.wait(claim, seen.number, 0).thumb is None


def test_the_scanner_is_never_taken_from_a_student_under_way(room: Room) -> None:
    room.enrol("王主任", WANG)
    claim = room.desk.begin()
    assert room.desk.wait(claim, 0, 0).scanner is Scanner.READY
    room.lay(person(1))
    assert room.desk.wait(claim, 0, 0).scanner is Scanner.READY  # the student looks into the camera
    room.played.shot(1)
    room.played.settle()
    wanted = room.played.press
    assert wanted is not None
    assert wanted[0] > 0  # the student's
    assert room.desk.wait(claim, 0, 0).scanner is Scanner.BUSY
    room.desk.leave(claim)
    assert room.played.press == wanted


def test_a_scanner_that_is_not_plugged_in_is_told(room: Room) -> None:
    claim = room.desk.begin()
    lost = DeviceStatus(DeviceKind.FINGER, DeviceState.LOST, problem=Message("device.unexpected"))
    room.tell(StatusChanged(lost))
    assert room.desk.wait(claim, 0, 0).scanner is Scanner.ABSENT
    room.tell(StatusChanged(DeviceStatus(DeviceKind.FINGER, DeviceState.READY, "played")))
    assert room.desk.wait(claim, 0, 0).scanner is Scanner.READY


def test_a_card_of_the_staff_is_told_apart_from_a_students_and_is_no_refusal(room: Room) -> None:
    teacher = person(5)
    wang = room.enrol("王主任", WANG, card=teacher.id_number)
    claim = room.desk.begin()
    assert room.lay(teacher) is Phase.REFUSED
    assert situation(room) == "station.staff_card"
    assert room.store.refusals.all() == []
    card = room.desk.wait(claim, 0, 0).card
    assert card is not None
    assert card.id == wang.id
    room.tell(CardRemoved())
    assert room.desk.wait(claim, 0, 0).card is None
    assert room.lay(person(6)) is Phase.REFUSED
    assert situation(room) == "station.not_on_roster"


def test_a_card_of_the_staff_at_a_station_where_nobody_sits_is_no_student_who_waits(room: Room) -> None:
    teacher = person(5)
    room.enrol("王主任", WANG, card=teacher.id_number)
    room.played.happen(DutyChanged(Person("李老师", "a1"), lambda: False))
    room.lay(teacher)
    assert situation(room) == "station.staff_card"
    room.played.happen(DutyChanged(Person("李老师", "a1"), lambda: True))
    assert room.store.refusals.all() == []


def test_a_card_of_the_staff_beside_a_student_under_way_changes_nothing(room: Room) -> None:
    teacher = person(5)
    room.enrol("王主任", WANG, card=teacher.id_number)
    room.lay(person(1))
    room.tell(CardRemoved())
    assert room.lay(teacher) is Phase.STEP
    shown = room.played.board.newest()
    assert (shown.student and shown.student.id_number) == person(1).id_number
    assert shown.notice is not None
    assert shown.notice.code == "station.staff_card_beside"


def test_nobody_of_the_staff_is_captured_for_a_student_nor_clears_himself(room: Room) -> None:
    wang, li = room.enrol("王主任", WANG), room.enrol("李主任", STRANGER)
    room.lay(person(1))
    room.played.shot(WANG)
    room.played.settle()
    shown = room.played.board.newest()
    assert shown.phase is Phase.DECISION
    (alike,) = next(view.alike for view in shown.steps if view.step is shown.step)
    assert (alike.staff, alike.name, alike.number) == (wang.id, "王主任", "")
    for command in (Command.ACCEPT, Command.DECLARE_LOOKALIKES, Command.EXCEPTION):
        assert ordered(room, command, wang.person) == "station.own_likeness"
    assert ordered(room, Command.DECLARE_LOOKALIKES, li.person) == ""
    declared = room.store.lookalikes.of(person(1).id_number)
    assert f"account-{wang.id}" in declared
    record = room.store.captures.unfinished(person(1).id_number)
    assert record is not None
    assert any(one.staff == wang.id for result in record.steps for one in result.alike)


def test_a_thumb_of_the_staff_is_known_on_a_student(room: Room) -> None:
    wang = room.enrol("王主任", WANG)
    room.lay(person(1))
    room.played.shot(1)
    room.played.settle()
    for _ in range(2):
        room.press(WANG, LEFT)  # for the right one
        room.played.settle()
    shown = room.played.board.newest()
    assert shown.phase is Phase.DECISION
    assert [one.staff for view in shown.steps for one in view.alike] == [wang.id]
    assert ordered(room, Command.ACCEPT, wang.person) == "station.own_likeness"


def test_what_somebody_gave_is_erased_with_the_account_and_on_request(room: Room) -> None:
    teacher = person(5)
    wang = room.enrol("王主任", WANG, card=teacher.id_number)
    li = room.enrol("李主任", STRANGER)
    blobs = len(room.store.staff.templates())
    room.store.accounts.end(wang.id, by=room.officer.person, reason="调离")
    room.store.staff.erase_ended()
    room.store.staff.erase(li.id, by=room.officer.person, reason="本人要求")
    assert blobs == 6
    assert room.store.staff.templates() == []
    assert room.store.staff.enrolled() == {}
    assert room.store.staff.of_card(teacher.id_number) is None
    assert room.store._opened.vault is not None
    with room.store._opened.vault.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM blobs").scalar() == 0


def test_a_byte_changed_in_what_somebody_gave_is_found_and_named(room: Room) -> None:
    room.enrol("王主任", WANG)
    room.enrol("李主任", STRANGER)
    assert room.store.check().sound
    with room.store._opened.identity.read() as connection:
        blob = connection.exec_driver_sql("SELECT blob_id FROM staff_biometrics ORDER BY number LIMIT 1").scalar()
    with room.store._opened.vault.write() as connection:
        connection.exec_driver_sql("UPDATE blobs SET sealed = zeroblob(length(sealed)) WHERE id = ?", (blob,))
    (hurt,) = room.store.check().hurt
    assert (hurt.code, hurt.data["name"]) == ("store.hurt.staff", "王主任")


def test_of_a_card_only_a_pseudonym_is_kept_and_it_chooses_one_account(room: Room) -> None:
    teacher = person(5)
    room.enrol("王主任", WANG, card=teacher.id_number)
    with pytest.raises(KioskError, match=r"^staff\.card_taken\b"):
        room.enrol("李主任", STRANGER, card=teacher.id_number.lower())
    with room.store._opened.identity.read() as connection:
        rows = connection.exec_driver_sql("SELECT * FROM staff_cards").all()
    assert teacher.id_number not in repr(rows)


def test_a_pin_that_another_chose_is_changed_before_the_thumb_is_worth_anything(room: Room) -> None:
    wang = room.enrol("王主任", WANG)
    room.store.accounts.give_pin(wang.id, "846013", by=room.officer.person)
    seen = room.pressed(room.desk.begin(), WANG)
    assert (seen.thumb, seen.problem and seen.problem.code) == (None, "staff.change_pin_first")

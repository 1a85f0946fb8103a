"""What the screens are told of cards, refusals and devices that are away."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.errors import KioskError
from kiosk.manual import EntryReason, TypedIn
from kiosk.records import BiometricKind, DeviceKind, Person
from kiosk.rehearsal import all_ready, wait_until
from kiosk.simulation import Intent
from kiosk.snapshot import Command, Order, Phase, Snapshot
from kiosk.station.board import Album, Board
from tests.conftest import StartKiosk


def test_the_screens_say_that_the_card_is_read_before_they_say_whose_it_is(
    start_kiosk: StartKiosk, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[Snapshot] = []
    show = Board.show

    def noting(board: Board, snapshot: Snapshot) -> None:
        shown.append(snapshot)
        show(board, snapshot)

    monkeypatch.setattr(Board, "show", noting)
    kiosk = start_kiosk()
    assert kiosk.simulator is not None
    wait_until(kiosk, all_ready)
    kiosk.simulator.lay_card(kiosk.simulator.people[0].number)
    wait_until(kiosk, lambda snapshot: snapshot.phase is Phase.STEP)
    phases = [snapshot.phase for snapshot in shown]
    reading, step = phases.index(Phase.READING), phases.index(Phase.STEP)
    assert reading < step
    assert {snapshot.card for snapshot in shown[:step]} == {None}
    assert shown[reading].instruction.code == "station.reading_card"


def test_the_operator_sees_the_face_of_somebody_who_is_not_on_the_roster(start_kiosk: StartKiosk) -> None:
    kiosk = start_kiosk(students=12)
    assert kiosk.simulator is not None
    wait_until(kiosk, all_ready)
    stranger = next(person for person in kiosk.simulator.people if person.intent is Intent.OFF_ROSTER)
    kiosk.simulator.lay_card(stranger.number)
    refused = wait_until(kiosk, lambda snapshot: snapshot.phase is Phase.REFUSED)
    assert refused.card is not None
    assert refused.card.name == stranger.student.name
    picture = kiosk.station.picture(refused.pictures["chip_photo"])
    assert picture is not None
    assert picture.startswith(b"\x89PNG")
    kiosk.simulator.take_card()
    gone = wait_until(kiosk, lambda snapshot: snapshot.phase is Phase.WAITING)
    assert gone.pictures == {}
    assert kiosk.station.picture(refused.pictures["chip_photo"]) is None


def test_the_operator_is_told_which_device_is_away_and_the_student_only_to_wait(start_kiosk: StartKiosk) -> None:
    kiosk = start_kiosk()
    assert kiosk.simulator is not None
    wait_until(kiosk, all_ready)

    def situation(snapshot: Snapshot) -> str:
        return snapshot.situation.code if snapshot.situation else ""

    kiosk.simulator.unplug(DeviceKind.FINGER)
    away = wait_until(kiosk, lambda snapshot: snapshot.notice is not None)
    assert away.notice is not None
    assert away.notice.code.startswith("error.finger.")
    assert (situation(away), away.instruction.code) == ("", "station.lay_card")  # the next student may come all the same
    kiosk.simulator.unplug(DeviceKind.CARD)
    both = wait_until(kiosk, lambda snapshot: situation(snapshot).startswith("error.card."))
    assert both.instruction.code == "station.not_ready"
    kiosk.simulator.plug(DeviceKind.CARD)
    kiosk.simulator.plug(DeviceKind.FINGER)
    back = wait_until(kiosk, lambda snapshot: all_ready(snapshot) and snapshot.notice is None)
    assert situation(back) == ""


def test_what_the_profile_needs_is_asked_for_when_a_student_is_typed_in(start_kiosk: StartKiosk) -> None:
    kiosk = start_kiosk()
    assert kiosk.simulator is not None
    wait_until(kiosk, all_ready)
    number = kiosk.simulator.people[0].student.id_number
    order = Order(Command.TYPE_IN, kiosk.station.snapshot().turn, "手工录入：证件遗失", Person("王老师"))
    bare = TypedIn("", number, EntryReason.LOST)
    with pytest.raises(KioskError) as refused:
        kiosk.station.type_in(bare, order)
    assert refused.value.code == "manual.ethnicity_missing"
    assert kiosk.station.snapshot().phase is Phase.WAITING
    kiosk.station.type_in(replace(bare, ethnicity_code="04"), order)
    sits = wait_until(kiosk, lambda snapshot: snapshot.phase is Phase.STEP)
    assert sits.card is not None
    assert sits.card.ethnicity == "藏"


def test_a_picture_that_was_replaced_is_there_for_a_slow_screen_and_nothing_is_when_the_student_has_gone() -> None:
    album = Album()
    keys = []
    for data in (b"first", b"second", b"third"):
        album.put(BiometricKind.RIGHT_THUMB, data)
        keys.append(album.keys()[BiometricKind.RIGHT_THUMB])
    assert [album.get(key) for key in keys] == [None, b"second", b"third"]
    album.put(BiometricKind.RIGHT_THUMB, None)
    assert album.keys() == {}
    album.clear()
    assert [album.get(key) for key in keys] == [None] * 3

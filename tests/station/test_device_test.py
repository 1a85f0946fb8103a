"""The devices are tested at the desk: students wait, nobody is disturbed, and a tester's card is no arrival."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.played_station import Played
from bench.sequences import card_of
from kiosk.devices import CardPresented, CardRemoved, CardSeen
from kiosk.records import FingerPosition
from kiosk.snapshot import Phase
from kiosk.station.events import Check, CheckAsked
from kiosk.store import Store
from tests.store.conftest import student

STUDENT, TESTER = student(1), student(2)
RIGHT = FingerPosition.RIGHT_THUMB


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Played]:
    with Store.open(tmp_path) as store:
        store.roster.replace_or_update([STUDENT])
        yield Played(store)


def ask(room: Played, call: Check, number: int = 0) -> str:
    """Why it was refused; empty where it was done."""
    asked = CheckAsked(call, number, RIGHT if call is Check.PRESS else None)
    room.happen(asked)
    error = asked.answer.exception(0)
    return getattr(error, "code", "")


def lay(room: Played, who: object) -> Phase:
    room.happen(CardSeen())
    return room.happen(CardPresented(card_of(who), 0.1)).phase  # type: ignore[arg-type]


def test_while_the_devices_are_tested_a_card_admits_nobody(room: Played) -> None:
    assert ask(room, Check.BEGIN) == ""
    assert lay(room, STUDENT) is Phase.TESTING
    room.happen(CardRemoved())
    assert room.board.newest().instruction.code == "station.testing"
    assert ask(room, Check.END) == ""
    assert lay(room, STUDENT) is Phase.STEP


def test_a_tester_s_card_is_to_be_taken_away_and_is_no_refused_student(room: Played) -> None:
    ask(room, Check.BEGIN)
    lay(room, TESTER)
    ask(room, Check.END)
    shown = room.board.newest()
    assert (shown.phase, shown.situation and shown.situation.code) == (Phase.REFUSED, "station.test_card")
    assert room.happen(CardRemoved()).phase is Phase.WAITING
    assert room.store.refusals.all() == []


def test_no_test_begins_while_a_student_is_under_way(room: Played) -> None:
    lay(room, STUDENT)
    pressed = room.press
    assert ask(room, Check.BEGIN) == "station.occupied"
    assert ask(room, Check.PRESS, -1) == "station.test_over"
    assert (room.board.newest().phase, room.press) == (Phase.STEP, pressed)


def test_a_press_is_waited_for_as_long_as_somebody_looks_and_no_longer(room: Played) -> None:
    ask(room, Check.BEGIN)
    ask(room, Check.PRESS, -7)
    ask(room, Check.KEEP)
    room.time_up()
    assert room.press == (-7, RIGHT)
    room.time_up()
    assert room.press is None
    assert room.board.newest().phase is Phase.WAITING

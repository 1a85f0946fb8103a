"""Nobody is captured at a station at which nobody sits."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.played_station import Played
from bench.sequences import card_of, person
from kiosk.devices import CardPresented
from kiosk.records import Person, Step
from kiosk.snapshot import Phase
from kiosk.station.events import DutyChanged
from kiosk.store import Store

LI, SUN = Person("李老师", "a1"), Person("孙老师", "a2")


class Seat:
    """Somebody who is there, or has gone."""

    def __init__(self) -> None:
        self.awake = True

    def __call__(self) -> bool:
        return self.awake


@pytest.fixture
def played(tmp_path: Path) -> Iterator[Played]:
    with Store.open(tmp_path / "data") as store:
        store.roster.replace_or_update([person(1), person(2)])
        yield Played(store)


def test_a_card_waits_for_an_operator_and_goes_on_by_itself_when_one_logs_in(played: Played) -> None:
    seat = Seat()
    played.happen(DutyChanged(LI, seat))
    seat.awake = False  # the screen is locked
    refused = played.happen(CardPresented(card_of(person(1)), 0.1))
    assert (refused.phase, refused.situation and refused.situation.code) == (Phase.REFUSED, "station.nobody_on_duty")
    assert played.store.captures.unfinished(person(1).id_number) is None
    seated = played.happen(DutyChanged(SUN, Seat()))
    assert seated.phase is Phase.STEP
    record = played.store.captures.unfinished(person(1).id_number)
    assert record is not None
    assert record.operator == "孙老师"


def test_a_student_under_way_is_not_lost_when_the_screen_is_locked(played: Played) -> None:
    seat = Seat()
    played.happen(DutyChanged(LI, seat))
    played.happen(CardPresented(card_of(person(1)), 0.1))
    seat.awake = False
    played.shot(1)
    played.settle()
    record = played.store.captures.unfinished(person(1).id_number)
    assert record is not None
    assert record.result(Step.FACE) is not None  # it was kept all the same


def test_each_record_names_who_sat_there_when_it_was_begun(played: Played) -> None:
    played.happen(DutyChanged(LI, Seat()))
    assert played.happen(CardPresented(card_of(person(1)), 0.1)).phase is Phase.STEP
    record = played.store.captures.unfinished(person(1).id_number)
    assert record is not None
    assert record.operator == "李老师"

"""The machine's clock jumps: it is noticed, kept, told, and undoes no rule of time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from kiosk.errors import StoreError
from kiosk.store import Audit, Store, Window
from kiosk.store.audit import CLOCK_JUMP
from kiosk.store.authorisation import make_code
from kiosk.store.database import Database
from kiosk.store.migrations import migrate
from tests.offices import office_key
from tests.store.conftest import AT, begin_in, student

HOUR, DAY, YEAR = timedelta(hours=1), timedelta(days=1), timedelta(days=365)
OFFICE, SCHOOL = office_key(), "3163000001"


@dataclass
class Machine:
    """A machine whose clock can be set; `steady_s` goes on by itself."""

    at: datetime = AT
    steady: float = 0.0
    stores: list[Store] = field(default_factory=list)

    def pass_by(self, time: timedelta) -> None:
        self.at += time
        self.steady += time.total_seconds()

    def open(self, folder: Path) -> Store:
        """The station started anew."""
        for store in self.stores:
            store.close()
        store = Store.open(folder, clock=lambda: self.at)
        store.audit._steady_s = lambda: self.steady
        self.stores = [store]
        return store


@pytest.fixture
def machine() -> Iterator[Machine]:
    made = Machine()
    yield made
    for store in made.stores:
        store.close()


def jumps(store: Store) -> list[tuple[timedelta, bool]]:
    """How far each jump in the trail went, and whether the trail is whole."""
    whole = store.audit.first_broken() is None
    return [
        (entry.at - datetime.fromisoformat(entry.detail["should_be"]), whole)
        for entry in store.audit.entries()
        if entry.action == CLOCK_JUMP
    ]


@pytest.mark.parametrize("by", [-2 * DAY, 40 * DAY, 10 * YEAR, -20 * YEAR, -HOUR])
def test_a_jump_of_a_running_station_is_entered_once_before_what_comes_after(
    machine: Machine, folder: Path, by: timedelta
) -> None:
    store = machine.open(folder)
    store.audit.record("before")
    machine.pass_by(HOUR)
    machine.at += by
    store.audit.record("after")
    machine.pass_by(HOUR)
    store.audit.record("later")
    assert [entry.action for entry in store.audit.entries()] == ["before", CLOCK_JUMP, "after", "later"]
    assert jumps(store) == [(by, True)]


def test_neither_a_laptop_that_slept_nor_a_clock_put_right_by_seconds_has_jumped(machine: Machine, folder: Path) -> None:
    store = machine.open(folder)
    store.audit.record("before")
    machine.pass_by(3 * DAY)
    machine.at -= timedelta(seconds=40)
    store.audit.record("after")
    assert jumps(store) == []
    assert not store.timekeeping.look().doubtful


def test_a_clock_that_was_set_while_the_station_was_off_is_noticed_at_its_start(machine: Machine, folder: Path) -> None:
    machine.open(folder).audit.record("before")
    machine.at -= 2 * DAY
    store = machine.open(folder)
    assert store.timekeeping.look().behind
    assert store.timekeeping.now() == AT  # never behind what has been
    assert jumps(store) == [(-2 * DAY, True)]
    machine.at += 10 * YEAR
    assert machine.open(folder).timekeeping.look().jumped_to == machine.at


def test_a_jump_whose_transaction_was_undone_is_entered_with_the_next(machine: Machine, folder: Path) -> None:
    store = machine.open(folder)
    store.audit.record("before")
    machine.at += YEAR

    def undone() -> None:
        with store.audit._database.write() as connection:
            store.audit.append(connection, "undone")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        undone()
    store.audit.record("after")
    assert [entry.action for entry in store.audit.entries()] == ["before", CLOCK_JUMP, "after"]


def test_the_clock_set_back_opens_no_school_again(machine: Machine, folder: Path) -> None:
    store = machine.open(folder)
    store.roster.replace_or_update([student(1), student(2)])
    store.deadline.set(AT + HOUR, school_code=SCHOOL, office_key=OFFICE.public, by="负责人")
    machine.pass_by(2 * HOUR)
    store.audit.record("somebody looked")
    for opened in (store, machine.open(folder)):
        machine.at = AT
        with pytest.raises(StoreError, match="clock_behind"):
            begin_in(opened, student(1))
        with pytest.raises(StoreError, match="clock_needs_office"):
            opened.timekeeping.confirm(reason="没有改过", by="负责人")
    store = machine.stores[0]
    until = store.deadline.unlock(make_code(OFFICE, SCHOOL, AT + 3 * HOUR), by="负责人", at=AT)
    assert until == (AT + 3 * HOUR).replace(microsecond=0)
    begin_in(store, student(1))


def test_the_clock_set_back_opens_no_window_again_until_somebody_answers_for_it(machine: Machine, folder: Path) -> None:
    store = machine.open(folder)
    store.roster.replace_or_update([student(1)])
    store.rounds.add(Window("正式采集", AT - HOUR, AT + HOUR, "高一", "5"), by="负责人")
    machine.at += 10 * YEAR  # the clock was wrong for a moment
    store.audit.record("meanwhile")
    machine.at = AT
    with pytest.raises(StoreError, match="clock_behind"):
        begin_in(store, student(1))
    with pytest.raises(StoreError, match="reason_missing"):
        store.timekeeping.confirm(reason="", by="负责人")
    store.timekeeping.confirm(reason="时间已校正", by="负责人")
    assert not store.timekeeping.look().doubtful
    begin_in(store, student(1))
    assert [entry.actor for entry in store.audit.entries() if entry.action == "clock.confirm"] == ["负责人"]


def test_screens_that_ask_often_read_the_trail_seldom(machine: Machine, folder: Path) -> None:
    store = machine.open(folder)
    state = store.timekeeping.look()
    assert store.timekeeping.look() is state
    machine.at += YEAR
    assert store.timekeeping.look().jumped_to == machine.at


def test_two_programs_on_one_store_enter_a_jump_once() -> None:
    database, at = Database("sqlite://"), [AT]
    migrate(database, "identity")
    make: Callable[[], Audit] = lambda: Audit(database, b"k" * 32, lambda: at[0], lambda: 0.0)  # noqa: E731
    first, second = make(), make()
    first.record("one")
    second.record("two")
    at[0] -= DAY
    first.record("three")
    second.record("four")
    assert [entry.action for entry in first.entries()] == ["one", "two", CLOCK_JUMP, "three", "four"]
    database.close()

"""A door's process is ended by a real signal 9 within each kind of write: nothing lost, nothing half, nobody in twice."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from kiosk.checkin import Door, Order, Policy, Register, Shelf, Shelved, Watched, shelf
from kiosk.checkin.matching import Matcher
from kiosk.checkin.shelf import FOLDER
from kiosk.checkin.state import Note
from kiosk.ciphers import INTERNATIONAL, new_office_key
from kiosk.ciphers.age import Sealing
from kiosk.exchange.attendance_parcel import event_told
from kiosk.exchange.exam_parcel import write_exam
from kiosk.records import Decided, DoorAct, DoorEvent, Enrolled, Person, Presence
from kiosk.store import Store
from kiosk.store.database import PageKey
from tests.checkin.conftest import DAY, EARLY, MATHS, candidate
from tests.killing import begun, killed_at, pipe

pytestmark = pytest.mark.skipif(os.name != "posix", reason="Windows has no fork")

OFFICE = new_office_key(INTERNATIONAL)
TWO = (Person("监考甲"), Person("监考乙"))
PEOPLE = 40
SEALING = Sealing(passphrase="口令")
# Where a write to the register ends, and whether it counts afterwards; what it is itself comes last.
WITHIN: tuple[tuple[str, bool], ...] = (
    ("_append", False),  # the transaction has begun
    ("_seal", True),  # the first row is being written
    ("_append", True),  # all rows are written, nothing is committed
)


@dataclass
class Site:
    """A station that has taken a package; nothing of it is open, so that a process may be split off."""

    data: Path
    package: Path
    taken: Shelved
    key: PageKey

    def with_shelf(self, work: Callable[[Shelf], object]) -> None:
        with Store.open(self.data) as store:
            work(Shelf(store, now=lambda: EARLY))

    def read_key(self, on: Shelf) -> None:
        self.key = on._read_key(self.data / FOLDER / self.taken.id, self.taken.id)

    def with_door(self, work: Callable[[Door], object]) -> None:
        folder = self.data / FOLDER / self.taken.id
        with closing(Register.open(folder, self.key, INTERNATIONAL, self.taken.day)) as register:
            work(Door(register, Matcher(), Policy()))

    def events(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []

        def look(door: Door) -> None:
            assert door.register.is_whole()
            found.extend(event_told(one) for one in door.register.events())

        self.with_door(look)
        return found

    def arrived(self) -> list[int]:
        return [one["candidate"] for one in self.events() if one["act"] == DoorAct.ARRIVED]


@pytest.fixture
def site(tmp_path: Path) -> Site:
    package = tmp_path / "考场包.age"
    with Store.open(tmp_path / "data") as store:
        day = replace(DAY, stations=(store.signing.key().public.hex(),))
        people = [Enrolled(candidate(number, faced=False, thumbed=False)) for number in range(1, PEOPLE + 1)]
        to = Sealing(recipients=(store.signing.recipient(),))
        write_exam(package, to, OFFICE.signing, day, people, by_office=True)
        on = Shelf(store, now=lambda: EARLY)
        taken = on.take(package, office_key=OFFICE.signing.public.hex(), door="东门", by="考务")
        key = on._read_key(tmp_path / "data" / FOLDER / taken.id, taken.id)
    return Site(tmp_path / "data", package, taken, key)


def let_in(door: Door, number: int) -> None:
    who = candidate(number)
    if isinstance(door.card(who.id_number, who.name, EARLY), Watched):
        door.ask(Order.LET_IN, EARLY, by="监考甲")
    door.time_over(door.turn, EARLY)


def suspect(door: Door) -> None:
    door.register.note([Note(DoorAct.SUSPECTED, 0, 2, picture=b"jpeg" * 10_000)], EARLY)


def decide(door: Door) -> None:
    (one,) = (one for one in door.register.events() if one.act is DoorAct.SUSPECTED)
    door.decide((one.door, one.sequence), Decided.PASSED, "核对无误", TWO, EARLY)


def merge(door: Door) -> None:
    door.register.merge([DoorEvent("西门 a", number, DoorAct.ARRIVED, EARLY, candidate=number + 2) for number in (1, 2)])


def close(door: Door) -> None:
    door.close(0, MATHS.latest_entry, by="监考甲")


# What is written, what is called once it is on the disk, and what of it is in the register afterwards.
WRITES: tuple[tuple[Callable[[Door], None], str, list[DoorAct]], ...] = (
    (lambda door: let_in(door, 1), "stir", [DoorAct.ARRIVED]),
    (suspect, "stir", [DoorAct.SUSPECTED]),
    (decide, "stir", [DoorAct.DECIDED]),
    (merge, "merge", [DoorAct.ARRIVED] * 2),
    (close, "stir", [DoorAct.CLOSED]),
)


def test_whatever_is_noted_is_there_whole_or_not_at_all(site: Site) -> None:
    before = site.events()
    for work, name, acts in WRITES:
        for place, after in WITHIN:
            killed_at(Register, place, 1, lambda work=work: site.with_door(work), after=after)  # type: ignore[misc]
            assert site.events() == before, (name, place)
        killed_at(Register, name, 1, lambda work=work: site.with_door(work), after=True)  # type: ignore[misc]
        there = site.events()  # on the disk, and whoever waited for it never heard
        assert there[: len(before)] == before
        assert [one["act"] for one in there[len(before) :]] == acts
        before = there
    site.with_door(_nobody_comes_in_twice)


def _nobody_comes_in_twice(door: Door) -> None:
    for number in (1, 2, 3, 4):
        let_in(door, number)  # who was let in, and does not know it, lays the card down once more
        assert door.roll.attendance(0)[number].presence is Presence.IN
        assert door.roll.attendance(0)[number].twice == ()


def test_killed_at_any_moment_of_a_busy_door_nothing_is_lost_that_was_shown(site: Site) -> None:
    let = 0
    for cut in (1, 2, 3, 1):
        hear, tell = pipe()
        child = begun(lambda told: site.with_door(lambda door: _let_everybody_in(door, told)), tell)
        tell.close()
        shown = [hear.recv_bytes() for _ in range(cut)]
        child.kill()  # it goes on meanwhile: the kill falls where it falls
        child.join()
        with contextlib.suppress(EOFError):
            while True:
                shown.append(hear.recv_bytes())
        arrived = site.arrived()
        assert arrived == list(range(1, len(arrived) + 1))  # nobody twice, nobody left out
        assert len(arrived) >= let + len(shown)
        let = len(arrived)


def _let_everybody_in(door: Door, tell: Any) -> None:
    there = door.roll.attendance(0)
    for number in range(1, PEOPLE + 1):
        if there[number].presence is Presence.EXPECTED:
            let_in(door, number)
            tell.send_bytes(bytes([number]))


def test_a_package_is_taken_whole_or_not_and_one_that_is_half_deleted_is_gone(site: Site, tmp_path: Path) -> None:
    key = OFFICE.signing.public.hex()
    site.with_shelf(lambda on: on._erase(site.taken, by="", reason="test"))

    def take() -> None:
        site.with_shelf(lambda on: on.take(site.package, office_key=key, door="东门", by="考务"))

    for place, name, after in ((shelf, "replace_file", True), (Register, "create", True), (Register, "note", True)):
        killed_at(place, name, 1, take, after=after)
        site.with_shelf(lambda on: on.all())
        assert not list((site.data / "checkin").iterdir()), name  # swept, with its key
    killed_at(shelf, "sync_folder", 1, take)
    site.with_shelf(site.read_key)
    assert len(list((site.data / "checkin").iterdir())) == 1

    results = tmp_path / "结果.age"

    def write() -> None:
        def written(on: Shelf) -> None:
            on.write_results(site.taken, on.open(site.taken), results, SEALING, station="东门", by="考务")

        site.with_shelf(written)

    site.with_door(lambda door: let_in(door, 1))
    killed_at(Register, "note_written", 1, write)  # the file is there, and what it holds is still owed
    site.with_door(lambda door: _owes(door, 2))
    results.unlink()

    def erase() -> None:
        site.with_shelf(lambda on: on._erase(on.all()[0], by="", reason="test"))

    killed_at(shelf, "sync_folder", 1, erase)  # its key is gone
    site.with_shelf(lambda on: on.all())
    assert not list((site.data / "checkin").iterdir())


def _owes(door: Door, count: int) -> None:
    assert door.register.owed == count

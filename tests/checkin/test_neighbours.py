"""Doors of one site over real sockets: who is in at one is refused at the other, and none waits for the network."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from kiosk.checkin import Door, Looking, Neighbours, Policy, Register, Turned, Watched
from kiosk.checkin.admitting import door_name
from kiosk.checkin.state import Note
from kiosk.ciphers import INTERNATIONAL, SM, SigningKey
from kiosk.exam_rehearsal import Body
from kiosk.pipeline.face.compact import pack
from kiosk.records import DoorAct, Enrolled, Message, Presence
from kiosk.store.database import PAGE_SALT_BYTES, PageKey
from tests.checkin.conftest import DAY, EARLY, candidate

EAST, WEST, STRANGER = (INTERNATIONAL.new_signing_key() for _ in range(3))
WANG = Body(np.random.default_rng(1))
HERE = "127.0.0.1:0"
PATIENCE_S = 10.0


class Site:
    """A door's register with what another one calls it by."""

    def __init__(self, folder: Path, name: str, key: SigningKey, exam: str = "e" * 64) -> None:
        folder.mkdir()
        day = replace(DAY, stations=(EAST.public.hex(), WEST.public.hex()))
        page_key = PageKey(secrets.token_bytes(32), secrets.token_bytes(PAGE_SALT_BYTES))
        people = [Enrolled(candidate(number, faced=False, thumbed=False)) for number in range(2, 5)]
        wang = Enrolled(candidate(1, thumbed=False), b"", pack(WANG.face), pack(WANG.chip))
        self.register = Register.create(folder, page_key, INTERNATIONAL, day, [wang, *people], exam=exam, door=name)
        self.door = Door(self.register, self.register.matcher(), Policy())
        self.key = key
        self._stirred = threading.Condition()

    def arrive(self, number: int, picture: bytes = b"") -> None:
        act = DoorAct.SUSPECTED if picture else DoorAct.ARRIVED
        self.register.note([Note(act, 0, number, picture=picture)], EARLY)

    @contextmanager
    def online(self, *doors: str, listen: str = HERE) -> Iterator[Neighbours]:
        made = Neighbours(self.register, self.key, listen=listen, doors=doors, changed=self._stir)
        made.start()
        try:
            yield made
        finally:
            made.stop()

    def until(self, seen: Callable[[], bool]) -> None:
        with self._stirred:
            assert self._stirred.wait_for(seen, PATIENCE_S)

    def sits(self, number: int) -> bool:
        return self.door.roll.attendance(0)[number].presence is Presence.IN

    def _stir(self) -> None:
        with self._stirred:
            self._stirred.notify_all()


@pytest.fixture
def east(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path / "east", "东门", EAST)
    yield site
    site.register.close()


@pytest.fixture
def west(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path / "west", "西门", WEST)
    yield site
    site.register.close()


def place(neighbours: Neighbours) -> str:
    return f"127.0.0.1:{neighbours.port}"


def test_a_copied_card_is_refused_at_the_second_door_and_what_was_missed_comes_when_the_line_is_back(
    east: Site, west: Site
) -> None:
    wang = candidate(1)
    east.arrive(1)
    with east.online() as lan:
        address = place(lan)
        with west.online(address) as other:
            west.until(lambda: west.sits(1))
            turned = west.door.card(wang.id_number, wang.name, EARLY)
            assert isinstance(turned, Turned)
            assert (turned.reason.code, turned.reason.data["door"]) == ("checkin.already_in", "东门")
            east.arrive(2, b"jpeg")  # while the line is up: at once, with its photograph
            west.until(lambda: west.door.roll.attendance(0)[2].presence is Presence.SUSPECTED)
            (suspected,) = (one for one in west.register.events() if one.candidate == 2)
            assert west.register.picture(suspected.door, suspected.sequence) == b"jpeg"
            assert [(one.door.split()[0], one.problem) for one in other.all] == [("东门", None)]
            lan.stop()
            west.until(lambda: other.all[0].problem is not None)
            assert isinstance(west.door.card(candidate(3).id_number, candidate(3).name, EARLY), Watched)  # and goes on alone
            east.arrive(4)
            with east.online(listen=address):
                west.until(lambda: west.sits(4))
    assert west.register.is_whole()
    assert east.register.newest_of(west.register.door) == 0  # nobody called there


def test_whoever_was_let_in_elsewhere_while_one_looked_is_not_let_in_again(east: Site, west: Site) -> None:
    wang = candidate(1)
    with east.online() as lan, west.online(place(lan)):
        assert isinstance(west.door.card(wang.id_number, wang.name, EARLY), Looking)
        east.arrive(1)
        west.until(lambda: west.sits(1))
        state = west.door.face(WANG.live(0.7), b"jpeg", EARLY)
    assert isinstance(state, Turned)
    assert state.reason.code == "checkin.already_in"
    assert [one.act for one in west.register.own_events()] == [DoorAct.TURNED]


def test_two_doors_that_let_in_one_name_before_they_could_hear_of_it_both_raise_it_with_doors_and_times(
    east: Site, west: Site
) -> None:
    for site in (east, west):  # at the same moment, and neither waits for the network
        site.arrive(2)
    assert east.door.roll.alarms(0) == []
    with east.online() as lan, west.online(place(lan)) as other, other_way(east, place(other)):
        for site in (east, west):
            site.until(lambda site=site: site.door.roll.alarms(0))  # type: ignore[misc]
            (alarm,) = site.door.roll.alarms(0)
            assert alarm.candidate.number == 2
            assert sorted((door_name(door), at) for door, at in alarm.arrivals) == [("东门", EARLY), ("西门", EARLY)]
    west.door.roll.verified(0, 2)  # somebody has gone to the seat
    assert (west.door.roll.alarms(0), len(west.door.roll.twice(0)), len(east.door.roll.alarms(0))) == ([], 1, 1)


@contextmanager
def other_way(site: Site, address: str) -> Iterator[None]:
    """A door that listens already calls as well."""
    with site.online(address, listen=""):
        yield


def test_strangers_other_exams_and_a_network_that_is_not_there_leave_a_door_alone(
    east: Site, west: Site, tmp_path: Path
) -> None:
    stranger = Site(tmp_path / "stranger", "假门", STRANGER)
    forger = Site(tmp_path / "forger", "仿门", SigningKey(INTERNATIONAL, STRANGER.private, EAST.public))
    elsewhere = Site(tmp_path / "elsewhere", "他门", WEST, exam="f" * 64)
    east.arrive(1)
    with east.online() as lan:
        for site, code in ((stranger, "stranger"), (forger, "stranger"), (elsewhere, "other_exam")):
            with site.online(place(lan), listen="") as calling:
                site.until(lambda calling=calling, code=code: _said(calling) == f"checkin.lan.{code}")  # type: ignore[misc]
            assert not site.sits(1)
            site.register.close()
        with west.online("127.0.0.1:1", listen=place(lan)) as alone:  # nobody there, and a port that is taken
            assert alone.problem is not None
            assert alone.problem.code == "checkin.lan.no_port"
    old = Neighbours(west.register, SM.new_signing_key(), listen=HERE, doors=("127.0.0.1:1",))
    old.start()
    assert (_said(old), old.port) == ("checkin.lan.suite", 0)
    old.stop()


def _said(neighbours: Neighbours) -> str:
    problem: Message | None = neighbours.all[0].problem
    return problem.code if problem is not None else ""

"""The day itself: one package, several doors that know nothing of each other, their results put together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from time import perf_counter
from typing import Final

import numpy as np
from threadpoolctl import threadpool_limits

from kiosk.checkin import (
    Door,
    Looking,
    Order,
    Policy,
    Post,
    Register,
    Seated,
    Shelf,
    Shelved,
    Suspected,
    Turned,
    Watched,
)
from kiosk.checkin.state import State
from kiosk.ciphers import new_office_key
from kiosk.ciphers.age import Sealing
from kiosk.exam_rehearsal.failing import Comer, let_in_until_it_fails
from kiosk.exam_rehearsal.plants import ENGLISH, MATHS, START, ExamDayReport, Passage, Plant, Player, planted
from kiosk.exchange.exam_parcel import write_exam
from kiosk.pipeline.face import Embedding
from kiosk.pipeline.face.compact import pack as pack_face
from kiosk.pipeline.finger import Template, template
from kiosk.records import (
    Decided,
    Enrolled,
    ExamDay,
    FingerPosition,
    Message,
    Person,
    Presence,
)
from kiosk.store import Store

_JPEG: Final = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffd9")
_BEFORE_IT_FAILS: Final = 6  # candidates who come to the door whose power fails, the last while it does
_WET: Final = Message("hint.finger.wipe")
_INVIGILATORS: Final = (Person("监考甲"), Person("监考乙"))


class _Station:
    """A door with its store, in a folder of its own."""

    def __init__(self, folder: Path, name: str, clock: Callable[[], datetime]) -> None:
        self.store = Store.open(folder / "data")
        self.shelf = Shelf(self.store, now=clock)
        self.name = name
        self.shelved: Shelved | None = None
        self.door: Door | None = None

    def take(self, package: Path, office_key: str) -> None:
        self.shelved = self.shelf.take(package, office_key=office_key, door=self.name, by="考务")
        self.open(Post())

    def open(self, post: Post) -> None:
        assert self.shelved is not None
        register: Register = self.shelf.open(self.shelved)
        matcher = register.matcher()
        matcher.learn()
        self.door = Door(register, matcher, Policy(), post)

    def close(self) -> None:
        if self.door is not None:
            self.door.register.close()
        self.store.close()


def rehearse_exam(
    folder: Path, *, candidates: int, doors: int, seed: int = 1, told: Callable[[int], None] = lambda _: None
) -> ExamDayReport:
    """A whole day in an empty folder: package, doors, late ones, closing, results out and merged twice, decisions."""
    threadpool_limits(1, user_api="blas")  # as a door does
    template.load()
    rng = np.random.default_rng(seed)
    players = planted(rng, candidates, doors)
    moments = count()
    clock = _Clock()
    stations = [_Station(folder / f"door-{number}", f"{number}号门", clock) for number in range(1, doors + 1)]
    try:
        _deliver(folder, stations, players)
        passages = [Passage(one) for one in players]
        failing = len(passages) // 2  # where one door's power fails
        faults: list[str] = []
        for done, passage in enumerate(passages):
            station = stations[next(moments) % doors]
            if done == failing:
                faults += _cut_power(station, passages[done:], clock)
            if not passage.over:
                _play(passage, station, stations, clock)
            told(done + 1)
        return _settle(folder, stations, passages, clock, faults)
    finally:
        for station in stations:
            station.close()


class _Clock:
    """Six candidates a minute, beginning half an hour before the exam; what is late comes after the latest entry."""

    def __init__(self) -> None:
        self.at = START - timedelta(minutes=30)
        self.step = timedelta(milliseconds=100)

    def __call__(self) -> datetime:
        self.at += self.step
        return self.at


def _deliver(folder: Path, stations: Sequence[_Station], players: Sequence[Player]) -> None:
    """One package for all doors, as an office sends it."""
    office = new_office_key(stations[0].store.suite)
    keys = tuple(station.store.signing.key().public.hex() for station in stations)
    day = ExamDay(
        "期末考试",
        "第一中学考点",
        (MATHS, ENGLISH),
        START - timedelta(days=2),
        START + timedelta(days=365 * 30),
        stations=keys,
    )
    enrolled = [_enrolled(one) for one in players if one.plant is not Plant.STRANGER]
    package = folder / "考场包.age"
    to = Sealing(recipients=tuple(station.store.signing.recipient() for station in stations))
    write_exam(package, to, office.signing, day, enrolled, by_office=True)
    for station in stations:
        station.take(package, office.signing.public.hex())


def _enrolled(player: Player) -> Enrolled:
    if not player.candidate.faced:
        return Enrolled(player.candidate, _JPEG)
    thumbs = tuple((FingerPosition.RIGHT_THUMB, player.body.enrolled_thumb()) for _ in range(2))
    return Enrolled(player.candidate, _JPEG, pack_face(player.body.face), pack_face(player.body.chip), thumbs)


def _cut_power(station: _Station, to_come: Sequence[Passage], clock: _Clock) -> list[str]:
    """The next genuine ones come to this door while it runs as a process of its own, which is killed in the middle of the last
    of them. Whoever was shown to a seat has to be there when the register is opened anew; what is wrong."""
    assert station.door is not None
    assert station.shelved is not None
    coming = [one for one in to_come if one.player.plant is Plant.GENUINE][:_BEFORE_IT_FAILS]
    at, post = clock(), station.door.post
    station.door.register.close()
    comers = [Comer(one.player.candidate.id_number, one.player.candidate.name, _look(one.player, 1)) for one in coming]
    shown = let_in_until_it_fails(station.store.folder, station.shelved.id, comers, at)
    station.open(post)
    there = station.door.roll.attendance(0)
    for passage in coming:
        passage.over = there[passage.player.candidate.number].presence is Presence.IN
    lost = sum(not one.over for one in coming[:shown])
    lacking = shown < len(coming) - 1
    return [f"{station.name}: {shown} shown, {lost} lost by the power cut"] if lost or lacking else []


def _play(passage: Passage, station: _Station, stations: Sequence[_Station], clock: _Clock) -> None:
    """One candidate's way to a seat, or not."""
    player, door = passage.player, station.door
    assert door is not None
    plant = player.plant
    if plant is Plant.ABSENT:
        return
    at = clock()
    if plant is Plant.LATE:
        at = MATHS.latest_entry + timedelta(minutes=1)
    if plant is Plant.WRONG_ROOM and len(door.roll.rooms()) > 1:
        own = player.candidate.seats[0].room
        door.take_post(Post(room=next(one for one in door.roll.rooms() if one != own)))
        _come(passage, door, at)
        door.take_post(Post())
        passage.reds = passage.reds or ["checkin.wrong_room"]
        _come(passage, door, clock())
    elif plant is Plant.WRONG_ROOM:  # a site of one room has none
        passage.reds.append("checkin.wrong_room")
        _come(passage, door, at)
    else:
        _come(passage, door, at)
    if plant is Plant.AGAIN:
        _come(passage, door, clock())
    if plant is Plant.TWO_DOORS:
        other = next((one.door for one in stations if one is not station), None)
        if other is not None:
            _come(passage, other, clock())


def _come(passage: Passage, door: Door, at: datetime) -> None:
    player = passage.player
    if isinstance(door.state, Turned | Seated | Suspected):
        door.card_gone(at)
    started_s = perf_counter()
    state = _identify(door, player, at)
    looks, dried = 0, False
    while not isinstance(state, Turned | Seated | Suspected):
        if isinstance(state, Watched):
            state = door.ask(Order.LET_IN, at, by=_INVIGILATORS[0].name)
            continue
        before = state
        if isinstance(state, Looking):
            looks += 1
            state = door.face(_look(player, looks), _JPEG, at)
        elif player.plant is Plant.WET_THUMB and not dried:
            dried, state = True, door.poor_press(_WET, at)
        else:
            state = door.press(_thumb(player), at)
        if state is before:
            break
    passage.own_s = max(passage.own_s, perf_counter() - started_s)
    if isinstance(state, Turned):
        passage.reds.append(state.reason.code)
    door.time_over(door.turn, at)
    door.card_gone(at)


def _identify(door: Door, player: Player, at: datetime) -> State:
    """By the card, or, without one, by whatever there is."""
    who, seat = player.candidate, player.candidate.seats[0]
    if player.plant is Plant.OTHER_NAME:
        return door.card(who.id_number, "另有其人", at)
    if player.plant is not Plant.LOST_CARD:
        return door.card(who.id_number, who.name, at)
    match who.number % 4:
        case 0:
            found = door.roll.look_up(f"{seat.room}-{seat.seat}", 0)
        case 1:
            found = door.roll.look_up(who.exam_number[-5:], 0)
        case 2:
            door.take_post(Post(room=seat.room))
            door.ask(Order.SEARCH_FACE, at)
            state = door.face(player.body.live(0.7), _JPEG, at)
            door.take_post(Post())
            return state
        case _:
            door.ask(Order.SEARCH_THUMB, at)
            return door.press(player.body.press(), at)
    number, by = next((one.number, by) for one, by in found if one.number == who.number)
    return door.chosen(number, by, at)


def _look(player: Player, looks: int) -> Embedding:
    match player.plant:
        case Plant.IMPOSTOR:
            return player.body.live(0.12)
        case Plant.UNSURE | Plant.WET_THUMB:
            return player.body.live(0.38)
        case Plant.BLURRED if looks == 1:
            return player.body.live(0.25)
        case Plant.TWIN if player.sibling is not None:
            return player.body.live(0.62)
    return player.body.live(0.7)


def _thumb(player: Player) -> Template:
    return player.sibling.press() if player.sibling is not None else player.body.press()


def _settle(
    folder: Path, stations: Sequence[_Station], passages: Sequence[Passage], clock: _Clock, faults: list[str]
) -> ExamDayReport:
    """Close, carry every door's results to the first, twice, decide what is suspicious, and look."""
    first = stations[0]
    assert first.door is not None
    assert first.shelved is not None
    clock.at = MATHS.latest_entry + timedelta(minutes=5)
    door, to = first.door, Sealing(recipients=(first.store.signing.recipient(),))
    for number, station in enumerate(stations[1:], start=2):
        assert station.door is not None
        assert station.shelved is not None
        results = folder / f"results-{number}.age"
        own = station.door.register
        written = station.shelf.write_results(station.shelved, own, results, to, station=station.name, by="考务")
        merged = first.shelf.merge(first.shelved, door.register, results, by="考务")
        again = first.shelf.merge(first.shelved, door.register, results, by="考务")
        if (merged, again) != (written, 0):
            faults.append(f"{station.name}: {written} written, {merged} and {again} merged")
    door.close(0, clock(), by=_INVIGILATORS[0].name)
    for _, event, _ in door.roll.suspicions(0):
        door.decide((event.door, event.sequence), Decided.SUBSTITUTE, "照片与本人不符", _INVIGILATORS, clock())
    there = door.roll.attendance(0)
    for passage in passages:
        found = there.get(passage.player.candidate.number)
        passage.presence = found.presence if found is not None else None
        passage.twice = bool(found and found.twice)
    counts = door.roll.counts(0)
    expected = Counter(one.presence for one in there.values())
    if sum(one.absent for one in counts) != expected[Presence.ABSENT] or sum(one.expected for one in counts) != len(there):
        faults.append("the rooms' counts don't add up")
    faults += [f"{one.name}: the events are not whole" for one in stations if one.door and not one.door.register.is_whole()]
    return ExamDayReport(tuple(passages), tuple(faults), door.register.count())

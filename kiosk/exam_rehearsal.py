"""`kiosk rehearse --exam`: an exam day at several doors that know nothing of each other, held against what was planted.

Packages, seals, registers, the doors' rules and both matchers are the real ones. The people are made of numbers: a face is a
vector as SFace gives it, a thumb a set of minutiae that is moved and loses some at each press. What cameras and scanners do is
`kiosk rehearse`'s business.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import count
from pathlib import Path
from time import perf_counter
from typing import Final

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from kiosk.checkin import (
    Door,
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
    suspicions,
)
from kiosk.checkin.state import State
from kiosk.ciphers import new_office_key
from kiosk.ciphers.age import Sealing
from kiosk.exchange.exam_parcel import write_exam
from kiosk.pipeline.face import Embedding
from kiosk.pipeline.face.compact import pack as pack_face
from kiosk.pipeline.face.compact import unpack as unpack_face
from kiosk.pipeline.finger import Minutiae, Template, make_template, template
from kiosk.pipeline.finger.compact import pack as pack_finger
from kiosk.records import (
    Candidate,
    Decided,
    Enrolled,
    ExamDay,
    ExamSession,
    FingerPosition,
    Message,
    Person,
    Presence,
    Seating,
)
from kiosk.store import Store

_PER_ROOM: Final = 30
_START: Final = datetime(2027, 6, 7, 1, 0, tzinfo=UTC)
_MATHS: Final = ExamSession("数学", _START, _START + timedelta(hours=2), _START + timedelta(minutes=15))
_ENGLISH: Final = ExamSession("英语", _START + timedelta(hours=6), _START + timedelta(hours=8), _START + timedelta(hours=6.25))
_JPEG: Final = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffd9")
_WET: Final = Message("hint.finger.wipe")
_INVIGILATORS: Final = (Person("监考甲"), Person("监考乙"))


class Plant(StrEnum):
    """What a simulated candidate is up to, or meets with."""

    GENUINE = "genuine"
    BLURRED = "blurred"  # the first look fails, the second is good
    UNSURE = "unsure"  # older, other hair: the thumb decides
    WET_THUMB = "wet_thumb"  # an unsure face, and the thumb has to be dried first
    IMPOSTOR = "impostor"  # comes with somebody else's card
    TWIN = "twin"  # sits for a declared sibling
    LATE = "late"
    WRONG_ROOM = "wrong_room"  # then goes to the right one
    WRONG_SESSION = "wrong_session"  # has a seat in the afternoon
    LOST_CARD = "lost_card"  # found by seat, digits, face or thumb
    AGAIN = "again"  # lays the card at the same door a second time
    TWO_DOORS = "two_doors"  # and somebody else lays a copy at another door
    OTHER_NAME = "other_name"  # the card has another name than the capture
    UNCAPTURED = "uncaptured"  # nothing to compare with: an invigilator looks
    ABSENT = "absent"
    STRANGER = "stranger"  # on no list


# What a morning's candidates of thirty are; the rest is genuine.
_PLANTS: Final = {
    2: Plant.IMPOSTOR,
    4: Plant.BLURRED,
    5: Plant.UNSURE,
    6: Plant.WET_THUMB,
    8: Plant.TWIN,
    11: Plant.LATE,
    13: Plant.WRONG_ROOM,
    15: Plant.WRONG_SESSION,
    16: Plant.LOST_CARD,
    17: Plant.LOST_CARD,
    18: Plant.LOST_CARD,
    19: Plant.LOST_CARD,
    20: Plant.AGAIN,
    22: Plant.TWO_DOORS,
    23: Plant.OTHER_NAME,
    25: Plant.UNCAPTURED,
    27: Plant.ABSENT,
    29: Plant.STRANGER,
}
_EXPECTED: Final = {
    Plant.IMPOSTOR: Presence.SUBSTITUTE,
    Plant.TWIN: Presence.SUBSTITUTE,
    Plant.LATE: Presence.ABSENT,
    Plant.WRONG_SESSION: None,
    Plant.OTHER_NAME: Presence.ABSENT,
    Plant.ABSENT: Presence.ABSENT,
    Plant.STRANGER: None,
}
_RED: Final = {
    Plant.LATE: "checkin.too_late",
    Plant.WRONG_ROOM: "checkin.wrong_room",
    Plant.WRONG_SESSION: "checkin.wrong_session",
    Plant.AGAIN: "checkin.already_in",
    Plant.OTHER_NAME: "checkin.other_name",
    Plant.STRANGER: "checkin.not_registered",
}


class Body:
    """Somebody's face and thumb, in numbers."""

    def __init__(self, rng: np.random.Generator, like: Body | None = None) -> None:
        """`like`: a sibling whose face this one's is, as far as anybody can tell."""
        self._rng = rng
        trunk: NDArray[np.float64] = _unit(rng.normal(size=128)) if like is None else like.trunk
        self.trunk: NDArray[np.float64] = trunk
        self.face, self.chip = (self._near(trunk, noise) for noise in (0.5, 0.9))
        self._thumb = _minutiae(rng)

    def again(self, rng: np.random.Generator) -> Body:
        """The same person at another capture."""
        other = Body(rng, self)
        other._thumb = self._thumb
        return other

    def live(self, fused: float) -> Embedding:
        """A look at the face that scores as told against its own captured face and chip."""
        captured, chip = unpack_face(pack_face(self.face)), unpack_face(pack_face(self.chip))
        middle = (captured + chip) / 2
        share = fused / float(np.linalg.norm(middle))
        axis = _unit(middle)
        across = self._rng.normal(size=128)
        across = _unit(across - (across @ axis) * axis)
        return np.asarray(share * axis + np.sqrt(1 - share**2) * across, np.float32)

    def enrolled_thumb(self) -> bytes:
        return pack_finger(self._pressed())

    def press(self) -> Template:
        """Turned and moved a little, some of the minutiae missing."""
        return make_template(self._pressed())

    def _pressed(self) -> Minutiae:
        rng, one = self._rng, self._thumb
        kept = rng.random(len(one)) > 0.12
        turn, shift = rng.uniform(-0.12, 0.12), rng.uniform(-10, 10, size=2)
        middle = np.array([128.0, 144.0])
        turned = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
        xy = (one.xy - middle) @ turned.T + middle + shift + rng.normal(0, 0.8, one.xy.shape)
        direction = one.direction - turn + rng.normal(0, 0.04, len(one))
        moved = Minutiae(xy.astype(np.float32), direction.astype(np.float32), one.ending, one.score, 256, 288)
        return moved.kept(np.flatnonzero(kept & (xy >= 0).all(axis=1) & (xy[:, 0] < 256) & (xy[:, 1] < 288)))

    def _near(self, trunk: NDArray[np.float64], noise: float) -> Embedding:
        return np.asarray(_unit(trunk + noise * _unit(self._rng.normal(size=128))), np.float32)


@dataclass(frozen=True, eq=False)
class Player:
    """A candidate, or a stranger, with what is planted."""

    candidate: Candidate
    body: Body
    plant: Plant
    sibling: Body | None = None


@dataclass
class Passage:
    """How one fared: what was shown last at each door, and what the merged results say."""

    player: Player
    reds: list[str] = field(default_factory=list)
    own_s: float = 0.0
    presence: Presence | None = None
    twice: bool = False

    @property
    def as_planted(self) -> bool:
        plant = self.player.plant
        red = _RED.get(plant)
        expected = _EXPECTED.get(plant, Presence.IN)
        return self.presence is expected and self.reds == ([red] if red else []) and self.twice is (plant is Plant.TWO_DOORS)


@dataclass(frozen=True)
class ExamDayReport:
    """What a rehearsed day came to. `faults`: what was not as it must be besides the passages."""

    passages: tuple[Passage, ...]
    faults: tuple[str, ...]
    events: int

    @property
    def as_planted(self) -> bool:
        return not self.faults and bool(self.passages) and all(one.as_planted for one in self.passages)


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
    players = _players(rng, candidates, doors)
    moments = count()
    clock = _Clock()
    stations = [_Station(folder / f"door-{number}", f"{number}号门", clock) for number in range(1, doors + 1)]
    try:
        _deliver(folder, stations, players)
        passages = [Passage(one) for one in players]
        failing = len(passages) // 2  # where one door's power fails
        for done, passage in enumerate(passages):
            station = stations[next(moments) % doors]
            if done == failing:
                _cut_power(station, clock)
            _play(passage, station, stations, clock)
            told(done + 1)
        return _settle(folder, stations, passages, clock)
    finally:
        for station in stations:
            station.close()


class _Clock:
    """Six candidates a minute, beginning half an hour before the exam; what is late comes after the latest entry."""

    def __init__(self) -> None:
        self.at = _START - timedelta(minutes=30)
        self.step = timedelta(milliseconds=100)

    def __call__(self) -> datetime:
        self.at += self.step
        return self.at


def _players(rng: np.random.Generator, candidates: int, doors: int) -> list[Player]:
    players: list[Player] = []
    for place in range(1, candidates + 1):
        plant = _PLANTS.get(place % _PER_ROOM, Plant.GENUINE)
        if plant is Plant.TWO_DOORS and doors < 2:
            plant = Plant.GENUINE
        body = Body(rng)
        id_number, exam_number = f"63010120090101{place:04d}", f"2027{place:05d}"
        room, seat = str((place - 1) // _PER_ROOM + 1), (place - 1) % _PER_ROOM + 1
        subject = _ENGLISH.subject if plant is Plant.WRONG_SESSION else _MATHS.subject
        captured = plant is not Plant.UNCAPTURED
        who = Candidate(
            place,
            id_number,
            exam_number,
            f"考生{place}",
            (Seating(id_number, exam_number, room, seat, "教学楼", subject),),
            alike=plant is Plant.TWIN,
            faced=captured,
            thumbed=captured,
        )
        players.append(Player(who, body, plant, Body(rng, body) if plant is Plant.TWIN else None))
    return players


def _deliver(folder: Path, stations: Sequence[_Station], players: Sequence[Player]) -> None:
    """One package for all doors, as an office sends it."""
    office = new_office_key(stations[0].store.suite)
    keys = tuple(station.store.signing.key().public.hex() for station in stations)
    day = ExamDay(
        "期末考试",
        "第一中学考点",
        (_MATHS, _ENGLISH),
        _START - timedelta(days=2),
        _START + timedelta(days=365 * 30),
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


def _cut_power(station: _Station, clock: _Clock) -> None:
    """In the middle of a candidate: nothing is closed, and the register is opened anew."""
    assert station.door is not None
    door = station.door
    waiting = next((one for one in door.register.candidates if door.attendance(0).get(one.number)), None)
    if waiting is not None:
        door.card(waiting.id_number, waiting.name, clock())
    station.open(door.post)


def _play(passage: Passage, station: _Station, stations: Sequence[_Station], clock: _Clock) -> None:
    """One candidate's way to a seat, or not."""
    player, door = passage.player, station.door
    assert door is not None
    plant = player.plant
    if plant is Plant.ABSENT:
        return
    at = clock()
    if plant is Plant.LATE:
        at = _MATHS.latest_entry + timedelta(minutes=1)
    if plant is Plant.WRONG_ROOM and len(door.rooms()) > 1:
        own = player.candidate.seats[0].room
        door.take_post(Post(room=next(one for one in door.rooms() if one != own)))
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
        if type(state).__name__ == "Looking":
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
            found = door.look_up(f"{seat.room}-{seat.seat}", at)
        case 1:
            found = door.look_up(who.exam_number[-5:], at)
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


def _settle(folder: Path, stations: Sequence[_Station], passages: Sequence[Passage], clock: _Clock) -> ExamDayReport:
    """Close, carry every door's results to the first, twice, decide what is suspicious, and look."""
    first = stations[0]
    assert first.door is not None
    assert first.shelved is not None
    faults: list[str] = []
    clock.at = _MATHS.latest_entry + timedelta(minutes=5)
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
    for _, event, _ in suspicions(door, 0):
        door.decide((event.door, event.sequence), Decided.SUBSTITUTE, "照片与本人不符", _INVIGILATORS, clock())
    there = door.attendance(0)
    for passage in passages:
        found = there.get(passage.player.candidate.number)
        passage.presence = found.presence if found is not None else None
        passage.twice = bool(found and found.twice)
    counts = door.counts(0)
    expected = Counter(one.presence for one in there.values())
    if sum(one.absent for one in counts) != expected[Presence.ABSENT] or sum(one.expected for one in counts) != len(there):
        faults.append("the rooms' counts don't add up")
    faults += [f"{one.name}: the events are not whole" for one in stations if one.door and not one.door.register.is_whole()]
    return ExamDayReport(tuple(passages), tuple(faults), door.register.count())


def _minutiae(rng: np.random.Generator) -> Minutiae:
    """Some forty, as a thumb has them: not nearer to each other than ridges are."""
    xy: list[NDArray[np.float64]] = []
    while len(xy) < 42:
        one = rng.uniform((20, 20), (236, 268))
        if all(np.hypot(*(one - other)) > 13 for other in xy):
            xy.append(one)
    number = len(xy)
    direction = rng.uniform(-np.pi, np.pi, number)
    ending, score = rng.random(number) > 0.5, np.full(number, 0.9, np.float32)
    return Minutiae(np.array(xy, np.float32), direction.astype(np.float32), ending, score, 256, 288)


def _unit(vector: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(vector / np.linalg.norm(vector))

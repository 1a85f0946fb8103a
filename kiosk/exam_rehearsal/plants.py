"""Who comes to a rehearsed exam, what each is up to or meets with, and what must come of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

import numpy as np

from kiosk.exam_rehearsal.body import Body
from kiosk.records import (
    Candidate,
    ExamSession,
    Presence,
    Seating,
)

_PER_ROOM: Final = 30
START: Final = datetime(2027, 6, 7, 1, 0, tzinfo=UTC)
MATHS: Final = ExamSession("数学", START, START + timedelta(hours=2), START + timedelta(minutes=15))
ENGLISH: Final = ExamSession("英语", START + timedelta(hours=6), START + timedelta(hours=8), START + timedelta(hours=6.25))


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
    over: bool = False  # let in by a door in a process of its own
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


def planted(rng: np.random.Generator, candidates: int, doors: int) -> list[Player]:
    """So many, thirty to a room."""
    players: list[Player] = []
    for place in range(1, candidates + 1):
        plant = _PLANTS.get(place % _PER_ROOM, Plant.GENUINE)
        if plant is Plant.TWO_DOORS and doors < 2:
            plant = Plant.GENUINE
        body = Body(rng)
        id_number, exam_number = f"63010120090101{place:04d}", f"2027{place:05d}"
        room, seat = str((place - 1) // _PER_ROOM + 1), (place - 1) % _PER_ROOM + 1
        subject = ENGLISH.subject if plant is Plant.WRONG_SESSION else MATHS.subject
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

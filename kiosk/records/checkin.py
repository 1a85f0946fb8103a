"""入场核验: who may sit down where on the day of the exam, and what came of it at the doors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from kiosk.records.exams import ExamSession, Seating, room_order
from kiosk.records.judgements import Score
from kiosk.records.steps import FingerPosition


class ThumbWhen(StrEnum):
    """When a thumb is wanted besides the face."""

    UNSURE = "unsure"  # where the face leaves a doubt
    ALWAYS = "always"


class FoundBy(StrEnum):
    """How it was found out who stands at the door."""

    CARD = "card"
    SEAT = "seat"
    NUMBER = "number"  # the last digits of 考号 or ID number
    NAME = "name"
    FACE = "face"
    THUMB = "thumb"
    ROUND = "round"  # an invigilator who walks through the room


class DoorAct(StrEnum):
    """What happened to a candidate."""

    ARRIVED = "arrived"
    TURNED = "turned"  # sent away, with the reason
    SUSPECTED = "suspected"  # 存疑: sits there until two people have decided
    DECIDED = "decided"
    LEFT = "left"
    RETURNED = "returned"
    TAKEN_BACK = "taken_back"  # what a person entered by mistake, and is as if it had not been
    CLOSED = "closed"  # of a session: whoever has not come is absent
    STARTED = "started"  # of a door: from when to when it was there is what its events say


class Decided(StrEnum):
    """What two invigilators say of somebody under suspicion."""

    PASSED = "passed"  # 通过
    SUBSTITUTE = "substitute"  # 替考嫌疑


class Presence(StrEnum):
    """Where a candidate stands in a session. The order is that of the lists."""

    EXPECTED = "expected"
    IN = "in"
    OUT = "out"  # left before the end
    SUSPECTED = "suspected"
    SUBSTITUTE = "substitute"
    ABSENT = "absent"


@dataclass(frozen=True)
class Candidate:
    """Somebody with a seat at the site. `number` is the place in the package. `alike`: declared to look like somebody else of
    the exam, so that a face alone is not enough."""

    number: int
    id_number: str
    exam_number: str
    name: str
    seats: tuple[Seating, ...]
    sex: str = ""
    school: str = ""
    class_name: str = ""
    alike: bool = False
    faced: bool = True  # whether there is a face to compare with
    thumbed: bool = True  # and a thumb

    def seat_in(self, session: ExamSession) -> Seating | None:
        """The seat for a session, where there is one."""
        return next((one for one in self.seats if one.subject in ("", session.subject)), None)


@dataclass(frozen=True, eq=False)
class Enrolled:
    """What a package holds of a candidate. Templates are `kiosk.pipeline`'s compact files; `face` is the captured live face,
    `chip` the chip photo, either empty where there is none."""

    candidate: Candidate
    portrait: bytes = b""  # JPEG
    face: bytes = b""
    chip: bytes = b""
    thumbs: tuple[tuple[FingerPosition, bytes], ...] = ()


@dataclass(frozen=True, eq=False)
class Elsewhere:
    """Somebody of the district without a seat at the site, known by the captured face alone (a compact file), so that
    invigilators hear whose a suspicious face may be."""

    name: str
    school: str
    face: bytes

    @property
    def told(self) -> str:
        return f"{self.name}（{self.school}）" if self.school else self.name


@dataclass(frozen=True)
class ExamDay:
    """What a 考场包 says but for the candidates. `stations`: the public keys, hexadecimal, of those it was made for. `alive`:
    doors ask every face for a proof of life, whatever their settings say."""

    title: str
    site: str
    sessions: tuple[ExamSession, ...]
    issued_at: datetime
    expires_at: datetime
    thumb: ThumbWhen = ThumbWhen.UNSURE
    reentry: bool = False  # whether somebody who left may come back
    stations: tuple[str, ...] = ()
    alive: bool = False


@dataclass(frozen=True, eq=False)
class DoorEvent:
    """One thing that happened at one door. `door` and `sequence` tell it from every other, wherever it is carried.

    `session` is the place of the session in the package, from 0; `candidate` None where nobody of the package is meant.
    `code` is why somebody was sent away or suspected, `told` goes with it; `by` are who decided.
    """

    door: str
    sequence: int
    act: DoorAct
    at: datetime
    session: int = 0
    candidate: int | None = None
    found_by: FoundBy = FoundBy.CARD
    code: str = ""
    told: Mapping[str, str] = field(default_factory=dict)
    by: tuple[str, ...] = ()
    reason: str = ""
    scores: tuple[Score, ...] = ()
    like: tuple[int, ...] = ()  # candidates whose face or thumb it is: shown to invigilators only
    elsewhere: tuple[str, ...] = ()  # the same of the district, by name
    picture: bytes = b""  # JPEG

    @property
    def id(self) -> tuple[str, int]:
        """Which one it is, wherever it is carried."""
        return self.door, self.sequence

    @property
    def may_be_taken_back(self) -> bool:
        """Whether it was entered by an invigilator's finger, which may have hit the wrong seat."""
        return self.act is DoorAct.LEFT or (self.found_by is FoundBy.ROUND and self.act in (DoorAct.ARRIVED, DoorAct.SUSPECTED))


@dataclass(frozen=True)
class Attendance:
    """What the events say of a candidate in a session. `twice`: let in at more than one door, none of which knew: where and
    when, the first first."""

    presence: Presence = Presence.EXPECTED
    at: datetime | None = None
    door: str = ""
    twice: tuple[tuple[str, datetime], ...] = ()
    event: tuple[str, int] | None = None  # what the suspicion is about, or the decision


@dataclass(frozen=True)
class Twice:
    """Somebody who was let in more than once in a session: at which doors, and when, the first first."""

    candidate: Candidate
    seat: Seating
    arrivals: tuple[tuple[str, datetime], ...]


@dataclass(frozen=True)
class RoomCount:
    """应到, 已到, 存疑, 缺考 of a room. `came` counts the suspected, too: they sit there."""

    room: str
    expected: int = 0
    came: int = 0
    suspected: int = 0
    absent: int = 0
    twice: int = 0

    @property
    def missing(self) -> int:
        """Not there yet."""
        return self.expected - self.came - self.absent


NOBODY_YET: Final = Attendance()
_SITTING: Final = frozenset({Presence.IN, Presence.OUT, Presence.SUSPECTED, Presence.SUBSTITUTE})


def attendances(
    candidates: Sequence[Candidate], events: Sequence[DoorEvent], session: int, of: ExamSession
) -> dict[int, Attendance]:
    """By candidate's number, for those with a seat in a session. Events come from one door or from several, in any order."""
    found = {one.number: NOBODY_YET for one in candidates if one.seat_in(of) is not None}
    own = sorted((one for one in counting(events) if one.session == session), key=lambda one: (one.at, one.door, one.sequence))
    for event in own:
        if event.candidate in found:
            found[event.candidate] = _after(found[event.candidate], event)
    if any(event.act is DoorAct.CLOSED for event in own):
        absent = Attendance(Presence.ABSENT)
        found = {number: absent if one.presence is Presence.EXPECTED else one for number, one in found.items()}
    return found


def meant_by(event: DoorEvent) -> tuple[str, int]:
    """Which other event a decision, or a taking back, is about."""
    number = event.told.get("event", "")
    return event.told.get("door", ""), int(number) if number.isascii() and number.isdigit() else 0


def counting(events: Sequence[DoorEvent]) -> list[DoorEvent]:
    """Without what was taken back, and the taking back: what a device found out can't be."""
    gone = {meant_by(one) for one in events if one.act is DoorAct.TAKEN_BACK}
    return [one for one in events if one.act is not DoorAct.TAKEN_BACK and not (one.may_be_taken_back and one.id in gone)]


def _after(before: Attendance, event: DoorEvent) -> Attendance:  # noqa: PLR0911 - a line for each act
    match event.act:
        case DoorAct.ARRIVED | DoorAct.SUSPECTED:
            twice = before.twice
            sits = before.presence in _SITTING and before.presence is not Presence.OUT
            if sits and event.found_by is not FoundBy.ROUND and before.at is not None:  # who walks round lets nobody in
                twice = (*(before.twice or ((before.door, before.at),)), (event.door, event.at))
            suspected = event.act is DoorAct.SUSPECTED or before.presence in (Presence.SUSPECTED, Presence.SUBSTITUTE)
            if sits and event.act is DoorAct.ARRIVED and event.found_by is FoundBy.ROUND:
                return before
            if suspected and event.act is DoorAct.ARRIVED:  # a suspicion is not lifted by another door
                return Attendance(before.presence, before.at, before.door, twice, before.event)
            presence = Presence.SUSPECTED if suspected else Presence.IN
            return Attendance(presence, event.at, event.door, twice, (event.door, event.sequence) if suspected else None)
        case DoorAct.DECIDED:
            presence = Presence.SUBSTITUTE if event.code == Decided.SUBSTITUTE else Presence.IN
            return Attendance(presence, before.at or event.at, before.door, before.twice, (event.door, event.sequence))
        case DoorAct.LEFT if before.presence is Presence.IN:
            return Attendance(Presence.OUT, event.at, before.door, before.twice)
        case DoorAct.RETURNED if before.presence is Presence.OUT:
            return Attendance(Presence.IN, event.at, event.door, before.twice)
    return before


def room_totals(rooms: Sequence[RoomCount]) -> RoomCount:
    """All rooms of a site together."""
    names = ("expected", "came", "suspected", "absent", "twice")
    return RoomCount("", *(sum(getattr(one, name) for one in rooms) for name in names))


def room_counts(candidates: Sequence[Candidate], found: Mapping[int, Attendance], of: ExamSession) -> list[RoomCount]:
    """By room as people count them."""
    rooms: dict[str, list[Attendance]] = {}
    for one in candidates:
        if (seat := one.seat_in(of)) is not None:
            rooms.setdefault(seat.room, []).append(found[one.number])
    return [
        RoomCount(
            room,
            len(there),
            sum(one.presence in _SITTING for one in there),
            sum(one.presence in (Presence.SUSPECTED, Presence.SUBSTITUTE) for one in there),
            sum(one.presence is Presence.ABSENT for one in there),
            sum(bool(one.twice) for one in there),
        )
        for room, there in sorted(rooms.items(), key=lambda item: room_order(item[0]))
    ]

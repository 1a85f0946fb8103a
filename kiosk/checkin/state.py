"""Where a door stands: a closed set of values. Each holds all that it needs and lists the orders that it offers.

    Waiting ──card, or found by seat, number, name──► Turned (red) until the card is gone
       │                         │
       │                         ▼
       ├─search─► Searching ──► Looking ──face sure──► Seated (green), and on to the next
       │                         │  ▲ failed
       │                         ▼  │
       │                       Pressing ──thumb sure──► Seated
       │                         │ three failures
       │                         ▼
       └──────────────────── Suspected, and on to the next; two people decide later

Unsaved keeps what the disk would not take until it does. The transitions are in `kiosk.checkin.machine`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Final

from kiosk.records import Candidate, DoorAct, FoundBy, Message, Score, Seating, Verdict

_READ_S: Final = 8.0


class Order(StrEnum):
    """What whoever stands at the door may ask for."""

    SEARCH_FACE = "search_face"
    SEARCH_THUMB = "search_thumb"
    CHOOSE = "choose"  # who it is
    RETRY = "retry"
    THUMB = "thumb"  # the thumb instead of the face
    SUSPECT = "suspect"
    LET_IN = "let_in"  # seen by an invigilator, where there is nothing to compare with
    NEXT = "next"


@dataclass(frozen=True)
class Policy:
    """How a door judges. `thumb_always`: besides a good face, too."""

    thumb_always: bool = False
    failures: int = 3
    poor_presses: int = 3  # wet, dry, beside the glass: so many count as one failure


@dataclass(frozen=True)
class Post:
    """Where a door stands: `room` empty lets in any candidate of the site (通道), else those of one room (考场). `session` is
    the place of the session in the package that is checked in; None: whichever is on."""

    room: str = ""
    session: int | None = None


@dataclass(frozen=True)
class Visit:
    """A candidate before the door, with what was seen so far."""

    candidate: Candidate
    seat: Seating
    session: int
    found_by: FoundBy
    returning: bool = False
    face: Verdict | None = None
    thumb: Verdict | None = None
    failures: int = 0
    poor: int = 0
    scores: tuple[Score, ...] = ()
    picture: bytes = b""
    like: tuple[int, ...] = ()  # whom of the site the face or thumb is like, besides
    elsewhere: tuple[str, ...] = ()  # and of the district


@dataclass(frozen=True)
class Note:
    """What has to be on the disk before the next state is shown. Of `DoorEvent`, but for who, where and when."""

    act: DoorAct
    session: int
    candidate: int | None
    found_by: FoundBy = FoundBy.CARD
    code: str = ""
    told: tuple[tuple[str, str], ...] = ()
    by: tuple[str, ...] = ()
    reason: str = ""
    scores: tuple[Score, ...] = ()
    like: tuple[int, ...] = ()
    elsewhere: tuple[str, ...] = ()
    picture: bytes = b""


@dataclass(frozen=True)
class Waiting:
    """For a card, or for somebody to say who stands there."""

    lasts_s: ClassVar[float | None] = None
    said: Message | None = None  # what came of a search

    @property
    def orders(self) -> tuple[Order, ...]:
        return (Order.CHOOSE, Order.SEARCH_FACE, Order.SEARCH_THUMB)


@dataclass(frozen=True)
class Searching:
    """Nobody knows yet who it is: a face or a thumb is held against the room, or the site."""

    lasts_s: ClassVar[float | None] = 20.0
    by: FoundBy

    @property
    def orders(self) -> tuple[Order, ...]:
        return (Order.CHOOSE, Order.NEXT)


@dataclass(frozen=True)
class Turned:
    """Not let in, and why. `candidate` where it is known who it is."""

    reason: Message
    candidate: Candidate | None = None
    seat: Seating | None = None
    card_lies: bool = True

    @property
    def lasts_s(self) -> float | None:
        """Until the card is taken away; without one, for as long as it takes to read."""
        return None if self.card_lies else _READ_S

    @property
    def orders(self) -> tuple[Order, ...]:
        return (Order.NEXT, Order.CHOOSE, Order.SEARCH_FACE, Order.SEARCH_THUMB)


@dataclass(frozen=True)
class Looking:
    """The face is looked at. `again`: what was wrong the last time. `thumb`: it is wanted besides, and may be pressed
    meanwhile: its picture takes as long over a scanner's line as the face does."""

    lasts_s: ClassVar[float | None] = 30.0
    visit: Visit
    again: Message | None = None
    thumb: bool = False

    @property
    def orders(self) -> tuple[Order, ...]:
        thumb = (Order.THUMB,) if self.visit.candidate.thumbed else ()
        return (*thumb, Order.SUSPECT, Order.NEXT)


@dataclass(frozen=True)
class Pressing:
    """A thumb is wanted."""

    lasts_s: ClassVar[float | None] = 30.0
    visit: Visit
    again: Message | None = None

    @property
    def orders(self) -> tuple[Order, ...]:
        return (Order.RETRY, Order.SUSPECT, Order.NEXT)


@dataclass(frozen=True)
class Watched:
    """The package has too little to compare with: an invigilator looks at the portrait."""

    lasts_s: ClassVar[float | None] = None
    visit: Visit

    @property
    def orders(self) -> tuple[Order, ...]:
        return (Order.LET_IN, Order.SUSPECT, Order.NEXT)


@dataclass(frozen=True)
class Seated:
    """请入座."""

    lasts_s: ClassVar[float | None] = 2.0
    visit: Visit

    @property
    def orders(self) -> tuple[Order, ...]:
        return (Order.NEXT,)


@dataclass(frozen=True)
class Suspected:
    """存疑: may sit down; the student is told nothing of it."""

    lasts_s: ClassVar[float | None] = 6.0
    visit: Visit

    @property
    def orders(self) -> tuple[Order, ...]:
        return (Order.NEXT,)


@dataclass(frozen=True)
class Unsaved:
    """The disk would not take what happened. Nothing goes on until it does."""

    lasts_s: ClassVar[float | None] = None
    then: State
    notes: tuple[Note, ...]
    problem: Message

    @property
    def orders(self) -> tuple[Order, ...]:
        return (Order.RETRY,)


AtTheDoor = Looking | Pressing | Watched
State = Waiting | Searching | Turned | AtTheDoor | Seated | Suspected | Unsaved
FREE: Final = (Waiting, Searching, Turned, Seated, Suspected)  # the next candidate may come

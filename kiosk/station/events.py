"""What reaches the station's queue besides the devices' own events."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from enum import StrEnum

from kiosk.devices import DeviceEvent
from kiosk.devices.card import AccessKey
from kiosk.errors import KioskError
from kiosk.manual import TypedIn
from kiosk.records import FingerPosition, Person
from kiosk.seeing.events import GuideSaid, ShotTaken
from kiosk.snapshot import Order


@dataclass(frozen=True, eq=False)
class OrderGiven:
    """The operator asked for something, and waits for the answer: `answer` gets None, or why it was not done.

    `typed`: of TYPE_IN. `key`: of OPEN_DOCUMENT.
    """

    order: Order
    typed: TypedIn | None = None
    key: AccessKey | None = None
    answer: Future[None] = field(default_factory=Future)


class Check(StrEnum):
    """What the test of the devices asks of the station."""

    BEGIN = "begin"
    KEEP = "keep"  # somebody still looks at it
    PRESS = "press"
    END = "end"


@dataclass(frozen=True, eq=False)
class CheckAsked:
    """The devices are being tested: `answer` gets None, or why it can't be. `number`, `position`: of PRESS."""

    call: Check
    number: int = 0
    position: FingerPosition | None = None
    answer: Future[None] = field(default_factory=Future)


@dataclass(frozen=True, eq=False)
class ThumbAsked:
    """Somebody of the staff wants to be known by a thumb: the scanner is lent for one press, told under `number`, below 0; with
    None it is given back. `answer` gets None, or why it can't be: a student needs it.
    """

    number: int | None
    answer: Future[None] = field(default_factory=Future)


@dataclass(frozen=True, eq=False)
class JobDone:
    """A job of the pool ended. `error` is set instead of `value` when it failed."""

    job: int
    value: object = None
    error: KioskError | None = None


@dataclass(frozen=True)
class TimeUp:
    """A deadline that a step had set."""

    deadline: int


@dataclass(frozen=True)
class DutyChanged:
    """Somebody sits down at the station. `awake`: whether they are still there; asked when the next student comes."""

    person: Person
    awake: Callable[[], bool]


@dataclass(frozen=True)
class Quit:
    """The station closes."""


StationEvent = (
    DeviceEvent | OrderGiven | CheckAsked | ThumbAsked | JobDone | GuideSaid | ShotTaken | TimeUp | DutyChanged | Quit
)

"""What reaches the station's queue besides the devices' own events."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.devices import DeviceEvent
from kiosk.errors import KioskError
from kiosk.manual import TypedIn
from kiosk.pipeline.face.liveness import Challenge, Outcome
from kiosk.pipeline.face.shutter import Shot
from kiosk.records import Frame, Message
from kiosk.snapshot import Command


@dataclass(frozen=True)
class CommandGiven:
    """The operator pressed something."""

    command: Command
    reason: str
    by: str


@dataclass(frozen=True)
class CardTyped:
    """The operator typed in a student without a readable card. `reason` is in words, for the record."""

    typed: TypedIn
    reason: str
    by: str


@dataclass(frozen=True, eq=False)
class JobDone:
    """A job of the pool ended. `error` is set instead of `value` when it failed."""

    job: int
    value: object = None
    error: KioskError | None = None


@dataclass(frozen=True)
class GuideSaid:
    """The framing says something else to the student."""

    sitting: int
    instruction: Message
    good: bool
    answer_s: float | None = None  # seconds for the answer, when it is a challenge


@dataclass(frozen=True, eq=False)
class ShotTaken:
    """The shutter fired: the best frame of the burst, and how the challenge that followed went (None: none did).

    `answered`: some of the frames meanwhile, for a passive check.
    """

    sitting: int
    shot: Shot
    liveness: Outcome | None = None
    challenge: Challenge | None = None
    answered: tuple[Frame, ...] = ()


@dataclass(frozen=True)
class TimeUp:
    """A deadline that a step had set."""

    deadline: int


@dataclass(frozen=True)
class Quit:
    """The station closes."""


StationEvent = DeviceEvent | CommandGiven | CardTyped | JobDone | GuideSaid | ShotTaken | TimeUp | Quit

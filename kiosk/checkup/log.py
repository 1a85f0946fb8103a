"""What the devices told since the start: their states, faults by kind, and how long things took. Nobody's data stay here.

Of a student nothing is kept but seconds. Cards and presses are kept while the devices are being tested, cards masked, and
forgotten when the test is over.
"""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from kiosk.devices import (
    CardPresented,
    CardRemoved,
    CardUnreadable,
    DeviceEvent,
    FingerLifted,
    ImageHeld,
    ImpressionReady,
    PressAgreed,
    PressFailed,
    StatusChanged,
)
from kiosk.devices.card.diagnosis import masked
from kiosk.errors import KioskError
from kiosk.records import CardData, DeviceKind, DeviceState, DeviceStatus, Message

_KEPT: Final = 200  # times of each kind


@dataclass(frozen=True)
class Fault:
    """A kind of fault, how often it was met, and when last, with what was said then."""

    kind: DeviceKind
    message: Message
    count: int
    last: datetime


@dataclass(frozen=True, eq=False)
class Read:
    """One card during a test: masked, or why it could not be read."""

    seconds: float = 0.0
    card: CardData | None = None
    problem: KioskError | None = None


@dataclass(frozen=True)
class Times:
    """Seconds, the oldest first: of readings, from a press being wanted to it, and of transfers."""

    reading_s: tuple[float, ...] = ()
    waiting_s: tuple[float, ...] = ()
    transfer_s: tuple[float, ...] = ()


Press = ImpressionReady | PressFailed


class DeviceLog:
    """Listens to the devices, in their threads; asked from any other."""

    def __init__(self, keep: Callable[[DeviceKind, str, str, datetime], None] = lambda *_: None) -> None:
        """`keep` is told every fault: its device, code, the device's name, and when."""
        self._tell = keep
        self._lock = threading.Lock()
        self._status: dict[DeviceKind, DeviceStatus] = {}
        self._faults: Counter[tuple[DeviceKind, str]] = Counter()
        self._last: dict[tuple[DeviceKind, str], tuple[Message, datetime]] = {}
        self._reading_s: deque[float] = deque(maxlen=_KEPT)
        self._waiting_s: deque[float] = deque(maxlen=_KEPT)
        self._transfer_s: deque[float] = deque(maxlen=_KEPT)
        self._testing = False
        self._read: Read | None = None
        self._card_lies = False
        self._press: Press | None = None
        self._finger_on = False

    def take(self, event: DeviceEvent) -> None:
        """Take what a device tells."""
        with self._lock:
            match event:
                case StatusChanged(status):
                    self._note(status)
                case CardPresented(card, seconds):
                    self._reading_s.append(seconds)
                    self._keep(Read(seconds, masked(card)))
                case CardUnreadable(error):
                    self._count(DeviceKind.CARD, error.message)
                    self._keep(Read(problem=error))
                case CardRemoved():
                    self._card_lies = False
                case ImageHeld():
                    self._finger_on = True
                case FingerLifted():
                    self._finger_on = False
                case ImpressionReady(request, _, waited_s, transfer_s):
                    self._waiting_s.append(waited_s)
                    self._transfer_s.append(transfer_s)
                    self._press = event if self._testing and request < 0 else self._press
                case PressAgreed(waited_s=waited_s):
                    self._waiting_s.append(waited_s)
                case PressFailed(request, _, error):
                    self._count(DeviceKind.FINGER, error.message)
                    self._finger_on = True
                    self._press = event if self._testing and request < 0 else self._press

    def begin(self) -> None:
        """From now on a tester's card and presses are kept."""
        with self._lock:
            self._testing, self._read, self._press = True, None, None

    def end(self) -> None:
        """The test is over: what was kept of the tester is forgotten."""
        with self._lock:
            self._testing, self._read, self._press, self._card_lies = False, None, None, False

    def statuses(self) -> dict[DeviceKind, DeviceStatus]:
        """How the devices are, as they said last."""
        with self._lock:
            return dict(self._status)

    def faults(self) -> tuple[Fault, ...]:
        """What went wrong since the start, the most frequent first."""
        with self._lock:
            found = ((key, count, *self._last[key]) for key, count in self._faults.most_common())
            return tuple(Fault(kind, message, count, last) for (kind, _), count, message, last in found)

    def times(self) -> Times:
        with self._lock:
            return Times(tuple(self._reading_s), tuple(self._waiting_s), tuple(self._transfer_s))

    def read(self) -> Read | None:
        """The last card of this test."""
        with self._lock:
            return self._read

    @property
    def card_lies(self) -> bool:
        """Whether the last card of this test still lies there."""
        return self._card_lies

    def press(self) -> Press | None:
        """The last press of this test."""
        with self._lock:
            return self._press

    @property
    def finger_on(self) -> bool:
        """Whether the scanner has an image, and the finger that it is of has not left yet."""
        return self._finger_on

    def _keep(self, read: Read) -> None:
        if self._testing:
            self._read, self._card_lies = read, True

    def _note(self, status: DeviceStatus) -> None:
        before = self._status.get(status.kind)
        # Told once by its own name, a device is known by it while it is away.
        model = status.model or (before.model if before else "")
        self._status[status.kind] = replace(status, model=model)
        if status.problem is not None:
            self._count(status.kind, status.problem)
        if status.state is not DeviceState.READY and status.kind is DeviceKind.CARD:
            self._card_lies = False
        if status.state is not DeviceState.READY and status.kind is DeviceKind.FINGER:
            self._finger_on = False

    def _count(self, kind: DeviceKind, problem: Message) -> None:
        now = datetime.now().astimezone()
        self._faults[kind, problem.code] += 1
        self._last[kind, problem.code] = problem, now
        status = self._status.get(kind)
        self._tell(kind, problem.code, status.model if status else "", now)

"""What the steps have in common: the desk that they work at, their outcome, their stopwatch."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from kiosk.config import Settings
from kiosk.pipeline.finger.template import Template
from kiosk.records import (
    Biometric,
    BiometricKind,
    CaptureRecord,
    CardData,
    FingerPosition,
    Message,
    PhotoSpec,
    StepResult,
)
from kiosk.snapshot import Command, StepView, Tone
from kiosk.station.events import StationEvent
from kiosk.station.judges import Embedding, Judges
from kiosk.station.known import Known
from kiosk.station.passive import PassiveGuard


@dataclass(frozen=True, eq=False)
class StepOutcome:
    """How a step ended, and the biometrics to keep with it."""

    result: StepResult
    biometrics: tuple[Biometric, ...] = ()


@dataclass
class Sitting:
    """One student at the station: what the steps share while he or she is there. Only the station's thread touches it."""

    record: CaptureRecord
    card: CardData
    chip: Future[Embedding] | None = None
    thumbs: dict[FingerPosition, list[Template]] = field(default_factory=dict)
    resumed: bool = False


class Desk(Protocol):
    """What a step may ask of the station."""

    settings: Settings
    judges: Judges
    known: Known
    passive: PassiveGuard | None
    photo: PhotoSpec

    @property
    def sitting(self) -> Sitting: ...

    def now(self) -> datetime: ...

    def submit(self, work: Callable[[], object]) -> int:
        """Run in the pool; the result comes back as JobDone with this number."""

    def call_after(self, seconds: float) -> int:
        """Come back with TimeUp and this number."""

    def say(self, instruction: Message, tone: Tone = Tone.NEUTRAL) -> None:
        """Tell the student."""

    def notify(self, notice: Message | None) -> None:
        """Tell the operator."""

    def show_picture(self, kind: BiometricKind, data: bytes | None) -> None:
        """Show the operator a picture, or none of this kind any more."""

    def finished(self, outcome: StepOutcome) -> None:
        """The step is over: save it, go on."""

    def undecided(self, outcome: StepOutcome) -> None:
        """The attempts are used up: keep what there is, let a person decide."""


class StepRun(Protocol):
    """One step under way. All methods are called in the station's thread."""

    def start(self) -> None: ...

    def handle(self, event: StationEvent) -> None: ...

    def stop(self) -> None:
        """Let the devices be; late events are ignored."""

    def view(self) -> StepView: ...

    def commands(self) -> tuple[Command, ...]: ...

    def device_back(self) -> None:
        """A device that was lost is back: say again what the student should do."""


class Stopwatch:
    """Splits a step's time into waiting for devices and people, and our own work."""

    def __init__(self) -> None:
        self.device_s = 0.0
        self.own_s = 0.0
        self._working = False
        self._since_s = time.monotonic()

    def work(self) -> None:
        """From here on it is us who are waited for."""
        self._turn(working=True)

    def wait(self) -> None:
        """From here on a device or a person is waited for."""
        self._turn(working=False)

    def _turn(self, *, working: bool) -> None:
        now_s = time.monotonic()
        if self._working:
            self.own_s += now_s - self._since_s
        else:
            self.device_s += now_s - self._since_s
        self._working, self._since_s = working, now_s

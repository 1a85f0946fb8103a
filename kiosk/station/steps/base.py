"""What the steps have in common: the student and the desk that they work at, how they end, their stopwatch."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol, Self, TypeVar

from kiosk.config import Settings
from kiosk.exchange.notice import notice_for
from kiosk.pipeline.finger.minutiae import Minutiae
from kiosk.pipeline.finger.template import Template
from kiosk.records import (
    OWN_FINGER,
    Biometric,
    BiometricKind,
    CaptureRecord,
    CardData,
    Consent,
    Cue,
    FingerPosition,
    Line,
    Message,
    Notice,
    PhotoSpec,
    Press,
    Step,
    StepResult,
    Verdict,
    photo_steps,
)
from kiosk.seeing.framer import Framer
from kiosk.seeing.judges import Embedding, Judges
from kiosk.snapshot import Command, Order, StepView, Tone
from kiosk.station.crew import Crew, FingerScanner
from kiosk.station.duty import Duty
from kiosk.station.events import StationEvent
from kiosk.station.known import Known
from kiosk.station.passive import PassiveGuard

Fingers = Mapping[FingerPosition, tuple[Template, ...]]
T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Outcome:
    """How a step ended. `open`: a person has to decide, whatever the verdict; `acceptable`: may decide to let it pass.

    `biometrics` are kept with the result. `fingers`: what they are to the matcher, for the steps that follow. `on_scanner`:
    the finger whose features the scanner still has, and which press they are of.
    """

    result: StepResult
    biometrics: tuple[Biometric, ...] = ()
    open: bool = False
    acceptable: bool = False
    fingers: Fingers = field(default_factory=dict)
    on_scanner: tuple[FingerPosition, int] | None = None

    def decided(self, verdict: Verdict, *, at: datetime, by: str, reason: str) -> Outcome:
        """The same as a person decided it. What it brought is kept already."""
        return Outcome(replace(self.result, verdict=verdict, at=at, decided_by=by, reason=reason))


@dataclass(frozen=True, eq=False)
class Sitting:
    """One student at the station, as far as the finished steps have come. Steps look at it and never change it."""

    record: CaptureRecord  # of a photo run not kept yet, with no id, until there is something to keep
    card: CardData | None  # None: called by a class list
    chip: Future[Embedding] | None = None  # of the chip photo
    held: tuple[Biometric, ...] = ()  # of the chip, to be kept once the student consents
    pressed: Fingers = field(default_factory=dict)  # whatever came, settled or not
    recalled: Mapping[FingerPosition, tuple[Minutiae, ...]] = field(default_factory=dict)  # came before an interruption
    recalling: Future[Fingers] | None = None  # what those are to the matcher, under way in the pool
    resumed: bool = False
    line: Line | None = None  # of a photo run
    again_by: str = ""  # who decided on another version
    behind: bool = False  # whoever was shot last may still sit there
    on_scanner: tuple[FingerPosition, int] | None = None  # see `Outcome`

    def steps(self, workflow: Sequence[Step]) -> tuple[Step, ...]:
        """What is wanted of this student: all of the day's steps after the card, or of somebody in line the photo, and the
        consent to it where that is asked for."""
        if self.line is None:
            return tuple(workflow)
        return photo_steps(workflow)

    @property
    def positions(self) -> tuple[FingerPosition, ...]:
        """Whichever of this student's fingers are known: those of settled steps, in the steps' order."""
        results = (self.record.result(step) for step in OWN_FINGER if self.record.is_settled(step))
        positions = (result.position for result in results if result is not None and result.position is not None)
        return tuple(one for one in positions if self.pressed.get(one, self.recalled.get(one)))

    @property
    def fingers(self) -> Fingers:
        """What they are to the matcher."""
        recalled = self.recalling.result() if self.recalling is not None else {}
        return {position: self.pressed.get(position) or recalled[position] for position in self.positions}

    def after(self, record: CaptureRecord, outcome: Outcome) -> Self:
        """With a step that was saved."""
        on_scanner = outcome.on_scanner if outcome.fingers else self.on_scanner
        return replace(self, record=record, pressed={**self.pressed, **outcome.fingers}, on_scanner=on_scanner)


class Screens(Protocol):
    """What a step can say and show while it runs."""

    def say(self, instruction: Message, cue: Cue, tone: Tone = Tone.NEUTRAL) -> None:
        """Tell the student."""

    def notify(self, notice: Message | None) -> None:
        """Tell the operator."""

    def show_picture(self, kind: BiometricKind, data: bytes | None) -> None:
        """Show the operator a picture, or none of this kind any more."""


class Background(Protocol):
    """The station's thread, as what runs in it sees it."""

    def submit(self, work: Callable[[], object]) -> int:
        """Run in the pool; the result comes back as JobDone with this number."""

    def begin(self, work: Callable[[], T]) -> Future[T]:
        """Run in the pool; for work that a later job waits for."""

    def call_after(self, seconds: float) -> int:
        """Come back with TimeUp and this number."""


@dataclass(frozen=True)
class Desk:
    """What a step works with."""

    settings: Settings
    photo: PhotoSpec
    judges: Judges
    known: Known
    passive: PassiveGuard | None
    framer: Framer
    scanner: FingerScanner
    screens: Screens
    background: Background
    now: Callable[[], datetime]
    duty: Duty
    school: Callable[[], str]  # its name, as the office has entered it
    notice: Notice
    consent: Callable[[str], Consent | None]  # what the school has entered of a student, by ID number
    look_for: tuple[str, ...] = ()  # on the photo, by a person
    pictures: frozenset[BiometricKind] = frozenset()  # that the profile wants beside the sheet

    @classmethod
    def of(cls, crew: Crew, screens: Screens, background: Background) -> Self:
        """The desk of a station's crew."""
        photo = crew.profile.photo
        wanted = frozenset(picture.kind for picture in crew.profile.pictures)
        who = (crew.judges, crew.known, crew.passive, crew.framer, crew.scanner)
        store, notice = crew.store, crew.notice or notice_for(crew.settings, crew.profile)
        office = (lambda: store.school.get().name), notice, (lambda number: next(iter(store.consents.of(number)[-1:]), None))
        return cls(crew.settings, photo, *who, screens, background, crew.now, crew.duty, *office, crew.profile.look_for, wanted)


class StepRun(Protocol):
    """One step under way. All methods are called in the station's thread."""

    step: Step

    def start(self) -> None:
        """Begin, and say what the student should do."""

    def handle(self, event: StationEvent) -> Outcome | None:
        """Take one event; the outcome when the step is over."""

    def obey(self, order: Order) -> Outcome | None:
        """Carry out one of the step's own `orders`; the outcome when that ends it."""

    def stop(self) -> None:
        """Let the devices be; late events are ignored. Idempotent."""

    def view(self) -> StepView: ...

    def orders(self) -> tuple[Command, ...]:
        """The step's own; those that every step offers come from the state."""

    def device_back(self) -> None:
        """A device that was lost is back: say again what the student should do."""

    def so_far(self) -> StepResult:
        """What there is of it when a person ends it: how long it took, and what was tried."""


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


def ended(view: StepView, stopwatch: Stopwatch, at: datetime, presses: tuple[Press, ...] = ()) -> StepResult:
    """What a step that a person ends leaves behind."""
    stopwatch.wait()
    return StepResult(
        view.step,
        Verdict.FAIL,
        at,
        view.attempts,
        view.scores,
        view.measures,
        view.problems,
        device_s=stopwatch.device_s,
        own_s=stopwatch.own_s,
        position=view.position,
        presses=presses,
    )

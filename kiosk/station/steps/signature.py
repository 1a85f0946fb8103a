"""签字: the student, or the guardian in the student's place, signs on the screen with pen, finger or mouse.

What was drawn comes from the panel of either screen as strokes; the picture is made of them here.
"""

from __future__ import annotations

from kiosk.errors import KioskError
from kiosk.pipeline import signature
from kiosk.records import (
    STEPS,
    Biometric,
    BiometricKind,
    Cue,
    Means,
    Message,
    Party,
    Statement,
    Step,
    StepResult,
    Verdict,
)
from kiosk.snapshot import Command, Order, StepState, StepView
from kiosk.station.events import StationEvent
from kiosk.station.steps.base import Desk, Outcome, Sitting, Stopwatch, ended


class SignatureStep:
    """Waits for what was drawn."""

    step = Step.SIGNATURE

    def __init__(self, desk: Desk, sitting: Sitting) -> None:
        self._desk = desk
        self._sitting = sitting
        self._stopwatch = Stopwatch()
        self._guardian = ""  # who signs; empty: the student
        self._attempts = 0

    def start(self) -> None:
        self._desk.screens.say(Message(f"signature.sign.{self._party}"), Cue.SIGN)

    def stop(self) -> None:
        pass  # no device is asked for anything

    def device_back(self) -> None:
        pass

    def handle(self, event: StationEvent) -> Outcome | None:  # noqa: ARG002
        return None

    def obey(self, order: Order) -> Outcome | None:
        if order.command is Command.GUARDIAN:
            self._guardian = order.name.strip()
            self.start()
        if order.command is Command.HAND_IN:
            return self._signed(order.given)
        return None

    def view(self) -> StepView:
        panel = {part: Message(f"signature.{part}") for part in ("undo", "again", "done")}
        panel[f"by_{self._party}"] = Message(f"signature.by.{self._party}")
        return StepView(self.step, StepState.ACTIVE, attempts=self._attempts, panel=panel)

    def so_far(self) -> StepResult:
        return ended(self.view(), self._stopwatch, self._desk.now())

    def orders(self) -> tuple[Command, ...]:
        return (Command.HAND_IN, Command.GUARDIAN)

    @property
    def _party(self) -> Party:
        return Party.GUARDIAN if self._guardian else Party.STUDENT

    def _signed(self, given: object) -> Outcome:
        """Raises KioskError when it was drawn for the other party, or is no signature."""
        if not isinstance(given, dict) or given.get("party") != self._party:
            raise KioskError("station.order_late")
        self._attempts += 1
        drawn = signature.read(given)
        kept = [Biometric(STEPS[self.step].pictures[0], signature.picture(drawn))]
        if not self._sitting.record.refusals:  # how somebody writes is of the body, too
            kept.append(Biometric(BiometricKind.SIGNATURE_STROKES, signature.pack(drawn)))
        self._stopwatch.wait()
        result = StepResult(
            self.step,
            Verdict.PASS,
            self._desk.now(),
            self._attempts,
            device_s=self._stopwatch.device_s,
            statements=(Statement(self._party, True, Means.DRAWN, self._guardian),),
        )
        return Outcome(result, tuple(kept))

"""The last step: the student's data are shown, and saved by themselves unless the operator holds them."""

from __future__ import annotations

from kiosk.records import Message, Step, StepResult, Verdict
from kiosk.snapshot import Command, StepState, StepView, Tone
from kiosk.station.events import CommandGiven, StationEvent, TimeUp
from kiosk.station.steps import Desk, StepOutcome, Stopwatch


class ConfirmStep:
    """Shows for `workflow.confirm_s`; the operator may hold and save by hand."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._stopwatch = Stopwatch()
        self._deadline: int | None = None

    def start(self) -> None:
        self._desk.say(Message("station.check_data"), Tone.GOOD)
        self._deadline = self._desk.call_after(self._desk.settings.workflow.confirm_s)

    def stop(self) -> None:
        self._deadline = None

    def device_back(self) -> None:
        pass

    @property
    def held(self) -> bool:
        return self._deadline is None

    def handle(self, event: StationEvent) -> None:
        match event:
            case TimeUp(deadline) if deadline == self._deadline:
                self._done()
            case CommandGiven(Command.SAVE):
                self._done()
            case CommandGiven(Command.HOLD):
                self._deadline = None

    def view(self) -> StepView:
        return StepView(Step.CONFIRM, StepState.ACTIVE)

    def commands(self) -> tuple[Command, ...]:
        return (Command.SAVE, Command.ABANDON) if self.held else (Command.SAVE, Command.HOLD, Command.ABANDON)

    def _done(self) -> None:
        self._deadline = None
        self._stopwatch.wait()
        self._desk.finished(
            StepOutcome(StepResult(Step.CONFIRM, Verdict.PASS, self._desk.now(), device_s=self._stopwatch.device_s))
        )

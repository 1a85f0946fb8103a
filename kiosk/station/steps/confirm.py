"""The last step: the student's data are shown, and saved when somebody says so. Silence saves nothing.

The student says so with a finger that was captured a minute ago, pressed once more: it must be the same one. Which, and who
compares: the finger whose features the scanner still has, and the scanner, so that no image has to be uploaded; else the first
one, and we. The operator can say so in the student's place, and must where no finger was captured.
"""

from __future__ import annotations

from typing import Final

from kiosk.devices import FingerLifted, ImageHeld, ImpressionReady, PressAgreed, PressFailed
from kiosk.pipeline.finger.thumbs import same_finger
from kiosk.records import Cue, FingerPosition, Message, Score, Step, StepResult, Verdict
from kiosk.seeing.judges import PressJudgement
from kiosk.snapshot import Command, Order, StepState, StepView, Tone
from kiosk.station.events import JobDone, StationEvent
from kiosk.station.steps.base import Desk, Outcome, Sitting, Stopwatch, ended
from kiosk.station.steps.finger import presses

_TRIES: Final = 3  # presses after which the operator is asked to look and to confirm


class ConfirmStep:
    """Shows the data until the student presses, or the operator decides."""

    step = Step.CONFIRM

    def __init__(self, desk: Desk, sitting: Sitting) -> None:
        self._desk = desk
        self._sitting = sitting
        self._stopwatch = Stopwatch()
        self._position: FingerPosition | None = next(iter(sitting.positions), None)
        self._like: int | None = None  # the press that the scanner may compare with
        if sitting.on_scanner is not None and sitting.on_scanner[0] in sitting.positions:
            self._position, self._like = sitting.on_scanner
        self._held = False
        self._request: int | None = None
        self._job: int | None = None
        self._attempts = 0
        self._score: Score | None = None
        self._problems: tuple[Message, ...] = ()

    def start(self) -> None:
        self._request_press()
        self._say_what_is_due()

    def stop(self) -> None:
        self._desk.scanner.cancel()
        self._request = self._job = None

    def device_back(self) -> None:
        self._say_what_is_due()

    def handle(self, event: StationEvent) -> Outcome | None:
        match event:
            case ImageHeld(request) if request == self._request:
                self._say_lift()
            case FingerLifted():
                self._say()
            case ImpressionReady(request, impression) if request == self._request:
                self._request = None
                self._stopwatch.work()
                judges = self._desk.judges
                self._job = self._desk.background.submit(lambda: judges.judge_press(impression))
            case PressAgreed(request, score=score) if request == self._request:
                self._request = None
                self._score, self._problems = score, ()
                return self._outcome(Verdict.PASS)
            case PressFailed(request, _, error) if request == self._request:
                self._again(error.message)
            case JobDone(job, value, error) if job == self._job:
                self._job = None
                if isinstance(value, PressJudgement):
                    return self._pressed(value)
                if error is not None:
                    self._again(error.message)
        return None

    def obey(self, order: Order) -> Outcome | None:
        if order.command is Command.SAVE:
            self._position = None  # it was no finger that said so
            return self._outcome(Verdict.PASS)
        if order.command is Command.HOLD:
            self._held = True
            self.stop()
            self._say()
        return None

    def view(self) -> StepView:
        scores = (self._score,) if self._score else ()
        return StepView(
            Step.CONFIRM, StepState.ACTIVE, None, self._attempts, scores, (), self._problems, position=self._asked_finger
        )

    def so_far(self) -> StepResult:
        return ended(self.view(), self._stopwatch, self._desk.now())

    def orders(self) -> tuple[Command, ...]:
        return (Command.SAVE,) if self._held else (Command.SAVE, Command.HOLD)

    @property
    def _asked_finger(self) -> FingerPosition | None:
        """The finger that confirms, while its press is wanted."""
        return None if self._held or self._attempts >= _TRIES else self._position

    def _ask(self) -> None:
        self._request_press()
        self._say()

    def _request_press(self) -> None:
        self._stopwatch.wait()
        if self._asked_finger is not None:
            self._request = next(presses)
            self._desk.scanner.request(self._request, self._asked_finger, like=self._like)

    def _say_what_is_due(self) -> None:
        """The last finger may still be there, however fast it was judged: first it has to leave."""
        if self._request is not None and self._desk.scanner.finger_lies:
            self._say_lift()
        else:
            self._say()

    def _say_lift(self) -> None:
        self._desk.screens.say(Message("station.lift_finger"), Cue.LIFT, Tone.GOOD)

    def _say(self) -> None:
        say, finger = self._desk.screens.say, self._asked_finger
        if finger is None:
            say(Message("station.check_data"), Cue.READ, Tone.GOOD)
        elif self._problems:
            say(self._problems[0], Cue.PRESS, Tone.MEND)
        else:
            say(Message(f"station.confirm.{finger.name.lower()}"), Cue.PRESS, Tone.GOOD)

    def _pressed(self, press: PressJudgement) -> Outcome | None:
        """Whose finger was it: the one that was asked for, another of this student's, or none of them?"""
        own = self._likeness(press, self._position)
        if own is not None and own.met:
            self._score, self._problems = own, ()
            return self._outcome(Verdict.PASS)
        others = (self._likeness(press, position) for position in self._sitting.positions if position is not self._position)
        if any(score is not None and score.met for score in others):
            # The other hand's: pressed by mistake now, or the hands were mixed up before. Only a person can tell.
            self._score, self._problems = own, (Message("finger.hands_mixed_up"),)
            self._attempts += 1
            return self._outcome(Verdict.REVIEW, undecided=True)
        self._score = own
        self._again(Message("finger.not_the_same"))
        return None

    def _likeness(self, press: PressJudgement, position: FingerPosition | None) -> Score | None:
        """The most alike of a finger's templates, against the limit of one finger."""
        known = self._sitting.fingers.get(position, ()) if position is not None else ()
        found = [same_finger(press.template, template, self._desk.settings.finger)[0] for template in known]
        return max(found, key=lambda score: score.value, default=None)

    def _again(self, problem: Message) -> None:
        self._request = None
        self._attempts += 1
        self._problems = (problem,)
        if self._attempts >= _TRIES:
            self._desk.screens.notify(Message("station.confirm_by_hand"))
        self._ask()

    def _outcome(self, verdict: Verdict, *, undecided: bool = False) -> Outcome:
        self._stopwatch.wait()
        result = StepResult(
            Step.CONFIRM,
            verdict,
            self._desk.now(),
            max(self._attempts, 1),
            (self._score,) if self._score else (),
            problems=self._problems,
            device_s=self._stopwatch.device_s,
            own_s=self._stopwatch.own_s,
            position=self._position,
        )
        return Outcome(result, open=undecided)

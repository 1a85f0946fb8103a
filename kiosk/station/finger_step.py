"""A finger step: presses until enough good ones agree with each other and differ from the other hand."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Protocol

from kiosk.devices import FingerLifted, ImageHeld, ImpressionReady, PressFailed
from kiosk.errors import KioskError
from kiosk.pipeline.finger.thumbs import other_finger, same_finger
from kiosk.records import (
    Biometric,
    FingerPosition,
    Measure,
    Message,
    Resemblance,
    Score,
    Step,
    StepResult,
    Verdict,
)
from kiosk.snapshot import Command, StepState, StepView, Tone
from kiosk.station.events import CommandGiven, JobDone, StationEvent
from kiosk.station.fingers import wanted
from kiosk.station.judges import PressJudgement
from kiosk.station.kinds import PICTURE_KINDS, TEMPLATE_KINDS
from kiosk.station.known import seen_before
from kiosk.station.steps import Desk, StepOutcome, Stopwatch

_requests = itertools.count(1)  # for all steps: a late event of an earlier one is known as such


class FingerScanner(Protocol):
    """The scanner, as a step sees it."""

    def request(self, number: int, position: FingerPosition) -> None:
        """Capture one press; events carry `number`."""

    def cancel(self) -> None:
        """Forget the request."""


class FingerStep:
    """One finger: the thumb, or the one that stands in for it. The next press is asked for while the last one is still being
    judged."""

    def __init__(self, desk: Desk, scanner: FingerScanner, step: Step) -> None:
        self._desk = desk
        self._scanner = scanner
        self._step = step
        self._position = wanted(desk.sitting.record, step, desk.settings.finger)
        self._stopwatch = Stopwatch()
        self._attempts = 0
        self._request: int | None = None
        self._lifting = False
        self._jobs: set[int] = set()
        self._good: list[PressJudgement] = []
        self._poor: list[PressJudgement] = []  # kept in case nothing better comes
        self._wanted = desk.settings.finger.presses
        self._measures: tuple[Measure, ...] = ()
        self._scores: tuple[Score, ...] = ()
        self._problems: tuple[Message, ...] = ()
        self._chosen: list[PressJudgement] = []
        self._search: int | None = None
        self._alike: tuple[Resemblance, ...] = ()

    def start(self) -> None:
        self._desk.show_picture(PICTURE_KINDS[self._step][0], None)
        self._ask()

    def stop(self) -> None:
        self._scanner.cancel()
        self._request = self._search = None
        self._jobs.clear()

    def device_back(self) -> None:
        self._lifting = False
        self._say_press()

    def handle(self, event: StationEvent) -> None:
        match event:
            case ImageHeld(request) if request == self._request:
                self._lifting = True
                self._desk.say(Message("station.lift_finger"), Tone.GOOD)
            case FingerLifted():
                self._lifting = False
                self._say_press()
            case ImpressionReady(request, impression) if request == self._request:
                self._request = None
                self._attempts += 1
                desk = self._desk
                self._jobs.add(desk.submit(lambda: desk.judges.judge_press(impression)))
                self._advance()
            case PressFailed(request, _, error) if request == self._request:
                self._request = None
                self._attempts += 1
                self._refused(error.message)
            case CommandGiven(Command.NEXT_FINGER, reason, by):
                # How it went is kept, the presses are not: this finger can't be had.
                result = self._result(self._measures, Verdict.FAIL)
                self._desk.finished(StepOutcome(replace(result, decided_by=by, reason=reason)))
            case JobDone(job, value, error) if job == self._search:
                self._search = None
                self._searched(value if isinstance(value, tuple) else (), error)
            case JobDone(job, value, error) if job in self._jobs:
                self._jobs.discard(job)
                if isinstance(value, PressJudgement):
                    self._judged(value)
                elif error is not None:
                    self._refused(error.message)

    def view(self) -> StepView:
        return StepView(
            self._step,
            StepState.ACTIVE,
            None,
            self._attempts,
            self._scores,
            self._measures,
            self._problems,
            position=self._position,
        )

    def commands(self) -> tuple[Command, ...]:
        return (Command.RETRY, Command.NEXT_FINGER, Command.EXCEPTION, Command.ABANDON)

    def _ask(self) -> None:
        self._stopwatch.wait()
        self._request = next(_requests)
        self._scanner.request(self._request, self._position)
        self._say_press()

    def _say_press(self) -> None:
        if self._request is None or self._lifting:
            return
        if self._problems:
            self._desk.say(self._problems[0], Tone.MEND)
        elif self._attempts:
            self._desk.say(Message(f"station.press_again.{self._finger}"))
        else:
            self._desk.say(Message(f"station.press.{self._finger}"))

    def _advance(self) -> None:
        """Compare, ask for another press, give up, or wait for what is on its way."""
        coming = len(self._jobs) + (self._request is not None)
        attempts_left = self._attempts < self._desk.settings.finger.attempts
        if len(self._good) >= self._wanted and not coming:
            self._compare(self._good)
        elif len(self._good) + coming < self._wanted and attempts_left:
            self._ask()
        elif not coming and len(self._good) + len(self._poor) >= self._desk.settings.finger.presses:
            self._compare(self._good + self._poor)
        elif not coming:
            self._give_up()
        elif self._request is None:
            self._stopwatch.work()
        else:
            self._say_press()

    def _judged(self, judgement: PressJudgement) -> None:
        quality = judgement.quality
        self._measures = quality.measures
        if quality.verdict is Verdict.FAIL:
            self._refused(quality.hint or Message("finger.press_again"))
            return
        kept = self._good if quality.verdict is Verdict.PASS else self._poor
        kept.append(judgement)
        kept.sort(key=_mark, reverse=True)
        self._desk.show_picture(PICTURE_KINDS[self._step][0], (self._good or self._poor)[0].png)
        self._problems = (quality.hint,) if quality.hint is not None else ()
        self._advance()

    def _refused(self, problem: Message) -> None:
        """A press was no good: say why, and ask again as long as there are attempts left."""
        self._problems = (problem,)
        self._advance()

    def _compare(self, presses: list[PressJudgement]) -> None:
        """Enough presses: are they one finger, and not the other hand's?"""
        self._stopwatch.work()
        chosen, agreement = self._agreeing(presses)
        if chosen is None:
            self._scores = agreement
            self._presses_useless(Message("finger.presses_differ"))
            return
        likeness = self._other_hand(chosen)
        self._scores = (*agreement, *(score for score, _ in likeness))
        if any(verdict is not Verdict.PASS for _, verdict in likeness):
            self._presses_useless(Message(f"finger.captured_already.{self._finger}"))
        else:
            self._ask_whether_known(chosen)

    def _ask_whether_known(self, chosen: list[PressJudgement]) -> None:
        """The thumb is this student's own: is it another student's too?"""
        self._chosen = chosen
        desk, position = self._desk, self._position
        student, limit = desk.sitting.record.student, desk.settings.finger.seen_before_at
        presses = [press.template for press in chosen]
        self._search = desk.submit(lambda: desk.known.same_thumb(student, position, presses, limit))

    def _searched(self, seen: tuple[Resemblance, ...], error: KioskError | None) -> None:
        chosen = self._chosen
        self._desk.sitting.thumbs[self._position] = [press.template for press in chosen]
        if seen or error is not None:
            self._alike = seen
            self._problems = seen_before(self._step, seen) or (Message("finger.not_searched"),)
            self._desk.undecided(self._outcome(chosen, Verdict.REVIEW))
        elif any(press.quality.verdict is not Verdict.PASS for press in chosen):
            self._desk.undecided(self._outcome(chosen, Verdict.REVIEW))
        else:
            self._problems = ()
            self._desk.finished(self._outcome(chosen, Verdict.PASS))

    def _other_hand(self, chosen: list[PressJudgement]) -> list[tuple[Score, Verdict]]:
        """How like each other finger of this student the chosen presses are: the most alike pair counts."""
        limits = self._desk.settings.finger
        found = []
        for position, known in self._desk.sitting.thumbs.items():
            if position is not self._position and known:
                compared = [other_finger(press.template, template, limits) for press in chosen for template in known]
                found.append(max(compared, key=lambda result: result[0].value))
        return found

    def _agreeing(self, presses: list[PressJudgement]) -> tuple[list[PressJudgement] | None, tuple[Score, ...]]:
        """The best presses that agree with one another, and the score that says so."""
        limits = self._desk.settings.finger
        if limits.presses == 1:
            return presses[:1], ()
        best: Score | None = None
        for first, second in itertools.combinations(presses, 2):
            score, verdict = same_finger(first.template, second.template, limits)
            if verdict is Verdict.PASS:
                return [first, second], (score,)
            best = score if best is None or score.value > best.value else best
        return None, (best,) if best else ()

    def _presses_useless(self, problem: Message) -> None:
        self._problems = (problem,)
        if self._attempts >= self._desk.settings.finger.attempts:
            self._give_up()
            return
        if problem.code == "finger.presses_differ":
            self._wanted = len(self._good) + 1  # one more tells which of them belong together
        else:
            # They agree with each other, so none of them is the finger that is wanted.
            self._good.clear()
            self._poor.clear()
        self._advance()

    def _give_up(self) -> None:
        self._desk.undecided(self._outcome((self._good + self._poor)[:2], Verdict.FAIL))

    @property
    def _finger(self) -> str:
        """As the codes of words name it."""
        return self._position.name.lower()

    def _outcome(self, presses: list[PressJudgement], verdict: Verdict) -> StepOutcome:
        result = self._result(presses[0].quality.measures if presses else self._measures, verdict)
        if verdict is Verdict.PASS and result.stands_in:
            result = self._in_place_of_the_thumb(result)
        pictures = tuple(Biometric(kind, press.png) for kind, press in zip(PICTURE_KINDS[self._step], presses, strict=False))
        kinds = TEMPLATE_KINDS[self._step]
        templates = tuple(Biometric(kind, press.file) for kind, press in zip(kinds, presses, strict=False))
        return StepOutcome(result, (*pictures, *templates))

    def _result(self, measures: tuple[Measure, ...], verdict: Verdict) -> StepResult:
        self._stopwatch.wait()
        return StepResult(
            self._step,
            verdict,
            self._desk.now(),
            self._attempts,
            self._scores,
            measures,
            self._problems,
            self._alike,
            device_s=self._stopwatch.device_s,
            own_s=self._stopwatch.own_s,
            position=self._position,
        )

    def _in_place_of_the_thumb(self, result: StepResult) -> StepResult:
        """A good finger, but not the one that was wanted: never a plain pass, and whoever gave the thumb up answers for it."""
        given_up = self._desk.sitting.record.given_up(self._step)[-1]
        return replace(result, verdict=Verdict.REVIEW, decided_by=given_up.decided_by, reason=given_up.reason)


def _mark(judgement: PressJudgement) -> float:
    """Orders presses by quality."""
    return judgement.quality.score.value

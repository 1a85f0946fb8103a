"""A finger step: presses until enough good ones agree with each other and differ from the other hand."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Final

from kiosk.devices import FingerLifted, ImageHeld, ImpressionReady, PressAgreed, PressFailed
from kiosk.errors import KioskError
from kiosk.pipeline.finger.thumbs import other_finger, same_finger
from kiosk.records import (
    STEPS,
    Biometric,
    Cue,
    FingerPosition,
    Measure,
    Message,
    Press,
    Resemblance,
    Score,
    Step,
    StepResult,
    Verdict,
)
from kiosk.seeing.judges import PressJudgement
from kiosk.snapshot import Command, Order, StepState, StepView, Tone
from kiosk.station.events import JobDone, StationEvent
from kiosk.station.known import seen_before
from kiosk.station.steps.base import Desk, Outcome, Sitting, Stopwatch, ended
from kiosk.station.steps.finger_order import first as first_of
from kiosk.station.steps.finger_order import usual, wanted

presses: Final = itertools.count(1)  # for all requests: a late event of an earlier one is known as such


class FingerStep:
    """One finger: the hand's first, or the one that stands in for it.

    Where every press is uploaded, the next one is asked for while the last one is still being judged. Where the scanner may
    compare, the first good image decides whether it has to be uploaded: it is judged while the scanner makes its features and
    the finger leaves.
    """

    step: Step

    def __init__(self, desk: Desk, sitting: Sitting) -> None:
        self._desk = desk
        self._sitting = sitting
        self._spec = STEPS[self.step]
        self._first = first_of(self.step, desk.settings.finger)
        self._position = wanted(sitting.record, self.step, desk.settings.finger)
        self._stopwatch = Stopwatch()
        self._attempts = 0
        self._request: int | None = None
        self._lifting = False
        self._jobs: dict[int, ImpressionReady] = {}
        self._presses: list[Press] = []
        self._good: list[PressJudgement] = []
        self._poor: list[PressJudgement] = []  # kept in case nothing better comes
        self._wanted = desk.settings.finger.presses
        self._measures: tuple[Measure, ...] = ()
        self._scores: tuple[Score, ...] = ()
        self._problems: tuple[Message, ...] = ()
        self._chosen: list[PressJudgement] = []
        self._search: int | None = None
        self._alike: tuple[Resemblance, ...] = ()
        two_images = any(kind in desk.pictures for kind in self._spec.pictures[1:])
        self._by_scanner = desk.settings.finger.compared_by == "sensor" and self._wanted > 1 and not two_images
        self._agreed: list[Score] = []  # of presses that the scanner found to be of the first one's finger

    def start(self) -> None:
        for kind in self._spec.pictures[:1]:
            self._desk.screens.show_picture(kind, None)
        if self._desk.scanner.finger_lies:  # judged so fast that the last finger is still there: first it has to leave
            self._say_lift()
        self._ask()

    def stop(self) -> None:
        self._desk.scanner.cancel()
        self._request = self._search = None
        self._jobs.clear()

    def device_back(self) -> None:
        self._lifting = False
        if self._desk.scanner.finger_lies:
            self._say_lift()
        self._say_press()

    def handle(self, event: StationEvent) -> Outcome | None:
        match event:
            case ImageHeld(request) if request == self._request:
                self._say_lift()
            case FingerLifted():
                self._lifting = False
                self._say_press()
                self._count_waiting()
            case ImpressionReady() | PressAgreed() | PressFailed() if event.request == self._request:
                self._request = None
                self._attempts += 1
                return self._answered(event)
            case JobDone(job, value, error) if job == self._search:
                self._search = None
                return self._searched(value if isinstance(value, tuple) else (), error)
            case JobDone(job, value, error) if job in self._jobs:
                ready = self._jobs.pop(job)
                if isinstance(value, PressJudgement):
                    return self._judged(replace(value, request=ready.request, compared=ready.compared))
                if error is not None:
                    self._presses.append(Press(Verdict.FAIL, problem=error.message.code))
                    return self._refused(error.message)
        return None

    def _answered(self, event: ImpressionReady | PressAgreed | PressFailed) -> Outcome | None:
        """What came of the press that was asked for."""
        match event:
            case ImpressionReady(impression=impression):
                judges = self._desk.judges
                self._jobs[self._desk.background.submit(lambda: judges.judge_press(impression))] = event
            case PressAgreed(score=score):
                self._agreed.append(score)
                self._presses.append(Press(Verdict.PASS))
                self._problems = ()
            case PressFailed(error=error):
                self._presses.append(Press(Verdict.FAIL, problem=error.message.code))
                return self._refused(error.message)
        return self._advance()

    def obey(self, order: Order) -> Outcome | None:  # noqa: ARG002
        return None

    def view(self) -> StepView:
        return StepView(
            self.step,
            StepState.ACTIVE,
            None,
            self._attempts,
            self._scores,
            self._measures,
            self._problems,
            position=self._position,
            wanted=self._first,
            presses=(min(self._enough + len(self._jobs), self._wanted), self._wanted),
        )

    def so_far(self) -> StepResult:
        return ended(self.view(), self._stopwatch, self._desk.now(), tuple(self._presses))

    def orders(self) -> tuple[Command, ...]:
        return ()

    def _ask(self) -> None:
        self._stopwatch.wait()
        self._request = next(presses)
        self._desk.scanner.request(self._request, self._position, keep=self._by_scanner, like=self._may_be_like())
        self._say_press()

    def _may_be_like(self) -> int | None:
        """The press that the scanner may compare the next one with: the first good one, when that alone is good enough. With a
        second image there, it is for our own matcher to say which of them belong together."""
        if not self._by_scanner or len(self._good) != 1:
            return None
        only = self._good[0]
        return only.request if only.quality.score.value >= self._desk.settings.finger.single_image_from else None

    @property
    def _enough(self) -> int:
        """How many presses are good."""
        return len(self._good) + len(self._agreed)

    def _count_waiting(self) -> None:
        """Nothing is asked for: as long as the finger is still there it is not us who are waited for."""
        if self._request is None and not self._desk.scanner.finger_lies:
            self._stopwatch.work()

    def _say_lift(self) -> None:
        self._lifting = True
        self._desk.screens.say(Message("station.lift_finger"), Cue.LIFT, Tone.GOOD)

    def _say_press(self) -> None:
        if self._request is None or self._lifting:
            return
        say = self._desk.screens.say
        if self._problems:
            say(self._problems[0], Cue.PRESS, Tone.MEND)
        elif self._attempts:
            say(Message(f"station.press_again.{self._finger}"), Cue.PRESS)
        else:
            say(Message(f"station.press.{self._finger}"), Cue.PRESS)

    def _advance(self) -> Outcome | None:
        """Compare, ask for another press, give up, or wait for what is on its way."""
        coming = len(self._jobs) + (self._request is not None)
        attempts_left = self._attempts < self._desk.settings.finger.attempts
        if self._enough >= self._wanted and not coming:
            return self._compare(self._good)
        if self._enough + coming < self._wanted and attempts_left and not (self._by_scanner and self._jobs):
            self._ask()
        elif not coming and self._enough + len(self._poor) >= self._desk.settings.finger.presses:
            return self._compare(self._good + self._poor)
        elif not coming:
            return self._give_up()
        elif self._request is None:
            self._count_waiting()
        else:
            self._say_press()
        return None

    def _judged(self, judgement: PressJudgement) -> Outcome | None:
        quality = judgement.quality
        self._measures = quality.measures
        self._presses.append(Press(quality.verdict, quality.score.value, quality.hint.code if quality.hint else ""))
        if quality.verdict is Verdict.FAIL:
            return self._refused(quality.hint or Message("finger.press_again"))
        kept = self._good if quality.verdict is Verdict.PASS else self._poor
        kept.append(judgement)
        # The best press first; before those that the scanner has worked on, as nobody knows whether that leaves an image alone.
        kept.sort(key=lambda judgement: (judgement.compared, -judgement.quality.score.value))
        for kind in self._spec.pictures[:1]:
            self._desk.screens.show_picture(kind, (self._good or self._poor)[0].png)
        self._problems = (quality.hint,) if quality.hint is not None else ()
        return self._advance()

    def _refused(self, problem: Message) -> Outcome | None:
        """A press was no good: say why, and ask again as long as there are attempts left."""
        self._problems = (problem,)
        return self._advance()

    def _compare(self, presses: list[PressJudgement]) -> Outcome | None:
        """Enough presses: are they one finger, and not the other hand's?"""
        self._stopwatch.work()
        chosen, agreement = self._agreeing(presses)
        if chosen is None:
            self._scores = agreement
            return self._disagree()
        likeness = self._other_hand(chosen)
        self._scores = (*agreement, *(score for score, _ in likeness))
        if any(verdict is not Verdict.PASS for _, verdict in likeness):
            # Whether this is the wrong finger, or an earlier one was, nobody can know here: the student is told nothing.
            self._problems = (Message("finger.hands_mixed_up"),)
            return replace(self._outcome(chosen, Verdict.FAIL), open=True)
        self._ask_whether_known(chosen)
        return None

    def _ask_whether_known(self, chosen: list[PressJudgement]) -> None:
        """The finger is this student's own: is it another student's too?"""
        self._chosen = chosen
        desk, student, position = self._desk, self._sitting.record.student, self._position
        limit, templates = desk.settings.finger.seen_before_at, [press.template for press in chosen]
        fingers = usual(desk.settings.finger)
        self._search = desk.background.submit(lambda: desk.known.same_thumb(student, position, templates, limit, fingers))

    def _searched(self, seen: tuple[Resemblance, ...], error: KioskError | None) -> Outcome:
        chosen = self._chosen
        if seen or error is not None:
            self._alike = seen
            self._problems = seen_before(self.step, seen) or (Message("finger.not_searched"),)
        elif all(press.quality.verdict is Verdict.PASS for press in chosen):
            self._problems = ()
            return self._outcome(chosen, Verdict.PASS)
        return replace(self._outcome(chosen, Verdict.REVIEW), open=True, acceptable=True)

    def _other_hand(self, chosen: list[PressJudgement]) -> list[tuple[Score, Verdict]]:
        """How like each other finger of this student the chosen presses are: the most alike pair counts."""
        limits = self._desk.settings.finger
        found = []
        for position, known in self._sitting.fingers.items():
            if position is not self._position and known:
                compared = [other_finger(press.template, template, limits) for press in chosen for template in known]
                found.append(max(compared, key=lambda result: result[0].value))
        return found

    def _agreeing(self, presses: list[PressJudgement]) -> tuple[list[PressJudgement] | None, tuple[Score, ...]]:
        """The best presses that agree with one another, and the score that says so: the scanner's of one image, ours of two."""
        limits = self._desk.settings.finger
        if self._agreed and len(presses) == 1:
            return presses, tuple(self._agreed)
        if limits.presses == 1:
            return presses[:1], ()
        best: Score | None = None
        for first, second in itertools.combinations(presses, 2):
            score, verdict = same_finger(first.template, second.template, limits)
            if verdict is Verdict.PASS:
                return [first, second], (score,)
            best = score if best is None or score.value > best.value else best
        return None, (best,) if best else ()

    def _disagree(self) -> Outcome | None:
        """The presses are of two fingers: one more tells which of them belong together."""
        self._problems = (Message("finger.presses_differ"),)
        if self._attempts >= self._desk.settings.finger.attempts:
            return self._give_up()
        self._wanted = self._enough + 1
        return self._advance()

    def _give_up(self) -> Outcome:
        kept = (self._good + self._poor)[:2]
        return replace(self._outcome(kept, Verdict.FAIL), open=True, acceptable=bool(kept))

    @property
    def _finger(self) -> str:
        """As the codes of words name it."""
        return self._position.name.lower()

    def _outcome(self, presses: list[PressJudgement], verdict: Verdict) -> Outcome:
        result = self._result(presses[0].quality.measures if presses else self._measures, verdict)
        if verdict is Verdict.PASS and result.stands_in:
            result = self._in_place_of_the_first(result)
        pictures = tuple(Biometric(kind, press.png) for kind, press in zip(self._spec.pictures, presses, strict=False))
        templates = tuple(Biometric(kind, press.file) for kind, press in zip(self._spec.templates, presses, strict=False))
        fingers = {self._position: tuple(press.template for press in presses)}
        return Outcome(result, (*pictures, *templates), fingers=fingers, on_scanner=self._on_scanner(presses))

    def _on_scanner(self, chosen: list[PressJudgement]) -> tuple[FingerPosition, int] | None:
        """The latest of the presses that count whose features the scanner was to keep. If it has another's by now, it will not
        compare."""
        kept = [press.request for press in chosen if not press.compared]
        return (self._position, max(kept)) if self._by_scanner and kept else None

    def _result(self, measures: tuple[Measure, ...], verdict: Verdict) -> StepResult:
        self._stopwatch.wait()
        return StepResult(
            self.step,
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
            wanted=self._first,
            presses=tuple(self._presses),
        )

    def _in_place_of_the_first(self, result: StepResult) -> StepResult:
        """A good finger, but not the one that was wanted: never a plain pass, and whoever gave the first up answers for it."""
        given_up = self._sitting.record.given_up(self.step)[-1]
        return replace(result, verdict=Verdict.REVIEW, decided_by=given_up.decided_by, reason=given_up.reason)


class RightHand(FingerStep):
    step = Step.RIGHT_THUMB


class LeftHand(FingerStep):
    step = Step.LEFT_THUMB

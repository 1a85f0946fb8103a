"""The face step: guide, shoot, verify against the chip photo; after a fail another try, then a person decides."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Final

from kiosk.errors import KioskError
from kiosk.pipeline.face.compact import pack
from kiosk.pipeline.face.liveness import Challenge
from kiosk.records import (
    Biometric,
    BiometricKind,
    Cue,
    Frame,
    Measure,
    Message,
    Score,
    Step,
    StepResult,
    Verdict,
    looked,
    mend_message,
    seen_message,
)
from kiosk.seeing.events import GuideSaid, ShotTaken
from kiosk.seeing.judges import FaceJudgement
from kiosk.snapshot import Command, Order, StepState, StepView, Tone
from kiosk.station.events import JobDone, StationEvent
from kiosk.station.known import seen_before
from kiosk.station.steps.base import Desk, Outcome, Sitting, Stopwatch, ended

# What of a finished photo its registration system refuses whatever the face is like.
_COLOUR_PROBLEMS: Final = {"Colour": "hint.photo.grey", "NaturalColour": "hint.photo.colour"}
_IN_SPITE_OF_IT: Final = "看到不合要求之处，仍按键拍照"
_looks = itertools.count(1)  # for all face steps: a late shot of an earlier one is known as such


class FaceStep:
    """One student's portrait and verification."""

    step = Step.FACE

    def __init__(self, desk: Desk, sitting: Sitting) -> None:
        self._desk = desk
        self._sitting = sitting
        self._stopwatch = Stopwatch()
        self._attempts = 0
        self._look = 0  # what the framer's events carry; 0: it looks no more
        self._job: int | None = None
        self._measures: tuple[Measure, ...] = ()
        self._best: FaceJudgement | None = None
        self._last: FaceJudgement | None = None
        self._problems: tuple[Message, ...] = ()
        self._asked: set[Challenge] = set()
        self._said_not_followed = False
        self._answer_s: float | None = None  # seconds for the answer to the challenge that was just shown
        self._looked: dict[str, bool] = {}  # what a person looked for, and whether it was seen
        self._by_hand = False

    def start(self) -> None:
        self._look = next(_looks)
        self._stopwatch.wait()
        self._say_look()
        self._by_hand = False
        behind = self._sitting.behind and not self._attempts
        self._desk.framer.sit(self._look, self._asked, behind=behind, held=self._to_mend())

    def stop(self) -> None:
        self._desk.framer.rest()
        self._look = 0
        self._job = self._answer_s = None
        self._take_notice_back()

    def device_back(self) -> None:
        if self._job is None:
            self._say_look()

    def handle(self, event: StationEvent) -> Outcome | None:
        match event:
            case GuideSaid() if event.sitting == self._look:
                self._answer_s = event.answer_s
                self._desk.screens.say(event.instruction, event.cue, Tone.GOOD if event.good else Tone.MEND)
            case ShotTaken() if event.sitting == self._look:
                self._taken(event)
            case JobDone(job, value, error) if job == self._job:
                self._job = None
                if isinstance(value, FaceJudgement):
                    return self._judged(value)
                if error is not None:
                    self._problems = (error.message,)
                    return self._again_or_undecided()
        return None

    def obey(self, order: Order) -> Outcome | None:
        if order.command is Command.SHOOT:
            self._by_hand = True
            self._desk.framer.shoot()
        elif order.command is Command.LOOKED:
            self._looked = {name: self._looked.get(name, False) for name in self._desk.look_for}
        elif order.command is Command.MARK:
            if order.given not in self._desk.look_for:
                raise KioskError("station.command_unavailable", command=order.command.value)
            name = str(order.given)
            self._looked[name] = not self._looked.get(name, False)
            self._desk.framer.hold(self._to_mend())
        return None

    def view(self) -> StepView:
        best = self._best
        return StepView(
            Step.FACE,
            StepState.ACTIVE,
            best.verdict if best else None,
            self._attempts,
            _scores(best),
            self._measures,
            self._problems,
            answer_s=self._answer_s,
            looked={name: self._looked.get(name) for name in self._desk.look_for},
        )

    def so_far(self) -> StepResult:
        return ended(self.view(), self._stopwatch, self._desk.now())

    def orders(self) -> tuple[Command, ...]:
        return (Command.SHOOT, *((Command.LOOKED, Command.MARK) if self._desk.look_for else ()))

    def _seen(self) -> list[str]:
        """What a person saw that should not be there."""
        return [name for name in self._desk.look_for if self._looked.get(name)]

    def _to_mend(self) -> Message | None:
        return mend_message(seen[0]) if (seen := self._seen()) else None

    def _say_look(self) -> None:
        self._desk.screens.say(Message("station.look_at_camera"), Cue.LOOK)

    def _taken(self, taken: ShotTaken) -> None:
        self._stopwatch.work()
        self._answer_s = None
        self._measures = taken.shot.look.measures
        if taken.challenge is not None:
            self._asked.add(taken.challenge)
        desk, sitting = self._desk, self._sitting
        if taken.liveness is not None and not taken.liveness.counts:
            desk.screens.notify(taken.liveness.problem)
            self._said_not_followed = True
            self.start()
            return
        self._take_notice_back()
        self._attempts += 1
        desk.screens.say(Message("station.shot_taken"), Cue.WAIT, Tone.GOOD)
        self._job = desk.background.submit(lambda: _judge(desk, sitting, taken))

    def _take_notice_back(self) -> None:
        """The computer has followed since, or need not any more."""
        if self._said_not_followed:
            self._said_not_followed = False
            self._desk.screens.notify(None)

    def _judged(self, judgement: FaceJudgement) -> Outcome | None:
        seen = self._seen()
        if seen and not self._by_hand:  # it was seen a moment after the shot, which is no attempt of the student's
            self._attempts -= 1
            self.start()
            return None
        judgement = replace(
            judgement,
            measures=(*judgement.measures, *(looked(name, seen=found) for name, found in self._looked.items())),
            problems=(*judgement.problems, *map(seen_message, seen)),
        )
        self._last = judgement
        if self._best is None or _likeness(judgement) >= _likeness(self._best):
            self._best = judgement
        self._problems = judgement.problems
        if (mendable := _mendable(judgement.measures)) is not None:
            self._desk.screens.notify(mendable)
        self._desk.screens.show_picture(BiometricKind.PORTRAIT, self._best.portrait.jpeg)
        if judgement.verdict is Verdict.PASS:
            over = self._outcome(judgement)
            return self._in_spite_of_it(over) if seen else over
        return self._again_or_undecided()

    def _in_spite_of_it(self, over: Outcome) -> Outcome:
        """The operator saw something and took the photo all the same: whoever reviews looks at it, the class goes on."""
        by = self._desk.duty.operator.name
        return replace(over, result=replace(over.result, verdict=Verdict.REVIEW, decided_by=by, reason=_IN_SPITE_OF_IT))

    def _again_or_undecided(self) -> Outcome | None:
        if self._attempts < self._desk.settings.face.attempts and not self._hopeless():
            self.start()
            return None
        return replace(self._outcome(self._best), open=True, acceptable=self._best is not None)

    def _hopeless(self) -> bool:
        """Without anything to compare with, when another student has this face, or when a person must look whether somebody
        lives, another picture changes nothing."""
        last = self._last
        if last is None or any(proof.verdict is Verdict.FAIL for proof in last.proofs):
            return False
        doubtful = bool(last.alike) or any(proof.verdict is Verdict.REVIEW for proof in last.proofs)
        return last.score is None or (doubtful and last.verdict is Verdict.REVIEW)

    def _outcome(self, judgement: FaceJudgement | None) -> Outcome:
        self._stopwatch.wait()
        result = StepResult(
            Step.FACE,
            judgement.verdict if judgement else Verdict.FAIL,
            self._desk.now(),
            self._attempts,
            _scores(judgement),
            judgement.measures if judgement else self._measures,
            judgement.problems if judgement else self._problems,
            judgement.alike if judgement else (),
            device_s=self._stopwatch.device_s,
            own_s=self._stopwatch.own_s,
        )
        if judgement is None:
            return Outcome(result)
        pictures = (
            Biometric(BiometricKind.PORTRAIT, judgement.portrait.jpeg),
            Biometric(BiometricKind.LIVE_FACE, judgement.live_jpeg),
        )
        template = () if judgement.face is None else (Biometric(BiometricKind.FACE_TEMPLATE, pack(judgement.face)),)
        return Outcome(result, (*pictures, *template))


def _judge(desk: Desk, sitting: Sitting, taken: ShotTaken) -> FaceJudgement:
    """In the pool: is it the chip's face, does it live, and is it another student's too?"""
    asked = desk.passive.ask(_frames(taken)) if desk.passive else None
    try:
        judgement = _coloured(_search(desk, sitting, _compared(desk, sitting, taken)))
    finally:  # whatever comes, nothing of the student stays with the check
        passive = desk.passive.answer(asked) if desk.passive and asked else None
    proofs = tuple(proof for proof in (taken.liveness, passive.outcome if passive else None) if proof is not None)
    return replace(
        judgement,
        verdict=Verdict.worst((judgement.verdict, *(proof.verdict for proof in proofs))),
        problems=(*(proof.problem for proof in proofs if proof.problem), *judgement.problems),
        proofs=proofs,
        passive=passive.score if passive else None,
    )


def _compared(desk: Desk, sitting: Sitting, taken: ShotTaken) -> FaceJudgement:
    """With the chip's face; who is called by a class list has none to be like."""
    if sitting.card is None:
        return desk.judges.judge_shot(taken.shot, None, desk.photo, compared=False, ahead=taken.ahead)
    return desk.judges.judge_shot(taken.shot, sitting.chip, desk.photo, ahead=taken.ahead)


def _search(desk: Desk, sitting: Sitting, judgement: FaceJudgement) -> FaceJudgement:
    """The judgement, with the other students who have this face."""
    if judgement.face is None:
        return judgement
    try:
        alike = desk.known.same_face(sitting.record.student, judgement.face, desk.settings.face.seen_before_at)
        doubts = seen_before(Step.FACE, alike)
    except KioskError:
        alike, doubts = (), (Message("face.not_searched"),)
    verdict = Verdict.worst((judgement.verdict, Verdict.REVIEW)) if doubts else judgement.verdict
    return replace(judgement, verdict=verdict, problems=(*judgement.problems, *doubts), alike=alike)


def _coloured(judgement: FaceJudgement) -> FaceJudgement:
    """A photo without colours, or with others than skin has, is for a person to look at: the registration system refuses it.
    Framing waits for colours; a shot by hand does not."""
    off = [measure for measure in judgement.measures if measure.verdict is Verdict.FAIL and measure.name in _COLOUR_PROBLEMS]
    if not off:
        return judgement
    problems = (*judgement.problems, *(Message(_COLOUR_PROBLEMS[measure.name]) for measure in off))
    return replace(judgement, verdict=Verdict.worst((judgement.verdict, Verdict.REVIEW)), problems=problems)


def _mendable(measures: tuple[Measure, ...]) -> Message | None:
    """What the operator may put right about the photo, the wall for instance; it keeps nobody from being captured."""
    return next((measure.hint for measure in measures if measure.verdict is Verdict.FAIL and measure.hint), None)


def _frames(taken: ShotTaken) -> list[Frame]:
    """All that were kept, oldest first."""
    return sorted((taken.shot.best, *taken.shot.others, *taken.answered), key=lambda frame: frame.number)


def _scores(judgement: FaceJudgement | None) -> tuple[Score, ...]:
    found = (judgement.score, judgement.passive) if judgement else ()
    return tuple(score for score in found if score is not None)


def _likeness(judgement: FaceJudgement) -> float:
    return judgement.score.value if judgement.score else -1.0

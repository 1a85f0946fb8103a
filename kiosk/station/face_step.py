"""The face step: guide, shoot, verify against the chip photo; after a fail another try, then a person decides."""

from __future__ import annotations

import itertools
from dataclasses import replace

from kiosk.errors import KioskError
from kiosk.pipeline.face.compact import pack
from kiosk.pipeline.face.liveness import Challenge, Outcome
from kiosk.pipeline.face.shutter import Shot
from kiosk.records import Biometric, BiometricKind, Measure, Message, Step, StepResult, Verdict
from kiosk.snapshot import Command, StepState, StepView, Tone
from kiosk.station.events import CommandGiven, GuideSaid, JobDone, ShotTaken, StationEvent
from kiosk.station.framer import Framer
from kiosk.station.judges import FaceJudgement
from kiosk.station.known import seen_before
from kiosk.station.steps import Desk, Sitting, StepOutcome, Stopwatch

_sittings = itertools.count(1)  # for all face steps: a late shot of an earlier one is known as such


class FaceStep:
    """One student's portrait and verification."""

    def __init__(self, desk: Desk, framer: Framer) -> None:
        self._desk = desk
        self._framer = framer
        self._stopwatch = Stopwatch()
        self._attempts = 0
        self._sitting = 0
        self._job: int | None = None
        self._measures: tuple[Measure, ...] = ()
        self._best: FaceJudgement | None = None
        self._last: FaceJudgement | None = None
        self._problems: tuple[Message, ...] = ()
        self._liveness: Outcome | None = None
        self._asked: set[Challenge] = set()
        self.answer_s: float | None = None  # seconds for the answer to the challenge that was just shown

    def start(self) -> None:
        self._sitting = next(_sittings)
        self._stopwatch.wait()
        self._say_look()
        self._framer.sit(self._sitting, self._asked)

    def stop(self) -> None:
        self._framer.rest()
        self._sitting = 0
        self._job = self.answer_s = None

    def device_back(self) -> None:
        if self._job is None:
            self._say_look()

    def handle(self, event: StationEvent) -> None:
        match event:
            case GuideSaid(sitting, instruction, good, answer_s) if sitting == self._sitting:
                self.answer_s = answer_s
                self._desk.say(instruction, Tone.GOOD if good else Tone.MEND)
            case ShotTaken(sitting, shot, liveness, challenge) if sitting == self._sitting:
                self._stopwatch.work()
                self.answer_s = None
                self._attempts += 1
                self._measures = shot.look.measures
                self._liveness = liveness
                if challenge is not None:
                    self._asked.add(challenge)
                self._desk.say(Message("station.shot_taken"), Tone.GOOD)
                desk, student = self._desk, self._desk.sitting
                self._job = desk.submit(lambda: _judge(desk, student, shot))
            case JobDone(job, value, error) if job == self._job:
                self._job = None
                if isinstance(value, FaceJudgement):
                    self._judged(value)
                elif error is not None:
                    self._problems = (Message(f"error.{error.code}", error.data),)
                    self._again_or_undecided()
            case CommandGiven(Command.SHOOT):
                self._framer.shoot()

    def view(self) -> StepView:
        best = self._best
        return StepView(
            Step.FACE,
            StepState.ACTIVE,
            best.verdict if best else None,
            self._attempts,
            (best.score,) if best and best.score else (),
            self._measures,
            self._problems,
        )

    def commands(self) -> tuple[Command, ...]:
        return (Command.SHOOT, Command.RETRY, Command.EXCEPTION, Command.ABANDON)

    def _say_look(self) -> None:
        self._desk.say(Message("station.look_at_camera"))

    def _judged(self, judgement: FaceJudgement) -> None:
        if self._liveness and self._liveness.problem:
            verdict = Verdict.worst((judgement.verdict, self._liveness.verdict))
            judgement = replace(judgement, verdict=verdict, problems=(self._liveness.problem, *judgement.problems))
        self._last = judgement
        if self._best is None or _likeness(judgement) >= _likeness(self._best):
            self._best = judgement
        self._problems = judgement.problems
        self._desk.show_picture(BiometricKind.PORTRAIT, self._best.portrait.jpeg)
        if judgement.verdict is Verdict.PASS:
            self._desk.finished(self._outcome(judgement))
        else:
            self._again_or_undecided()

    def _again_or_undecided(self) -> None:
        if self._attempts < self._desk.settings.face.attempts and not self._hopeless():
            self.start()
        else:
            self._stopwatch.wait()
            self._desk.undecided(self._outcome(self._best))

    def _hopeless(self) -> bool:
        """Without anything to compare with, or when another student has this face, another picture changes nothing."""
        last = self._last
        if last is None or (self._liveness and self._liveness.verdict is Verdict.FAIL):
            return False
        return last.score is None or (bool(last.alike) and last.verdict is Verdict.REVIEW)

    def _outcome(self, judgement: FaceJudgement | None) -> StepOutcome:
        self._stopwatch.wait()
        result = StepResult(
            Step.FACE,
            judgement.verdict if judgement else Verdict.FAIL,
            self._desk.now(),
            self._attempts,
            (judgement.score,) if judgement and judgement.score else (),
            self._measures,
            judgement.problems if judgement else self._problems,
            judgement.alike if judgement else (),
            device_s=self._stopwatch.device_s,
            own_s=self._stopwatch.own_s,
        )
        if judgement is None:
            return StepOutcome(result)
        pictures = (
            Biometric(BiometricKind.PORTRAIT, judgement.portrait.jpeg),
            Biometric(BiometricKind.LIVE_FACE, judgement.live_jpeg),
        )
        template = () if judgement.face is None else (Biometric(BiometricKind.FACE_TEMPLATE, pack(judgement.face)),)
        return StepOutcome(result, (*pictures, *template))


def _judge(desk: Desk, sitting: Sitting, shot: Shot) -> FaceJudgement:
    """In the pool: is it the chip's face, and is it another student's too?"""
    judgement = desk.judges.judge_shot(shot, sitting.chip, desk.photo)
    if judgement.face is None:
        return judgement
    try:
        alike = desk.known.same_face(sitting.record.student, judgement.face, desk.settings.face.seen_before_at)
        doubts = seen_before(Step.FACE, alike)
    except KioskError:
        alike, doubts = (), (Message("face.not_searched"),)
    verdict = Verdict.worst((judgement.verdict, Verdict.REVIEW)) if doubts else judgement.verdict
    return replace(judgement, verdict=verdict, problems=(*judgement.problems, *doubts), alike=alike)


def _likeness(judgement: FaceJudgement) -> float:
    return judgement.score.value if judgement.score else -1.0

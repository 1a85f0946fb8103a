"""What a face step keeps of several shots."""

from __future__ import annotations

from collections.abc import Collection
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from kiosk.config import Settings
from kiosk.errors import KioskError
from kiosk.pipeline.face import EXAM_PHOTO, NOT_FOLLOWED, Challenge, FaceLook, Shot
from kiosk.pipeline.face import Outcome as Answer
from kiosk.records import (
    Frame,
    Measure,
    Message,
    Person,
    Portrait,
    ReviewCause,
    Score,
    Step,
    Verdict,
    is_looked_for,
    review_causes,
)
from kiosk.seeing.events import ShotTaken
from kiosk.seeing.judges import FaceJudgement
from kiosk.snapshot import Command, Order
from kiosk.station.events import JobDone
from kiosk.station.steps.base import Desk, Outcome, Sitting
from kiosk.station.steps.face import FaceStep
from tests.conftest import quick
from tests.store.conftest import AT

UNLIKE = Message("face.unlike_chip_photo")


class Table:
    """A desk at which shots are judged at once, by a score that is given beforehand."""

    passive = None
    look_for: tuple[str, ...] = ()
    held: Message | None = None
    duty = SimpleNamespace(operator=Person("采集员"))
    photo = EXAM_PHOTO

    def __init__(self, scores: list[float]) -> None:
        self.settings: Settings = quick()
        self.judges = self.screens = self.framer = self.background = self
        self.sat = 0
        self._scores = scores
        self.result: object = None
        self.noticed: list[Message | None] = []
        self.wall: tuple[Measure, ...] = ()
        self.verdict = Verdict.FAIL
        self.problems: tuple[Message, ...] = (UNLIKE,)

    def judge_shot(self, shot: Shot, *_: object, **__: object) -> FaceJudgement:
        portrait = Portrait(str(shot.best.number).encode(), 480, 640, 300)
        score = Score(self._scores.pop(0), "sface-2021dec cosine", 0.4)
        measures = (*shot.look.measures, *self.wall)
        return FaceJudgement(portrait, b"", score, self.verdict, self.problems, measures=measures)

    def submit(self, work: Any) -> int:
        self.result = work()
        return 1

    def now(self) -> object:
        return AT

    def notify(self, notice: Message | None) -> None:
        self.noticed.append(notice)

    def say(self, *_: object) -> None: ...

    def show_picture(self, *_: object) -> None: ...

    def rest(self) -> None: ...

    def sit(self, sitting: int, _: Collection[Challenge], *, behind: bool, held: Message | None) -> None:
        self.sat = sitting
        self.held = held

    def hold(self, told: Message | None) -> None:
        self.held = told

    def shoot(self) -> None: ...


def shot(number: int) -> Shot:
    measures = (Measure("Sharpness", number, 40, None, Verdict.PASS),)
    look = FaceLook(1, measures, Message("hint.face.hold_still"), True, 1.0, None, np.zeros((478, 2), np.float32))
    return Shot(Frame(np.zeros((2, 2, 3), np.uint8), number, float(number)), look, ())


NOBODY = cast("Sitting", SimpleNamespace(chip=None, card=object(), behind=False, record=SimpleNamespace(student=None)))


def shoot(step: FaceStep, table: Table, number: int) -> Outcome | None:
    step.handle(ShotTaken(table.sat, shot(number)))
    return step.handle(JobDone(1, table.result))


def test_measures_that_are_kept_are_those_of_the_portrait_that_is_kept() -> None:
    table = Table([0.30, 0.32, 0.20])
    step = FaceStep(cast("Desk", table), NOBODY)
    step.start()
    outcomes = [shoot(step, table, number) for number in (1, 2, 3)]
    assert outcomes[:2] == [None, None]
    outcome = outcomes[2]
    assert outcome is not None
    assert outcome.open
    result = outcome.result
    assert (result.verdict, result.attempts, result.scores[0].value) == (Verdict.FAIL, 3, 0.32)
    assert outcome.biometrics[0].data == b"2"
    assert [measure.value for measure in result.measures] == [2]


def test_a_wall_of_the_wrong_colour_is_told_to_the_operator_and_refuses_nobody() -> None:
    wrong = Message("hint.photo.background_colour")
    table = Table([0.30, 0.30, 0.30])
    step = FaceStep(cast("Desk", table), NOBODY)
    step.start()
    shoot(step, table, 1)
    assert table.noticed == []
    table.wall = (Measure("BackgroundColour", 30, None, 18, Verdict.FAIL, wrong),)
    shoot(step, table, 2)
    assert table.noticed == [wrong]
    assert step.view().problems == (UNLIKE,)


def test_attempts_in_which_the_computer_could_not_follow_are_no_attempts_of_the_student() -> None:
    table = Table([0.30])
    step = FaceStep(cast("Desk", table), NOBODY)
    step.start()
    for number in range(1, 9):
        before = table.sat
        step.handle(ShotTaken(table.sat, shot(number), NOT_FOLLOWED, Challenge.BLINK))
        assert table.sat > before
    assert step.view().attempts == 0
    assert table.noticed[-1] == NOT_FOLLOWED.problem
    step.handle(ShotTaken(table.sat, shot(9), Answer(Verdict.PASS), Challenge.TURN_LEFT))
    assert step.view().attempts == 1
    assert table.noticed[-1] is None  # it was followed now


def test_what_was_said_of_not_following_goes_with_the_step() -> None:
    table = Table([0.30])
    step = FaceStep(cast("Desk", table), NOBODY)
    step.start()
    step.stop()
    assert table.noticed == []
    step.start()
    step.handle(ShotTaken(table.sat, shot(1), NOT_FOLLOWED, Challenge.BLINK))
    step.stop()
    assert table.noticed == [NOT_FOLLOWED.problem, None]


def looking_for(*names: str) -> tuple[Table, FaceStep]:
    """A table where somebody looks for what no computer judges, and the photo is good else."""
    table = Table([0.90, 0.90, 0.90])
    table.verdict, table.problems, table.look_for = Verdict.PASS, (), names
    step = FaceStep(cast("Desk", table), NOBODY)
    step.start()
    return table, step


def mark(step: FaceStep, name: str) -> None:
    step.obey(Order(Command.MARK, 1, given=name))


def test_row_2_4_an_ear_ring_that_the_operator_sees_holds_the_shutter_until_it_is_off_and_the_record_says_who_looked() -> None:
    table, step = looking_for("earrings", "红领巾")
    assert step.view().looked == {"earrings": None, "红领巾": None}
    mark(step, "earrings")
    assert table.held == Message("station.mend.earrings")
    mark(step, "earrings")  # the same key once more: it is off
    assert table.held is None
    outcome = shoot(step, table, 1)
    assert outcome is not None
    assert outcome.result.verdict is Verdict.PASS
    (said,) = (one for one in outcome.result.measures if is_looked_for(one))  # of what nobody spoke about nothing is kept
    assert (said.name, said.value, said.verdict) == ("LookedFor.earrings", 0.0, Verdict.PASS)


def test_row_2_4_one_key_says_that_nothing_of_the_list_is_there() -> None:
    table, step = looking_for("earrings", "necklace", "collar")
    step.obey(Order(Command.LOOKED, 1))
    assert set(step.view().looked.values()) == {False}
    outcome = shoot(step, table, 1)
    assert outcome is not None
    assert [one.verdict for one in outcome.result.measures if is_looked_for(one)] == [Verdict.PASS] * 3


def test_row_2_4_what_is_seen_a_moment_too_late_costs_the_shot_and_no_attempt() -> None:
    table, step = looking_for("necklace")
    step.handle(ShotTaken(table.sat, shot(1)))
    mark(step, "necklace")
    assert step.handle(JobDone(1, table.result)) is None
    assert (step.view().attempts, table.held) == (0, Message("station.mend.necklace"))


def test_row_2_4_a_photo_that_is_taken_all_the_same_goes_on_and_is_reviewed() -> None:
    table, step = looking_for("collar", "红领巾")
    mark(step, "collar")
    mark(step, "红领巾")
    step.obey(Order(Command.SHOOT, 1))
    outcome = shoot(step, table, 1)
    assert outcome is not None
    result = outcome.result
    assert (result.verdict, result.decided_by, outcome.open) == (Verdict.REVIEW, "采集员", False)
    assert result.problems == (Message("face.seen.collar"), Message("face.seen.other", {"what": "红领巾"}))
    assert review_causes([result]) == ((Step.FACE, ReviewCause.ACCEPTED),)
    with pytest.raises(KioskError, match=r"station\.command_unavailable"):
        mark(step, "帽子")  # the profile doesn't ask for it


@pytest.mark.parametrize(("name", "problem"), [("Colour", "hint.photo.grey"), ("NaturalColour", "hint.photo.colour")])
def test_a_photo_shot_by_hand_whose_colours_are_none_is_for_a_person_to_look_at(name: str, problem: str) -> None:
    table = Table([0.90])
    table.verdict, table.problems = Verdict.PASS, ()
    table.wall = (Measure(name, 1.0, 3.0, None, Verdict.FAIL, Message("hint.face.camera_grey")),)
    step = FaceStep(cast("Desk", table), NOBODY)
    step.start()
    assert shoot(step, table, 1) is None  # another try first
    assert (step.view().verdict, step.view().problems) == (Verdict.REVIEW, (Message(problem),))

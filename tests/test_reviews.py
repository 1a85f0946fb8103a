"""What of a capture another person has to look at."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.records import (
    BiometricKind,
    FingerPosition,
    Resemblance,
    ReviewCause,
    Score,
    Step,
    StepResult,
    Verdict,
    review_causes,
)
from tests.store.conftest import AT

PASSED = StepResult(Step.FACE, Verdict.PASS, AT)
LET_PASS = replace(PASSED, verdict=Verdict.REVIEW, decided_by="王老师", reason="确认为本人")
THUMB = StepResult(Step.RIGHT_THUMB, Verdict.PASS, AT, position=FingerPosition.RIGHT_THUMB)
GIVEN_UP = replace(THUMB, verdict=Verdict.FAIL, decided_by="王老师", reason="手指受伤")
INDEX = replace(THUMB, verdict=Verdict.REVIEW, position=FingerPosition.RIGHT_INDEX, decided_by="王老师", reason="手指受伤")
OTHER = Resemblance("r1", BiometricKind.PORTRAIT, "某某", "630103********13", Score(0.9, "s", 0.5, below=True))
SUSPECTED = replace(PASSED, verdict=Verdict.FAIL, alike=(OTHER,))


@pytest.mark.parametrize(
    ("steps", "cause"),
    [
        ([PASSED], None),
        ([LET_PASS], ReviewCause.ACCEPTED),
        ([LET_PASS, PASSED], None),  # done again, and passed
        ([PASSED, LET_PASS], ReviewCause.ACCEPTED),
        ([replace(PASSED, verdict=Verdict.REVIEW)], ReviewCause.UNDECIDED),
        ([replace(PASSED, step=Step.CARD, verdict=Verdict.REVIEW, decided_by="采集员", reason="没带证件")], ReviewCause.TYPED),
        ([GIVEN_UP, INDEX], ReviewCause.STAND_IN),
        ([GIVEN_UP, INDEX, THUMB], None),  # back to the thumb
        ([GIVEN_UP, replace(GIVEN_UP, verdict=Verdict.REVIEW, position=None)], ReviewCause.LEFT_OUT),
        ([replace(SUSPECTED, decided_by="王老师", reason="双胞胎")], ReviewCause.DUPLICATE),
        ([SUSPECTED, replace(PASSED, decided_by="王老师", reason="双胞胎")], ReviewCause.DUPLICATE),  # declared to look alike
        ([SUSPECTED, PASSED], None),  # a better picture resembles nobody
    ],
)
def test_what_a_person_decided_is_reviewed_and_what_passed_by_itself_is_not(
    steps: list[StepResult], cause: ReviewCause | None
) -> None:
    assert review_causes(steps) == (() if cause is None else ((steps[-1].step, cause),))

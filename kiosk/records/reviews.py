"""复核: what of a capture a second person looks at, and what that person said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from kiosk.records.capture import StepResult
from kiosk.records.judgements import Verdict
from kiosk.records.people import Person
from kiosk.records.steps import OWN_FINGER, STEPS, Step


class ReviewCause(StrEnum):
    """Why a step of a capture has to be looked at by somebody else."""

    TYPED = "typed"  # no readable card: the data were typed
    ACCEPTED = "accepted"  # not good enough by the limits; a person let it pass
    LEFT_OUT = "left_out"  # nothing was captured
    STAND_IN = "stand_in"  # another finger than the step's own
    DUPLICATE = "duplicate"  # resembles another student's
    UNDECIDED = "undecided"  # has not passed, and nobody decided


class ReviewOutcome(StrEnum):
    """What the reviewer said. Either closes the review for good."""

    APPROVED = "approved"
    SENT_BACK = "sent_back"  # to be captured again


@dataclass(frozen=True)
class Review:
    """A review that was closed. `reason` is never empty when it was sent back."""

    record_id: str
    outcome: ReviewOutcome
    reason: str
    by: Person
    at: datetime


def review_causes(steps: Sequence[StepResult]) -> tuple[tuple[Step, ReviewCause], ...]:
    """What is to be reviewed of a capture with these results, in the steps' order; nothing where all passed by themselves.

    Only a step's last result counts: what was let pass and then done again, and passed, needs no review.
    """
    last = {result.step: result for result in steps}
    return tuple((step, cause) for step in Step if step in last and (cause := _cause(last[step], steps)) is not None)


def _cause(result: StepResult, steps: Sequence[StepResult]) -> ReviewCause | None:
    step, decided = result.step, bool(result.decided_by)
    if decided and step is Step.CARD:
        return ReviewCause.TYPED
    if result.alike or (decided and any(one.alike for one in steps if one.step is step)):
        return ReviewCause.DUPLICATE
    if result.stands_in:
        return ReviewCause.STAND_IN
    if decided and _nothing_came(result):
        return ReviewCause.LEFT_OUT
    if decided:
        return ReviewCause.ACCEPTED
    return None if result.verdict is Verdict.PASS else ReviewCause.UNDECIDED


def _nothing_came(result: StepResult) -> bool:
    """Whether a person went on without the finger, or without what people were to say."""
    unsigned = bool(STEPS[result.step].pictures) and not STEPS[result.step].biometric and not result.statements
    return result.declined or unsigned or (result.step in OWN_FINGER and result.position is None)

"""What student and guardian said about biometrics, and what follows from it for the other steps.

Where consent is asked for, nothing biometric is kept or computed before it is given; where it is refused, the record goes on
without, and each step that is left out says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from kiosk.records import STEPS, Biometric, CaptureRecord, Message, Step, StepResult, Verdict


def is_asked(record: CaptureRecord, workflow: Sequence[Step]) -> bool:
    """Whether the consent still has to be asked for."""
    return any(STEPS[step].consents and not record.is_settled(step) for step in workflow)


def at_odds(record: CaptureRecord, workflow: Sequence[Step]) -> tuple[Step, ...]:
    """Settled steps that contradict what was said last: captured although it is no now, or left out although it is yes."""
    if is_asked(record, workflow):
        return ()
    settled = (step for step in workflow if STEPS[step].biometric and record.is_settled(step))
    refused = bool(record.refusals)
    return tuple(step for step in settled if (result := record.result(step)) is not None and result.declined is not refused)


def is_left_out(record: CaptureRecord, step: Step) -> bool:
    """Whether a step has to be left out because of what was said."""
    return STEPS[step].biometric and bool(record.refusals)


def left_out(record: CaptureRecord, step: Step, at: datetime) -> StepResult:
    """A biometric step that is left out: why, and who took down the no."""
    refusing = next(result for one, spec in STEPS.items() if spec.consents and (result := record.result(one)) is not None)
    return StepResult(
        step,
        Verdict.REVIEW,
        at,
        0,
        problems=(Message("station.declined"),),
        decided_by=refusing.decided_by,
        reason=refusing.reason,
        statements=record.refusals,
    )


def refusal_reason(record: CaptureRecord) -> str:
    """Why student or guardian said no; empty where all agreed."""
    results = (record.result(step) for step, spec in STEPS.items() if spec.consents)
    return next((result.reason for result in results if result is not None and result.declined), "")


def released(result: StepResult, held: Sequence[Biometric]) -> Sequence[Biometric]:
    """What was held back until the consent, once this result gives it."""
    return held if STEPS[result.step].consents and result.verdict is Verdict.PASS and not result.declined else ()

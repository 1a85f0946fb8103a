"""What a person decides about a step, as the result that is kept."""

from __future__ import annotations

from dataclasses import replace

from kiosk.errors import KioskError
from kiosk.records import CaptureRecord, StepResult, Verdict
from kiosk.station.known import seen_before
from kiosk.store import Store


def declare_lookalikes(store: Store, record: CaptureRecord, result: StepResult, *, reason: str, by: str) -> StepResult:
    """Declare this student and those whom the face resembles to be different people; the result without that suspicion.

    It passes when nothing else was wrong. Raises StoreError.
    """
    for other in result.alike:
        found = store.captures.find(other.record_id)
        if found is None:
            raise KioskError("station.other_record_gone")
        store.lookalikes.declare((record.student.id_number, found.student.id_number), reason=reason, by=by)
    suspicions = seen_before(result.step, result.alike)
    problems = tuple(problem for problem in result.problems if problem not in suspicions)
    if problems:
        return replace(result, problems=problems, alike=())
    return replace(result, problems=(), verdict=Verdict.PASS)

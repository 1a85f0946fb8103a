"""kill -9 in the middle of a student: what was said to be durable is there afterwards."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from kiosk.records import Biometric, BiometricKind, RecordState, Step, StepResult, Verdict
from kiosk.store import Store
from tests.killing import begun, pipe
from tests.store.conftest import AT, begin_in, student

PICTURES = {
    Step.FACE: BiometricKind.PORTRAIT,
    Step.RIGHT_THUMB: BiometricKind.RIGHT_THUMB,
    Step.LEFT_THUMB: BiometricKind.LEFT_THUMB,
}


def station(folder: Path, last: Step, told: Any) -> None:
    """Captures a student and tells each finished step, then waits to be killed."""
    store = Store.open(folder)
    store.roster.replace_or_update([student(1)])
    record = begin_in(store, student(1))
    for step in Step:
        pictures = [Biometric(PICTURES[step], step.value.encode() * 20_000)] if step in PICTURES else []
        store.captures.save_step(record.id, StepResult(step, Verdict.PASS, AT), pictures)
        told.send(step)
        while step is last:  # writing on: the kill falls into the middle of it
            store.captures.save_step(record.id, StepResult(step, Verdict.PASS, AT), pictures)


@pytest.mark.parametrize("last", list(Step))
def test_the_process_is_killed_after_a_step_and_the_card_brings_the_record_back(folder: Path, last: Step) -> None:
    hear, tell = pipe()
    child = begun(lambda told: station(folder, last, told), tell)
    tell.close()
    with closing(hear):
        while hear.recv() is not last:
            pass
        child.kill()
        child.join()

    with Store.open(folder) as store:
        record = store.captures.unfinished(student(1).id_number)
        assert record is not None
        assert record.state is RecordState.OPEN
        done = list(Step)[: list(Step).index(last) + 1]
        assert list(dict.fromkeys(result.step for result in record.steps)) == done
        for step, kind in PICTURES.items():
            wanted = step.value.encode() * 20_000 if step in done else None
            assert store.captures.biometric(record.id, kind) == wanted
        assert store.audit.first_broken() is None
        store.captures.finish(record.id, record.started_at)

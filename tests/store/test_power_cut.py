"""kill -9 in the middle of a student: what was said to be durable is there afterwards."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from kiosk.records import BiometricKind, RecordState, Step
from kiosk.store import Store
from tests.store.conftest import student

# Captures a student and reports each finished step on its standard output, then waits to be killed.
STATION = """
import sys
from pathlib import Path
from kiosk.records import Biometric, BiometricKind, Step, StepResult, Verdict
from kiosk.store import Store
from tests.store.conftest import AT, begin_in, student

PICTURES = {Step.FACE: BiometricKind.PORTRAIT, Step.RIGHT_THUMB: BiometricKind.RIGHT_THUMB,
            Step.LEFT_THUMB: BiometricKind.LEFT_THUMB}
store = Store.open(Path(sys.argv[1]))
store.roster.replace_or_update([student(1)])
record = begin_in(store, student(1))
print("begun", flush=True)
for step in Step:
    pictures = [Biometric(PICTURES[step], step.value.encode() * 20_000)] if step in PICTURES else []
    store.captures.save_step(record.id, StepResult(step, Verdict.PASS, AT), pictures)
    print(step.value, flush=True)
    if step.value == sys.argv[2]:
        while True:  # writing on: the kill falls into the middle of it
            store.captures.save_step(record.id, StepResult(step, Verdict.PASS, AT), pictures)
"""


@pytest.mark.parametrize("last", list(Step))
def test_the_process_is_killed_after_a_step_and_the_card_brings_the_record_back(folder: Path, last: Step) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", STATION, str(folder), last.value], stdout=subprocess.PIPE, text=True, cwd=Path.cwd()
    ) as station:
        assert station.stdout is not None
        for line in station.stdout:
            if line.strip() == last.value:
                break
        station.kill()
        station.wait(30)

    with Store.open(folder) as store:
        record = store.captures.unfinished(student(1).id_number)
        assert record is not None
        assert record.state is RecordState.OPEN
        done = list(Step)[: list(Step).index(last) + 1]
        assert list(dict.fromkeys(result.step for result in record.steps)) == done
        for step, kind in (
            (Step.FACE, BiometricKind.PORTRAIT),
            (Step.RIGHT_THUMB, BiometricKind.RIGHT_THUMB),
            (Step.LEFT_THUMB, BiometricKind.LEFT_THUMB),
        ):
            wanted = step.value.encode() * 20_000 if step in done else None
            assert store.captures.biometric(record.id, kind) == wanted
        assert store.audit.first_broken() is None
        store.captures.finish(record.id, record.started_at)

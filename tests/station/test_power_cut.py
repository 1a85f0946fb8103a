"""kill -9 at every step: the student's card brings the record back with the finished steps."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from kiosk.records import Step
from kiosk.rehearsal import Player, all_ready, wait_until
from kiosk.snapshot import Phase, StepState
from tests.conftest import StartKiosk

ROOT = Path(__file__).parents[2]
ORDER = [Step.CARD, Step.FACE, Step.RIGHT_THUMB, Step.LEFT_THUMB, Step.CONFIRM]


@pytest.mark.timeout(180)
@pytest.mark.parametrize("step", ORDER[1:])
def test_killed_at_a_step_the_card_brings_the_finished_steps_back(start_kiosk: StartKiosk, tmp_path: Path, step: Step) -> None:
    command = [sys.executable, "-m", "tests.station.victim", str(tmp_path), step.value]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT, env=env, text=True) as victim:
        assert victim.stdout is not None
        assert victim.stdout.readline() == "reached\n"
        victim.send_signal(signal.SIGKILL)

    kiosk = start_kiosk(folder=tmp_path)
    assert kiosk.simulator is not None
    wait_until(kiosk, all_ready)
    player = Player(kiosk, kiosk.simulator, kiosk.simulator.people[0])
    player.lay_card()
    resumed = player.play_until(lambda snapshot: snapshot.phase in {Phase.STEP, Phase.CONFIRM, Phase.SAVED})

    assert resumed.resumed
    finished = {view.step for view in resumed.steps if view.state is StepState.DONE}
    assert finished >= set(ORDER[: ORDER.index(step)])
    if resumed.phase is not Phase.SAVED:
        player.play_until(lambda snapshot: snapshot.phase is Phase.SAVED)
    record = kiosk.store.captures.latest_complete(kiosk.simulator.people[0].student.id_number)
    assert record is not None
    assert record.version == 1

"""kill -9 at every step: the student's card brings the record back with the finished steps."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from kiosk.records import Step
from kiosk.rehearsal import Player, all_ready, wait_until
from kiosk.snapshot import Phase, StepState
from tests.conftest import StartKiosk

pytestmark = pytest.mark.skipif(os.name != "posix", reason="stops a process the Unix way")

ROOT = Path(__file__).parents[2]
ORDER = [Step.CARD, Step.FACE, Step.RIGHT_THUMB, Step.LEFT_THUMB, Step.CONFIRM]


@pytest.fixture(scope="module")
def killed_at(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The victim's folder as a kill at each step would leave it, by the step's name. It is stopped in the middle of what it
    does, for loading its networks once is enough; at the last step it is killed."""
    folders = tmp_path_factory.mktemp("killed")
    data = folders / "data"
    command = [sys.executable, "-m", "tests.station.victim", str(data), *ORDER[1:]]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, cwd=ROOT, env=env, text=True, bufsize=1) as victim:
        assert victim.stdin is not None
        assert victim.stdout is not None
        for step in ORDER[1:]:
            assert victim.stdout.readline() == f"{step}\n"
            if step is ORDER[-1]:
                victim.kill()
                victim.wait(30)
            else:
                victim.send_signal(signal.SIGSTOP)
                os.waitpid(victim.pid, os.WUNTRACED)
            shutil.copytree(data, folders / step)
            if step is not ORDER[-1]:
                victim.send_signal(signal.SIGCONT)
                victim.stdin.write("\n")
    return folders


@pytest.mark.parametrize("step", ORDER[1:])
def test_killed_at_a_step_the_card_brings_the_finished_steps_back(start_kiosk: StartKiosk, killed_at: Path, step: Step) -> None:
    kiosk = start_kiosk(folder=killed_at / step)
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

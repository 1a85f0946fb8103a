"""A station in a process of its own, to be killed: plays one student, says which step has begun, and goes on when told to."""

from __future__ import annotations

import sys
from pathlib import Path

from drivers_sim.classroom import Classroom
from kiosk import weights
from kiosk.assembly import Kiosk
from kiosk.rehearsal import Player, all_ready, wait_until
from tests.conftest import FPS, quick


def main(folder: str, *steps: str) -> None:
    cache = weights.folder().parent / "simulated"
    classroom = Classroom(students=1, seed=1, realistic=False, pcsc=False, cache=cache, fps=FPS)
    with Kiosk(quick(), Path(folder), classroom) as kiosk:
        wait_until(kiosk, all_ready)
        player = Player(kiosk, classroom, classroom.people[0])
        player.lay_card()
        for step in steps:
            player.play_until(lambda snapshot, step=step: snapshot.step == step)  # type: ignore[misc]
            sys.stdout.write(f"{step}\n")
            sys.stdout.flush()
            sys.stdin.readline()


if __name__ == "__main__":
    main(*sys.argv[1:])

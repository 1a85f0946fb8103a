"""A station in a process of its own, to be killed: plays one student up to a step, says so, and waits for the end."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

from drivers_sim.classroom import Classroom
from kiosk import weights
from kiosk.assembly import Kiosk
from kiosk.rehearsal import Player, all_ready, wait_until
from tests.conftest import quick


def main(folder: str, step: str) -> None:
    cache = weights.folder().parent / "simulated"
    classroom = Classroom(students=1, seed=1, realistic=False, pcsc=False, cache=cache)
    with Kiosk(quick(), Path(folder), classroom) as kiosk:
        wait_until(kiosk, all_ready)
        player = Player(kiosk, classroom, classroom.people[0])
        player.lay_card()
        player.play_until(lambda snapshot: snapshot.step == step)
        sys.stdout.write("reached\n")
        sys.stdout.flush()
        threading.Event().wait()


if __name__ == "__main__":
    main(*sys.argv[1:])

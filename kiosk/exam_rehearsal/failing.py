"""A door in a process of its own, whose power fails: it lets candidates in until it is killed.

Each line that it hears is a candidate as JSON; it says `seen` when the card was read, and `seated` once the seat was shown.
"""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import numpy as np

from kiosk.checkin import Door, Looking, Policy, Seated, Shelf
from kiosk.pipeline.face import Embedding
from kiosk.store import Store

_ENDED_S: Final = 30.0


@dataclass(frozen=True, eq=False)
class Comer:
    """Who comes to a door: what is on the card, and the live face."""

    id_number: str
    name: str
    live: Embedding


def let_in_until_it_fails(data: Path, exam: str, comers: Sequence[Comer], at: datetime) -> int:
    """Have a process let these in one after the other, and end it by a signal that nobody can refuse while it looks at the
    last; how many it had shown to their seats."""
    program = f"import sys; from {__name__} import main; main(*sys.argv[1:])"
    command = [sys.executable, "-c", program, str(data), exam]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8") as door:
        assert door.stdin is not None
        assert door.stdout is not None
        seated = 0
        try:
            for one in comers:
                face = base64.b64encode(one.live.astype("<f4").tobytes()).decode()
                told = {"id_number": one.id_number, "name": one.name, "face": face, "at": at.isoformat()}
                door.stdin.write(json.dumps(told, ensure_ascii=False) + "\n")
                door.stdin.flush()
                if door.stdout.readline() != "seen\n" or one is comers[-1]:
                    break
                seated += door.stdout.readline() == "seated\n"
        finally:
            door.kill()
            door.wait(_ENDED_S)
    return seated


def main(data: str, exam: str) -> None:
    """Be that process."""
    with Store.open(Path(data)) as store:
        register = Shelf(store).open(Shelf(store).get(exam))
        door = Door(register, register.matcher(), Policy())
        for line in sys.stdin:
            told = json.loads(line)
            at = datetime.fromisoformat(told["at"])
            if isinstance(door.card(told["id_number"], told["name"], at), Looking):
                sys.stdout.write("seen\n")
                sys.stdout.flush()
            live = np.frombuffer(base64.b64decode(told["face"]), "<f4").astype(np.float32)
            if isinstance(door.face(live, b"", at), Seated):
                sys.stdout.write("seated\n")
                sys.stdout.flush()
            door.time_over(door.turn, at)

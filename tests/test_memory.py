"""What a burst of work took goes back to the system: a station on an old laptop has not much."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import numpy as np
import pytest

from kiosk import memory, weights
from kiosk.pipeline.finger import MinutiaeExtractor
from kiosk.rehearsal import Player, all_ready, wait_until
from kiosk.snapshot import Phase
from tests.conftest import StartKiosk

MB = 1024 * 1024


def resident() -> int:
    """Bytes that this process holds."""
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


def test_free_memory_that_lies_below_what_is_in_use_is_given_back() -> None:
    pieces = [b"x" * 100_000 for _ in range(1000)]
    del pieces[:-1]
    kept = resident()
    memory.give_back()
    assert kept - resident() > 50 * MB


def test_after_a_press_the_network_holds_its_weights_and_not_its_layers() -> None:
    extractor = MinutiaeExtractor(weights.path(weights.LEADER))
    before = resident()
    extractor.extract(np.full((288, 256), 235, np.uint8))
    assert resident() - before < 60 * MB


def test_memory_is_given_back_whenever_somebody_has_gone(start_kiosk: StartKiosk, monkeypatch: pytest.MonkeyPatch) -> None:
    given_back = threading.Event()
    monkeypatch.setattr("kiosk.station.station.give_back", given_back.set)
    kiosk = start_kiosk(students=5)
    assert kiosk.simulator is not None
    wait_until(kiosk, all_ready)
    turned_away = Player(kiosk, kiosk.simulator, kiosk.simulator.people[4])  # is not on the roster
    turned_away.lay_card()
    turned_away.play_until(lambda snapshot: snapshot.phase is Phase.REFUSED)
    assert not given_back.is_set()
    turned_away.leave()
    assert given_back.wait(10)

"""Serial, processes, machines: one answer, whoever is killed meanwhile."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from multiprocessing.shared_memory import SharedMemory

import pytest

from kiosk.district import Partition, ProcessesEngine, SerialEngine, find_duplicates, partitioned
from kiosk.pipeline.deduplication import Press, Subject, Suspect
from kiosk.records import FingerPosition
from tests.district.conftest import Town

SIZE = 5  # so that there are 28 items


@pytest.fixture(scope="module")
def parts(town: Town) -> tuple[Partition, ...]:
    return partitioned(town.subjects, SIZE)


@pytest.fixture(scope="module")
def expected(parts: tuple[Partition, ...]) -> tuple[Suspect, ...]:
    return find_duplicates(parts, SerialEngine())


def killing(at: int, seen: set[int | None], times: int = 1) -> Callable[[int, int], None]:
    """A progress that kills a process as soon as so many items are done, and notes all that there are."""
    left = [times]

    def progress(done: int, _total: int) -> None:
        workers = multiprocessing.active_children()
        seen.update(worker.pid for worker in workers)
        if done >= at and left[0] and workers:
            left[0] -= 1
            workers[0].kill()

    return progress


def test_processes_give_the_same_answer_though_one_is_killed(
    parts: tuple[Partition, ...], expected: tuple[Suspect, ...]
) -> None:
    seen: set[int | None] = set()
    assert find_duplicates(parts, ProcessesEngine(2), progress=killing(2, seen)) == expected
    assert len(seen) > 2
    assert multiprocessing.active_children() == []


def test_a_torn_template_stops_processes_and_leaves_nothing_behind(
    parts: tuple[Partition, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    blocks: list[str] = []

    class Noted(SharedMemory):
        def __init__(self, *given: object, **named: object) -> None:
            super().__init__(*given, **named)  # type: ignore[arg-type]
            blocks.append(self.name)

    monkeypatch.setattr("kiosk.district.processes.SharedMemory", Noted)
    torn = Partition("torn", (Subject("torn", "s", (), (Press(FingerPosition.LEFT_THUMB, b"KFT torn"),)),))
    with pytest.raises(ValueError, match="template"):
        find_duplicates([*parts, torn], ProcessesEngine(1))
    assert len(blocks) == len(parts) + 1
    for name in blocks:
        with pytest.raises(FileNotFoundError):
            SharedMemory(name)
    assert multiprocessing.active_children() == []

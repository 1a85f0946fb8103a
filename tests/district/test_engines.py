"""Serial, processes, machines: one answer, whoever is killed meanwhile."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from multiprocessing.shared_memory import SharedMemory
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from kiosk.district import Partition, ProcessesEngine, SerialEngine, find_among, find_duplicates, partitioned, search
from kiosk.errors import KioskError
from kiosk.pipeline.deduplication import Suspect, limits_for
from tests.district.conftest import Town

if TYPE_CHECKING:
    from distributed import Client

    from kiosk.district.cluster import ClusterEngine

SIZE = 5  # so that there are 28 items


@pytest.fixture(scope="module")
def parts(town: Town) -> tuple[Partition, ...]:
    return partitioned(town.subjects, SIZE)


@pytest.fixture(scope="module")
def expected(parts: tuple[Partition, ...]) -> tuple[Suspect, ...]:
    return find_duplicates(parts, SerialEngine())


@pytest.mark.parametrize("block", [3, 1000])
def test_few_who_are_new_are_found_as_if_everybody_were_there(
    town: Town, parts: tuple[Partition, ...], monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    monkeypatch.setattr(search, "BLOCK", block)
    keys, heard = {"a-double", "s09", "c-smudged"}, list[int]()
    fresh = [one for one in town.subjects if one.key in keys]
    known = (one for one in town.subjects if one.key not in keys)
    limits = limits_for(len(town.subjects))
    wanted = find_duplicates(parts, SerialEngine(), fresh=keys, limits=limits)
    assert find_among(fresh, known, SerialEngine(), limits=limits, progress=heard.append) == wanted
    assert {one.key for one in fresh} <= {key for one in wanted for key in (one.a, one.b)}
    assert (heard[0], heard[-1]) == (0, len(town.subjects) - len(keys))


def killing(at: int, seen: set[int | None]) -> Callable[[int, int], None]:
    """A progress that kills a process as soon as so many items are done, and notes all that there are."""
    left = [1]

    def progress(done: int, _total: int) -> None:
        workers = multiprocessing.active_children()
        seen.update(worker.pid for worker in workers)
        if done >= at and left[0] and workers:
            left[0] -= 1
            workers[0].kill()

    return progress


def test_processes_give_the_same_answer_though_one_is_killed(
    parts: tuple[Partition, ...], expected: tuple[Suspect, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    blocks: list[str] = []

    class Noted(SharedMemory):
        def __init__(self, *given: object, **named: object) -> None:
            super().__init__(*given, **named)  # type: ignore[arg-type]
            blocks.append(self.name)

    monkeypatch.setattr("kiosk.district.processes.SharedMemory", Noted)
    seen: set[int | None] = set()
    assert find_duplicates(parts, ProcessesEngine(2), progress=killing(2, seen)) == expected
    assert len(seen) > 2
    assert multiprocessing.active_children() == []
    assert len(blocks) == len(parts)
    for name in blocks:
        with pytest.raises(FileNotFoundError):
            SharedMemory(name)


def test_processes_stop_when_they_are_told_to(parts: tuple[Partition, ...]) -> None:
    def progress(done: int, _total: int) -> None:
        if done:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        find_duplicates(parts, ProcessesEngine(1), progress=progress)
    assert multiprocessing.active_children() == []


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    """Two workers, each in a process of its own, as they would be on two machines. Loaded here: it takes a second."""
    import dask.config
    from distributed import Client, LocalCluster

    with (
        dask.config.set({"distributed.worker.multiprocessing-method": "forkserver"}),
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=logging.CRITICAL) as cluster,
        Client(cluster) as client,
    ):
        yield client


def over(client: Client) -> ClusterEngine:
    from kiosk.district.cluster import ClusterEngine

    return ClusterEngine(client)


def test_machines_give_the_same_answer_though_one_is_lost(
    parts: tuple[Partition, ...], expected: tuple[Suspect, ...], client: Client
) -> None:
    lost: list[int] = []

    def progress(done: int, _total: int) -> None:
        if done >= 2 and not lost:
            lost.extend(list(client.run(os.getpid).values())[:1])
            os.kill(lost[0], signal.SIGKILL)

    assert find_duplicates(parts, over(client), progress=progress) == expected
    assert lost


@pytest.mark.parametrize(
    ("scheduler", "worker", "taken"),
    [
        ("tcp://127.0.0.1:8786", "tcp://127.0.0.1:40000", True),
        ("tls://10.1.2.3:8786", "tls://10.1.2.4:40000", True),
        ("tcp://10.1.2.3:8786", "tls://10.1.2.4:40000", False),
        ("tls://10.1.2.3:8786", "tcp://10.1.2.4:40000", False),
        ("tcp://office:8786", "tls://10.1.2.4:40000", False),
        ("ucx://10.1.2.3:8786", "tls://10.1.2.4:40000", False),
    ],
)
def test_templates_go_to_other_machines_by_tls_only(scheduler: str, worker: str, taken: bool) -> None:
    client = cast(
        "Client",
        SimpleNamespace(scheduler=SimpleNamespace(address=scheduler), scheduler_info=lambda **_: {"workers": {worker: {}}}),
    )
    if taken:
        over(client)
        return
    with pytest.raises(KioskError, match=r"district\.wire_open"):
        over(client)

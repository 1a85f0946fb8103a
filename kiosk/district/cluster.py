"""Many machines: Dask's scheduler gives the work to whoever is free, and gives it anew when a machine is lost.

Needs the extra `district`. The scheduler and the workers are started as Dask's documentation says (`dask scheduler`, `dask
worker tls://… --nthreads 1 --nworkers auto`); everything that a worker needs is this package.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from distributed import Client, Future, wait

from kiosk.district.partitions import Plan
from kiosk.errors import KioskError
from kiosk.pipeline.deduplication import Limits, Shelf, Suspect, compare_shelves, prepare

Found = Future[tuple[Suspect, ...]]

_TICK_S: Final = 0.5
_AHEAD: Final = 3  # items for each thread of the cluster that are given out at once


class ClusterEngine:
    """The workers of a `client`, as many as there are at any time.

    Partitions are prepared on the workers and stay there; a worker that is lost takes its shelves with it, and the scheduler
    has them prepared again elsewhere. The scheduler's own rule for a task that takes several workers down with it holds.
    """

    def __init__(self, client: Client) -> None:
        """Raises KioskError("district.wire_open") when templates would go to other machines in the clear."""
        self._client = client
        scheduler = [] if client.scheduler is None else [client.scheduler.address]
        for address in (*scheduler, *client.scheduler_info(n_workers=-1)["workers"]):
            if not _is_sealed(address):
                raise KioskError("district.wire_open", address=address)

    def compared(self, plan: Plan) -> Generator[tuple[Suspect, ...] | None]:
        """Raises distributed.KilledWorker when one item takes several workers down with it."""
        shelves = [self._client.submit(prepare, part, pure=False) if part else None for part in plan.parts]
        waiting = iter(plan.items)
        given: set[Found] = set()
        try:
            while True:
                ahead = max(1, sum(self._client.nthreads().values())) * _AHEAD
                given |= {self._given(shelves, item, plan) for item in _next(waiting, ahead - len(given))}
                if not given:
                    return
                try:
                    done = set(wait(given, timeout=_TICK_S, return_when="FIRST_COMPLETED").done)
                except TimeoutError:
                    yield None
                    continue
                given -= done
                for future in done:
                    yield tuple(future.result())
        finally:
            self._client.cancel([*given, *(shelf for shelf in shelves if shelf is not None)])

    def _given(self, shelves: list[Future[Shelf] | None], item: tuple[int, int], plan: Plan) -> Found:
        one, other = item
        against = None if one == other else shelves[other]
        return self._client.submit(_compare, shelves[one], against, plan.limits, plan.crossed, pure=False)


def _compare(one: Shelf, other: Shelf | None, limits: Limits, crossed: bool) -> tuple[Suspect, ...]:
    """One item. `other`: None for the same shelf."""
    return compare_shelves(one, one if other is None else other, limits, crossed=crossed)


def _next(waiting: Iterator[tuple[int, int]], count: int) -> Iterator[tuple[int, int]]:
    for _ in range(count):
        item = next(waiting, None)
        if item is None:
            return
        yield item


def _is_sealed(address: str) -> bool:
    """Within this machine, or by TLS."""
    parts = urlsplit(address)
    if parts.scheme in {"tls", "inproc"}:
        return True
    try:
        return ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return parts.hostname == "localhost"

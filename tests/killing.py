"""Processes of a test's own, and such as end by a real signal 9 in the middle of what they do.

They are split off from one that has no threads and has loaded what they need (on Windows they start by themselves): a fork of
the tests' own process would take over the locks that other threads hold, and the pipes of browsers, and might wait for ever.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from multiprocessing import get_context
from typing import Any

import cloudpickle

_CONTEXT: Any = get_context("forkserver" if os.name == "posix" else "spawn")
_LOADED = [
    "tests.parcels.test_intake_killed",
    "tests.parcels.test_reception",
    "tests.parcels.test_captures",
    "tests.checkin.test_power_cut",
    "tests.exchange.test_folder",
    "tests.store.test_power_cut",
    "tests.store.test_recovering",
    "tests.reading",
    "kiosk.tables.consents",
    "kiosk.tables.findings",
    "kiosk.tables.materials",
    "kiosk.tables.particulars",
    "kiosk.tables.plain",
    "kiosk.tables.roster",
    "kiosk.tables.seats",
    "kiosk.tables.teachers",
    "kiosk.pipeline.pictures",
]  # once, and not in every process


def killed_at(place: object, name: str, count: int, work: Callable[[], None], *, after: bool = False) -> None:
    """Do it in a process that ends itself at the n-th call of what is called `name` at `place`, or right `after` it."""

    def die() -> None:
        called, real = 0, getattr(place, name)

        def last(*args: Any, **more: Any) -> Any:
            nonlocal called
            called += 1
            if after and called == count:
                real(*args, **more)
            if called == count:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*args, **more)

        setattr(place, name, last)
        work()

    child = begun(die)
    child.join()
    assert child.exitcode == -signal.SIGKILL


def begun(work: Callable[..., None], *ends: Any) -> Any:
    """A process that does it; `ends` of pipes are given to it."""
    _CONTEXT.set_forkserver_preload(_LOADED)
    child = _CONTEXT.Process(target=_do, args=(cloudpickle.dumps(work), *ends), daemon=True)
    child.start()
    return child


def pipe() -> tuple[Any, Any]:
    """Two ends: to hear with, and to tell with."""
    return _CONTEXT.Pipe(duplex=False)


def _do(work: bytes, *ends: Any) -> None:
    cloudpickle.loads(work)(*ends)

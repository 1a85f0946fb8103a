"""Calls that may never come back, made in a thread that can be left behind."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Final, TypeVar

from kiosk.errors import PermanentFault

T = TypeVar("T")
_END: Final = None


class Hand:
    """One thread that makes calls in order. A call that takes too long costs the thread, not the caller."""

    def __init__(self, patience_s: float) -> None:
        self._patience_s = patience_s
        self._stuck = False
        self._jobs: queue.SimpleQueue[tuple[Callable[[], Any], Future[Any]] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="card-calls", daemon=True)
        self._thread.start()

    def do(self, call: Callable[[], T]) -> T:
        """What the call returns. Raises PermanentFault("card.pcsc.silent") when it does not come back in time."""
        done: Future[T] = Future()
        self._jobs.put((call, done))
        try:
            return done.result(self._patience_s)
        except TimeoutError:
            self._stuck = True
            raise PermanentFault("card.pcsc.silent") from None

    def let_go(self, last: Callable[[], object]) -> None:
        """Make a last call and end. Nobody waits for a thread that hangs: it does so when it comes back."""
        self._jobs.put((last, Future()))
        self._jobs.put(_END)
        if not self._stuck:
            self._thread.join(self._patience_s)

    def _run(self) -> None:
        while (job := self._jobs.get()) is not _END:
            call, done = job
            try:
                done.set_result(call())
            except BaseException as error:  # handed to whoever waits
                done.set_exception(error)

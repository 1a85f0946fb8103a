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
# Threads of one device that may hang at the same time: the second finds out whether replugging has helped. More only pile up.
_MOST_STUCK: Final = 2
_LETS_GO_S: Final = 3.0


class Hand:
    """One thread that makes calls in order. A call that takes too long costs the thread, not the caller."""

    def __init__(self, name: str, patience_s: float, hangs: str) -> None:
        """`hangs` is the error code for a call that doesn't come back in `patience_s`."""
        self._patience_s = patience_s
        self._hangs = hangs
        self._stuck = False
        self._jobs: queue.SimpleQueue[tuple[Callable[[], Any], Future[Any]] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    @property
    def is_stuck(self) -> bool:
        """Whether its thread is still in a call that took too long."""
        return self._stuck and self._thread.is_alive()

    def do(self, call: Callable[[], T], patience_s: float | None = None) -> T:
        """What the call returns or raises. PermanentFault when it does not come back in time, or an earlier one hasn't yet."""
        if self.is_stuck:
            raise PermanentFault(self._hangs)
        done: Future[T] = Future()
        self._jobs.put((call, done))
        try:
            return done.result(self._patience_s if patience_s is None else patience_s)
        except TimeoutError:
            if done.done():
                raise  # the call's own
            self._stuck = True
            raise PermanentFault(self._hangs) from None

    def let_go(self, last: Callable[[], object]) -> None:
        """Make a last call and end. Nobody waits for a thread that hangs: it does so when it comes back."""
        self._jobs.put((last, Future()))
        self._jobs.put(_END)
        if not self._stuck:
            self._thread.join(min(self._patience_s, _LETS_GO_S))
            self._stuck = self._thread.is_alive()

    def _run(self) -> None:
        while (job := self._jobs.get()) is not _END:
            call, done = job
            try:
                done.set_result(call())
            except BaseException as error:  # handed to whoever waits
                done.set_exception(error)


class Hands:
    """The hands of one device, one after the other. Those that hang are counted: a device that always hangs piles up none."""

    def __init__(self, name: str, patience_s: float, hangs: str) -> None:
        self._name = name
        self._patience_s = patience_s
        self._hangs = hangs
        self._taken: list[Hand] = []

    def take(self) -> Hand:
        """A new hand. Raises PermanentFault while too many of the earlier ones hang."""
        self._taken = [hand for hand in self._taken if hand.is_stuck]
        if len(self._taken) >= _MOST_STUCK:
            raise PermanentFault(self._hangs)
        hand = Hand(self._name, self._patience_s, self._hangs)
        self._taken.append(hand)
        return hand

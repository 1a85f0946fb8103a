"""A thread that sleeps until it is called."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod


class Called(ABC):
    """`_run` is its life: it clears `_called` before it looks what there is to do, and ends soon after `_stop` was set."""

    def __init__(self, name: str) -> None:
        self._called, self._stop = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name=name)

    def call(self) -> None:
        """There may be something to do."""
        self._called.set()

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """Comes back when what was under way has ended. Idempotent."""
        self._stop.set()
        self._called.set()
        if self._thread.is_alive():
            self._thread.join()

    @abstractmethod
    def _run(self) -> None: ...

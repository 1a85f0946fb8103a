"""How a program that serves is ended: at once, wherever it is, and always in the same order."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from typing import Final

# Ctrl-C, an order to end, a terminal that is closed, and on Windows whatever else ends a console's programs.
_ENDS: Final = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
_POLL_S: Final = 0.5  # on Windows a wait without an end hears no Ctrl-C


def end_by_signals(stop: Callable[[], object]) -> None:
    """From now on whatever ends a program calls `stop` instead. In the main thread only."""
    for name in _ENDS:
        if (number := getattr(signal, name, None)) is not None:
            signal.signal(number, lambda *_: stop())


def ended_by_signals() -> threading.Event:
    """The same for a program that only waits: what it waits for, by `wait_for`."""
    ended = threading.Event()
    end_by_signals(ended.set)
    return ended


def wait_for(ended: threading.Event) -> None:
    while not ended.wait(_POLL_S):
        pass

"""What was worked out of the store by several looks at it, kept for as long as nobody writes anything."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import Any, Final, TypeVar

from kiosk.store import Store

_MOST: Final = 32
T = TypeVar("T")


class StandingStill:
    """Safe to use from any thread; two that ask at the same time may both work it out."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._at = -1
        self._known: dict[Hashable, Any] = {}

    def get(self, key: Hashable, work: Callable[[], T]) -> T:
        """What `work` says, or said under this key when nothing had changed since."""
        at = self._store.generation
        with self._lock:
            if self._at != at or len(self._known) >= _MOST:
                self._at, self._known = at, {}
            if key in self._known:
                known: T = self._known[key]
                return known
        found = work()
        with self._lock:
            if self._at == at:
                self._known[key] = found
        return found

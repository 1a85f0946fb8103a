"""Whoever came is held against everybody by itself, once packages have stopped coming for a while."""

from __future__ import annotations

import logging
from time import perf_counter
from typing import Final

from kiosk.errors import KioskError
from kiosk.office.called import Called
from kiosk.office.duplicates import Duplicates

_log: Final = logging.getLogger(__name__)
_QUIET_S: Final = 10.0  # without another package
_REST: Final = 9.0  # times as long as it took it rests: it never has more than a tenth of the machine's day


class _Ended(Exception):
    """Leaves a search from within."""


class Comparing(Called):
    """`call` it when a package was worked off; `close` stops what is under way, which is begun anew the next time. Methods may
    be called from any thread. Two programs on one server may both do it: a pair is entered once."""

    def __init__(self, duplicates: Duplicates) -> None:
        super().__init__("comparing")
        self._duplicates = duplicates

    def start(self) -> None:
        """Begin with whoever came before and was not compared."""
        self.call()
        super().start()

    def _run(self) -> None:
        while self._called.wait() and not self._stop.is_set():
            self._called.clear()
            if self._called.wait(_QUIET_S):
                continue
            began_s = perf_counter()
            try:
                self._duplicates.search(self._going_on)
            except _Ended:
                return
            except KioskError as error:
                _log.warning("nobody was compared: %s", error)
            except Exception:
                _log.exception("comparing failed")
            self._stop.wait(_REST * (perf_counter() - began_s))

    def _going_on(self, done: int, total: int = 0) -> None:  # noqa: ARG002 - nobody looks how far it is
        if self._stop.is_set():
            raise _Ended

"""Looks after the data while the station runs: when it has begun, and every night."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from kiosk.errors import KioskError
from kiosk.store import SAMPLE, Health, Store

NIGHT: Final = 3  # o'clock: nobody captures then
_LONGEST_S: Final = 3600.0  # a clock may be set while it waits

log: Final = logging.getLogger(__name__)


class Watch:
    """Checks the store in a thread of its own; a check reads, and holds up nobody."""

    def __init__(self, store: Store, now: Callable[[], datetime] = lambda: datetime.now().astimezone()) -> None:
        self._store = store
        self._now = now
        self._latest: Health | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch")

    @property
    def latest(self) -> Health | None:
        """What the last check found; None before the first one is done."""
        return self._latest

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """Comes back when a check under way has ended. Idempotent."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            self._check()
            due = next_night(self._now())
            while not self._stop.is_set() and (left_s := (due - self._now()).total_seconds()) > 0:
                self._stop.wait(min(left_s, _LONGEST_S))

    def _check(self) -> None:
        try:
            found = self._store.check(sample=SAMPLE, stop=self._stop.is_set)
        except KioskError as error:
            log.error("the data could not be checked: %s", error)
            return
        if self._stop.is_set():
            return
        self._latest = found
        log.log(
            logging.INFO if found.sound else logging.ERROR,
            "data checked: %d blobs, %d opened, %d damages, %d notes",
            found.blobs,
            found.opened,
            len(found.hurt),
            len(found.notes),
        )


def next_night(now: datetime) -> datetime:
    """The next time that it is `NIGHT` o'clock."""
    tonight = now.replace(hour=NIGHT, minute=0, second=0, microsecond=0)
    return tonight if tonight > now else tonight + timedelta(days=1)

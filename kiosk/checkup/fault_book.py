"""Puts what went wrong with the devices into the store, some seconds later: no device waits for the disk."""

from __future__ import annotations

import logging
import threading
from dataclasses import replace
from datetime import datetime
from typing import Final

from kiosk.errors import StoreError
from kiosk.records import DeviceFault, DeviceKind
from kiosk.store import Store

log: Final = logging.getLogger(__name__)

_LATER_S: Final = 10.0
_MOST: Final = 500  # kinds that wait for a store that can't write; more say nothing new


class FaultBook:
    """Collects, and writes what it has from a thread that is there only while something waits."""

    def __init__(self, store: Store, station: str, later_s: float = _LATER_S) -> None:
        self._store = store
        self._station = station
        self._later_s = later_s
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._waiting: dict[tuple[DeviceKind, str, str, datetime], DeviceFault] = {}
        self._timer: threading.Timer | None = None
        self._closed = False

    def note(self, kind: DeviceKind, code: str, model: str, at: datetime) -> None:
        """A fault was met; from any thread, at once."""
        hour = at.replace(minute=0, second=0, microsecond=0)
        key = kind, code, model, hour
        with self._lock:
            before = self._waiting.get(key)
            if before is None and len(self._waiting) >= _MOST:
                return
            self._waiting[key] = DeviceFault(kind, code, hour, at, before.times + 1 if before else 1, self._station, model)
            self._write_later()

    def close(self) -> None:
        """Write what is still waiting. Idempotent."""
        with self._lock:
            self._closed = True
            timer, self._timer = self._timer, None
        if timer is not None:
            timer.cancel()
        self._write()

    def _write_later(self) -> None:
        if self._timer is None and not self._closed:
            self._timer = threading.Timer(self._later_s, self._write)
            self._timer.name, self._timer.daemon = "device-faults", True
            self._timer.start()

    def _write(self) -> None:
        with self._writing:
            with self._lock:
                self._timer = None
                waiting, self._waiting = self._waiting, {}
            if not waiting:
                return
            try:
                self._store.device_faults.add(list(waiting.values()))
            except StoreError as error:  # it is told on every page; these are tried again with the next ones
                log.error("faults of devices were not kept: %s", error.code)
                with self._lock:
                    for key, fault in waiting.items():
                        since = self._waiting.get(key)
                        self._waiting[key] = replace(since, times=since.times + fault.times) if since else fault

"""One reconnecting thread per device: set up, serve, tear down; after a temporary fault back off and try again."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Final, Protocol

from kiosk.devices.events import DeviceEvent, StatusChanged
from kiosk.errors import KioskError, PermanentFault
from kiosk.records import DeviceKind, DeviceState, DeviceStatus

Emit = Callable[[DeviceEvent], None]

# Soon enough that plugging in needs no click and a device is back within a second, rare enough to cost nothing.
_BACKOFF_S: Final = (0.1, 0.2, 0.4, 0.8)
_FAULT_RETRY_S: Final = 2.0

log = logging.getLogger(__name__)


class Device(Protocol):
    """What a worker needs of a device. All methods but `interrupt` are called in the worker's thread."""

    kind: DeviceKind
    unverified: bool  # nobody tried this adapter on the real thing

    def open(self) -> str:
        """Find and set up the device; returns its name for the operator. Raises TemporaryFault or PermanentFault."""

    def serve(self, emit: Emit, stop: threading.Event) -> None:
        """Work until `stop` is set. Raises TemporaryFault when the device is gone."""

    def close(self) -> None:
        """Let the device go; called after every `open`, failed ones too, and never raises."""

    def interrupt(self) -> None:
        """Make a blocked `serve` look at `stop` at once; called from another thread."""


class DeviceWorker:
    """Keeps one device alive and tells its state through `emit`."""

    def __init__(self, device: Device, emit: Emit) -> None:
        self.device = device
        self._emit = emit
        self._stop = threading.Event()
        self._last: DeviceStatus | None = None
        self._thread = threading.Thread(target=self._run, name=f"device-{device.kind}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, timeout_s: float = 5.0) -> None:
        """End the thread and let the device go. Idempotent."""
        self._stop.set()
        self.device.interrupt()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def _run(self) -> None:
        failures = 0
        self._say(DeviceState.STARTING)
        while not self._stop.is_set():
            try:
                model = self.device.open()
                failures = 0
                self._say(DeviceState.READY, model)
                self.device.serve(self._emit, self._stop)
            except PermanentFault as fault:
                self._say(DeviceState.FAULT, problem=fault)
                pause_s = _FAULT_RETRY_S
            except KioskError as fault:
                self._say(DeviceState.LOST, problem=fault)
                pause_s = _BACKOFF_S[min(failures, len(_BACKOFF_S) - 1)]
                failures += 1
            except Exception:
                # A bug in an adapter must not cost the thread: the device is set up afresh, the trace is kept.
                log.exception("%s: unexpected error", self.device.kind)
                self._say(DeviceState.LOST, problem=KioskError("device.unexpected"))
                pause_s = _BACKOFF_S[-1]
            else:
                pause_s = 0.0
            finally:
                self.device.close()
            self._stop.wait(pause_s)

    def _say(self, state: DeviceState, model: str = "", problem: KioskError | None = None) -> None:
        message = problem.message if problem else None
        status = DeviceStatus(self.device.kind, state, model, message, self.device.unverified)
        if status != self._last:
            self._last = status
            log.info("%s: %s %s", status.kind, status.state, problem or model)
            self._emit(StatusChanged(status))

"""One reconnecting thread per device: set up, serve, tear down; after a temporary fault back off and try again."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Final, Protocol

from kiosk.devices.backoff import Backoff
from kiosk.devices.events import DeviceEvent, StatusChanged
from kiosk.errors import KioskError, PermanentFault
from kiosk.records import DeviceKind, DeviceState, DeviceStatus

Emit = Callable[[DeviceEvent], None]

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
    """Keeps one device alive and tells its state through `emit`.

    Whatever `open`, `serve` and `close` raise costs a log line and a pause, never the thread.
    """

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
        try:
            self.device.interrupt()
        except Exception:
            log.exception("%s: unexpected error in interrupt", self.device.kind)
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def _run(self) -> None:
        backoff = Backoff()
        self._say(DeviceState.STARTING)
        while not self._stop.is_set():
            pause_s = self._attend(backoff)
            try:
                self.device.close()
            except BaseException:
                log.exception("%s: unexpected error in close", self.device.kind)
            self._stop.wait(pause_s)

    def _attend(self, backoff: Backoff) -> float:
        """Set the device up and serve it for as long as that goes; how long to wait before the next time."""
        try:
            model = self.device.open()
            backoff.came_up(time.monotonic())
            self._say(DeviceState.READY, model)
            self.device.serve(self._emit, self._stop)
        except PermanentFault as fault:
            self._say(DeviceState.FAULT, problem=fault)
            return max(_FAULT_RETRY_S, backoff.failed(time.monotonic()))
        except KioskError as fault:
            self._say(DeviceState.LOST, problem=fault)
        except BaseException:
            # A bug in an adapter, or a library that wants to end the program: the device is set up again, the trace is kept.
            log.exception("%s: unexpected error", self.device.kind)
            self._say(DeviceState.LOST, problem=KioskError("device.unexpected"))
        else:
            if self._stop.is_set():
                return 0.0
        return backoff.failed(time.monotonic())

    def _say(self, state: DeviceState, model: str = "", problem: KioskError | None = None) -> None:
        message = problem.message if problem else None
        status = DeviceStatus(self.device.kind, state, model, message, self.device.unverified)
        if status != self._last:
            self._last = status
            log.info("%s: %s %s", status.kind, status.state, problem or model)
            self._emit(StatusChanged(status))

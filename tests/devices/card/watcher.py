"""Collects what a device tells, and waits for it."""

import threading
import time
from collections.abc import Callable
from types import TracebackType

from kiosk.devices.events import CardPresented, CardRemoved, CardSeen, CardUnreadable, DeviceEvent, StatusChanged
from kiosk.devices.worker import Device, DeviceWorker
from kiosk.records import CardData, DeviceState

_PATIENCE_S = 10.0


class Watcher:
    """Runs a card device in its worker and hands out its events in order."""

    def __init__(self, device: Device) -> None:
        self._worker = DeviceWorker(device, self._take)
        self._changed = threading.Condition()
        self._events: list[tuple[float, DeviceEvent]] = []
        self._state: DeviceState | None = None
        self.model = ""
        self.problem = ""
        self.announced = 0  # cards that were told of before they were read

    def __enter__(self) -> "Watcher":
        self._worker.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._worker.stop()

    def _take(self, event: DeviceEvent) -> None:
        with self._changed:
            if isinstance(event, StatusChanged):
                self._state = event.status.state
                self.model = event.status.model or self.model
                self.problem = event.status.problem.code if event.status.problem else ""
            elif isinstance(event, CardSeen):
                self.announced += 1
            else:
                self._events.append((time.monotonic(), event))
            self._changed.notify_all()

    def interrupt(self) -> None:
        self._worker.device.interrupt()

    def wait_for(self, state: DeviceState, within_s: float = _PATIENCE_S) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: self._state is state, within_s), f"never {state}: {self.problem}"

    def wait_until(self, condition: Callable[[], bool]) -> None:
        with self._changed:
            assert self._changed.wait_for(condition, _PATIENCE_S), f"{self._state}: {self.problem}, {self.model}"

    def next(self) -> DeviceEvent:
        """The next event about cards."""
        with self._changed:
            assert self._changed.wait_for(lambda: self._events, _PATIENCE_S), "nothing happened"
            return self._events.pop(0)[1]

    def next_card(self) -> CardData:
        event = self.next()
        assert isinstance(event, CardPresented), event
        return event.card

    def next_refusal(self) -> str:
        event = self.next()
        assert isinstance(event, CardUnreadable), event
        return event.error.code

    def next_removal(self) -> None:
        assert self.next() == CardRemoved()

    def nothing_more(self) -> bool:
        with self._changed:
            return not self._events

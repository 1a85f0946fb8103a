"""A simulated sensor at the far end of a real line, both kinds of line."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from drivers_sim.finger import SimulatedSensor
from kiosk.config import FingerSettings
from kiosk.devices import DeviceWorker
from kiosk.devices.events import DeviceEvent, StatusChanged
from kiosk.devices.finger import FingerDevice
from kiosk.devices.finger.link import Link
from kiosk.devices.finger.sensor import FingerSensor
from kiosk.devices.serial_line import SerialLine
from kiosk.records import DeviceState, Image

PATIENCE_S = 40.0


@pytest.fixture
def picture() -> Image:
    """Every grey value that four bits can say, and no two rows alike."""
    noise = np.random.default_rng(5).integers(0, 16, (288, 256))
    return (noise * 17).astype(np.uint8)


@pytest.fixture(params=["pty", "socket"])
def simulated(request: pytest.FixtureRequest) -> Iterator[SimulatedSensor]:
    sensor = SimulatedSensor(pty=request.param == "pty")
    sensor.start()
    yield sensor
    sensor.stop()


@pytest.fixture
def sensor(simulated: SimulatedSensor) -> Iterator[FingerSensor]:
    link = Link(SerialLine(simulated.port, simulated.flash.baud), simulated.flash.address)
    yield FingerSensor(link)
    link.close()


@dataclass
class Listener:
    """Collects what the device tells, and waits for it."""

    events: "queue.Queue[DeviceEvent]" = field(default_factory=queue.Queue)
    seen: list[DeviceEvent] = field(default_factory=list)

    def until(self, wanted: type | Callable[[Any], bool], within_s: float = PATIENCE_S) -> Any:
        matches = (lambda event: isinstance(event, wanted)) if isinstance(wanted, type) else wanted
        deadline = time.monotonic() + within_s
        while True:
            event = self.events.get(timeout=max(0.001, deadline - time.monotonic()))
            self.seen.append(event)
            if matches(event):  # type: ignore[no-untyped-call]
                return event

    def state(self, wanted: DeviceState, within_s: float = PATIENCE_S) -> StatusChanged:
        return self.until(lambda event: isinstance(event, StatusChanged) and event.status.state is wanted, within_s)


@dataclass
class Running:
    device: FingerDevice
    listener: Listener
    worker: DeviceWorker


@pytest.fixture
def run() -> Iterator[Callable[[FingerSettings], Running]]:
    """Starts devices in their workers and stops them afterwards."""
    running: list[Running] = []

    def start(settings: FingerSettings) -> Running:
        device, listener = FingerDevice(settings), Listener()
        one = Running(device, listener, DeviceWorker(device, listener.events.put))
        one.worker.start()
        running.append(one)
        return one

    yield start
    for one in running:
        one.worker.stop()

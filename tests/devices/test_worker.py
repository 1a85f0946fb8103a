"""The reconnecting worker, with a device that fails on demand."""

from __future__ import annotations

import queue
import struct
import threading
import time
from collections.abc import Iterator

import pytest

from kiosk.devices import CardRemoved, DeviceEvent, DeviceWorker, Emit, StatusChanged
from kiosk.errors import PermanentFault, TemporaryFault
from kiosk.records import DeviceKind, DeviceState


class Gadget:
    """Fails as its script says, then serves."""

    kind = DeviceKind.CARD
    unverified = True

    def __init__(self, *script: BaseException) -> None:
        self.script = list(script)
        self.opened = self.closed = 0
        self.fault: queue.SimpleQueue[BaseException | None] = queue.SimpleQueue()
        self.bad_close: BaseException | None = None
        self.serves_on = True

    def open(self) -> str:
        self.opened += 1
        if self.script:
            raise self.script.pop(0)
        return "gadget"

    def serve(self, emit: Emit, stop: threading.Event) -> None:
        emit(CardRemoved())
        while self.serves_on and not stop.is_set():
            if (fault := self.fault.get()) is not None:
                raise fault

    def close(self) -> None:
        self.closed += 1
        if self.bad_close is not None:
            raise self.bad_close

    def interrupt(self) -> None:
        self.fault.put(None)


class Listener:
    def __init__(self) -> None:
        self.events: queue.SimpleQueue[DeviceEvent] = queue.SimpleQueue()

    def states(self, count: int) -> list[DeviceState]:
        found: list[DeviceState] = []
        while len(found) < count:
            event = self.events.get(timeout=10)
            if isinstance(event, StatusChanged):
                found.append(event.status.state)
        return found


@pytest.fixture
def listener() -> Listener:
    return Listener()


@pytest.fixture
def started(listener: Listener) -> Iterator[list[DeviceWorker]]:
    workers: list[DeviceWorker] = []
    yield workers
    for worker in workers:
        worker.stop()


def run(gadget: Gadget, listener: Listener, started: list[DeviceWorker]) -> DeviceWorker:
    worker = DeviceWorker(gadget, listener.events.put)
    started.append(worker)
    worker.start()
    return worker


def test_device_comes_up_and_says_that_it_is_unverified(listener: Listener, started: list[DeviceWorker]) -> None:
    run(Gadget(), listener, started)
    assert listener.states(1) == [DeviceState.STARTING]
    ready = listener.events.get(timeout=10)
    assert isinstance(ready, StatusChanged)
    assert (ready.status.state, ready.status.model, ready.status.unverified) == (DeviceState.READY, "gadget", True)


def test_temporary_fault_is_tried_again_without_a_click(listener: Listener, started: list[DeviceWorker]) -> None:
    gadget = Gadget(TemporaryFault("x.gone"), TemporaryFault("x.gone"))
    run(gadget, listener, started)
    assert listener.states(3) == [DeviceState.STARTING, DeviceState.LOST, DeviceState.READY]
    assert gadget.closed == 2


def test_permanent_fault_is_said_and_heals_when_the_operator_has_acted(listener: Listener, started: list[DeviceWorker]) -> None:
    run(Gadget(PermanentFault("x.password")), listener, started)
    assert listener.states(3) == [DeviceState.STARTING, DeviceState.FAULT, DeviceState.READY]


def test_plug_pulled_while_serving_sets_the_device_up_afresh(listener: Listener, started: list[DeviceWorker]) -> None:
    gadget = Gadget()
    run(gadget, listener, started)
    listener.states(2)
    gadget.fault.put(TemporaryFault("x.gone"))
    assert listener.states(2) == [DeviceState.LOST, DeviceState.READY]


def test_a_bug_in_an_adapter_does_not_cost_the_thread(
    listener: Listener, started: list[DeviceWorker], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.devices.worker.log.exception", lambda *_: None)
    gadget = Gadget()
    run(gadget, listener, started)
    listener.states(2)
    gadget.fault.put(ZeroDivisionError())
    assert listener.states(2) == [DeviceState.LOST, DeviceState.READY]


@pytest.mark.parametrize("error", [SystemExit(1), KeyboardInterrupt(), MemoryError(), struct.error("B")], ids=type)
def test_nothing_that_an_adapter_raises_costs_the_thread(
    listener: Listener, started: list[DeviceWorker], monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    monkeypatch.setattr("kiosk.devices.worker.log.exception", lambda *_: None)
    gadget = Gadget(error, error)
    gadget.bad_close = error
    run(gadget, listener, started)
    assert listener.states(3) == [DeviceState.STARTING, DeviceState.LOST, DeviceState.READY]
    gadget.fault.put(error)
    assert listener.states(2) == [DeviceState.LOST, DeviceState.READY]


def test_a_device_that_serves_nothing_does_not_spin(listener: Listener, started: list[DeviceWorker]) -> None:
    gadget = Gadget()
    gadget.serves_on = False
    worker = run(gadget, listener, started)
    deadline_s = time.monotonic() + 1.0
    while time.monotonic() < deadline_s:
        worker._stop.wait(0.05)
    assert gadget.opened < 10


def test_stop_ends_a_blocked_device_at_once_and_lets_it_go(listener: Listener, started: list[DeviceWorker]) -> None:
    gadget = Gadget()
    worker = run(gadget, listener, started)
    listener.states(2)
    worker.stop()
    assert gadget.closed == gadget.opened
    worker.stop()

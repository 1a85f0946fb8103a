"""Who may open which serial port, and what the system's refusals mean."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
import serial

from drivers_sim.card.sam_line import PtyCable, SamReader
from drivers_sim.finger import SimulatedSensor
from kiosk.config import CardSettings, FingerSettings
from kiosk.devices import DeviceWorker
from kiosk.devices.card.photo import NoDecoder
from kiosk.devices.card.setup import card_device
from kiosk.devices.finger import FingerDevice
from kiosk.devices.serial_line import PortRefused, Refusal, SerialLine, SerialPorts, refusal
from kiosk.records import DeviceKind, DeviceState
from tests.devices.card.people import other_payload, resident_payload
from tests.devices.card.watcher import Watcher
from tests.devices.finger.conftest import Listener

CARD, FINGER = DeviceKind.CARD, DeviceKind.FINGER


def listed(monkeypatch: pytest.MonkeyPatch, *devices: str) -> None:
    ports = [SimpleNamespace(device=device, vid=0x1A86) for device in devices]
    monkeypatch.setattr("kiosk.devices.serial_line.list_ports.comports", lambda: ports)


@pytest.fixture
def module() -> Iterator[SamReader]:
    reader = SamReader(PtyCable())
    yield reader
    reader.stop()


@pytest.fixture
def scanner() -> Iterator[SimulatedSensor]:
    sensor = SimulatedSensor(pty=True)
    yield sensor
    sensor.stop()


def test_a_search_leaves_ports_alone_that_are_set_for_or_held_by_another_device(
    monkeypatch: pytest.MonkeyPatch, module: SamReader, tmp_path: Path
) -> None:
    port = module.start()
    listed(monkeypatch, port, "/dev/ttyOTHER", "/dev/ttyTHIRD")
    (tmp_path / "by-id").symlink_to(port)
    ports = SerialPorts()
    ports.assign("/dev/ttyTHIRD", CARD)
    line = ports.open(str(tmp_path / "by-id"), 115_200, CARD)
    ports.keep(port, CARD)
    assert ports.searched(FINGER) == ["/dev/ttyOTHER"]
    assert set(ports.searched(CARD)) == {port, "/dev/ttyOTHER", "/dev/ttyTHIRD"}
    with pytest.raises(PortRefused) as refused:
        ports.open(port, 57_600, FINGER)
    assert refused.value.why is Refusal.BUSY
    line.close()
    line.close()
    assert set(ports.searched(FINGER)) == {port, "/dev/ttyOTHER"}


@pytest.mark.skipif(os.name == "nt", reason="pseudo-terminals")
def test_a_port_is_opened_by_one_program_only(module: SamReader) -> None:
    port = module.start()
    line = SerialLine(port, 115_200)
    with pytest.raises(PortRefused) as refused:
        SerialLine(port, 9600)
    assert refused.value.why is Refusal.BUSY
    line.close()
    SerialLine(port, 9600).close()


def test_cards_are_read_in_peace_while_the_scanner_is_looked_for(monkeypatch: pytest.MonkeyPatch, module: SamReader) -> None:
    port = module.start()
    listed(monkeypatch, port)
    ports = SerialPorts()
    device = card_device(CardSettings(transport="serial", port=port), NoDecoder(), ports=ports)
    search = DeviceWorker(FingerDevice(FingerSettings(), ports), lambda _: None)
    search.start()
    try:
        with Watcher(device) as station:
            for number in range(6):
                module.lay(resident_payload() if number % 2 else other_payload())
                assert station.next_card().name == ("张三" if number % 2 else "李四")
                module.take()
                if number < 5:
                    module.lay(resident_payload() if (number + 1) % 2 else other_payload())
                    station.next_removal()
            assert station.problem == ""
    finally:
        search.stop()


def test_two_devices_that_both_search_find_each_its_own(
    monkeypatch: pytest.MonkeyPatch, module: SamReader, scanner: SimulatedSensor
) -> None:
    listed(monkeypatch, scanner.start(), module.start())
    ports, heard = SerialPorts(), Listener()
    finger = DeviceWorker(FingerDevice(FingerSettings(), ports), heard.events.put)
    finger.start()
    try:
        with Watcher(card_device(CardSettings(transport="serial", port="auto"), NoDecoder(), ports=ports)) as station:
            for _ in range(2):
                station.wait_for(DeviceState.READY, within_s=30)
                heard.state(DeviceState.READY, within_s=30)
                module.unplug()
                station.wait_for(DeviceState.LOST)
                module.plug()
                scanner.unplug()
                heard.state(DeviceState.LOST)
                scanner.plug()
    finally:
        finger.stop()


@pytest.mark.parametrize(
    ("number", "code"), [(errno.EACCES, "finger.port_denied"), (errno.EBUSY, "finger.port_busy")], ids=["denied", "busy"]
)
def test_a_port_that_can_not_be_opened_hides_no_scanner_on_the_next(
    monkeypatch: pytest.MonkeyPatch, scanner: SimulatedSensor, number: int, code: str
) -> None:
    port = scanner.start()
    listed(monkeypatch, "/dev/ttyCLOSED", port)
    opens = serial.serial_for_url

    def refuse(url: str, **settings: object) -> object:
        if url == "/dev/ttyCLOSED":
            raise serial.SerialException(number, "could not open port")
        return opens(url, **settings)

    monkeypatch.setattr("kiosk.devices.serial_line.serial.serial_for_url", refuse)
    heard = Listener()
    worker = DeviceWorker(FingerDevice(FingerSettings()), heard.events.put)
    worker.start()
    try:
        assert port in heard.state(DeviceState.READY, within_s=20).status.model
        scanner.unplug()
        listed(monkeypatch, "/dev/ttyCLOSED")
        told = heard.until(
            lambda event: event.status.problem is not None and event.status.problem.code == f"error.{code}", within_s=20
        )
        assert told.status.problem.data["port"] == "/dev/ttyCLOSED"
    finally:
        worker.stop()


WINDOWS = {
    "PermissionError(13, 'Access is denied.', None, 5)": Refusal.BUSY,
    "PermissionError(13, '拒绝访问。', None, 5)": Refusal.BUSY,
    "FileNotFoundError(2, 'The system cannot find the file specified.', None, 2)": Refusal.MISSING,
    "OSError(22, 'The semaphore timeout period has expired.', None, 121)": Refusal.MISSING,
    "OSError(22, 'A device attached to the system is not functioning.', None, 31)": Refusal.MISSING,
}


@pytest.mark.parametrize("words", WINDOWS)
def test_the_refusals_of_windows_are_understood_though_they_carry_no_number(words: str) -> None:
    assert refusal(serial.SerialException(f"could not open port 'COM3': {words}")) is WINDOWS[words]


def test_a_port_that_can_not_be_set_up_is_no_unexpected_error(monkeypatch: pytest.MonkeyPatch) -> None:
    termios = pytest.importorskip("termios")

    def refuse(*_: object, **__: object) -> object:
        raise termios.error(5, "Input/output error")

    monkeypatch.setattr("kiosk.devices.serial_line.serial.serial_for_url", refuse)
    with pytest.raises(PortRefused) as refused:
        SerialLine("/dev/ttyODD", 9600)
    assert refused.value.why is Refusal.MISSING

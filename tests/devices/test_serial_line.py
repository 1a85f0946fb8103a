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
from kiosk.devices.serial_line import PortRefused, Refusal, SerialLine, SerialPorts
from kiosk.errors import DeviceError
from kiosk.records import DeviceKind, DeviceState
from kiosk.words import LANGUAGES, catalogue
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


# As pyserial 3.5's serialwin32 words them, with Windows' own words and numbers.
WINDOWS = {
    "could not open port 'COM3': PermissionError(13, 'Access is denied.', None, 5)": Refusal.BUSY,
    "could not open port 'COM3': PermissionError(13, '拒绝访问。', None, 5)": Refusal.BUSY,
    "could not open port 'COM3': OSError(22, 'The process cannot access the file.', None, 32)": Refusal.BUSY,
    "could not open port 'COM3': PermissionError(13, 'Access is denied.')": Refusal.BUSY,
    "could not open port 'COM3': FileNotFoundError(2, 'The system cannot find the file specified.', None, 2)": Refusal.MISSING,
    "could not open port 'COM3': OSError(22, 'A device which does not exist was specified.', None, 433)": Refusal.MISSING,
    "could not open port 'COM3': OSError(22, 'The device is not connected.', None, 1167)": Refusal.MISSING,
    "could not open port 'COM3': OSError(22, 'The semaphore timeout period has expired.', None, 121)": Refusal.STUCK,
    "could not open port 'COM3': OSError(22, '信号灯超时时间已到', None, 121)": Refusal.STUCK,
    "could not open port 'COM3': PermissionError(13, 'A device attached is not functioning.', None, 31)": Refusal.STUCK,
    "Cannot configure port, something went wrong. Original message: OSError(22, '参数错误。', None, 87)": Refusal.STUCK,
    "could not open port 'COMX': OSError(22, 'The filename or volume label is incorrect.', None, 123)": Refusal.UNREADABLE,
}
TOLD = {
    Refusal.MISSING: ("card.serial.no_port", "finger.port_missing"),
    Refusal.BUSY: ("card.serial.port_busy", "finger.port_busy"),
    Refusal.STUCK: ("card.serial.port_stuck", "finger.port_stuck"),
    Refusal.UNREADABLE: ("card.serial.port_unreadable", "finger.port_unreadable"),
    Refusal.DENIED: ("card.serial.port_denied", "finger.port_denied"),
}


class WindowsPort:
    """Stands in for pyserial's on Windows: opened, and then `error` in whatever is done with it."""

    timeout, baudrate = 0.0, 9600

    def __init__(self, error: Exception) -> None:
        self._error = error

    @property
    def in_waiting(self) -> int:
        raise self._error

    def read(self, _size: int) -> bytes:
        raise self._error

    def write(self, _data: bytes) -> int:
        raise self._error

    def close(self) -> None:
        raise self._error


def opens_as(monkeypatch: pytest.MonkeyPatch, result: object) -> list[str]:
    asked: list[str] = []

    def opened(url: str, **_: object) -> object:
        asked.append(url)
        if isinstance(result, Exception):
            raise result
        return result

    monkeypatch.setattr("kiosk.devices.serial_line.serial.serial_for_url", opened)
    return asked


def codes_of(port: str) -> list[str]:
    """What card reader and scanner say of a port."""
    said = []
    for device in (
        card_device(CardSettings(transport="serial", port=port), NoDecoder()),
        FingerDevice(FingerSettings(port=port)),
    ):
        with pytest.raises(DeviceError) as refused:
            device.open()
        device.close()
        said.append(refused.value.code)
    return said


@pytest.mark.parametrize("words", WINDOWS)
def test_each_refusal_of_windows_is_told_in_words_of_its_own_though_it_carries_no_number(
    monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    opens_as(monkeypatch, serial.SerialException(words))
    assert codes_of("COM3") == list(TOLD[WINDOWS[words]])


@pytest.mark.parametrize("why", list(Refusal))
def test_both_languages_say_what_to_do_about_every_refusal(why: Refusal) -> None:
    for language in LANGUAGES:
        assert {f"error.{code}" for code in TOLD[why]} <= set(catalogue(language))


@pytest.mark.parametrize(
    ("error", "codes"),
    [
        ("ClearCommError failed (PermissionError(13, 'Access is denied.', None, 5))", ("card.serial.lost", "finger.unplugged")),
        (
            "ClearCommError failed (PermissionError(13, 'The device does not recognize the command.', None, 22))",
            ("card.serial.lost", "finger.unplugged"),
        ),
        (
            "WriteFile failed (OSError(22, 'The device is not connected.', None, 1167))",
            ("card.serial.lost", "finger.unplugged"),
        ),
        (
            "WriteFile failed (PermissionError(13, 'A device attached to the system is not functioning.', None, 31))",
            ("card.serial.lost", "finger.unplugged"),
        ),
        (
            "GetOverlappedResult failed (OSError(22, 'The I/O operation has been aborted.', None, 995))",
            ("card.serial.lost", "finger.unplugged"),
        ),
        (
            "WriteFile failed (OSError(22, 'The semaphore timeout period has expired.', None, 121))",
            ("card.serial.hangs", "finger.port_stuck"),
        ),
    ],
)
def test_an_open_port_of_windows_that_fails_was_unplugged_or_hangs(
    monkeypatch: pytest.MonkeyPatch, error: str, codes: tuple[str, str]
) -> None:
    opens_as(monkeypatch, WindowsPort(serial.SerialException(error)))
    assert codes_of("COM11") == list(codes)


def test_a_port_that_takes_no_bytes_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(WindowsPort):
        in_waiting = 0  # type: ignore[assignment]

        def read(self, _size: int) -> bytes:
            return b""

    opens_as(monkeypatch, Full(serial.SerialTimeoutException("Write timeout")))
    assert codes_of("COM3") == ["card.serial.hangs", "finger.port_stuck"]


@pytest.mark.parametrize("name", ["COM12", "com12", "COM12:", r"\\.\COM12", "//./com12", " COM12 "])
def test_a_port_of_windows_is_the_same_however_it_is_written(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    asked = opens_as(monkeypatch, serial.SerialException("could not open port"))
    listed(monkeypatch, "COM3", "COM12")
    ports = SerialPorts()
    ports.assign(name, CARD)
    assert ports.searched(FINGER) == ["COM3"]
    with pytest.raises(PortRefused):
        ports.open(name, 9600, CARD)
    assert asked == ["COM12"]  # pyserial itself writes \\.\COM12 for ports above COM8


def test_a_port_that_can_not_be_set_up_is_no_unexpected_error(monkeypatch: pytest.MonkeyPatch) -> None:
    termios = pytest.importorskip("termios")

    def refuse(*_: object, **__: object) -> object:
        raise termios.error(5, "Input/output error")

    monkeypatch.setattr("kiosk.devices.serial_line.serial.serial_for_url", refuse)
    with pytest.raises(PortRefused) as refused:
        SerialLine("/dev/ttyODD", 9600)
    assert refused.value.why is Refusal.MISSING

"""Finds the sensor: on which port, at which speed; and raises the link to its best."""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Iterator
from typing import Final

from serial.tools import list_ports

from kiosk.config import FingerSettings
from kiosk.devices.finger.codes import FASTEST_BAUD
from kiosk.devices.finger.link import Link
from kiosk.devices.finger.sensor import FingerSensor, SensorParameters
from kiosk.errors import DeviceError, PermanentFault, TemporaryFault

AUTO: Final = "auto"
_BAUDS: Final = (57_600, 115_200, 9_600, 19_200, 38_400)  # the factory's first, then what we leave behind after a power cut
_PROBE_S: Final = 0.25  # a VfyPwd and its answer take 24 ms at 9600 baud
_LARGEST_PACKET: Final = 256
# Windows reports ERROR_ACCESS_DENIED for a port that another program holds.
_DENIED: Final = (errno.EACCES, errno.EPERM)


def find_sensor(settings: FingerSettings) -> FingerSensor:
    """Open the first sensor that answers.

    Raises TemporaryFault("finger.not_found"), ("finger.port_missing") or ("finger.port_busy"), and
    PermanentFault("finger.port_denied") or ("finger.wrong_password").
    """
    if settings.port != AUTO:
        sensor = _on_port(settings.port, settings)
        if sensor is None:
            raise TemporaryFault("finger.no_sensor", port=settings.port)
        return sensor
    for port in _serial_ports():
        with contextlib.suppress(TemporaryFault):
            if sensor := _on_port(port, settings):
                return sensor
    raise TemporaryFault("finger.not_found")


def raise_speed(sensor: FingerSensor) -> SensorParameters | None:
    """Largest packets, fastest line; returns what was there before, None when the sensor can't say (then nothing is changed).

    A sensor that doesn't answer at the new speed is taken back to the old one, and told so: an R503 by its manual changes its
    speed at its next start only.
    """
    try:
        before = sensor.read_parameters()
    except DeviceError as error:
        if isinstance(error, TemporaryFault):
            raise
        return None
    if before.baud != sensor.link.baud and 0 < before.baud <= FASTEST_BAUD:
        # Sockets and USB bridges without a UART answer at any speed: believe the sensor, unless it then falls silent.
        heard_at = sensor.link.baud
        sensor.link.baud = before.baud
        if not _answers(sensor):
            sensor.link.baud = heard_at
    if before.packet_bytes != _LARGEST_PACKET:
        with _refusal_allowed():
            sensor.set_packet_bytes(_LARGEST_PACKET)
    if before.baud != FASTEST_BAUD:
        with _refusal_allowed():
            sensor.set_baud(FASTEST_BAUD)
            if not _answers(sensor):
                sensor.link.baud = before.baud
                sensor.set_baud(before.baud)
    return before


def put_back(sensor: FingerSensor, before: SensorParameters) -> None:
    """Give the sensor its old settings. Raises nothing: a sensor that is gone keeps what it has."""
    with contextlib.suppress(DeviceError):
        if before.packet_bytes != sensor.packet_bytes:
            sensor.set_packet_bytes(before.packet_bytes)
        if before.baud != sensor.link.baud:
            sensor.set_baud(before.baud)


def _serial_ports() -> Iterator[str]:
    """Every serial port, USB bridges first: that is what scanners hang on."""
    ports = sorted(list_ports.comports(), key=lambda port: (port.vid is None, port.device))
    return (str(port.device) for port in ports)


def _on_port(url: str, settings: FingerSettings) -> FingerSensor | None:
    """The sensor on a port, at whatever speed it answers; None when none does."""
    bauds = list(dict.fromkeys(_BAUDS if settings.baud == AUTO else (settings.baud, *_BAUDS)))
    link = _open(url, bauds[0], settings.address)
    try:
        sensor = FingerSensor(link, settings.password)
        for baud in bauds:
            if baud != link.baud:
                link.baud = baud
            if _answers(sensor):
                return sensor
    except BaseException:
        link.close()
        raise
    link.close()
    return None


def _answers(sensor: FingerSensor) -> bool:
    """Whether the sensor is there; tried twice, as the first answer may meet the noise of a changed speed."""
    for _ in range(2):
        try:
            sensor.verify_password(_PROBE_S)
        except (PermanentFault, TemporaryFault):
            raise
        except DeviceError:
            continue
        return True
    return False


def _open(url: str, baud: int, address: int) -> Link:
    try:
        return Link(url, baud, address)
    except OSError as error:
        if error.errno in _DENIED:
            raise PermanentFault("finger.port_denied", port=url) from error
        code = "finger.port_busy" if error.errno == errno.EBUSY else "finger.port_missing"
        raise TemporaryFault(code, port=url) from error
    except ValueError as error:  # pyserial's word for an address that it can't read
        raise PermanentFault("finger.port_unreadable", port=url) from error


@contextlib.contextmanager
def _refusal_allowed() -> Iterator[None]:
    """A sensor that won't be changed is used as it is."""
    try:
        yield
    except TemporaryFault:
        raise
    except DeviceError:
        pass

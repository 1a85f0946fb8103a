"""Finds the sensor: on which port, at which speed; and sets the pace of its line."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from kiosk.config import FingerSettings
from kiosk.devices.finger.link import Link
from kiosk.devices.finger.sensor import FingerSensor, SensorParameters
from kiosk.devices.serial_line import PortRefused, Refusal, SerialPorts
from kiosk.errors import DeviceError, PermanentFault, TemporaryFault
from kiosk.records import DeviceKind

AUTO: Final = "auto"
_BAUDS: Final = (57_600, 115_200, 9_600, 19_200, 38_400)  # the factory's first, then what we leave behind after a power cut
_PROBE_S: Final = 0.25  # a VfyPwd and its answer take 24 ms at 9600 baud
# Opening a port restarts some bridges and modules, which then need up to 2 s: a port is asked once more before it is closed.
_ROUNDS: Final = 2


@dataclass(frozen=True)
class Pace:
    """How fast images come over the line."""

    baud: int
    packet_bytes: int


# The best first; the others for lines that can't carry it.
_PACES: Final = (Pace(115_200, 256), Pace(57_600, 128), Pace(38_400, 64), Pace(19_200, 32))


def paces(baud: int | str) -> tuple[Pace, ...]:
    """Those to be tried, best first. A speed that the settings name is kept; packets may still shrink."""
    if isinstance(baud, str):
        return _PACES
    return tuple(Pace(baud, pace.packet_bytes) for pace in _PACES)


def find_sensor(settings: FingerSettings, ports: SerialPorts, likely_baud: int | None = None) -> FingerSensor:
    """Open the first sensor that answers; `likely_baud`: the speed at which it was left.

    Raises TemporaryFault("finger.not_found"), ("finger.port_missing"), ("finger.port_busy") or ("finger.port_stuck"), and
    PermanentFault("finger.port_denied"), ("finger.other_address") or ("finger.wrong_password").
    """
    if settings.port != AUTO:
        sensor = _on_port(settings.port, settings, ports, likely_baud)
        if sensor is None:
            raise TemporaryFault("finger.no_sensor", port=settings.port)
        return sensor
    closed: DeviceError | None = None  # a port that can't be opened hides no sensor on another one
    for port in ports.searched(DeviceKind.FINGER):
        try:
            if sensor := _on_port(port, settings, ports, likely_baud):
                return sensor
        except DeviceError as error:
            if error.code == "finger.wrong_password":
                raise
            if error.code in {"finger.port_denied", "finger.port_busy", "finger.port_stuck", "finger.other_address"}:
                closed = closed or error
    raise closed or TemporaryFault("finger.not_found")


def set_pace(sensor: FingerSensor, pace: Pace) -> SensorParameters | None:
    """Bring the line to a pace; returns what was there before, None when the sensor can't say (then nothing is changed).

    A sensor that doesn't answer at the new speed is taken back to the old one, and told so: an R503 by its manual changes its
    speed at its next start only.
    """
    try:
        before = sensor.read_parameters()
    except DeviceError as error:
        if isinstance(error, TemporaryFault):
            raise
        return None
    if before.baud != sensor.link.baud:
        # Sockets and USB bridges without a UART answer at any speed: believe the sensor, unless it then falls silent.
        heard_at = sensor.link.baud
        sensor.link.baud = before.baud
        if not _answers(sensor):
            sensor.link.baud = heard_at
    if before.packet_bytes != pace.packet_bytes:
        with _refusal_allowed():
            sensor.set_packet_bytes(pace.packet_bytes)
    if before.baud != pace.baud:
        with _refusal_allowed():
            sensor.set_baud(pace.baud)
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


def _on_port(url: str, settings: FingerSettings, ports: SerialPorts, likely_baud: int | None) -> FingerSensor | None:
    """The sensor on a port, at whatever speed it answers; None when none does."""
    first = [baud for baud in (likely_baud, settings.baud) if isinstance(baud, int)]
    bauds = list(dict.fromkeys((*first, *_BAUDS)))
    link = _open(url, bauds[0], settings.address, ports)
    try:
        sensor = FingerSensor(link, settings.password)
        for baud in bauds * _ROUNDS:
            if baud != link.baud:
                link.baud = baud
            if _answers(sensor):
                ports.keep(url, DeviceKind.FINGER)
                return sensor
        if link.heard_address is not None:
            raise PermanentFault("finger.other_address", port=url, address=f"0x{link.heard_address:08X}")
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
        except DeviceError as error:
            if error.code == "finger.refused":
                return True  # whatever it says, it is a sensor that says so
            continue
        return True
    return False


_REFUSALS: Final = {
    Refusal.MISSING: (TemporaryFault, "finger.port_missing"),
    Refusal.BUSY: (TemporaryFault, "finger.port_busy"),
    Refusal.DENIED: (PermanentFault, "finger.port_denied"),
    Refusal.STUCK: (TemporaryFault, "finger.port_stuck"),
    Refusal.UNREADABLE: (PermanentFault, "finger.port_unreadable"),
}


def _open(url: str, baud: int, address: int, ports: SerialPorts) -> Link:
    try:
        return Link(ports.open(url, baud, DeviceKind.FINGER), address)
    except PortRefused as refused:
        kind, code = _REFUSALS[refused.why]
        raise kind(code, port=url) from refused


@contextlib.contextmanager
def _refusal_allowed() -> Iterator[None]:
    """A sensor that won't be changed is used as it is."""
    try:
        yield
    except TemporaryFault:
        raise
    except DeviceError:
        pass

"""Serial lines to a security module: 115200 8N1, without flow control."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, Final

import serial
from serial.tools import list_ports

from kiosk.devices.card.sam.module import SecurityModule
from kiosk.devices.card.sam.stream import ByteStream
from kiosk.errors import DeviceError, TemporaryFault

# In the order in which they are met.
BAUD_RATES: Final = (115200, 9600, 57600, 38400, 19200)
_PROBE_S: Final = 0.4
_WRITE_S: Final = 2.0


class SerialLine:
    """An open port."""

    def __init__(self, port: str, baud: int) -> None:
        """Raises TemporaryFault("card.serial.no_port") when the port is not there or somebody else has it."""
        try:
            self._port: Any = serial.serial_for_url(port, baudrate=baud, timeout=0, write_timeout=_WRITE_S)
        except (serial.SerialException, OSError, ValueError) as error:
            raise TemporaryFault("card.serial.no_port", port=port, details=_reason(error)) from None

    def write(self, data: bytes, /) -> None:
        """Send bytes."""
        try:
            self._port.write(data)
        except (serial.SerialException, OSError) as error:
            raise TemporaryFault("card.serial.lost", details=_reason(error)) from None

    def read(self, timeout_s: float, /) -> bytes:
        """What has come, waiting at most that long for the first byte."""
        try:
            self._port.timeout = timeout_s
            first: bytes = self._port.read(1)
            waiting = self._port.in_waiting if first else 0
            return first + (self._port.read(waiting) if waiting else b"")
        except (serial.SerialException, OSError) as error:
            raise TemporaryFault("card.serial.lost", details=_reason(error)) from None

    def close(self) -> None:
        """Let the port go."""
        with suppress(serial.SerialException, OSError):
            self._port.close()


class SerialOpener:
    """Opens the configured port, or tries every port and rate until a module answers."""

    def __init__(self, port: str = "auto", baud: int | None = None) -> None:
        self._ports = None if port == "auto" else (port,)
        self._rates = BAUD_RATES if baud is None else (baud,)

    def __call__(self) -> tuple[ByteStream, str]:
        """The line on which a module answers, and its name. Raises TemporaryFault("card.serial.no_module") when none does."""
        refused: TemporaryFault | None = None
        ports = self._ports or tuple(sorted(port.device for port in list_ports.comports()))
        for port in ports:
            for rate in self._rates:
                try:
                    line = SerialLine(port, rate)
                except TemporaryFault as fault:
                    refused = fault
                    break
                if _answers(line):
                    return line, f"{port} @ {rate}"
                line.close()
        if refused is not None and len(ports) == 1:
            raise refused
        raise TemporaryFault("card.serial.no_module", ports=", ".join(ports))


def _answers(line: SerialLine) -> bool:
    """Whether a module is at the other end, a sick one too: that is told later."""
    try:
        SecurityModule(line).check(_PROBE_S)
    except DeviceError as error:
        return error.code in ("card.sam.self_test", "card.sam.faulty")
    return True


def _reason(error: Exception) -> str:
    return str(error).splitlines()[0][:200] if str(error) else type(error).__name__

"""Serial lines to a security module: 115200 8N1, without flow control."""

from __future__ import annotations

import time
from typing import Final

from kiosk.devices import serial_line
from kiosk.devices.card.sam.module import SecurityModule
from kiosk.devices.card.sam.stream import ByteStream
from kiosk.devices.serial_line import LineGone, PortRefused, Refusal, SerialPorts
from kiosk.errors import DeviceError, PermanentFault, TemporaryFault
from kiosk.records import DeviceKind

# In the order in which they are met.
BAUD_RATES: Final = (115200, 9600, 57600, 38400, 19200)
_PROBE_S: Final = 0.4
# Opening a port resets some modules, and after power-on some need 2 s: no port is closed before that for being silent.
_WAKES_S: Final = 2.5

_REFUSALS: Final = {
    Refusal.MISSING: (TemporaryFault, "card.serial.no_port"),
    Refusal.BUSY: (TemporaryFault, "card.serial.port_busy"),
    Refusal.DENIED: (TemporaryFault, "card.serial.port_denied"),
    Refusal.STUCK: (TemporaryFault, "card.serial.port_stuck"),
    Refusal.UNREADABLE: (PermanentFault, "card.serial.port_unreadable"),
}


class SerialStream:
    """An open line as a `ByteStream`."""

    def __init__(self, line: serial_line.SerialLine) -> None:
        self._line = line

    def write(self, data: bytes, /) -> None:
        """Send bytes."""
        try:
            self._line.write(data)
        except LineGone as gone:
            raise _lost(gone) from gone

    def read(self, timeout_s: float, /) -> bytes:
        """What has come, waiting at most that long for the first byte."""
        try:
            first = self._line.read(1, timeout_s)
            waiting = self._line.waiting if first else 0
            return first + (self._line.read(waiting, timeout_s) if waiting else b"")
        except LineGone as gone:
            raise _lost(gone) from gone

    def close(self) -> None:
        """Let the port go."""
        self._line.close()


class SerialOpener:
    """Opens the configured port, or tries every port that is no other device's, and every rate, until a module answers."""

    def __init__(self, port: str = "auto", baud: int | None = None, ports: SerialPorts | None = None) -> None:
        self._port = None if port == "auto" else port
        self._rates = BAUD_RATES if baud is None else (baud,)
        self._ports = ports or SerialPorts()
        if self._port is not None:
            self._ports.assign(self._port, DeviceKind.CARD)

    def __call__(self) -> tuple[ByteStream, str]:
        """The line on which a module answers, and its name.

        Raises TemporaryFault("card.serial.no_module") when none does; when the configured port, or the only one, can't be
        opened, ("card.serial.no_port"), ("card.serial.port_busy"), ("card.serial.port_denied") or ("card.serial.port_stuck"),
        PermanentFault("card.serial.port_unreadable").
        """
        refused: DeviceError | None = None
        ports = [self._port] if self._port else self._ports.searched(DeviceKind.CARD)
        for port in ports:
            try:
                line = self._ports.open(port, self._rates[0], DeviceKind.CARD)
            except PortRefused as refusal:
                kind, code = _REFUSALS[refusal.why]
                refused = kind(code, port=port, details=refusal.details)
                continue
            try:
                if self._is_answered(line):
                    self._ports.keep(port, DeviceKind.CARD)
                    return SerialStream(line), f"{port} @ {line.baud}"
            except (LineGone, TemporaryFault):
                if self._port:
                    line.close()
                    raise
            except BaseException:
                line.close()
                raise
            line.close()
        if refused is not None and len(ports) == 1:
            raise refused
        raise TemporaryFault("card.serial.no_module", ports=", ".join(ports))

    def _is_answered(self, line: serial_line.SerialLine) -> bool:
        """Whether a module is at the other end, at one of the rates; the line is set to it."""
        until_s = time.monotonic() + _WAKES_S
        while True:
            for rate in self._rates:
                if rate != line.baud:
                    try:
                        line.baud = rate
                    except LineGone as gone:
                        raise _lost(gone) from gone
                if _answers(SerialStream(line)):
                    return True
            if time.monotonic() > until_s:
                return False


def _answers(stream: SerialStream) -> bool:
    """Whether a module answers, a sick one too: that is told later."""
    try:
        SecurityModule(stream).check(_PROBE_S)
    except DeviceError as error:
        if error.code in ("card.serial.lost", "card.serial.hangs"):
            raise
        return error.code in ("card.sam.self_test", "card.sam.faulty")
    return True


def _lost(gone: LineGone) -> TemporaryFault:
    return TemporaryFault("card.serial.hangs" if gone.is_stuck else "card.serial.lost", details=str(gone.args[0]))

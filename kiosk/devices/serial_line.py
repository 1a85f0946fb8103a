"""The one place that opens serial ports: exclusively, and never one that another device of this station has."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import threading
from collections.abc import Callable, Iterator
from enum import Enum
from typing import Any, Final

import serial
from serial.tools import list_ports

from kiosk.records import DeviceKind

try:
    from termios import error as _TermiosError  # noqa: N812 - a class that is named like a function
except ImportError:  # Windows

    class _TermiosError(Exception):  # type: ignore[no-redef]
        pass


# SerialException is an OSError. TypeError: pyserial's own, where another thread or a dying driver took its handle away.
_FAILURES: Final = (OSError, _TermiosError, TypeError)
_WRITE_S: Final = 2.0
_TURN_S: Final = 8.0  # how long a search may look at one port
_BUSY: Final = (errno.EBUSY, errno.EAGAIN)
_DENIED: Final = (errno.EACCES, errno.EPERM)
# pyserial keeps no number on Windows, only the words of the error that it had:
# could not open port 'COM3': PermissionError(13, 'Access is denied.', None, 5)
_WINDOWS: Final = re.compile(r"(\w+Error)\((\d+), .*?(?:, None, (\d+))?\)$")
_HELD: Final = (5, 32)  # ERROR_ACCESS_DENIED: another program has the port; ERROR_SHARING_VIOLATION


class Refusal(Enum):
    """Why a port can't be opened."""

    MISSING = "missing"
    BUSY = "busy"  # another program has it, or another device of this station
    DENIED = "denied"  # this user may not
    UNREADABLE = "unreadable"  # its name makes no sense


class PortRefused(Exception):
    """A port could not be opened."""

    def __init__(self, why: Refusal, details: str) -> None:
        super().__init__(why, details)
        self.why = why
        self.details = details


class LineGone(Exception):
    """An open line has failed: its plug was pulled, its driver died."""


class SerialLine:
    """An open line, 8N1 without flow control. Every call raises LineGone when the line is gone."""

    def __init__(self, url: str, baud: int, let_go: Callable[[], None] = lambda: None) -> None:
        """`url` is anything that `serial.serial_for_url` takes; `let_go` is called at the end. Raises PortRefused."""
        self.url = url
        self._let_go = let_go
        try:
            self._port: Any = serial.serial_for_url(url, baudrate=baud, timeout=0, write_timeout=_WRITE_S, exclusive=True)
        except ValueError as error:  # pyserial's word for a name that it can't read
            raise PortRefused(Refusal.UNREADABLE, _told(error)) from error
        except _FAILURES as error:
            raise PortRefused(refusal(error), _told(error)) from error

    @property
    def baud(self) -> int:
        return int(self._port.baudrate)

    @baud.setter
    def baud(self, baud: int) -> None:
        with _watched():
            self._port.baudrate = baud

    @property
    def waiting(self) -> int:
        """How many bytes have come."""
        with _watched():
            return int(self._port.in_waiting)

    def read(self, size: int, timeout_s: float) -> bytes:
        """Up to `size` bytes, as many as come in time."""
        with _watched():
            if self._port.timeout != timeout_s:
                self._port.timeout = timeout_s
            return bytes(self._port.read(size))

    def write(self, data: bytes) -> None:
        """Send bytes; a line that takes none for two seconds is gone."""
        with _watched():
            self._port.write(data)

    def close(self) -> None:
        """Let the port go. Raises nothing; idempotent."""
        handle = getattr(self._port, "_socket", None)
        with contextlib.suppress(*_FAILURES):
            self._port.close()
        if handle is not None:
            handle.close()  # pyserial 3.5 forgets to, when the other end has gone first
        self._let_go()


class SerialPorts:
    """Who has which port. The devices of one station share one, so that no search disturbs another device."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._assigned: dict[str, DeviceKind] = {}
        self._held: dict[str, tuple[DeviceKind, int]] = {}
        self._kept: dict[str, DeviceKind] = {}

    def assign(self, url: str, owner: DeviceKind) -> None:
        """The settings name this port for a device: nobody else looks there, whether it is plugged in or not."""
        with self._changed:
            self._assigned[_same(url)] = owner

    def keep(self, url: str, owner: DeviceKind) -> None:
        """A search has ended on this open port: it is the device's until its line is closed."""
        with self._changed:
            self._kept[_same(url)] = owner

    def searched(self, owner: DeviceKind) -> list[str]:
        """The ports of this machine that a device may look on, USB bridges first: that is what devices hang on."""
        found = sorted(list_ports.comports(), key=lambda port: (port.vid is None, port.device))
        with self._changed:
            return [str(port.device) for port in found if self._is_free(str(port.device), owner)]

    def open(self, url: str, baud: int, owner: DeviceKind) -> SerialLine:
        """Raises PortRefused, also when another device has the port; one that only looks there is waited for."""
        name = _same(url)
        with self._changed:
            self._changed.wait_for(lambda: self._held.get(name, (owner, 0))[0] is owner or name in self._kept, _TURN_S)
            holder, count = self._held.get(name, (owner, 0))
            if holder is not owner:
                raise PortRefused(Refusal.BUSY, str(holder))
            self._held[name] = (owner, count + 1)
        released = False

        def let_go() -> None:
            nonlocal released
            if not released:
                released = True
                self._release(name)

        try:
            return self.line(url, baud, let_go)
        except BaseException:
            let_go()
            raise

    def line(self, url: str, baud: int, let_go: Callable[[], None]) -> SerialLine:
        """An open line; `let_go` is called at its end. Raises PortRefused."""
        return SerialLine(url, baud, let_go)

    def _is_free(self, url: str, owner: DeviceKind) -> bool:
        name = _same(url)
        return self._assigned.get(name, owner) is owner and self._kept.get(name, owner) is owner

    def _release(self, name: str) -> None:
        with self._changed:
            owner, count = self._held[name]
            if count > 1:
                self._held[name] = (owner, count - 1)
            else:
                del self._held[name]
                self._kept.pop(name, None)
            self._changed.notify_all()


def refusal(error: BaseException) -> Refusal:
    """Why the system would not open a port, by its error, in the form of every system."""
    if found := _WINDOWS.search(_told(error)):
        kind, number, windows = found.groups()
        if int(windows or 0) in _HELD or (kind == "PermissionError" and not windows):
            return Refusal.BUSY
        return Refusal.DENIED if int(number) in _DENIED else Refusal.MISSING
    number = getattr(error, "errno", None)
    if number in _BUSY:
        return Refusal.BUSY
    return Refusal.DENIED if number in _DENIED else Refusal.MISSING


@contextlib.contextmanager
def _watched() -> Iterator[None]:
    try:
        yield
    except _FAILURES as error:
        raise LineGone(_told(error)) from error


def _same(url: str) -> str:
    """One name for one port: /dev/serial/by-id/… and /dev/ttyUSB0, COM3 and com3."""
    if "://" in url:
        return url.lower()
    if os.name == "nt":
        return url.upper().removeprefix("\\\\.\\")
    return os.path.realpath(url)


def _told(error: BaseException) -> str:
    return str(error).splitlines()[0][:200] if str(error) else type(error).__name__

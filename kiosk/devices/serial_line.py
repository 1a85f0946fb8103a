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
_WINDOWS: Final = re.compile(r"(\w+Error)\((\d+), .*?(?:, None, (\d+))?\)+$")
_HELD: Final = (5, 32)  # ERROR_ACCESS_DENIED: another program has the port; ERROR_SHARING_VIOLATION
# ERROR_GEN_FAILURE, INVALID_PARAMETER, SEM_TIMEOUT, IO_DEVICE, NO_SYSTEM_RESOURCES: the port is there, and its
# driver, adapter or radio doesn't do what it is asked.
_HUNG: Final = (31, 87, 121, 1117, 1450)
_SEMAPHORE: Final = 121  # ERROR_SEM_TIMEOUT: a call that never came back; all others on an open line mean that it has gone
_NO_NAME: Final = (123, 161)  # ERROR_INVALID_NAME, ERROR_BAD_PATHNAME
_COM: Final = re.compile(r"(?:[\\/]{2}[.?][\\/])?(COM\d{1,3}):?", re.IGNORECASE)  # COM3, com3:, \\.\COM12


class Refusal(Enum):
    """Why a port can't be opened."""

    MISSING = "missing"
    BUSY = "busy"  # another program has it, or another device of this station
    DENIED = "denied"  # this user may not
    STUCK = "stuck"  # it is there, and answers no call
    UNREADABLE = "unreadable"  # its name makes no sense


class PortRefused(Exception):
    """A port could not be opened."""

    def __init__(self, why: Refusal, details: str) -> None:
        super().__init__(why, details)
        self.why = why
        self.details = details


class LineGone(Exception):
    """An open line has failed: its plug was pulled, its driver died. `is_stuck`: the port is still there, and does nothing."""

    def __init__(self, details: str, *, is_stuck: bool = False) -> None:
        super().__init__(details)
        self.is_stuck = is_stuck


class SerialLine:
    """An open line, 8N1 without flow control. Every call raises LineGone when the line is gone."""

    def __init__(self, url: str, baud: int, let_go: Callable[[], None] = lambda: None) -> None:
        """`url` is anything that `serial.serial_for_url` takes; `let_go` is called at the end. Raises PortRefused."""
        self.url = url = port_name(url)
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


def port_name(url: str) -> str:
    """As pyserial and Windows' device manager write it: COM12 for com12, COM12: and //./COM12; others as they are."""
    found = _COM.fullmatch(url.strip())
    return found[1].upper() if found else url.strip()


def refusal(error: BaseException) -> Refusal:
    """Why the system would not open a port, by its error, in the form of every system."""
    if found := _WINDOWS.search(_told(error)):
        kind, number, windows = found.groups()
        return _of_windows(int(windows or 0)) or _without_number(kind, int(number))
    number = getattr(error, "errno", None)
    if number in _BUSY:
        return Refusal.BUSY
    return Refusal.DENIED if number in _DENIED else Refusal.MISSING


def _of_windows(number: int) -> Refusal | None:
    """By an error number of Windows."""
    for refusal, numbers in ((Refusal.BUSY, _HELD), (Refusal.STUCK, _HUNG), (Refusal.UNREADABLE, _NO_NAME)):
        if number in numbers:
            return refusal
    return None


def _without_number(kind: str, number: int) -> Refusal:
    if kind == "PermissionError":
        return Refusal.BUSY
    return Refusal.DENIED if number in _DENIED else Refusal.MISSING


@contextlib.contextmanager
def _watched() -> Iterator[None]:
    try:
        yield
    except _FAILURES as error:
        found = _WINDOWS.search(_told(error))
        is_late = isinstance(error, serial.SerialTimeoutException) or (found and int(found[3] or 0) == _SEMAPHORE)
        raise LineGone(_told(error), is_stuck=bool(is_late)) from error


def _same(url: str) -> str:
    """One name for one port: /dev/serial/by-id/… and /dev/ttyUSB0, COM3 and com3."""
    if "://" in url:
        return url.lower()
    name = port_name(url)
    return name if _COM.fullmatch(name) else os.path.realpath(name)


def _told(error: BaseException) -> str:
    return str(error).splitlines()[0][:200] if str(error) else type(error).__name__

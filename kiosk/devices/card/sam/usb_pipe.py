"""USB pipes to a security module: bulk transfers, in two layouts. Never tried on a real module."""

from __future__ import annotations

import importlib
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from kiosk.devices.card.sam.frames import PREAMBLE
from kiosk.devices.card.sam.stream import ByteStream
from kiosk.errors import PermanentFault, TemporaryFault

VENDOR: Final = 0x0400
PRODUCT: Final = 0xC35A
_HEADER: Final = len(PREAMBLE) + 2
_CHUNK: Final = 4096
_WRITE_MS: Final = 2000
_TURN_MS: Final = 20  # how long one IN pipe is listened to before the other gets its turn


@dataclass(frozen=True)
class Layout:
    """Which pipe carries what. Most programs send preamble and length through one pipe and the rest through another."""

    header_out: int
    rest_out: int
    ins: tuple[int, ...]


LAYOUTS: Final = {"split": Layout(0x02, 0x06, (0x81, 0x85)), "single": Layout(0x02, 0x02, (0x81,))}


class UsbPipe:
    """An open pair, or two, of bulk pipes. `device` is pyusb's."""

    def __init__(self, device: Any, layout: Layout) -> None:
        self._device = device
        self._layout = layout
        self._error: type[Exception] = _usb("core").USBError
        self._silence: type[Exception] = _usb("core").USBTimeoutError

    def write(self, data: bytes, /) -> None:
        """Send a frame."""
        try:
            if self._layout.header_out == self._layout.rest_out:
                self._device.write(self._layout.header_out, data, _WRITE_MS)
            else:
                self._device.write(self._layout.header_out, data[:_HEADER], _WRITE_MS)
                self._device.write(self._layout.rest_out, data[_HEADER:], _WRITE_MS)
        except self._error as error:
            raise TemporaryFault("card.usb.lost", details=str(error)) from None

    def read(self, timeout_s: float, /) -> bytes:
        """What has come through any IN pipe, in the layout's order; waits at most that long for the first byte."""
        deadline = time.monotonic() + timeout_s
        while True:
            for pipe in self._layout.ins:
                if data := self._take(pipe):
                    return data
            if time.monotonic() >= deadline:
                return b""

    def _take(self, pipe: int) -> bytes:
        try:
            return bytes(self._device.read(pipe, _CHUNK, _TURN_MS))
        except self._silence:
            return b""
        except self._error as error:
            raise TemporaryFault("card.usb.lost", details=str(error)) from None

    def close(self) -> None:
        """Let the device go."""
        with suppress(self._error):
            _usb("util").dispose_resources(self._device)


class UsbOpener:
    """Opens the first module with this vendor and product number."""

    def __init__(self, layout: str = "split", vendor: int = VENDOR, product: int = PRODUCT) -> None:
        self._layout = LAYOUTS[layout]
        self._ids = (vendor, product)

    def __call__(self) -> tuple[ByteStream, str]:
        """The open pipes and their name.

        Raises PermanentFault("card.usb.not_installed") without pyusb or libusb, TemporaryFault("card.usb.no_module") when the
        module is not there, TemporaryFault("card.usb.lost") when it can't be had.
        """
        vendor, product = self._ids
        core = _usb("core")
        try:
            device = core.find(idVendor=vendor, idProduct=product)
        except core.NoBackendError:
            raise PermanentFault("card.usb.not_installed") from None
        name = f"USB {vendor:04X}:{product:04X}"
        if device is None:
            raise TemporaryFault("card.usb.no_module", device=name)
        try:
            device.set_configuration()
        except core.USBError as error:
            raise TemporaryFault("card.usb.lost", details=str(error)) from None
        return UsbPipe(device, self._layout), name


def _usb(part: str) -> Any:
    """A part of pyusb, loaded late: only stations with such a module need it."""
    try:
        return importlib.import_module(f"usb.{part}")
    except ImportError:
        raise PermanentFault("card.usb.not_installed") from None

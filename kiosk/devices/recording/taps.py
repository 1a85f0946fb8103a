"""Listeners on the lines to devices: each is put where the line is opened, and passes everything on as it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Final

import numpy as np

from kiosk.config import CameraSettings
from kiosk.devices.camera.capture import Capture
from kiosk.devices.card.sam.stream import ByteStream, StreamOpener
from kiosk.devices.card.slot import CardChannel, Slot, SlotChange
from kiosk.devices.recording.tape import Tape, harmless
from kiosk.devices.serial_line import LineGone, PortRefused, SerialLine, SerialPorts
from kiosk.errors import KioskError
from kiosk.records import DeviceKind, Image

_STRIDE: Final = 8


@contextmanager
def _noting_gone(tape: Tape, gone: type[Exception]) -> Iterator[None]:
    """Note that a line was lost, and pass on how."""
    try:
        yield
    except gone:
        tape.note("gone")
        raise


@contextmanager
def _noting_faults(tape: Tape) -> Iterator[None]:
    """Note each fault by its code, and pass it on."""
    try:
        yield
    except KioskError as error:
        tape.note("fault", code=error.code)
        raise


class TappedPorts(SerialPorts):
    """Serial ports whose lines are listened to, from the search on."""

    def __init__(self, tape: Tape) -> None:
        super().__init__()
        self._tape = tape

    def open(self, url: str, baud: int, owner: DeviceKind) -> SerialLine:
        try:
            return super().open(url, baud, owner)
        except PortRefused as refused:
            self._tape.note("refused", port=harmless(url), why=refused.why.value)
            raise

    def line(self, url: str, baud: int, let_go: Callable[[], None]) -> SerialLine:
        return _TappedLine(url, baud, let_go, self._tape)


class _TappedLine(SerialLine):
    def __init__(self, url: str, baud: int, let_go: Callable[[], None], tape: Tape) -> None:
        super().__init__(url, baud, let_go)
        self._tape = tape
        self._is_open = True
        tape.note("open", port=harmless(url), baud=baud)

    @property
    def baud(self) -> int:
        return super().baud

    @baud.setter
    def baud(self, baud: int) -> None:
        self._tape.note("baud", baud=baud)
        with self._telling():
            super(_TappedLine, type(self)).baud.fset(self, baud)  # type: ignore[attr-defined]

    @property
    def waiting(self) -> int:
        with self._telling():
            return super().waiting

    def read(self, size: int, timeout_s: float) -> bytes:
        with self._telling():
            data = super().read(size, timeout_s)
        self._tape.came(data)
        return data

    def write(self, data: bytes) -> None:
        self._tape.to(data)
        with self._telling():
            super().write(data)

    def close(self) -> None:
        if self._is_open:
            self._is_open = False
            self._tape.note("closed")
        super().close()

    def _telling(self) -> AbstractContextManager[None]:
        return _noting_gone(self._tape, LineGone)


class TappedOpener:
    """Opens a line to a security module that is no serial port, and listens to it."""

    def __init__(self, opener: StreamOpener, tape: Tape) -> None:
        self._opener = opener
        self._tape = tape

    def __call__(self) -> tuple[ByteStream, str]:
        try:
            stream, name = self._opener()
        except KioskError as error:
            self._tape.note("refused", why=error.code)
            raise
        self._tape.note("open", port=harmless(name))
        return _TappedStream(stream, self._tape), name


class _TappedStream:
    def __init__(self, stream: ByteStream, tape: Tape) -> None:
        self._stream = stream
        self._tape = tape

    def write(self, data: bytes, /) -> None:
        self._tape.to(data)
        with self._telling():
            self._stream.write(data)

    def read(self, timeout_s: float, /) -> bytes:
        with self._telling():
            data = self._stream.read(timeout_s)
        self._tape.came(data)
        return data

    def close(self) -> None:
        self._tape.note("closed")
        self._stream.close()

    def _telling(self) -> AbstractContextManager[None]:
        return _noting_gone(self._tape, KioskError)


class TappedSlot:
    """A reader's field, and the APDUs to what lies in it."""

    def __init__(self, slot: Slot, tape: Tape) -> None:
        self._slot = slot
        self._tape = tape

    def open(self) -> str:
        with self._telling():
            name = self._slot.open()
        self._tape.note("open", port=harmless(name))
        return name

    def changes(self) -> Iterator[SlotChange]:
        with self._telling():
            for change in self._slot.changes():
                told = {"present": change.present, "atr": change.atr.hex()}
                told |= {name: True for name in ("swapped", "again") if getattr(change, name)}
                self._tape.note("field", **told)
                yield change

    @contextmanager
    def connect(self) -> "Iterator[_TappedChannel]":
        with self._telling(), self._slot.connect() as channel:
            self._tape.note("connect")
            try:
                yield _TappedChannel(channel, self._tape)
            finally:
                self._tape.note("disconnect")

    def interrupt(self) -> None:
        self._slot.interrupt()

    def close(self) -> None:
        self._tape.note("closed")
        self._slot.close()

    def _telling(self) -> AbstractContextManager[None]:
        return _noting_faults(self._tape)


class _TappedChannel:
    def __init__(self, channel: CardChannel, tape: Tape) -> None:
        self._channel = channel
        self._tape = tape

    def transmit(self, apdu: bytes) -> tuple[bytes, int]:
        self._tape.to(apdu)
        data, status = self._channel.transmit(apdu)
        self._tape.came(data + status.to_bytes(2, "big"))
        return data, status


class TappedCapture(Capture):
    """When pictures come, how large they are, how bright in each colour, and whether anything moved. Not the pictures."""

    def __init__(self, settings: CameraSettings, tape: Tape) -> None:
        super().__init__(settings)
        self._tape = tape
        self._last: Image | None = None
        self._is_open = False

    def open(self) -> None:
        with self._telling():
            super().open()
        self._is_open = True
        given = self.given()
        said = (given.interface, "{}×{}".format(*given.size), given.format, f"{given.fps:g} fps" if given.fps else "")
        self._tape.note("open", name=harmless(" ".join(part for part in said if part)))

    def read(self, patience_s: float) -> Image | None:
        with self._telling():
            pixels = super().read(patience_s)
        if pixels is None:
            self._tape.note("torn")
            return None
        sample = pixels[::_STRIDE, ::_STRIDE].copy()
        is_same = self._last is not None and np.array_equal(sample, self._last)
        self._last = sample
        channels = sample.reshape(-1, 1 if sample.ndim == 2 else sample.shape[2])
        told = {"shape": list(pixels.shape), "mean": [round(float(mean), 1) for mean in channels.mean(axis=0)]}
        self._tape.note("picture", **told, **({"same": True} if is_same else {}))
        return pixels

    def close(self) -> None:
        if self._is_open:
            self._is_open = False
            self._tape.note("closed")
        super().close()

    def _telling(self) -> AbstractContextManager[None]:
        return _noting_faults(self._tape)

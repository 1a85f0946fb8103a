"""One command, one answer, one deadline, over anything that `serial.serial_for_url` opens."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from typing import Final

from kiosk.devices.finger.packets import OVERHEAD, Packet, PacketKind, PacketParser
from kiosk.devices.serial_line import LineGone, SerialLine
from kiosk.errors import DeviceError, TemporaryFault

# How long one read blocks: the grain of every deadline, and longer than the 16 ms for which a USB bridge may hold bytes back,
# so that a line which says nothing for so long has finished.
_READ_SLICE_S: Final = 0.05
_BITS_PER_BYTE: Final = 10  # 8N1
_LARGEST_TRANSFER: Final = 131_072  # no sensor sends more in one go


def wire_time_s(data_bytes: int, packet_bytes: int, baud: int) -> float:
    """How long the line itself needs for an acknowledge and `data_bytes` in packets of `packet_bytes`: the limit to be held
    against.
    """
    packets = -(-data_bytes // packet_bytes)
    return (OVERHEAD + 1 + data_bytes + OVERHEAD * packets) * _BITS_PER_BYTE / baud


class Link:
    """Sends commands and receives their answers.

    Every fault ends in an error within the command's deadline: TemporaryFault("finger.unplugged") when the line is gone,
    ("finger.port_stuck") when its port does nothing any more,
    DeviceError("finger.no_answer") for silence, DeviceError("finger.line_damaged") for an answer that arrived broken.
    Whatever the sensor still sends after a fault is thrown away before the next command.
    """

    def __init__(self, line: SerialLine, address: int) -> None:
        self._line = line
        self.url = line.url
        self.address = address
        self._dirty = False
        self._parser = PacketParser(address)

    @property
    def baud(self) -> int:
        return self._line.baud

    @baud.setter
    def baud(self, baud: int) -> None:
        with self._gone():
            self._line.baud = baud
        self._dirty = True  # what arrives while the speed changes is noise

    @property
    def heard_address(self) -> int | None:
        """The address that a sensor answered from which is another's; None when none did."""
        return self._parser.foreign

    def close(self) -> None:
        self._line.close()

    def ask(self, content: bytes, deadline_s: float, *, answer_address: int | None = None) -> bytes:
        """Send a command; returns the acknowledge's content (confirmation code first)."""
        self.send(content)
        until_s = time.monotonic() + deadline_s
        with self._parsing(answer_address):
            return self.receive(until_s, PacketKind.ACKNOWLEDGE).content

    def send(self, content: bytes) -> None:
        """Send a command on a line that is made quiet first."""
        self._settle()
        with self._gone():
            self._line.write(Packet(PacketKind.COMMAND, content, self.address).encoded())

    def send_data(self, data: bytes, packet_bytes: int) -> None:
        """Send data packets, the last one marked as such."""
        with self._gone():
            for start in range(0, len(data), packet_bytes):
                last = start + packet_bytes >= len(data)
                kind = PacketKind.LAST_DATA if last else PacketKind.DATA
                self._line.write(Packet(kind, data[start : start + packet_bytes], self.address).encoded())

    def receive(self, until_s: float, *kinds: PacketKind) -> Packet:
        """The next packet, which must be of one of `kinds`, before the monotonic time `until_s`."""
        damaged = self._parser.damaged
        while (packet := self._parser.next()) is None:
            if self._parser.damaged > damaged:
                self._dirty = True
                raise DeviceError("finger.line_damaged", port=self.url)
            if time.monotonic() >= until_s:
                self._dirty = True
                raise DeviceError("finger.no_answer", port=self.url)
            with self._gone():
                self._parser.feed(self._line.read(self._parser.wanted, _READ_SLICE_S))
        if packet.kind not in kinds:
            self._dirty = True
            raise DeviceError("finger.line_damaged", port=self.url)
        return packet

    @contextlib.contextmanager
    def _parsing(self, address: int | None) -> Iterator[None]:
        """Take answers from another address for a moment (SetAdder is answered from the new one)."""
        if address is not None:
            self._parser.address = address
        try:
            yield
        finally:
            self._parser.address = self.address

    def _settle(self) -> None:
        """Throw away what lies on the line; after a fault, wait until the sensor has finished talking."""
        self._parser = PacketParser(self.address, self._parser.foreign)
        limit_s = time.monotonic() + wire_time_s(_LARGEST_TRANSFER, 128, self.baud)
        with self._gone():
            while (waiting := self._line.waiting) or self._dirty:
                if not self._line.read(waiting or 1, _READ_SLICE_S):
                    self._dirty = False  # it said nothing for a whole slice
                if time.monotonic() > limit_s:
                    raise TemporaryFault("finger.babbles", port=self.url)

    @contextlib.contextmanager
    def _gone(self) -> Iterator[None]:
        try:
            yield
        except LineGone as error:
            if error.is_stuck:
                raise TemporaryFault("finger.port_stuck", port=self.url) from error
            raise TemporaryFault("finger.unplugged", port=self.url) from error

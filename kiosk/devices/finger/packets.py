"""Framing of the EF01 protocol (ZFM-20 manual v2.0 §4.1, R503 manual v1.2 §5.1). Pure: bytes in, packets out.

A packet is `EF01 | address u32 | kind u8 | length u16 | content | checksum u16`, big endian. Length counts content and
checksum; the checksum is the sum of all bytes from the kind to the end of the content, mod 65536.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

HEADER: Final = b"\xef\x01"
ANY_ADDRESS: Final = 0xFFFFFFFF  # what every sensor leaves the factory with
OVERHEAD: Final = 11  # bytes of a packet that are not content
_BEFORE_CONTENT: Final = 9
_CHECKSUM_BYTES: Final = 2
_MAX_LENGTH: Final = 256 + _CHECKSUM_BYTES


class PacketKind(IntEnum):
    COMMAND = 0x01
    DATA = 0x02  # more follow
    ACKNOWLEDGE = 0x07
    LAST_DATA = 0x08


_KINDS: Final = frozenset(PacketKind)


@dataclass(frozen=True)
class Packet:
    """One packet whose checksum was right."""

    kind: PacketKind
    content: bytes
    address: int = ANY_ADDRESS

    def encoded(self) -> bytes:
        """The packet as it goes over the line; raises ValueError for more than 256 bytes of content."""
        length = len(self.content) + _CHECKSUM_BYTES
        if length > _MAX_LENGTH:
            raise ValueError(f"{len(self.content)} bytes of content, at most 256 fit")
        summed = struct.pack(">BH", self.kind, length) + self.content
        return HEADER + struct.pack(">I", self.address) + summed + struct.pack(">H", sum(summed) & 0xFFFF)


class PacketParser:
    """Finds packets in a stream that may hold noise, torn packets and packets for other addresses.

    Whatever is no whole packet for `address` is skipped: the search goes on two bytes later, so that a packet inside the rubble
    is found. `damaged` counts packets for this address whose length or checksum was wrong. With `address=None` every address
    is taken. `foreign` is the address of the last answer that was another's, None when there was none.
    """

    def __init__(self, address: int | None = ANY_ADDRESS, foreign: int | None = None) -> None:
        """`foreign` is where another address was heard before; it goes on from there."""
        self.address = address
        self.damaged = 0
        self.foreign = foreign
        self._buffer = bytearray()

    def feed(self, data: bytes) -> None:
        self._buffer += data

    @property
    def wanted(self) -> int:
        """How many more bytes complete a packet at the earliest; what to ask the line for."""
        if len(self._buffer) < _BEFORE_CONTENT:
            return _BEFORE_CONTENT - len(self._buffer)
        (length,) = struct.unpack_from(">H", self._buffer, 7)
        return max(1, _BEFORE_CONTENT + int(length) - len(self._buffer))

    def next(self) -> Packet | None:
        """The next whole packet, None when more bytes are needed."""
        while self._align():
            address, kind, length = struct.unpack_from(">IBH", self._buffer, 2)
            if self.address is not None and address != self.address:
                if kind == PacketKind.ACKNOWLEDGE and _CHECKSUM_BYTES <= length <= _MAX_LENGTH:
                    self.foreign = address
                self._skip()
                continue
            if kind not in _KINDS or not _CHECKSUM_BYTES <= length <= _MAX_LENGTH:
                self._skip(damaged=True)
                continue
            end = _BEFORE_CONTENT + length
            if len(self._buffer) < end:
                return None
            (checksum,) = struct.unpack_from(">H", self._buffer, end - _CHECKSUM_BYTES)
            if sum(self._buffer[6 : end - _CHECKSUM_BYTES]) & 0xFFFF != checksum:
                self._skip(damaged=True)
                continue
            content = bytes(self._buffer[_BEFORE_CONTENT : end - _CHECKSUM_BYTES])
            del self._buffer[:end]
            return Packet(PacketKind(kind), content, address)
        return None

    def _align(self) -> bool:
        """Drop what precedes a header; True when a header and the fields up to the content are there."""
        start = self._buffer.find(HEADER)
        if start < 0:
            keep = 1 if self._buffer.endswith(HEADER[:1]) else 0
            start = len(self._buffer) - keep
        del self._buffer[:start]
        return len(self._buffer) >= _BEFORE_CONTENT

    def _skip(self, *, damaged: bool = False) -> None:
        self.damaged += damaged
        del self._buffer[: len(HEADER)]

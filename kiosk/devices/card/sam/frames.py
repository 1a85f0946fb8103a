"""Frames of the security module.

    request   AA AA AA 96 69 | LEN LEN | CMD PARA    | data | XOR
    answer    AA AA AA 96 69 | LEN LEN | SW1 SW2 SW3 | data | XOR

LEN is big endian and counts everything after itself; XOR covers everything from LEN to the last data byte.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import reduce
from operator import xor
from typing import Final

PREAMBLE: Final = bytes.fromhex("AAAAAA9669")
_HEADER: Final = len(PREAMBLE) + 2
_SHORTEST: Final = 4  # SW1 SW2 SW3 XOR
_LONGEST: Final = 4096  # the longest known answer, text, photo and fingerprints, has 2314


class Command(Enum):
    """CMD and PARA."""

    RESET = bytes.fromhex("10FF")
    STATUS = bytes.fromhex("11FF")
    IDENTITY = bytes.fromhex("12FF")
    FIND = bytes.fromhex("2001")
    SELECT = bytes.fromhex("2002")
    READ = bytes.fromhex("3001")
    READ_WITH_FINGERPRINTS = bytes.fromhex("3010")
    READ_ADDRESS = bytes.fromhex("3003")


@dataclass(frozen=True)
class Answer:
    """What came back: the card's own status, the module's state, and data that never reach a log."""

    card_status: int
    state: int
    data: bytes

    def __repr__(self) -> str:
        """Without the data."""
        return f"Answer({self.card_status:04X}, {self.state:02X}, {len(self.data)} bytes)"


def request(command: Command, data: bytes = b"") -> bytes:
    """A whole frame to send."""
    return _frame(command.value + data)


def answer(state: int, data: bytes = b"", card_status: int = 0) -> bytes:
    """A whole frame as a module sends it."""
    return _frame(card_status.to_bytes(2, "big") + bytes([state]) + data)


def _frame(content: bytes) -> bytes:
    body = (len(content) + 1).to_bytes(2, "big") + content
    return PREAMBLE + body + bytes([checksum(body)])


def checksum(body: bytes) -> int:
    """XOR over everything from the length on."""
    return reduce(xor, body, 0)


class Deframer:
    """Takes bytes as they come, split anywhere and mixed with garbage, and gives the answers in them. Never raises."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self.damaged = 0  # frames dropped for their checksum

    @property
    def pending(self) -> bool:
        """Whether a frame has begun and is not whole yet."""
        return len(self._buffer) >= len(PREAMBLE)

    def feed(self, data: bytes) -> Iterator[Answer]:
        """The answers that are whole now, in order. To be used up before the next call."""
        self._buffer += data
        while True:
            self._skip_garbage()
            if len(self._buffer) < _HEADER:
                return
            size = int.from_bytes(self._buffer[len(PREAMBLE) : _HEADER], "big")
            if not _SHORTEST <= size <= _LONGEST:
                self._skip_preamble()
                continue
            if len(self._buffer) < _HEADER + size:
                return
            body = bytes(self._buffer[len(PREAMBLE) : _HEADER + size])
            if checksum(body):
                # What followed may be a frame cut short and the next one: look again right behind this preamble.
                self.damaged += 1
                self._skip_preamble()
                continue
            del self._buffer[: _HEADER + size]
            yield Answer(int.from_bytes(body[2:4], "big"), body[4], body[5:-1])

    def give_up(self) -> Iterator[Answer]:
        """The line fell silent in mid-frame: that frame is lost; gives the answers that stood behind it."""
        while self.pending:
            self.damaged += 1
            self._skip_preamble()
            yield from self.feed(b"")
        self._buffer.clear()

    def _skip_garbage(self) -> None:
        start = self._buffer.find(PREAMBLE)
        if start < 0:
            start = len(self._buffer) - _begun(self._buffer)
        del self._buffer[:start]

    def _skip_preamble(self) -> None:
        del self._buffer[:1]


def _begun(buffer: bytearray) -> int:
    """How many bytes at the end may be the start of a preamble."""
    return next((size for size in range(len(PREAMBLE) - 1, 0, -1) if buffer.endswith(PREAMBLE[:size])), 0)

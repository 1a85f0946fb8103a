"""A simulated security module with a card field, and a script of faults on its line. Written apart from the station's code."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import reduce
from operator import xor
from typing import Final

from drivers_sim.card.card import CardLeft, SimulatedCard

PREAMBLE: Final = b"\xaa\xaa\xaa\x96\x69"
IDENTITY: Final = bytes.fromhex("05000300A7D7340139300000A6020000")
_NO_FINGERPRINTS: Final = b"\0\0"


@dataclass
class LineFaults:
    """What goes wrong on the line. Numbers count down as they happen."""

    noise: bytes = b""  # in front of every answer
    damaged: int = 0  # answers with a wrong checksum
    overlong: int = 0  # answers that claim to be longer than they are
    silent: int = 0  # commands without an answer
    select_fails: int = 0
    status: int = 0x90  # 60: the self test failed; 66: not authorised


class SimulatedSam:
    """The module: takes requests, gives answers. A card that was read is not found again until it has left."""

    def __init__(self, address: bytes | None = None, fingerprints: bytes = b"", *, continuous: bool = False) -> None:
        """With `continuous` a card is found again and again for as long as it lies there, as some makers' modules do."""
        self._continuous = continuous
        self.faults = LineFaults()
        self.commands: list[bytes] = []  # as they came, for tests
        self._address = address
        self._fingerprints = fingerprints
        self._lock = threading.Lock()
        self._card: SimulatedCard | None = None
        self._state = "idle"

    def lay(self, card: SimulatedCard) -> None:
        """Lay a card down, taking away what lay there."""
        with self._lock:
            self._card, self._state = card, "idle"

    def take(self) -> None:
        """Take the card away."""
        with self._lock:
            self._card, self._state = None, "idle"

    @property
    def holds_card(self) -> bool:
        """Whether a card lies in the field."""
        return self._card is not None

    def respond(self, frame: bytes) -> bytes:
        """The bytes that go out for one request frame, faults included."""
        with self._lock:
            body = frame[len(PREAMBLE) :]
            if reduce(xor, body):
                return self._spoil(_answer(0x10))
            self.commands.append(body[2:4])
            return self._spoil(self._obey(body[2:4]))

    def _obey(self, command: bytes) -> bytes:
        obey = {
            b"\x10\xff": lambda: _answer(self.faults.status),
            b"\x11\xff": lambda: _answer(self.faults.status),
            b"\x12\xff": lambda: _answer(0x90, IDENTITY),
            b"\x20\x01": self._find,
            b"\x20\x02": self._select,
            b"\x30\x01": lambda: self._read(fingerprints=False),
            b"\x30\x10": lambda: self._read(fingerprints=True),
            b"\x30\x03": self._read_address,
        }
        return obey.get(command, lambda: _answer(0x21))()

    def _find(self) -> bytes:
        if self._card is None or (self._state != "idle" and not self._continuous):
            return _answer(0x80)
        self._state = "found"
        return _answer(0x9F, bytes(4))

    def _select(self) -> bytes:
        if self._card is None or self._state == "idle":
            return _answer(0x81)
        if self.faults.select_fails:
            self.faults.select_fails -= 1
            return _answer(0x81)
        self._state = "selected"
        return _answer(0x90, bytes(8))

    def _read(self, *, fingerprints: bool) -> bytes:
        if self._card is None or self._state not in ("selected", "read"):
            return _answer(0x41)
        try:
            state, payload = self._card.read_by_module()
        except CardLeft:
            self._card, self._state = None, "idle"
            return _answer(0x41)
        self._state = "read"
        if state == 0x90 and fingerprints:
            length = len(self._fingerprints).to_bytes(2, "big") if self._fingerprints else _NO_FINGERPRINTS
            payload = payload[:4] + length + payload[4:] + self._fingerprints
        return _answer(state, payload)

    def _read_address(self) -> bytes:
        if self._card is None or self._state not in ("selected", "read"):
            return _answer(0x41)
        return _answer(0x91) if self._address is None else _answer(0x90, self._address)

    def _spoil(self, answer: bytes) -> bytes:
        if self.faults.silent:
            self.faults.silent -= 1
            return b""
        if self.faults.damaged:
            self.faults.damaged -= 1
            answer = answer[:-1] + bytes([answer[-1] ^ 0x5A])
        if self.faults.overlong:
            self.faults.overlong -= 1
            answer = answer[:5] + (int.from_bytes(answer[5:7], "big") + 7).to_bytes(2, "big") + answer[7:]
        return self.faults.noise + answer


class Requests:
    """Cuts a stream of bytes into request frames."""

    def __init__(self) -> None:
        self._buffer = b""

    def feed(self, data: bytes) -> list[bytes]:
        """The frames that are whole now."""
        self._buffer += data
        frames = []
        while (start := self._buffer.find(PREAMBLE)) >= 0 and len(self._buffer) >= start + 7:
            end = start + 7 + int.from_bytes(self._buffer[start + 5 : start + 7], "big")
            if len(self._buffer) < end:
                break
            frames.append(self._buffer[start:end])
            self._buffer = self._buffer[end:]
        return frames


def _answer(state: int, data: bytes = b"") -> bytes:
    body = (len(data) + 4).to_bytes(2, "big") + bytes([0, 0, state]) + data
    return PREAMBLE + body + bytes([reduce(xor, body)])

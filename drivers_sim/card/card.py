"""A simulated ID card in a reader that shows the payload as `FF B0` blocks, with a script of faults."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from operator import xor
from typing import Final, Protocol

_BLOCK: Final = 256
OK: Final = b"\x90\x00"
UNKNOWN_INSTRUCTION: Final = b"\x6d\x00"
NO_SUCH_BLOCK: Final = b"\x6b\x00"
FAILED: Final = b"\x6f\x00"
# PC/SC part 3, 3.1.3.2.3: a storage card behind an RID; bytes 13 and 14 are those of the reader with the security module.
_ATR_START: Final = bytes.fromhex("3B8F8001804F0CA00000030607900000000000")
ATR: Final = _ATR_START + bytes([reduce(xor, _ATR_START[1:])])


class CardLeft(Exception):
    """The card left the field while it was being read."""


class CardSilent(Exception):
    """The card gives no answer, and stays."""


@dataclass(frozen=True)
class CardFaults:
    """What goes wrong with a card. The faults happen in the first `readings` attempts to read it, then it is sound."""

    readings: int = 99
    leaves_after: int | None = None  # commands answered before the card leaves the field by itself
    garbage: bool = False  # random-looking blocks of the right size
    short_after: int | None = None  # blocks from here on are cut in half
    refuses: bool = False  # every block is refused: unreadable
    other_kind: bool = False  # a card that is no ID card: a bank card, a meal card
    slow_s: float = 0.0  # before each answer
    silent: bool = False  # no answer at all; only over vpcd, where the whole reader then hangs


SOUND: Final = CardFaults()


class VirtualCard(Protocol):
    """Anything that can lie on a reader."""

    atr: bytes

    def answer(self, apdu: bytes) -> bytes:
        """The answer with its status word. Raises CardLeft when the card leaves the field."""


class SimulatedCard:
    """One card lying in the field. Answers APDUs; `faults` are played from the first reading on."""

    def __init__(self, payload: bytes, faults: CardFaults = SOUND, sleep: Callable[[float], object] = time.sleep) -> None:
        self.atr = ATR
        self._payload = payload
        self._faults = faults
        self._sleep = sleep
        self._lock = threading.Lock()
        self._readings = 0
        self._commands = 0

    def answer(self, apdu: bytes) -> bytes:
        """The answer with its status word. Raises CardLeft when the script takes the card away."""
        with self._lock:
            if apdu[:3] == b"\xff\xb0\x00":
                self._readings += 1
            faults = self._faults if self._readings <= self._faults.readings else SOUND
            self._commands += 1
            if faults.leaves_after is not None and self._commands > faults.leaves_after:
                raise CardLeft
            if faults.silent:
                raise CardSilent
            if faults.slow_s:
                self._sleep(faults.slow_s)
            return self._answer(apdu, faults)

    def read_by_module(self) -> tuple[int, bytes]:
        """What a security module gets of the card in one reading: its state (90 is success) and the payload.

        Raises CardLeft when the script takes the card away.
        """
        with self._lock:
            self._readings += 1
            faults = self._faults if self._readings <= self._faults.readings else SOUND
        if faults.slow_s:
            self._sleep(faults.slow_s)
        if faults.leaves_after is not None:
            raise CardLeft
        if faults.other_kind:
            return 0x40, b""
        if faults.refuses:
            return 0x41, b""
        payload = bytes(byte ^ 0xA5 for byte in self._payload) if faults.garbage else self._payload
        return 0x90, payload[: len(payload) // 2] if faults.short_after is not None else payload

    def _answer(self, apdu: bytes, faults: CardFaults) -> bytes:
        if faults.other_kind or len(apdu) != 5 or apdu[:2] != b"\xff\xb0":
            return UNKNOWN_INSTRUCTION
        if faults.refuses:
            return FAILED
        number = apdu[2]
        block = self._payload[number * _BLOCK : (number + 1) * _BLOCK]
        if not block:
            return NO_SUCH_BLOCK
        if faults.garbage:
            block = bytes(byte ^ 0xA5 for byte in block)
        if faults.short_after is not None and number >= faults.short_after:
            block = block[: len(block) // 2]
        return block + OK

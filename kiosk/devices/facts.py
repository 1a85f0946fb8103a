"""What a device knows of itself, for whoever looks at it: immutable values, made in the device's own thread.

Reading them costs the device nothing and asks it nothing: a student under way is not disturbed.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True)
class CameraFacts:
    """`interface`: the system's (MSMF, DSHOW, V4L2) or FFMPEG. `size`: really given, after turning; `asked`: None of a stream,
    which isn't asked. Rates in pictures a second, `fps` as measured over the last seconds, `said_fps` as the driver says.
    """

    interface: str = ""
    format: str = ""
    size: tuple[int, int] = (0, 0)
    asked: tuple[int, int] | None = None
    said_fps: float = 0.0
    fps: float = 0.0


class Way(StrEnum):
    """How a reader leads to a card."""

    PCSC = "pcsc"  # transparent: the card's own commands go through
    TUNNEL = "tunnel"  # PC/SC, with a security module behind it
    MODULE = "module"  # a bare security module that is asked again and again
    KIT = "kit"  # a maker's library that hands over fields


@dataclass(frozen=True)
class ReaderFacts:
    """`reader`: on which PC/SC reader the last card lay. `atr`: of the card that lies there, empty
    where none does or nobody tells. `protocol`: that it is known by that to speak.
    `cards`, `unreadable`: how many were read, and could not be, since the start.
    """

    way: Way = Way.PCSC
    reader: str = ""
    atr: bytes = b""
    protocol: str = ""
    cards: int = 0
    unreadable: int = 0

    @property
    def contactless(self) -> bool:
        """Whether the answer to reset is a contactless reader's own (PC/SC part 3, 3.1.3.2.3: 3B 8n 80 01)."""
        return self.atr[:1] == b"\x3b" and self.atr[1:2] >= b"\x80" and self.atr[2:4] == b"\x80\x01"


@dataclass(frozen=True)
class Transfer:
    """One image over the wire. `line_s`: what the line itself needs at its speed, 0 where it sets no pace."""

    size_bytes: int
    seconds: float
    line_s: float = 0.0

    @property
    def bytes_per_s(self) -> float:
        return self.size_bytes / self.seconds if self.seconds else 0.0

    @property
    def line_bytes_per_s(self) -> float:
        """The line's limit; 0 where there is none."""
        return self.size_bytes / self.line_s if self.line_s else 0.0


@dataclass(frozen=True)
class ScannerFacts:
    """What is empty or 0 is not known (yet). `profile`: what its pictures are read as, with `size` in pixels and `dpi`."""

    port: str = ""
    baud: int = 0
    packet_bytes: int = 0
    capacity: int = 0  # templates
    security: int = 0
    address: int = 0
    profile: str = ""
    size: tuple[int, int] = (0, 0)
    dpi: int = 0
    transfer: Transfer | None = None

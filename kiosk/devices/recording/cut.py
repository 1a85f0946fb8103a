"""Cuts what came over a line into whole packets or frames, damaged ones and noise, so that no byte is left out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from kiosk.devices.card.sam import frames
from kiosk.devices.finger import packets
from kiosk.devices.recording.file import Entry


@dataclass(frozen=True)
class Piece:
    """`head`: how many bytes say what it is, where it is `whole` or at least begins like one; 0 for noise."""

    at_s: float
    data: bytes
    head: int
    whole: bool


@dataclass(frozen=True)
class Framing:
    """How a wire marks its frames."""

    start: bytes
    head: int  # bytes up to the content
    tail: int  # bytes of the checksum behind it
    size: Callable[[bytes], int]  # of the whole frame by its head, 0 for a head that is none
    is_sound: Callable[[bytes], bool]  # whether a whole frame's checksum is right
    sealed: Callable[[bytes, bytes], bytes]  # head and content with a right checksum


def _ef01_size(head: bytes) -> int:
    length = int.from_bytes(head[7:9], "big")
    is_one = head[6] in set(packets.PacketKind) and 2 <= length <= 258
    return 9 + length if is_one else 0


def _ef01_sum(frame: bytes) -> bytes:
    return (sum(frame[6:]) & 0xFFFF).to_bytes(2, "big")


def _sam_size(head: bytes) -> int:
    size = int.from_bytes(head[5:7], "big")
    return 7 + size if 3 <= size <= 4096 else 0


def _sam_sum(frame: bytes) -> bytes:
    return bytes([frames.checksum(frame[len(frames.PREAMBLE) :])])


EF01: Final = Framing(
    packets.HEADER,
    9,
    2,
    _ef01_size,
    lambda frame: frame[-2:] == _ef01_sum(frame[:-2]),
    lambda head, rest: _with(_ef01_sum, head + rest),
)
SAM: Final = Framing(
    frames.PREAMBLE,
    7,
    1,
    _sam_size,
    lambda frame: frame[-1:] == _sam_sum(frame[:-1]),
    lambda head, rest: _with(_sam_sum, head + rest),
)


def pieces(chunks: Sequence[Entry], framing: Framing) -> Iterator[Piece]:
    """Everything that came in one go, in order; a piece's time is that of its last byte."""
    data = b"".join(chunk.data for chunk in chunks)
    at, noise = 0, 0
    while at < len(data):
        start = data.find(framing.start, at)
        size = _sound_size(data, start, framing) if start >= 0 else 0
        if start >= 0 and not size:
            size = _rubble_size(data, start, framing)
            if not size:
                at = start + 1
                continue
        if start < 0:
            start = len(data)
        if noise < start:
            yield Piece(_time(chunks, start), data[noise:start], 0, whole=False)
        if size:
            frame = data[start : start + size]
            yield Piece(_time(chunks, start + size), frame, min(framing.head, len(frame)), _is_whole(frame, framing))
        at = noise = start + size
    if noise < len(data):
        yield Piece(_time(chunks, len(data)), data[noise:], 0, whole=False)


def _with(checksum: Callable[[bytes], bytes], frame: bytes) -> bytes:
    return frame + checksum(frame)


def _sound_size(data: bytes, start: int, framing: Framing) -> int:
    """The size of the whole frame that begins there, 0 when there is none."""
    head = data[start : start + framing.head]
    size = framing.size(head) if len(head) == framing.head else 0
    return size if size and _is_whole(data[start : start + size], framing) else 0


def _rubble_size(data: bytes, start: int, framing: Framing) -> int:
    """How much of a damaged or torn frame begins there: up to its end, or to the next whole one."""
    head = data[start : start + framing.head]
    if len(head) < framing.head:
        return 0
    end = min(start + framing.size(head), len(data))
    at = start
    while 0 <= (at := data.find(framing.start, at + 1)) < end:
        if _sound_size(data, at, framing):
            return at - start
    return max(0, end - start)


def _is_whole(frame: bytes, framing: Framing) -> bool:
    size = framing.size(frame[: framing.head]) if len(frame) >= framing.head else 0
    return bool(size) and len(frame) == size and framing.is_sound(frame)


def _time(chunks: Sequence[Entry], end: int) -> float:
    """When the byte before `end` came."""
    for chunk in chunks:
        end -= len(chunk.data)
        if end <= 0:
            return chunk.at_s
    return chunks[-1].at_s

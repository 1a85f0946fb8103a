"""BER-TLV, ISO/IEC 8825-1, as far as e-documents use it: definite lengths, tags of one or two bytes."""

from __future__ import annotations

from collections.abc import Iterator

from kiosk.errors import DeviceError


def encode(tag: int, value: bytes) -> bytes:
    """One object."""
    return tag.to_bytes(2 if tag > 0xFF else 1, "big") + _length(len(value)) + value


def _length(size: int) -> bytes:
    if size < 0x80:
        return bytes([size])
    raw = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([0x80 | len(raw)]) + raw


def header(data: bytes) -> tuple[int, int, int]:
    """Tag, size of the value and size of the header of the object that begins here. Raises DeviceError("card.garbled")."""
    try:
        at = 2 if data[0] & 0x1F == 0x1F else 1
        tag = int.from_bytes(data[:at], "big")
        size = data[at]
        if size < 0x80:
            return tag, size, at + 1
        count = size & 0x7F
        if not 1 <= count <= 3 or len(data) < at + 1 + count:
            raise IndexError
        return tag, int.from_bytes(data[at + 1 : at + 1 + count], "big"), at + 1 + count
    except IndexError:
        raise DeviceError("card.garbled", size=len(data)) from None


def objects(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Tag and value of each object in a row. Raises DeviceError("card.garbled") where one is cut off."""
    while data:
        tag, size, start = header(data)
        if len(data) < start + size:
            raise DeviceError("card.garbled", size=len(data))
        yield tag, data[start : start + size]
        data = data[start + size :]


def find(data: bytes, *path: int) -> bytes:
    """The value of the first object along a path of tags. Raises DeviceError("card.garbled") when there is none."""
    for wanted in path:
        value = next((value for tag, value in objects(data) if tag == wanted), None)
        if value is None:
            raise DeviceError("card.garbled", tag=f"{wanted:X}")
        data = value
    return data

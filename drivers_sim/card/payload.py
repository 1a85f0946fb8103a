"""Builds what a simulated chip holds. Written from the field offsets, apart from the station's own tables, to check them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

TEXT_SIZE: Final = 256
PHOTO_SIZE: Final = 1024

# (offset, size) in bytes, by kind of card
Places = Mapping[str, tuple[int, int]]
RESIDENT: Final[Places] = {
    "name": (0, 30),
    "sex": (30, 2),
    "ethnicity": (32, 4),
    "birth": (36, 16),
    "address": (52, 70),
    "number": (122, 36),
    "authority": (158, 30),
    "valid_from": (188, 16),
    "valid_until": (204, 16),
}
HMT_RESIDENCE: Final[Places] = {
    **{name: place for name, place in RESIDENT.items() if name != "ethnicity"},
    "permit_number": (220, 18),
    "issue_count": (238, 4),
    "kind": (248, 2),
}
FOREIGNER_2017: Final[Places] = {
    "english_name": (0, 120),
    "sex": (120, 2),
    "number": (122, 30),
    "nationality": (152, 6),
    "name": (158, 30),
    "valid_from": (188, 16),
    "valid_until": (204, 16),
    "birth": (220, 16),
    "version": (236, 4),
    "authority": (240, 8),
    "kind": (248, 2),
}
FOREIGNER_2023: Final[Places] = {
    "name": (0, 30),
    "sex": (30, 2),
    "issue_count": (32, 4),
    "birth": (36, 16),
    "english_name": (52, 70),
    "number": (122, 36),
    "valid_from": (188, 16),
    "valid_until": (204, 16),
    "english_name_rest": (220, 22),
    "nationality": (242, 6),
    "kind": (248, 2),
    "former_link": (250, 6),
}


def text_block(places: Places = RESIDENT, /, **fields: str) -> bytes:
    """256 bytes UTF-16LE with each field in its place, blanks elsewhere. Raises ValueError for a field that is too long."""
    block = bytearray(b" \0" * (TEXT_SIZE // 2))
    for name, text in fields.items():
        offset, size = places[name]
        raw = text.encode("utf-16-le")
        if len(raw) > size:
            raise ValueError(f"{name} takes {len(raw)} bytes of {size}")
        block[offset : offset + len(raw)] = raw
    return bytes(block)


def payload(text: bytes, photo: bytes) -> bytes:
    """What a reader shows of a card: both lengths, text, photo: 1284 bytes."""
    return _length(TEXT_SIZE) + _length(PHOTO_SIZE) + _sized(text, TEXT_SIZE) + _sized(photo, PHOTO_SIZE)


def payload_with_fingerprints(text: bytes, photo: bytes, fingerprints: bytes = b"") -> bytes:
    """The same with a third length and 0 or 1024 bytes of fingerprints."""
    lengths = _length(TEXT_SIZE) + _length(PHOTO_SIZE) + _length(len(fingerprints))
    return lengths + _sized(text, TEXT_SIZE) + _sized(photo, PHOTO_SIZE) + fingerprints


def _length(size: int) -> bytes:
    return size.to_bytes(2, "big")


def _sized(data: bytes, size: int) -> bytes:
    if len(data) > size:
        raise ValueError(f"{len(data)} bytes where {size} fit")
    return data.ljust(size, b"\0")

"""What a security module hands over: text, photo and perhaps fingerprints, with their lengths in front."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from kiosk.devices.card import textblock
from kiosk.devices.card.layouts import TEXT_SIZE
from kiosk.devices.card.photo import PhotoDecoder
from kiosk.errors import DeviceError, KioskError
from kiosk.records import CardData

log = logging.getLogger(__name__)

PHOTO_SIZE: Final = 1024
SIGNATURE: Final = bytes.fromhex("01000400")  # both lengths, big endian
_TWO_LENGTHS: Final = 4
_THREE_LENGTHS: Final = 6


@dataclass(frozen=True, eq=False)
class Payload:
    """The bytes of one card. `fingerprints` is empty where the card has none or they were not asked for."""

    text: bytes
    photo: bytes
    fingerprints: bytes = b""
    address: bytes = b""  # the additional address, read apart

    def __repr__(self) -> str:
        """Nothing of a card may reach a log."""
        return "Payload(…)"

    def understand(self, today: date, decoder: PhotoDecoder) -> CardData:
        """Raises DeviceError("card.garbled") for a text block of another size."""
        card = textblock.parse(self.text, today)
        if self.address:
            card = replace(card, additional_address=textblock.address(self.address))
        try:
            return replace(card, photo=decoder.decode(self.photo))
        except KioskError as error:
            log.info("chip photo not decoded: %s", error)
            return replace(card, photo_problem=error.message)


def size(start: bytes) -> int:
    """The size of a payload without fingerprints, by the two lengths that it starts with."""
    return _TWO_LENGTHS + _length(start, 0) + _length(start, 2)


def split(data: bytes) -> Payload:
    """Text, photo and fingerprints, by the lengths in the data, whatever command they answer.

    Raises DeviceError("card.garbled") when lengths and size contradict each other.
    """
    if len(data) >= _TWO_LENGTHS and data.startswith(SIGNATURE):
        if len(data) == size(data):
            return _cut(data, _TWO_LENGTHS, 0)
        if len(data) >= _THREE_LENGTHS and len(data) == size(data) + 2 + _length(data, 4):
            return _cut(data, _THREE_LENGTHS, _length(data, 4))
    raise DeviceError("card.garbled", size=len(data))


def _cut(data: bytes, start: int, fingerprints: int) -> Payload:
    photo, end = start + TEXT_SIZE, start + TEXT_SIZE + PHOTO_SIZE
    return Payload(data[start:photo], data[photo:end], data[end : end + fingerprints])


def _length(data: bytes, offset: int) -> int:
    return int.from_bytes(data[offset : offset + 2], "big")

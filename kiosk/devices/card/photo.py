"""The seam for decoding chip photos. The codec is licensed police technology: the reader's own library does it."""

from __future__ import annotations

from typing import Protocol

from kiosk.errors import DeviceError
from kiosk.records import ChipPhoto


class PhotoDecoder(Protocol):
    """Turns the 1024 photo bytes of a card into a picture."""

    def decode(self, photo: bytes, /) -> ChipPhoto:
        """uint8 (126, 102, 3) BGR. Raises DeviceError("card.photo.…") when it can't."""


class NoDecoder:
    """A station without a decoder library: works on without a portrait, and says why."""

    def decode(self, _photo: bytes, /) -> ChipPhoto:
        raise DeviceError("card.photo.no_decoder")

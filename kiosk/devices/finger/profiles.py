"""What differs between sensors that speak EF01, as data: `profiles.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

import numpy as np

from kiosk.config import ImageSettings
from kiosk.records import Image

# How alike a row of ridges and the next one are, and how alike points of a picture that is cut into rows of a wrong width:
# correlations over the whole picture. Simulated and public impressions have 0.6 and more; rows of a wrong width below 0.3.
_ROWS_ALIKE: Final = 0.35
_MUCH_MORE_ALIKE: Final = 0.3
_NARROWEST: Final = 96
_WIDEST: Final = 640
_PLAIN: Final = 8.0  # grey levels of standard deviation: an empty picture has no rows to compare


@dataclass(frozen=True)
class SensorProfile:
    """One family of sensors. Sizes in pixels."""

    name: str
    width: int
    height: int
    dpi: int
    modules: tuple[str, ...] = ()  # product names that ReadProdInfo gives
    led: bool = False
    matches: bool = False  # Match compares buffers 1 and 2, and a look at the glass leaves them alone
    bits: int = 4  # a pixel

    @property
    def image_bytes(self) -> int:
        return self.width * self.height * self.bits // 8

    def pixels(self, packed: bytes) -> Image:
        """uint8 (height, width) of an uploaded image: 8 bits a pixel, or 4, high nibble left, 0–15 spread over 0–255."""
        return self._rows(packed, self.height)

    def upper(self, packed: bytes | bytearray, rows: int) -> Image:
        """uint8 (rows, width): the first rows of an image, as much as has come of it."""
        return self._rows(bytes(packed[: rows * self.width * self.bits // 8]), rows)

    def is_likely(self, packed: bytes) -> bool:
        """False for an image of this size that has another width: its rows don't fit together, and some other width's do."""
        flat = self.pixels(packed).ravel().astype(np.float32)
        if flat.std() < _PLAIN:
            return True
        flat -= flat.mean()
        spectrum = np.fft.rfft(flat, 2 * flat.size)
        alike = np.fft.irfft(spectrum * spectrum.conj())
        alike = alike[: _WIDEST + 1] / alike[0]
        own = float(alike[self.width])
        return own >= _ROWS_ALIKE or float(alike[_NARROWEST:].max()) < own + _MUCH_MORE_ALIKE

    def _rows(self, packed: bytes, rows: int) -> Image:
        if self.bits == 8:
            return np.frombuffer(packed, np.uint8).reshape(rows, self.width)
        pairs = np.frombuffer(packed, np.uint8).reshape(rows, self.width // 2)
        nibbles = np.stack([pairs >> 4, pairs & 0x0F], axis=-1).reshape(rows, self.width)
        return (nibbles * 17).astype(np.uint8)


@cache
def profiles() -> Mapping[int, SensorProfile]:
    """All profiles by the bytes of their image."""
    text = files("kiosk.devices.finger").joinpath("profiles.toml").read_text(encoding="utf-8")
    entries = (entry | {"modules": tuple(entry.get("modules", ()))} for entry in tomllib.loads(text)["profile"])
    known = [SensorProfile(**entry) for entry in entries]
    return {profile.image_bytes: profile for profile in known}


def saved_profile(image: ImageSettings) -> SensorProfile:
    """The profile of a scanner that the settings describe, as the table doesn't know it."""
    return SensorProfile(image.name, image.width, image.height, image.dpi, bits=image.bits)

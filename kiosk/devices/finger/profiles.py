"""What differs between sensors that speak EF01, as data: `profiles.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np

from kiosk.records import Image


@dataclass(frozen=True)
class SensorProfile:
    """One family of sensors. Sizes in pixels."""

    name: str
    width: int
    height: int
    dpi: int
    modules: tuple[str, ...] = ()  # product names that ReadProdInfo gives
    led: bool = False

    @property
    def image_bytes(self) -> int:
        return self.width * self.height // 2

    def pixels(self, packed: bytes) -> Image:
        """uint8 (height, width) of an uploaded image: 4 bits a pixel, high nibble left, 0–15 spread over 0–255."""
        pairs = np.frombuffer(packed, np.uint8).reshape(self.height, self.width // 2)
        nibbles = np.stack([pairs >> 4, pairs & 0x0F], axis=-1).reshape(self.height, self.width)
        return (nibbles * 17).astype(np.uint8)


@cache
def profiles() -> Mapping[int, SensorProfile]:
    """All profiles by the bytes of their image."""
    text = files("kiosk.devices.finger").joinpath("profiles.toml").read_text(encoding="utf-8")
    entries = (entry | {"modules": tuple(entry.get("modules", ()))} for entry in tomllib.loads(text)["profile"])
    known = [SensorProfile(**entry) for entry in entries]
    return {profile.image_bytes: profile for profile in known}

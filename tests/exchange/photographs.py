"""Pictures that keep or break a standard, drawn here."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image


def jpeg(
    size: tuple[int, int] = (480, 640),
    *,
    dpi: int = 300,
    colour: tuple[int, int, int] = (100, 197, 255),
    noise: float = 5,
    quality: int = 80,
) -> bytes:
    """A picture of one colour with as much noise as makes it a few kilobytes."""
    width, height = size
    grain = np.random.default_rng(7).normal(0, noise, (height, width, 1))
    pixels = np.clip(np.array(colour) + grain, 0, 255).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", dpi=(dpi, dpi), quality=quality)
    return file.getvalue()


def png(size: tuple[int, int] = (256, 288), shade: int = 200) -> bytes:
    file = io.BytesIO()
    Image.new("L", size, shade).save(file, "PNG", dpi=(500, 500))
    return file.getvalue()

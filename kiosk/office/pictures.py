"""Pictures from outside: decoded at arm's length, so that a file can't hurt the station."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np

from kiosk.arms_length.door import Limits, read_apart
from kiosk.errors import KioskError
from kiosk.records import Image

# 80 megapixels with transparency pass through four copies of 320 MB each.
_LIMITS: Final = Limits(file_mb=64, memory_mb=1536, cpu_s=30, wall_s=60, answer_mb=256)


def read_picture(path: Path) -> Image:
    """uint8 (H, W, 3) BGR of a picture file, turned as its EXIF says; what is transparent becomes white.

    Raises KioskError("photo.broken"), ("photo.too_many_pixels"), ("photo.harmful") for a file that ended the reading process.
    """
    (picture,) = _read("kiosk.pipeline.pictures:decoded_in_pieces", path)
    return picture


def read_pages(path: Path) -> list[Image]:
    """The same of each page of a PDF, or of a picture. Raises KioskError as `read_picture`, ("pdf.broken") for a PDF that is
    torn or locked, ("pdf.too_many_pages")."""
    return _read("kiosk.pipeline.pdf_pages:decoded_in_pieces", path, folder=str(path.parent), name=path.name)


def _read(task: str, path: Path, **arguments: str) -> list[Image]:
    found: list[Image] = []
    at = 0
    try:
        for piece in read_apart(task, path, _LIMITS, **arguments):
            if isinstance(piece, bytes):
                found[-1].reshape(-1)[at : at + len(piece)] = np.frombuffer(piece, np.uint8)
                at += len(piece)
            else:
                found.append(np.empty((*piece, 3), np.uint8))
                at = 0
    except KioskError as error:
        if error.code in ("reading.missing", "reading.busy") or not error.code.startswith("reading."):
            raise
        raise KioskError("photo.harmful", file=path.name) from error
    return found

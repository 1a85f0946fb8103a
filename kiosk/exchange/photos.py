"""Holds a finished picture against a standard's numbers: pixels, dpi, size, background."""

from __future__ import annotations

import hashlib
import io
from threading import Lock
from typing import Final

import numpy as np
from PIL import Image, UnidentifiedImageError

from kiosk.exchange.jpeg_file import check_markers
from kiosk.exchange.profile import DocumentTable
from kiosk.records import Message, PhotoSpec

KB: Final = 1024  # bytes
_BACKGROUND_STRIP: Final = 0.06  # of the width, at both sides of the upper third, where no head and no shoulder is
_BACKGROUND_TOLERANCE: Final = 45  # of 255 in each channel: walls are lit unevenly
_MOST_KNOWN: Final = 10_000  # photos: of a large school

_known: dict[tuple[bytes, PhotoSpec], tuple[Message, ...]] = {}
_lock: Final = Lock()


def check_photo(jpeg: bytes, spec: PhotoSpec) -> list[Message]:
    """What breaks the standard; nothing when it is kept. Of a photo that was just looked at, in a report before the export, it
    is known: by what is in it, whosever it is."""
    key = hashlib.sha256(jpeg).digest(), spec
    with _lock:
        found = _known.get(key)
    if found is None:
        found = tuple(_check_photo(jpeg, spec))
        with _lock:
            if len(_known) >= _MOST_KNOWN:
                del _known[next(iter(_known))]
            _known[key] = found
    return list(found)


def _check_photo(jpeg: bytes, spec: PhotoSpec) -> list[Message]:
    image = _open(jpeg)
    found = _check_file(jpeg, image, spec)
    if image is None or not spec.backgrounds:
        return found
    try:
        fits = any(_background_fits(image, colour) for colour in spec.backgrounds)
    except OSError:  # its head can be read, and the rest can't
        return [*found, Message("photo.unreadable")]
    if not fits:
        wanted = "、".join("RGB({},{},{})".format(*colour) for colour in spec.backgrounds)
        found.append(Message("photo.background", {"wanted": wanted}))
    return found


def check_file(file: bytes, spec: PhotoSpec) -> list[Message]:
    """What breaks the standard in the file itself: its format, pixels, dpi, size, and what systems refuse in a JPEG file."""
    return _check_file(file, _open(file), spec)


def _check_file(file: bytes, image: Image.Image | None, spec: PhotoSpec) -> list[Message]:
    if image is None:
        return [Message("photo.unreadable")]
    found = _check_size(image, len(file), (spec.width, spec.height), spec.dpi, spec.max_kb)
    found += check_markers(file, image, 0 if any(problem.code == "photo.dpi" for problem in found) else spec.dpi)
    if len(file) < spec.min_kb * KB:
        found.append(Message("photo.too_small", {"kb": round(len(file) / KB, 1), "min": spec.min_kb}))
    return found


def check_document(jpeg: bytes, spec: DocumentTable) -> list[Message]:
    """The same for the picture of an ID document."""
    image = _open(jpeg)
    if image is None:
        return [Message("photo.unreadable")]
    return _check_size(image, len(jpeg), (spec.width, spec.height), spec.dpi, spec.max_kb)


def _open(jpeg: bytes) -> Image.Image | None:
    try:
        return Image.open(io.BytesIO(jpeg))
    except (UnidentifiedImageError, OSError):
        return None


def _check_size(image: Image.Image, size: int, wanted: tuple[int, int], dpi: int, max_kb: float) -> list[Message]:
    found = []
    if image.format != "JPEG":
        found.append(Message("photo.not_jpeg", {"is_": image.format or "?"}))
    if image.size != wanted:
        is_, should = ("×".join(map(str, pair)) for pair in (image.size, wanted))
        found.append(Message("photo.pixels", {"is_": is_, "wanted": should}))
    tagged = round(float(image.info.get("dpi", (0, 0))[0]))
    if tagged < dpi:
        found.append(Message("photo.dpi", {"is_": tagged, "wanted": dpi}))
    if size > max_kb * KB:
        found.append(Message("photo.too_large", {"kb": round(size / KB, 1), "max": max_kb}))
    return found


def _background_fits(image: Image.Image, wanted: tuple[int, int, int]) -> bool:
    pixels = np.asarray(image.convert("RGB"))
    height, width = pixels.shape[:2]
    strip = max(int(width * _BACKGROUND_STRIP), 1)
    upper = pixels[: height // 3]
    sides = np.concatenate([upper[:, :strip].reshape(-1, 3), upper[:, -strip:].reshape(-1, 3)])
    return bool((np.abs(np.median(sides, axis=0) - wanted) <= _BACKGROUND_TOLERANCE).all())

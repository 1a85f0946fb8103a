"""Fingerprints as other systems read them: minutiae records (ISO/IEC 19794-2:2005) and image records (ISO/IEC 19794-4:2011).

All numbers are big endian. Only what a single-finger optical scanner needs is written; what is written is read back the same.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from typing import Final

import numpy as np

from kiosk.pipeline.finger.minutiae import NETWORK_DPI, Minutiae
from kiosk.records import FingerPosition, Image

CM_PER_INCH: Final = 2.54
_MINUTIAE_HEADER: Final = ">4s4sIHHHHHBB"  # table 3: identifier to reserved byte, 24 bytes
_VIEW_HEADER: Final = ">BBBB"  # §7.4: position, view and impression type, quality, number of minutiae
_ENDING, _BIFURCATION = 0b01, 0b10  # §7.4.2.1
_COORDINATE_BITS: Final = 14
_ANGLE_STEPS: Final = 256
_MOST_MINUTIAE: Final = 255

_IMAGE_HEADER: Final = ">4s4sIHBB"  # 16 bytes
_REPRESENTATION: Final = ">IHBBBBBHBHHB"  # length to number of quality blocks
_QUALITY_BLOCK: Final = ">BHH"  # score, vendor, algorithm
_IMAGE_FIELDS: Final = ">BBBHHHHBBBHHI"
_OPTICAL: Final = 1  # table 4: white light, optical, total internal reflection
_LIVE_PLAIN: Final = 0  # impression type
_PIXELS_PER_INCH: Final = 1  # scale units
_UNKNOWN: Final = 0


class Compression(IntEnum):
    """ISO/IEC 19794-4:2011, table 11; those that the station writes."""

    NONE = 0
    WSQ = 2
    PNG = 6


@dataclass(frozen=True, eq=False)
class FingerView:
    """One finger of a minutiae record. `quality` 0–100."""

    position: FingerPosition
    minutiae: Minutiae
    quality: int


@dataclass(frozen=True, eq=False)
class FingerImage:
    """One finger of an image record. `data`: the pixels row by row, or the file that `compression` names. `quality` 0–100."""

    position: FingerPosition
    data: bytes
    width: int
    height: int
    dpi: int
    compression: Compression
    quality: int
    taken_at: datetime


def minutiae_record(views: Sequence[FingerView]) -> bytes:
    """ISO/IEC 19794-2:2005 format record of one or more fingers, pictures at 500 dpi; raises ValueError for no view."""
    if not views:
        raise ValueError("a record has at least one view")
    blocks = b"".join(_view(view) for view in views)
    width, height = max(view.minutiae.width for view in views), max(view.minutiae.height for view in views)
    per_cm = round(NETWORK_DPI / CM_PER_INCH)
    size = struct.calcsize(_MINUTIAE_HEADER) + len(blocks)
    fields = (b"FMR\0", b" 20\0", size, _UNKNOWN, width, height, per_cm, per_cm, len(views), 0)
    return struct.pack(_MINUTIAE_HEADER, *fields) + blocks


def _view(view: FingerView) -> bytes:
    found = view.minutiae
    count = min(len(found), _MOST_MINUTIAE)
    parts = [struct.pack(_VIEW_HEADER, view.position, _LIVE_PLAIN, view.quality, count)]
    for i in range(count):
        kind = _ENDING if found.ending[i] else _BIFURCATION
        x, y = (round(float(value)) for value in found.xy[i])
        angle = round(float(found.direction[i]) / (2 * np.pi) * _ANGLE_STEPS) % _ANGLE_STEPS
        sure = max(1, round(float(found.score[i]) * 100))  # 0 would mean: not reported
        parts.append(struct.pack(">HHBB", kind << _COORDINATE_BITS | x, y, angle, sure))
    return b"".join(parts) + struct.pack(">H", 0)  # no extended data


def read_minutiae_record(record: bytes) -> tuple[FingerView, ...]:
    """The views of a record; raises ValueError for anything that is no whole ISO/IEC 19794-2:2005 record."""
    try:
        magic, version, size, _, width, height, *_, views, _ = struct.unpack_from(_MINUTIAE_HEADER, record)
        if (magic, version, size) != (b"FMR\0", b" 20\0", len(record)):
            raise ValueError("not a minutiae record of 2005")
        place = struct.calcsize(_MINUTIAE_HEADER)
        found = []
        for _ in range(views):
            position, _, quality, count = struct.unpack_from(_VIEW_HEADER, record, place)
            place += struct.calcsize(_VIEW_HEADER)
            rows = [struct.unpack_from(">HHBB", record, place + 6 * i) for i in range(count)]
            place += 6 * count
            (extended,) = struct.unpack_from(">H", record, place)
            place += 2 + extended
            found.append(FingerView(FingerPosition(position), _minutiae(rows, width, height), quality))
    except struct.error:
        raise ValueError("the record is torn") from None
    return tuple(found)


def _minutiae(rows: list[tuple[int, ...]], width: int, height: int) -> Minutiae:
    table = np.array(rows, np.int64).reshape(-1, 4)
    mask = (1 << _COORDINATE_BITS) - 1
    angle = table[:, 2] / _ANGLE_STEPS * 2 * np.pi
    return Minutiae(
        (table[:, :2] & mask).astype(np.float32),
        ((angle + np.pi) % (2 * np.pi) - np.pi).astype(np.float32),
        table[:, 0] >> _COORDINATE_BITS == _ENDING,
        (table[:, 3] / 100).astype(np.float32),
        width,
        height,
    )


def image_record(images: Sequence[FingerImage]) -> bytes:
    """ISO/IEC 19794-4:2011 record of one or more 8-bit pictures; raises ValueError for none."""
    if not images:
        raise ValueError("a record has at least one representation")
    blocks = b"".join(_representation(image) for image in images)
    size = struct.calcsize(_IMAGE_HEADER) + len(blocks)
    positions = len({image.position for image in images})
    return struct.pack(_IMAGE_HEADER, b"FIR\0", b"020\0", size, len(images), 0, positions) + blocks


def _representation(image: FingerImage) -> bytes:
    at = image.taken_at.astimezone(UTC)
    quality = struct.pack(_QUALITY_BLOCK, image.quality, _UNKNOWN, _UNKNOWN)
    fields = struct.pack(
        _IMAGE_FIELDS,
        image.position,
        0,  # the first view of this finger
        _PIXELS_PER_INCH,
        *(image.dpi,) * 4,  # scan and image rate, across and down
        8,
        image.compression,
        _LIVE_PLAIN,
        image.width,
        image.height,
        len(image.data),
    )
    size = struct.calcsize(_REPRESENTATION) + len(quality) + len(fields) + len(image.data)
    when = (at.year, at.month, at.day, at.hour, at.minute, at.second, at.microsecond // 1000)
    return struct.pack(_REPRESENTATION, size, *when, _OPTICAL, _UNKNOWN, _UNKNOWN, 1) + quality + fields + image.data


def read_image_record(record: bytes) -> tuple[FingerImage, ...]:
    """The pictures of a record; raises ValueError for anything that is no whole ISO/IEC 19794-4:2011 record."""
    try:
        magic, version, size, count, certified, _ = struct.unpack_from(_IMAGE_HEADER, record)
        if (magic, version, size) != (b"FIR\0", b"020\0", len(record)) or certified:
            raise ValueError("not an image record of 2011 without certification")
        place = struct.calcsize(_IMAGE_HEADER)
        found = []
        for _ in range(count):
            (length,) = struct.unpack_from(">I", record, place)
            found.append(_read_representation(record[place : place + length]))
            place += length
    except struct.error:
        raise ValueError("the record is torn") from None
    return tuple(found)


def _read_representation(block: bytes) -> FingerImage:
    head = struct.unpack_from(_REPRESENTATION, block)
    year, month, day, hour, minute, second, milliseconds = head[1:8]
    place = struct.calcsize(_REPRESENTATION)
    qualities = [struct.unpack_from(_QUALITY_BLOCK, block, place + 5 * i)[0] for i in range(head[-1])]
    place += 5 * head[-1]
    position, _, _, dpi, _, _, _, _, compression, _, width, height, size = struct.unpack_from(_IMAGE_FIELDS, block, place)
    data = block[place + struct.calcsize(_IMAGE_FIELDS) :]
    if len(data) != size:
        raise ValueError("the record is torn")
    at = datetime(year, month, day, hour, minute, second, milliseconds * 1000, UTC)
    quality = qualities[0] if qualities else 0
    return FingerImage(FingerPosition(position), data, width, height, dpi, Compression(compression), quality, at)


def raw_image(pixels: Image, dpi: int, position: FingerPosition, quality: int, taken_at: datetime) -> FingerImage:
    """An uncompressed picture, uint8 (H, W), for `image_record`."""
    height, width = pixels.shape
    data = np.ascontiguousarray(pixels).tobytes()
    return FingerImage(position, data, width, height, dpi, Compression.NONE, quality, taken_at)

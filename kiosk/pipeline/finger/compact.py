"""Our own template file: the minutiae, 7 bytes each, with a version and a checksum. About 300 bytes a finger.

`KFT` | version u8 | width u16 | height u16 | count u8 | minutiae | CRC-32 of all before. A minutia is x u16 (highest bit: ridge
ending), y u16, direction u16 (65536 a turn), score u8 (255 sure). Cylinders are made afresh on reading: they are ten times as
large and follow from this.
"""

from __future__ import annotations

import struct
import zlib
from typing import Final

import numpy as np

from kiosk.pipeline.finger.minutiae import Minutiae

VERSION: Final = 1
_MAGIC: Final = b"KFT"
_HEADER: Final = ">3sBHHB"
_MINUTIA: Final = np.dtype([("x", ">u2"), ("y", ">u2"), ("direction", ">u2"), ("score", "u1")])
_ENDING: Final = 0x8000
_TURN: Final = 65_536
_SURE: Final = 255
_CHECKSUM_BYTES: Final = 4


def pack(minutiae: Minutiae) -> bytes:
    """The file of up to 255 minutiae; positions are rounded to whole pixels, which is what the network gives."""
    rows = np.zeros(min(len(minutiae), 255), _MINUTIA)
    count = len(rows)
    x, y = np.rint(minutiae.xy[:count].T).astype(np.int64)
    rows["x"] = x | _ENDING * minutiae.ending[:count]
    rows["y"] = y
    rows["direction"] = np.rint(minutiae.direction[:count] / (2 * np.pi) * _TURN).astype(np.int64) % _TURN
    rows["score"] = np.rint(minutiae.score[:count] * _SURE)
    content = struct.pack(_HEADER, _MAGIC, VERSION, minutiae.width, minutiae.height, count) + rows.tobytes()
    return content + struct.pack(">I", zlib.crc32(content))


def unpack(file: bytes) -> Minutiae:
    """The minutiae of a file; raises ValueError for a torn file and for one of another version."""
    start = struct.calcsize(_HEADER)
    if len(file) < start + _CHECKSUM_BYTES or not file.startswith(_MAGIC):
        raise ValueError("no template")
    _, version, width, height, count = struct.unpack_from(_HEADER, file)
    if version != VERSION:
        raise ValueError(f"template of version {version}, wanted {VERSION}")
    content, checksum = file[:-_CHECKSUM_BYTES], file[-_CHECKSUM_BYTES:]
    if len(content) != start + count * _MINUTIA.itemsize or struct.pack(">I", zlib.crc32(content)) != checksum:
        raise ValueError("the template is torn")
    rows = np.frombuffer(content, _MINUTIA, count, start)
    direction = rows["direction"] / _TURN * 2 * np.pi
    return Minutiae(
        np.stack([rows["x"] & (_ENDING - 1), rows["y"]], axis=1).astype(np.float32),
        ((direction + np.pi) % (2 * np.pi) - np.pi).astype(np.float32),
        (rows["x"] & _ENDING).astype(bool),
        (rows["score"] / _SURE).astype(np.float32),
        width,
        height,
    )

"""Our own file of a face's embedding: 264 bytes, with a version and a checksum.

`KFE` | version u8 | 128 values f16, big-endian | CRC-32 of all before. Half precision moves a cosine by less than 0.0005. The
version stands for the network and the method too: embeddings of another one can't be compared. How a chip photo's points are
found is no part of it: what is compared with it are live faces, and those are embedded as ever, so that chip photos of packages
that were made before stay comparable at the same limits.
"""

from __future__ import annotations

import struct
import zlib
from typing import Final

import numpy as np

from kiosk.pipeline.face.verification import Embedding

VERSION: Final = 1  # `verification.SCALE`, mean with the mirror image
_MAGIC: Final = b"KFE"
_HEADER: Final = ">3sB"
_SIZE: Final = 128
_CHECKSUM_BYTES: Final = 4


def pack(face: Embedding) -> bytes:
    """The file of an embedding, float32 (128,) of length 1."""
    content = struct.pack(_HEADER, _MAGIC, VERSION) + face.astype(">f2").tobytes()
    return content + struct.pack(">I", zlib.crc32(content))


def unpack(file: bytes) -> Embedding:
    """The embedding, of length 1 again; raises ValueError for a torn file and for one of another version."""
    start = struct.calcsize(_HEADER)
    if len(file) < start or not file.startswith(_MAGIC):
        raise ValueError("no face template")
    _, version = struct.unpack_from(_HEADER, file)
    if version != VERSION:
        raise ValueError(f"face template of version {version}, wanted {VERSION}")
    content, checksum = file[:-_CHECKSUM_BYTES], file[-_CHECKSUM_BYTES:]
    if len(content) != start + 2 * _SIZE or struct.pack(">I", zlib.crc32(content)) != checksum:
        raise ValueError("the face template is torn")
    face = np.frombuffer(content, ">f2", _SIZE, start).astype(np.float32)
    return np.asarray(face / np.linalg.norm(face), np.float32)

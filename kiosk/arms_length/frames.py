"""How the reading process answers: pieces with a kind and a length."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import Enum
from typing import IO, Final

MOST: Final = 4 << 20  # bytes of one piece
_HEAD: Final = struct.Struct(">cI")


class Kind(Enum):
    JSON = b"j"
    BYTES = b"b"
    REFUSED = b"r"  # an error of the tree: class, code, data
    BROKEN = b"x"  # any other exception: its type and where it was raised
    END = b"e"


@dataclass(frozen=True)
class Frame:
    kind: Kind
    content: bytes


def put(pipe: IO[bytes], kind: Kind, content: bytes | memoryview = b"") -> None:
    """Send one piece, at once: the station works on it while the next is made."""
    pipe.write(_HEAD.pack(kind.value, len(content)))
    pipe.write(content)
    pipe.flush()


def take(pipe: IO[bytes]) -> Frame:
    """The next piece; raises EOFError when there is none, or none that makes sense."""
    head = pipe.read(_HEAD.size)
    if len(head) < _HEAD.size:
        raise EOFError
    kind, size = _HEAD.unpack(head)
    if size > MOST:
        raise EOFError
    content = pipe.read(size)
    if len(content) < size:
        raise EOFError
    try:
        return Frame(Kind(kind), content)
    except ValueError:
        raise EOFError from None

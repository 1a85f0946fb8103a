"""How the station and a vendor's process talk: a line of JSON, then as many bytes as its "bytes" says; both ways.

Standard library only: another Python, a 32-bit one for instance, runs the other end.
"""

from __future__ import annotations

import json
import os
import sys
from typing import IO, Any

_MOST_BYTES = 8 << 20
_SEM_QUIET = 0x0001 | 0x0002 | 0x8000  # Windows: no dialogue about a crash or a missing file, which nobody would see


def put(stream: IO[bytes], header: dict[str, Any], data: bytes = b"") -> None:
    """Send one message."""
    stream.write(json.dumps({**header, "bytes": len(data)}).encode() + b"\n" + data)
    stream.flush()


def take(stream: IO[bytes]) -> tuple[dict[str, Any], bytes]:
    """The next message; raises EOFError when there is none, or none that makes sense."""
    line = stream.readline()
    if not line.endswith(b"\n"):
        raise EOFError
    try:
        header = json.loads(line)
        size = int(header["bytes"])
    except (ValueError, KeyError, TypeError):
        raise EOFError from None
    if not 0 <= size <= _MOST_BYTES:
        raise EOFError
    data = stream.read(size)
    if len(data) < size:
        raise EOFError
    return header, data


def answers() -> IO[bytes]:
    """The way to the station, for the vendor's process: what its library prints goes elsewhere.

    The station is told first that the process is up. A crash leaves no core file with somebody's data in it, and shows no
    dialogue.
    """
    if sys.platform == "win32":
        import ctypes

        ctypes.windll.kernel32.SetErrorMode(_SEM_QUIET)
    else:
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    ours = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    put(ours, {"ready": True})
    return ours

"""Says whether whoever writes a draft is still alive: a file that the operating system holds for the writer, and lets go of
when the program ends, however it ends."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold a lock file while the block runs; raises OSError when somebody else holds it or the place can't be written to."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _claim(handle)
    except OSError:
        os.close(handle)
        raise
    try:
        yield
    finally:
        if sys.platform == "win32":  # deletes no open file
            os.close(handle)
            with suppress(OSError):
                path.unlink(missing_ok=True)
        else:  # gone while it is still held: nobody comes in between
            with suppress(OSError):
                path.unlink(missing_ok=True)
            os.close(handle)


def _claim(handle: int) -> None:
    """At once or not at all."""
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)

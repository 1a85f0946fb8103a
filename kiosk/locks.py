"""Locks between programs: files that the operating system holds for a program, and lets go of when it ends, however it ends.

So none is ever stale: what a killed program left is nobody's. They hold among programs of one machine, which is where a data
folder belongs.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, Self

_OWNER_ONLY: Final = 0o600
_FAR: Final = 1 << 30  # Windows locks bytes against reading, too: one that no note reaches
_POLL_S: Final = 0.02


class FileLock:
    """A lock file that stays where it is, held from `take` to `release`."""

    def __init__(self, handle: int) -> None:
        self._handle: int | None = handle

    @classmethod
    def take(cls, path: Path, note: str = "", *, patience_s: float = 0.0) -> Self:
        """Hold the file, and write down in it who does; raises BlockingIOError when somebody else still holds it after
        `patience_s`, another OSError when the place can't be written to."""
        deadline_s = time.monotonic() + patience_s
        handle = os.open(path, os.O_RDWR | os.O_CREAT, _OWNER_ONLY)
        try:
            while not _claimed(handle):
                if time.monotonic() >= deadline_s:
                    raise BlockingIOError(str(path))
                time.sleep(_POLL_S)
            os.ftruncate(handle, 0)
            os.lseek(handle, 0, os.SEEK_SET)
            os.write(handle, note.encode())
        except BaseException:
            os.close(handle)
            raise
        return cls(handle)

    def release(self) -> None:
        """Let go. Idempotent."""
        if self._handle is not None:
            with suppress(OSError):  # the note is nobody's any more
                os.ftruncate(self._handle, 0)
            os.close(self._handle)
            self._handle = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


def note_of(path: Path) -> str:
    """What the holder of a lock file wrote down, empty when nobody did."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold a file for as long as the block runs and remove it then; raises OSError when somebody else holds it or the place
    can't be written to. For files of a name that is used once: whoever waits for one that is removed holds nothing."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT, _OWNER_ONLY)
    if not _claimed(handle):
        os.close(handle)
        raise BlockingIOError(str(path))
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


def _claimed(handle: int) -> bool:
    """At once or not at all; raises OSError where the file system knows no locks."""
    try:
        if sys.platform == "win32":
            import msvcrt

            os.lseek(handle, _FAR, os.SEEK_SET)
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):  # the second one is Windows'
        return False
    return True

"""On the disk, and not only said to be: what a power cut must not take back."""

from __future__ import annotations

import ctypes
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

_CHUNK: Final = 1 << 20


def sync_file(path: Path) -> None:
    """What was written to the file is on the disk when this returns."""
    handle = os.open(path, os.O_RDWR)  # of thousands of files: nothing that is only wanted for writing
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_whole(path: Path, content: bytes) -> None:
    """The whole file, or what was there before, with its mode; on the disk when this returns. Raises OSError."""
    draft = path.with_name(f".{path.name}.part")
    try:
        draft.write_bytes(content)
        if path.exists():
            with suppress(OSError):
                draft.chmod(path.stat().st_mode & 0o777)
        sync_file(draft)
        draft.replace(path)
        sync_folder(path.parent)
    finally:
        draft.unlink(missing_ok=True)


def overwrite(path: Path) -> None:
    """Zeros in the place of what stood in the file, on the disk when this returns. A disk that spreads its writes may still
    keep what was there."""
    left = path.stat().st_size
    with path.open("rb+") as file:
        while left > 0:
            left -= file.write(bytes(min(left, _CHUNK)))
        file.flush()
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """The same for the names in a folder. Windows has no handle to sync; NTFS journals names itself."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_ahead(folder: Path) -> None:
    """Have the filesystem of a folder write in one go what it still holds: flushing thousands of files afterwards, one by one,
    then waits for nothing. A hint: whether it is done, and done well, each file's own flush tells. Linux only."""
    syncfs = getattr(ctypes.CDLL(None), "syncfs", None) if sys.platform == "linux" else None
    if syncfs is None:
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        syncfs(handle)
    finally:
        os.close(handle)

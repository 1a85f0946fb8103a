"""On the disk, and not only said to be: what a power cut must not take back."""

from __future__ import annotations

import ctypes
import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

_CHUNK: Final = 1 << 20
_WHOLE: Final = frozenset({"ext4", "xfs", "tmpfs"})  # whose syncfs(2) empties the disk's own memory; that of FAT does not


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
    """Have the filesystem of a folder write in one go what it still holds. A hint: whether it is done, and done well, `watched`
    or each file's own flush tells. Linux only."""
    if sys.platform == "linux":
        handle = os.open(folder, os.O_RDONLY)
        try:
            _sync_filesystem(handle)
        finally:
            os.close(handle)


@contextmanager
def watched(folder: Path) -> Iterator[Callable[[], bool]]:
    """For thousands of files that are written into a folder in the block: what is called to have all of them and their names on
    the disk at once. It says whether they are. Where it says no, as where the system can't tell, each is to be flushed by
    itself: of many that takes ten times as long, for each flush empties the disk's own memory, too."""
    if sys.platform != "linux":
        yield lambda: False
        return
    handle = os.open(folder, os.O_RDONLY)  # what can't be written from now on, syncfs(2) tells through it
    try:
        believed = _tells_failures() and _filesystem(handle) in _WHOLE
        yield lambda: _sync_filesystem(handle) and believed
    finally:
        os.close(handle)


def _sync_filesystem(handle: int) -> bool:
    syncfs = getattr(ctypes.CDLL(None), "syncfs", None)
    return syncfs is not None and syncfs(handle) == 0


def _tells_failures() -> bool:
    """Since Linux 5.8 syncfs(2) does."""
    version, _, rest = os.uname().release.partition(".")
    return (int(version), int(re.split(r"\D", rest)[0])) >= (5, 8)


def _filesystem(handle: int) -> str:
    """The kind of filesystem that an open folder lies on; empty where the mounts (proc_pid_mountinfo(5)) don't name it."""
    device = os.fstat(handle).st_dev
    place = f"{os.major(device)}:{os.minor(device)}"
    with suppress(OSError):
        for line in Path("/proc/self/mountinfo").read_text(errors="replace").splitlines():
            mount, _, kind = line.partition(" - ")
            if mount.split()[2] == place:
                return kind.split()[0]
    return ""

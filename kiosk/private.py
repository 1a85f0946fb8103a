"""What is ours alone: folders that only their owner enters, files that only their owner reads.

The program makes nothing that others may read (`keep_to_ourselves`); this also closes what an earlier one, or a copy by hand,
left open. On Windows the user's own folder sees to it.
"""

from __future__ import annotations

import errno
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

FOLDER_MODE: Final = 0o700
FILE_MODE: Final = 0o600
_OTHERS: Final = 0o077
# Windows: ERROR_BUFFER_OVERFLOW and FILENAME_EXCED_RANGE; FILE_NOT_FOUND, PATH_NOT_FOUND and INVALID_NAME.
_TOO_LONG: Final = (111, 206)
_NOT_THERE: Final = (2, 3, 123)
_LONGEST: Final = 247  # of a folder: Windows keeps 12 characters for a file in it


def keep_to_ourselves() -> None:
    """From now on whatever this program makes is readable by its owner only: SQLite's files, logs, exports, papers. When it
    crashes, its memory is written nowhere."""
    os.umask(_OTHERS)
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def make_folder(folder: Path) -> None:
    """The folder, made where there is none, closed to others; raises OSError when it can't be written to."""
    folder.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)
    if not os.access(folder, os.W_OK):
        raise PermissionError(f"{folder} can't be written to")
    close_to_others(folder)


def is_too_long(error: OSError, path: Path) -> bool:
    """Whether a path was too long for the system. Windows without its setting for long paths takes 259 characters, and says of
    longer ones that there is no such file or folder.
    """
    if error.errno == errno.ENAMETOOLONG or getattr(error, "winerror", 0) in _TOO_LONG:
        return True
    return getattr(error, "winerror", 0) in _NOT_THERE and len(str(path)) > _LONGEST


def close_to_others(folder: Path) -> None:
    """The folder and what lies right in it, whatever they were before. Somebody else's files stay as they are."""
    if os.name != "posix" or not folder.is_dir():
        return
    for path in (folder, *folder.iterdir()):
        close_one(path)


def close_one(path: Path) -> None:
    """The same for one file or folder."""
    if os.name != "posix":
        return
    with suppress(OSError):
        if path.stat().st_mode & _OTHERS:
            path.chmod(FOLDER_MODE if path.is_dir() else FILE_MODE)

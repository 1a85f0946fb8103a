"""Files that came through the browser, while they are read: in the data folder, for nobody else's eyes, gone afterwards."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Final

_UNSAFE: Final = re.compile(r"[^\w().\-（）]+")  # letters, digits and Chinese characters are \w
_LONGEST: Final = 40  # characters of a name: 120 bytes
_LONGEST_SUFFIX: Final = 8


class Uploads:
    """Holds each file in a folder of its own, under a name that is like the visitor's and leads nowhere."""

    def __init__(self, folder: Path | None = None) -> None:
        """`folder` is nobody else's; without one there is one among the system's temporary files."""
        self._folder = folder or Path(tempfile.gettempdir()) / f"kiosk-uploads-{os.getpid()}"

    def sweep(self) -> None:
        """Remove what a killed program left, before the first file comes."""
        shutil.rmtree(self._folder, ignore_errors=True)

    @contextmanager
    def held(self, name: str, save: Callable[[IO[bytes]], object]) -> Iterator[Path]:
        """The file that `save` writes, while the block runs. Raises OSError when it can't be written."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        own = self._folder / secrets.token_hex(8)
        own.mkdir(mode=0o700)
        try:
            path = own / _plain(name)
            with os.fdopen(
                os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600), "wb"
            ) as file:
                save(file)
            yield path
        finally:
            shutil.rmtree(own, ignore_errors=True)
            with suppress(OSError):
                self._folder.rmdir()  # unless another file lies in it


def _plain(name: str) -> str:
    """The last part of a name, without what could hide in it."""
    last = re.split(r"[/\\]", name)[-1]
    stem, dot, suffix = last.rpartition(".")
    if not dot or len(suffix) > _LONGEST_SUFFIX:
        stem, suffix = last, ""
    stem = _UNSAFE.sub("_", stem)[:_LONGEST].strip("._") or "file"
    suffix = _UNSAFE.sub("", suffix).lower()
    return f"{stem}.{suffix}" if suffix else stem

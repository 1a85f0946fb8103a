"""ZIP archives (APPNOTE.TXT 6.3.10) of any number of files in flat memory: `zipfile` keeps half a kilobyte for each, here its
line of the directory lies on the disk until the end. Nothing is packed: pictures and sheets are so already.
"""

from __future__ import annotations

import hashlib
import struct
import tempfile
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from kiosk.errors import ExchangeError
from kiosk.exchange.folder import files_in, new_file, scratch_folder

_CHUNK: Final = 1 << 18
_FIRST_YEAR: Final = 1980
_NO_TIME: Final = (_FIRST_YEAR, 1, 1, 0, 0, 0)
_UTF8: Final = 0x800
_UNIX: Final = 3
_OWNER_ONLY: Final = 0o100600 << 16
_VERSION, _VERSION_64 = 20, 45
_MOST_32: Final = 0xFFFF_FFFF
_MOST_16: Final = 0xFFFF
_LOCAL: Final = struct.Struct("<4s5H3I2H")
_CENTRAL: Final = struct.Struct("<4s2B5H3I5H2I")
_END_64: Final = struct.Struct("<4sQ2H2I4Q")
_LOCATOR_64: Final = struct.Struct("<4sIQI")
_END: Final = struct.Struct("<4s4H2IH")


@dataclass(frozen=True)
class Whole:
    """A file that is put in: how large it is, its CRC-32, and when it was changed, as `time.localtime` says it."""

    size: int
    crc: int
    at: tuple[int, ...] = _NO_TIME


class ZipDirectory:
    """The list that an archive ends with. Its lines are gathered in a file, so that an archive may be shut and gone on with;
    `reach`: how long the archive is already."""

    def __init__(self, lines: IO[bytes], entries: int = 0, reach: int = 0) -> None:
        self._lines = lines
        self.entries = entries
        self.reach = reach

    def begin(self, name: str, of: Whole) -> bytes:
        """What stands before a file's own bytes, which follow it."""
        told, size, place = name.encode(), _in_32(of.size), _in_32(self.reach)
        year, month, day, hour, minute, second = of.at[:6]
        moment = (hour << 11 | minute << 5 | second // 2, max(year - _FIRST_YEAR, 0) << 9 | month << 5 | day)
        sizes = (of.size, of.size) if size == _MOST_32 else ()
        places = (self.reach,) if place == _MOST_32 else ()
        here, there = _extra(*sizes), _extra(*sizes, *places)
        version, flags = _VERSION_64 if there else _VERSION, 0 if name.isascii() else _UTF8
        known = (version, flags, 0, *moment, of.crc, size, size, len(told))
        head = _LOCAL.pack(b"PK\3\4", *known, len(here)) + told + here
        line = _CENTRAL.pack(b"PK\1\2", version, _UNIX, *known, len(there), 0, 0, 0, _OWNER_ONLY, place)
        self._lines.write(line + told + there)
        self.entries += 1
        self.reach += len(head) + of.size
        return head

    def end(self) -> Iterator[bytes]:
        """The lines, and what closes the archive."""
        self._lines.seek(0, 2)
        size, count = self._lines.tell(), self.entries
        self._lines.seek(0)
        while chunk := self._lines.read(_CHUNK):
            yield chunk
        if count >= _MOST_16 or _needs_64(max(size, self.reach)):
            versions = (_VERSION_64, _VERSION_64, 0, 0)
            yield _END_64.pack(b"PK\6\6", _END_64.size - 12, *versions, count, count, size, self.reach)
            yield _LOCATOR_64.pack(b"PK\6\7", 0, self.reach + size, 1)
        count = min(count, _MOST_16)
        yield _END.pack(b"PK\5\6", 0, 0, count, count, _in_32(size), _in_32(self.reach), 0)


def _needs_64(number: int) -> bool:
    return number >= _MOST_32


def _in_32(number: int) -> int:
    """The number, or what says that it stands elsewhere."""
    return _MOST_32 if _needs_64(number) else number


def _extra(*sizes: int) -> bytes:
    """What does not fit into 32 bits (4.5.3)."""
    return struct.pack(f"<2H{len(sizes)}Q", 1, 8 * len(sizes), *sizes) if sizes else b""


class GrowingZip:
    """A ZIP that files are put into one after the other. Between two of them it may be shut: then it holds no file open."""

    def __init__(self, path: Path) -> None:
        """Raises OSError, as everything here does."""
        self.path = path
        self.files = 0
        self._lines = path.with_name(f"{path.name}.lines")
        self._reach = 0
        self._open: tuple[IO[bytes], ZipDirectory, IO[bytes]] | None = None
        path.touch(exist_ok=False)

    def add(self, name: str, content: bytes) -> None:
        archive, directory, _ = self._opened()
        archive.write(directory.begin(name, Whole(len(content), zlib.crc32(content))))
        archive.write(content)

    def shut(self) -> None:
        """Hold no file open, until more comes."""
        if self._open is not None:
            archive, directory, lines = self._open
            self.files, self._reach, self._open = directory.entries, directory.reach, None
            archive.close()
            lines.close()

    def finish(self) -> None:
        """Write the directory: nothing more is put in."""
        archive, directory, _ = self._opened()
        for chunk in directory.end():
            archive.write(chunk)
        self.shut()
        self._lines.unlink()

    def _opened(self) -> tuple[IO[bytes], ZipDirectory, IO[bytes]]:
        if self._open is None:
            lines = self._lines.open("ab+")
            self._open = (self.path.open("ab"), ZipDirectory(lines, self.files, self._reach), lines)
        return self._open


@contextmanager
def new_zip(target: Path, drafts: Path) -> Iterator[Path]:
    """Fill the folder that is given, which lies in `drafts`; when the block ends, `target` is the ZIP of it, read back.

    When the block raises, nothing remains. Raises ExchangeError as `new_folder` does, and "export.not_readable".
    """
    with scratch_folder(drafts) as scratch:
        folder = scratch / target.stem
        folder.mkdir()
        yield folder
        with new_file(target) as file:
            meant = hashlib.sha256()
            for chunk in zipped(folder):
                meant.update(chunk)
                file.write(chunk)
            file.seek(0)
            found = hashlib.sha256()
            while chunk := file.read(_CHUNK):
                found.update(chunk)
            if found.digest() != meant.digest():
                raise ExchangeError("export.not_readable", file=target.name, reason="ZIP")


def zipped(folder: Path) -> Iterator[bytes]:
    """A folder with all its files under its own name, as a ZIP that is made while it is sent. Raises ExchangeError for a file
    that somebody changes meanwhile."""
    with tempfile.TemporaryFile() as lines:
        directory = ZipDirectory(lines)
        for path in files_in(folder):
            known = _looked_at(path)
            yield directory.begin(f"{folder.name}/{path.relative_to(folder).as_posix()}", known)
            left = known.size
            with path.open("rb") as file:
                while left and (chunk := file.read(min(_CHUNK, left))):
                    left -= len(chunk)
                    yield chunk
            if left:
                raise ExchangeError("export.not_readable", file=path.name, reason="ZIP")
        yield from directory.end()


def _looked_at(path: Path) -> Whole:
    size = crc = 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            size, crc = size + len(chunk), zlib.crc32(chunk, crc)
    return Whole(size, crc, time.localtime(path.stat().st_mtime))

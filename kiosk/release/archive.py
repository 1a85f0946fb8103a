"""Bundles as one file, ZIP for Windows and tar.gz elsewhere: the same files make the same bytes. And their reading,
distrustful."""

from __future__ import annotations

import gzip
import hashlib
import lzma
import os
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Final, Protocol

from kiosk.errors import KioskError
from kiosk.release import install
from kiosk.release.manifest import LARGEST, Manifest, read_manifest

SUFFIXES: Final = (".zip", ".tar.gz")
_PIECE: Final = 1 << 20
_FILE, _EXECUTABLE = 0o644, 0o755
_STORED: Final = (".whl", ".deb", ".exe", ".zip", ".gz", ".jpg", ".webp", ".png")  # packed already
_UNREADABLE: Final = (
    KeyError,
    ValueError,
    EOFError,
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    RuntimeError,
)
_EPOCH: Final = datetime(1980, 1, 1, tzinfo=UTC)  # before it a ZIP knows no time


def write_archive(out: Path, top: str, files: Mapping[str, Path], made_at: datetime) -> None:
    """One file with everything in a folder `top`: the manifest, then the others sorted.

    Appears whole or not at all; raises OSError.
    """
    draft = out.with_name(f".{out.name}.part")
    ordered = sorted(files.items(), key=lambda one: (one[0] != install.MANIFEST, one[0]))
    within = {f"{top}/{name}": path for name, path in ordered}
    try:
        (write_zip if out.name.endswith(".zip") else write_tar)(draft, within, made_at)
        draft.replace(out)
    finally:
        draft.unlink(missing_ok=True)


def write_zip(out: Path, files: Mapping[str, Path], made_at: datetime) -> None:
    """Files in the mapping's order, with one time for all, nobody's name, and the same rights everywhere."""
    at = max(made_at.astimezone(UTC), _EPOCH)
    with zipfile.ZipFile(out, "w") as archive:
        for name, path in files.items():
            info = zipfile.ZipInfo(name, (at.year, at.month, at.day, at.hour, at.minute, at.second))
            info.create_system = 3  # where it was made makes no difference
            info.external_attr = (_rights(name) | 0o100000) << 16
            info.compress_type = zipfile.ZIP_STORED if name.endswith(_STORED) else zipfile.ZIP_DEFLATED
            with path.open("rb") as source, archive.open(info, "w", force_zip64=True) as target:
                while piece := source.read(_PIECE):
                    target.write(piece)


def write_tar(out: Path, files: Mapping[str, Path], made_at: datetime) -> None:
    """The same as tar.gz."""
    with (
        out.open("wb") as raw,
        gzip.GzipFile("", "wb", compresslevel=6, fileobj=raw, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        for name, path in files.items():
            info = tarfile.TarInfo(name)
            info.size, info.mode, info.mtime = path.stat().st_size, _rights(name), int(made_at.timestamp())
            with path.open("rb") as source:
                archive.addfile(info, source)


def _rights(name: str) -> int:
    return _EXECUTABLE if name.endswith((".sh", ".exe", "/install.py")) or "/.ci/" in name else _FILE


class Source(Protocol):
    """Where a bundle's files are read from."""

    def open(self, name: str) -> IO[bytes]:
        """Raises KeyError, OSError or ValueError for what is not there as a plain file."""


@contextmanager
def opened(path: Path) -> Iterator[tuple[Source, Manifest]]:
    """A bundle, packed or unpacked, and what it says of itself. Raises KioskError: "release.missing", "release.unreadable",
    "release.tampered"."""
    with ExitStack() as stack:
        try:
            source: Source = stack.enter_context(_archive(path)) if path.is_file() else _Folder(path)
            with source.open(install.MANIFEST) as file:
                content = file.read(LARGEST + 1)
        except FileNotFoundError:
            raise KioskError("release.missing", file=str(path)) from None
        except (*_UNREADABLE, OSError):
            raise KioskError("release.unreadable") from None
        yield source, read_manifest(content)


def unpack(source: Source, manifest: Manifest, program: Path, progress: Callable[[int], None] = lambda _: None) -> None:
    """The program's files, and nothing that the manifest doesn't name, each held to its digest while it is written; `progress`
    takes the bytes so far, of `program_size`. Raises KioskError("release.damaged") with the file that isn't as it was, and
    OSError."""
    done = 0
    for name, file in manifest.files.items():
        if not name.startswith(install.PROGRAM):
            continue
        path, digest, size = program / name.removeprefix(install.PROGRAM), hashlib.sha256(), 0
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as out:
            for piece in pieces(source, name, file.size):
                digest.update(piece)
                size += len(piece)
                out.write(piece)
        if (size, digest.hexdigest()) != (file.size, file.sha256):
            raise KioskError("release.damaged", file=name)
        done += size
        progress(done)
    (program / install.MANIFEST).write_bytes(manifest.content)


def program_size(manifest: Manifest) -> int:
    """Bytes that `unpack` writes."""
    return sum(file.size for name, file in manifest.files.items() if name.startswith(install.PROGRAM))


def pieces(source: Source, name: str, size: int) -> Iterator[bytes]:
    """What a file holds, a little more than `size` bytes at most; raises KioskError("release.damaged")."""
    try:
        with source.open(name) as content:
            while size >= 0 and (piece := content.read(_PIECE)):
                size -= len(piece)
                yield piece
    except (*_UNREADABLE, FileNotFoundError):
        raise KioskError("release.damaged", file=name) from None


class _Folder:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def open(self, name: str) -> IO[bytes]:
        return (self._folder / name).open("rb")


class _Zip:
    def __init__(self, archive: zipfile.ZipFile) -> None:
        """Raises ValueError where not everything lies in one folder."""
        self._archive = archive
        tops = {name.split("/")[0] for name in archive.namelist()}
        if len(tops) != 1:
            raise ValueError("not a bundle")
        self._top = tops.pop()

    def open(self, name: str) -> IO[bytes]:
        return self._archive.open(f"{self._top}/{name}")


class _Tar:
    """Read from the front, as far as it takes: packed, nothing in it can be found otherwise. What is no plain file is not
    there."""

    def __init__(self, archive: tarfile.TarFile) -> None:
        self._archive = archive
        self._rest = iter(archive)
        self._members: dict[str, tarfile.TarInfo] = {}
        first = next(self._rest, None)
        if first is None or not first.isreg() or first.name.split("/")[1:] != [install.MANIFEST]:
            raise ValueError("not a bundle")  # or one would have to read all of it to know
        self._top = first.name.split("/")[0]
        self._members[first.name] = first

    def open(self, name: str) -> IO[bytes]:
        wanted = f"{self._top}/{name}"
        while wanted not in self._members:
            member = next(self._rest, None)
            if member is None:
                raise KeyError(name)
            if member.isreg():
                self._members.setdefault(member.name, member)
        found = self._archive.extractfile(self._members[wanted])
        assert found is not None  # a plain file
        return found


@contextmanager
def _archive(path: Path) -> Iterator[_Zip | _Tar]:
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as packed:
            yield _Zip(packed)
    else:
        with tarfile.open(path) as packed_tar:
            yield _Tar(packed_tar)


def archives_in(folder: Path) -> list[Path]:
    """What looks like a bundle in a folder; nothing where it can't be read."""
    try:
        return sorted(Path(one.path) for one in os.scandir(folder) if one.is_file() and one.name.endswith(SUFFIXES))
    except OSError:
        return []

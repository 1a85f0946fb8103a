"""Sealed packages: one age file (`kiosk.ciphers.age`) with a tar inside, the manifest first.

Nothing can be read from outside: the name says the profile, how many classes, and when. The parts are written in a folder of
the station's own data, and go from there into the file as a stream; what is read back is compared before it gets its name.
Without this program: `age -d -o package.tar FILE` (`-i office.key` where it was sealed to the office), then any tar.
"""

from __future__ import annotations

import hashlib
import shutil
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO, Final, cast

from kiosk.ciphers.age import Damaged, NoKey, NotAge, Opening, OpeningReader, Sealing, SealingWriter
from kiosk.errors import ExchangeError
from kiosk.exchange.file_names import plain, within
from kiosk.exchange.folder import files_in, new_file, new_folder, scratch_folder
from kiosk.exchange.manifest import MANIFEST

SUFFIX: Final = ".age"
MIN_PASSPHRASE: Final = 8
_CHUNK: Final = 1 << 20
_OWNER_ONLY: Final = 0o600


def require_good(to: Sealing) -> None:
    """Raises ExchangeError("export.password_short") for a passphrase that would protect nothing."""
    if to.passphrase and len(to.passphrase) < MIN_PASSPHRASE:
        raise ExchangeError("export.password_short", length=MIN_PASSPHRASE)


@contextmanager
def new_package(target: Path, drafts: Path, to: Sealing) -> Iterator[Path]:
    """Fill the folder that is given, which lies in `drafts`; when the block ends, `target` is the sealed file of it.

    When the block raises, nothing remains. Raises ExchangeError as `new_folder` does.
    """
    with scratch_folder(drafts) as scratch:
        folder = scratch / target.stem
        folder.mkdir()
        yield folder
        seal(folder, target, to)


def seal(folder: Path, target: Path, to: Sealing) -> None:
    """One sealed file of a folder. Raises ExchangeError as `sealed_archive` does."""
    with sealed_archive(target, to) as archive:
        for path in _in_order(folder):
            part = archive.gettarinfo(path, f"{folder.name}/{path.relative_to(folder).as_posix()}")
            part.uid = part.gid = 0
            part.uname = part.gname = ""
            part.mode = _OWNER_ONLY
            with path.open("rb") as content:
                archive.addfile(part, content)
            _forget_members(archive)


@contextmanager
def sealed_archive(target: Path, to: Sealing) -> Iterator[tarfile.TarFile]:
    """A tar to be filled, sealed into a file that appears whole or not at all, read back and compared before it gets its name.

    Raises ExchangeError as `new_file` does, and "export.recipient_wrong", "export.not_readable".
    """
    with new_file(target) as file:
        try:
            writer = SealingWriter(file, to)
        except ValueError:
            raise ExchangeError("export.recipient_wrong") from None
        told = Told(writer)
        with tarfile.open(fileobj=told, mode="w|", format=tarfile.PAX_FORMAT) as archive:  # type: ignore[call-overload]
            yield archive
        writer.finish()
        file.flush()
        file.seek(0)
        if digest_of(writer.reading_back(file)) != told.hexdigest():
            raise ExchangeError("export.not_readable", file=target.name, reason="age")


def parts(file: BinaryIO, name: str, by: Opening) -> Iterator[tuple[str, IO[bytes]]]:
    """The files inside, in their order, each to be read before the next: its name below the package's own folder.

    Raises ExchangeError: "package.no_package", "package.no_key", and "package.damaged" with the file (`at`) that was read then.
    """
    reader = _Reading(file, name, by)
    try:
        with tarfile.open(fileobj=cast("IO[bytes]", reader), mode="r|") as archive:
            while (part := archive.next()) is not None:
                _forget_members(archive)
                reader.at = part.name.partition("/")[2]
                content = archive.extractfile(part) if part.isreg() else None
                if content is None:
                    raise reader.damaged()
                yield reader.at, content
    except (tarfile.TarError, EOFError):  # somebody sealed what is no archive
        raise reader.damaged() from None
    while reader.read(_CHUNK):  # behind the end of the archive
        pass


def _forget_members(archive: tarfile.TarFile) -> None:
    """Of the files that went by: it keeps a kilobyte of each, to be found again, which nobody does in a stream."""
    vars(archive)["members"].clear()


def unpack(package: Path, target: Path, by: Opening, progress: Callable[[int], None] = lambda _: None) -> None:
    """Open a sealed file into a new folder, whole or not at all; `progress` is told how many files are out. Raises
    ExchangeError."""
    with package.open("rb") as file, new_folder(target) as folder:
        for done, (name, content) in enumerate(parts(file, package.name, by)):
            progress(done)
            path = within(folder, *name.split("/"))
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as out:
                shutil.copyfileobj(content, out, _CHUNK)


def _in_order(folder: Path) -> Iterator[Path]:
    """The manifest first: whoever reads the stream knows what is to come."""
    first = folder / MANIFEST
    yield from (first,) if first.is_file() else ()
    yield from (path for path in files_in(folder) if path != first)


class _Reading:
    """Reads a sealed file; its faults are told with the part that was being read."""

    def __init__(self, file: BinaryIO, name: str, by: Opening) -> None:
        self.at = ""
        self._name = name
        try:
            self._reader = OpeningReader(file, by)
        except NotAge:
            raise ExchangeError("package.no_package", file=name) from None
        except NoKey:
            raise ExchangeError("package.no_key", file=name) from None
        except Damaged:
            raise self.damaged() from None
        except ValueError:
            raise ExchangeError("package.identity_wrong") from None

    def read(self, size: int) -> bytes:
        try:
            return self._reader.read(size)
        except Damaged:
            raise self.damaged() from None

    def damaged(self) -> ExchangeError:
        return ExchangeError("package.damaged", file=self._name, at=plain(self.at) or self._name)


class Told:
    """Passes on what is written, and knows its digest."""

    def __init__(self, out: SealingWriter) -> None:
        self._out = out
        self._digest = hashlib.sha256()

    def write(self, data: bytes) -> int:
        self._digest.update(data)
        return self._out.write(data)

    def hexdigest(self) -> str:
        return self._digest.hexdigest()


def digest_of(reader: OpeningReader) -> str:
    digest = hashlib.sha256()
    try:
        while chunk := reader.read(_CHUNK):
            digest.update(chunk)
    except Damaged:
        return ""
    return digest.hexdigest()

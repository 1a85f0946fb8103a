"""Whether an export is as it was written: every file against the manifest, the manifest against its signature.

An export is a folder, the ZIP of one as the browser downloads it, or a sealed package. Nothing is put on the disk, and
whatever is not as it was is named. Whose the signature is, and what it is worth, is not decided here.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from kiosk.ciphers import Domain
from kiosk.ciphers.age import Opening
from kiosk.ciphers.signed import NotSigned, read_signed
from kiosk.errors import ExchangeError
from kiosk.exchange.file_names import plain
from kiosk.exchange.manifest import MANIFEST, Entry, Manifest, parse_manifest
from kiosk.exchange.package import SUFFIX, parts
from kiosk.exchange.parcel import HEAD
from kiosk.records import Message

_CHUNK: Final = 1 << 20
_MOST_MANIFEST: Final = 200_000_000
_MOST_PACKED: Final = 100  # times smaller: neither pictures nor sheets nor manifests are
# What zipfile raises for archives that are not as they were, and the system for a stick that was pulled.
_BROKEN: Final = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, OSError, ValueError, struct.error)
_PACKINGS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_SIGNED_SINCE: Final = 3  # format of manifests
Parts = Iterator[tuple[str, IO[bytes]]]
Progress = Callable[[int, int], None]  # done, of how many


@dataclass(frozen=True)
class Inspection:
    """What was found. `faults` name each thing that is not as it was written; `digest` is of what the signature is over, empty
    where nothing was signed."""

    name: str
    faults: tuple[Message, ...]
    checked: int
    manifest: Manifest | None = None
    signed: bool = False
    digest: str = ""


def inspect(path: Path, by: Opening, name: str = "", progress: Progress = lambda *_: None) -> Inspection:
    """Look at an export; `name` is how it is called where it lies under another, `progress` is told how many files of how many
    were looked at. Raises ExchangeError when it can't be looked
    at: it is none, or it is sealed and does not open with what is there."""
    name = name or path.name
    try:
        with _opened(path, name, by) as found:
            return _held_against_its_manifest(name, found, progress)
    except _BROKEN:
        return Inspection(name, (Message("verify.damaged", {"file": name}),), 0)
    except ExchangeError as error:
        if error.code != "package.damaged":
            raise
        return Inspection(name, (Message("verify.damaged_at", dict(error.data)),), 0)


@contextmanager
def _opened(path: Path, name: str, by: Opening) -> Iterator[Parts]:
    """The files of an export, the manifest first; raises ExchangeError("verify.no_export")."""
    if path.is_dir():
        yield _of_folder(path)
    elif name.lower().endswith(SUFFIX):
        with path.open("rb") as file:
            yield parts(file, name, by)
    elif zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            yield _of_zip(archive, name)
    else:
        raise ExchangeError("verify.no_export", file=name)


def _of_folder(folder: Path) -> Parts:
    files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    for name in _manifest_first(files):
        with files[name].open("rb") as content:
            yield name, content


def _of_zip(archive: zipfile.ZipFile, called: str) -> Parts:
    """All lie in one folder, as the download has it."""
    packed = [one for one in archive.infolist() if not one.is_dir()]
    bare = any(one.filename == MANIFEST for one in packed)  # packed by hand, without the folder
    inside = {one.filename if bare else one.filename.partition("/")[2]: one for one in packed}
    for name in _manifest_first(inside):
        part = inside[name]
        try:
            if part.compress_type not in _PACKINGS or part.file_size > _MOST_PACKED * max(part.compress_size, 1):
                raise zipfile.BadZipFile(name)
            content = archive.open(part)
        except _BROKEN:
            raise ExchangeError("package.damaged", file=called, at=plain(name)) from None
        with content:
            yield name, content


def _manifest_first(names: dict[str, Path] | dict[str, zipfile.ZipInfo]) -> list[str]:
    return sorted(names, key=lambda name: (name != MANIFEST, name))


def _held_against_its_manifest(name: str, found: Parts, progress: Progress) -> Inspection:
    first, content = next(found, ("", None))
    if first == HEAD:
        raise ExchangeError("verify.is_parcel", file=name)
    if first != MANIFEST or content is None:
        raise ExchangeError("verify.no_manifest", file=name)
    text = content.read(_MOST_MANIFEST)
    try:
        manifest = parse_manifest(text)
    except ValueError:
        faults = [Message("verify.manifest_unreadable", {"file": MANIFEST})]
        return Inspection(name, (*faults, *_unless_damaged(found)), 0)
    signed, digest = _signature(text, manifest)
    faults, wanted, checked = [], {entry.file: entry for entry in manifest.entries}, 0
    if not signed and (manifest.format >= _SIGNED_SINCE or manifest.signer is not None):
        faults.append(Message("verify.manifest_changed", {"file": MANIFEST}))
    file = MANIFEST
    try:
        for file, content in found:
            entry = wanted.pop(file, None)
            if entry is None:
                faults.append(Message("verify.unknown_file", {"file": plain(file)}))
            elif not _is_as_written(content, entry, manifest):
                faults.append(Message("verify.changed", {"file": plain(file)}))
            checked += entry is not None
            progress(checked, len(manifest.entries))
        faults += [Message("verify.missing", {"file": plain(file)}) for file in wanted]
    except _BROKEN:
        faults.append(Message("verify.damaged_at", {"file": name, "at": plain(file)}))
    except ExchangeError as error:  # what was sealed ends here
        faults.append(Message("verify.damaged_at", dict(error.data)))
    return Inspection(name, tuple(faults), checked, manifest, signed, digest)


def _unless_damaged(found: Parts) -> Iterator[Message]:
    """What else is wrong with a package whose manifest says nothing."""
    try:
        for _, content in found:
            while content.read(_CHUNK):
                pass
    except ExchangeError as error:
        yield Message("verify.damaged_at", dict(error.data))


def _signature(text: bytes, manifest: Manifest) -> tuple[bool, str]:
    """Whether the manifest's own key signed it, and the digest of what is signed."""
    if manifest.signer is None:
        return False, ""
    try:
        signed = read_signed(text)
    except NotSigned:
        return False, ""
    return signed.is_signed_by(manifest.signer.public_key, Domain.MANIFEST), signed.digest


def _is_as_written(content: IO[bytes], entry: Entry, manifest: Manifest) -> bool:
    digest, size = manifest.suite.hasher(), 0
    while size <= entry.size and (chunk := content.read(_CHUNK)):
        digest.update(chunk)
        size += len(chunk)
    return size == entry.size and digest.hexdigest() == entry.digest

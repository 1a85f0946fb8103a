"""数据包: what goes between a station and its office as one file, an age file with a tar inside (docs/reference/packages.md).

The head comes first: a signed text that lists every other part with its size and digest. So whoever reads knows what is to
come, believes nothing that was not signed, and says at which part a file is damaged. Parts come from memory and go into the
sealed file as a stream: nothing lies anywhere in the clear.
"""

from __future__ import annotations

import hashlib
import io
import tarfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from kiosk.ciphers import Domain, SigningKey, suite_of_public_key
from kiosk.ciphers.age import Opening, Sealing
from kiosk.ciphers.signed import NotSigned, SignedText, read_signed, sign_text
from kiosk.errors import ExchangeError
from kiosk.exchange.file_names import plain
from kiosk.exchange.package import SUFFIX, parts, sealed_archive

__all__ = ["SUFFIX", "Head", "Kind", "Parcel", "Piece", "piece", "reading", "write_parcel"]

HEAD: Final = "head.json"
FORMAT: Final = 1
_FOLDER: Final = "parcel"
_MOST_HEAD: Final = 1 << 27
_MOST_PIECE: Final = 1 << 28
_OWNER_ONLY: Final = 0o600


class Kind(StrEnum):
    """What a parcel is for."""

    CAPTURES = "captures"  # 采集包
    SCHOOL = "school"  # 名单包
    RECEIPT = "receipt"  # 回执包
    EXAM = "exam"  # 考场包
    ATTENDANCE = "attendance"  # 核验结果包


_DOMAINS: Final = {
    Kind.CAPTURES: Domain.CAPTURES,
    Kind.SCHOOL: Domain.SCHOOL,
    Kind.RECEIPT: Domain.RECEIPT,
    Kind.EXAM: Domain.EXAM,
    Kind.ATTENDANCE: Domain.ATTENDANCE,
}
_BY_STATIONS: Final = frozenset({Kind.CAPTURES, Kind.EXAM, Kind.ATTENDANCE})  # a 考场包 by either


@dataclass(frozen=True)
class Piece:
    """A part of a parcel that is to be written. `digest` is hexadecimal, by the signing key's suite."""

    name: str
    size: int
    digest: str
    content: Callable[[], bytes]


@dataclass(frozen=True)
class Entry:
    """A part as a head lists it."""

    name: str
    size: int
    digest: str


@dataclass(frozen=True)
class Head:
    """What a head says. Its signature is that of the `signer`, a public key by its own word: whose that is, and whether it is
    believed, is decided elsewhere."""

    kind: Kind
    told: Mapping[str, Any]
    entries: tuple[Entry, ...]
    signer: bytes
    digest: str
    content: bytes

    def text(self, name: str) -> str:
        """A text of the head; raises ExchangeError("parcel.unreadable") where it has another kind of value."""
        value = self.told.get(name, "")
        if not isinstance(value, str):
            raise ExchangeError("parcel.unreadable", at=HEAD)
        return value


def piece(key: SigningKey, name: str, content: bytes) -> Piece:
    """A part that is in memory already."""
    return Piece(name, len(content), key.suite.digest(content), lambda: content)


def write_parcel(
    target: Path, to: Sealing, key: SigningKey, kind: Kind, told: Mapping[str, Any], pieces: Sequence[Piece]
) -> str:
    """Write a file that appears whole or not at all, read back before it gets its name; the digest of its head, as it was
    signed.

    Raises ExchangeError as `sealed_archive` does, and ("parcel.changed") where a part is another than it was when it was
    counted.
    """
    listed = {"files": [[one.name, one.size, one.digest] for one in pieces]}
    head = sign_text(key, _DOMAINS[kind], {"kind": str(kind), "format": FORMAT, **told, **listed})
    with sealed_archive(target, to) as archive:
        _add(archive, HEAD, head)
        for one in pieces:
            content = one.content()
            if len(content) != one.size or key.suite.digest(content) != one.digest:
                raise ExchangeError("parcel.changed", at=one.name)
            _add(archive, one.name, content)
    return read_signed(head).digest


def sha256_of(path: Path) -> str:
    """Of a file as it lies."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def room_of(size: int) -> int:
    """How many bytes a part of this size takes in the tar."""
    return 2 * tarfile.BLOCKSIZE + size + -size % tarfile.BLOCKSIZE


@dataclass(frozen=True)
class Parcel:
    """A parcel that is being read: its head, and each part after it, genuine when it comes out."""

    name: str
    head: Head
    pieces: Iterator[tuple[Entry, bytes]]


@contextmanager
def reading(path: Path, by: Opening, name: str = "") -> Iterator[Parcel]:
    """Open a parcel; `name` is how it is called where it lies under another. Whatever is not as it was signed raises
    ExchangeError, with the part that was read then: ("parcel.damaged"), ("parcel.tampered"), ("parcel.unreadable"),
    ("package.no_key"), ("package.no_package"). Who reads all `pieces` to the end has seen all of it."""
    name = name or path.name
    with path.open("rb") as file:
        inside = _inside(file, name, by)
        first, content = next(inside, ("", b""))
        if first != HEAD:
            raise ExchangeError("parcel.unreadable", at=HEAD)
        head = head_of(content)
        yield Parcel(name, head, _held_against(head, name, inside))


def head_of(content: bytes) -> Head:
    """What a head says, by its own signature.

    Raises ExchangeError("parcel.unreadable"), ("parcel.newer"), ("parcel.tampered").
    """
    try:
        signed = read_signed(content)
        kind, form = Kind(signed.told["kind"]), int(signed.told["format"])
        if form > FORMAT:
            raise ExchangeError("parcel.newer", format=form)
        entries = tuple(Entry(str(one), int(size), str(digest)) for one, size, digest in signed.told["files"])
        signer = _signer(signed, kind)
    except (NotSigned, ValueError, KeyError, TypeError, OverflowError):
        raise ExchangeError("parcel.unreadable", at=HEAD) from None
    if not signed.is_signed_by(signer, _DOMAINS[kind]):
        raise ExchangeError("parcel.tampered", at=HEAD)
    return Head(kind, signed.told, entries, signer, signed.digest, content)


def _inside(file: Any, name: str, by: Opening) -> Iterator[tuple[str, bytes]]:
    try:
        for inside, content in parts(file, name, by):
            yield inside, content.read(_MOST_HEAD if inside == HEAD else _MOST_PIECE)
    except ExchangeError as error:
        if error.code != "package.damaged":
            raise
        raise ExchangeError("parcel.damaged", **error.data) from None


def _held_against(head: Head, name: str, inside: Iterator[tuple[str, bytes]]) -> Iterator[tuple[Entry, bytes]]:
    suite = suite_of_public_key(head.signer)
    assert suite is not None
    for entry in head.entries:
        found, content = next(inside, ("", b""))
        if found != entry.name or len(content) != entry.size or suite.digest(content) != entry.digest:
            raise ExchangeError("parcel.damaged", file=name, at=plain(entry.name))
        yield entry, content
    for more, _ in inside:
        raise ExchangeError("parcel.damaged", file=name, at=plain(more))


def _signer(signed: SignedText, kind: Kind) -> bytes:
    by_station = "station" in signed.told and kind in _BY_STATIONS
    key = bytes.fromhex(signed.told["station"]["public_key"] if by_station else signed.told["office_key"])
    if suite_of_public_key(key) is not signed.suite:
        raise ValueError("another suite's key")
    return key


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    part = tarfile.TarInfo(f"{_FOLDER}/{name}")
    part.size, part.mode = len(content), _OWNER_ONLY
    archive.addfile(part, io.BytesIO(content))

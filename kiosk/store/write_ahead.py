"""SQLite's files seen from outside: is there a database, and does the write-ahead log beside it continue it?

SQLite puts any log that is sound in itself on top of any database: after an older copy of one of the two was put in place
that makes a mixture of both, and closing makes it last. So it is looked at before SQLite is let near it. Every transaction
of ours writes its number into the header of the database (`user_version`), which lies in page 1: the log tells its first
and its last one. Format: https://www.sqlite.org/fileformat2.html §1.3, §4.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

_MAGIC: Final = b"SQLite format 3\0"
_HEADER_BYTES: Final = 100
_USER_VERSION_AT: Final = 60
_WAL_MAGICS: Final = {0x377F0682, 0x377F0683}
_WAL_HEADER: Final = struct.Struct(">8I")  # magic, version, page size, checkpoint, salt 1, salt 2, two checksums
_FRAME_HEADER: Final = struct.Struct(">6I")  # page, pages after commit (else 0), salt 1, salt 2, two checksums


@dataclass(frozen=True)
class Log:
    """The numbers of the first and the last transaction in a log. `begun_anew`: all of it is in the database already, and the
    next transaction will be the first of a new round."""

    first: int
    last: int
    begun_anew: bool = False


def log_of(database: Path) -> Path:
    return database.with_name(f"{database.name}-wal")


def is_there(database: Path) -> bool:
    """Whether the file holds anything; SQLite takes an empty file for an empty database."""
    return _size(database) > 0


def has_log(database: Path) -> bool:
    """Whether a log with anything in it lies beside the place of a database."""
    return _size(log_of(database)) > 0


def is_database(database: Path) -> bool:
    """Whether the file begins as a database does."""
    with database.open("rb") as file:
        return file.read(len(_MAGIC)) == _MAGIC


def log_fits(database: Path) -> bool:
    """Whether the log continues this very database: it may begin at the latest with the transaction after the database's last
    one, and must not end before it."""
    with database.open("rb") as file:
        header = file.read(_HEADER_BYTES)
    log = read_log(database)
    if log is None or len(header) < _HEADER_BYTES:
        return True
    own = int(struct.unpack_from(">I", header, _USER_VERSION_AT)[0])
    return own == log.last if log.begun_anew else log.first - 1 <= own <= log.last


def read_log(database: Path) -> Log | None:
    """What the log beside a database holds, sound or not; None: there is none, or nothing that SQLite would look at."""
    path = log_of(database)
    if _size(path) < _WAL_HEADER.size:
        return None
    with path.open("rb") as file:
        magic, _, page_size, _, *salts, _, _ = _WAL_HEADER.unpack(file.read(_WAL_HEADER.size))
        if magic not in _WAL_MAGICS:
            return None
        before = [(salts[0] - 1) & 0xFFFFFFFF]  # each round counts the first salt up and draws the second one anew
        old, new = [], []
        for frame_salts, number in _first_pages(file, page_size):
            if frame_salts == salts:
                new.append(number)
            elif frame_salts[:1] == before:
                old.append(number)
    if new:
        return Log(new[0], max(new))
    return Log(old[0], max(old), begun_anew=True) if old else None


def _first_pages(file: BinaryIO, page_size: int) -> Iterator[tuple[list[int], int]]:
    """The salts of each frame that holds page 1, and what that page says."""
    while len(head := file.read(_FRAME_HEADER.size)) == _FRAME_HEADER.size:
        page, _, *salts, _, _ = _FRAME_HEADER.unpack(head)
        start = file.read(_HEADER_BYTES) if page == 1 else b""
        if len(start) == _HEADER_BYTES:
            yield salts, struct.unpack_from(">I", start, _USER_VERSION_AT)[0]
        file.seek(page_size - len(start), 1)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0

"""The ZIP that a workbook is: only what is needed is unpacked, and only when its size, told beforehand, is bearable."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Final

from kiosk.tables.errors import BadTable

MOST_MB: Final = 256  # of one part, unpacked: 5 million cells
MOST_SUM_MB: Final = 384  # of all the parts that are read
_MB: Final = 1 << 20
_MOST_PARTS: Final = 20_000


class Package:
    """Parts by name, whatever their case and slashes: some programs write both wrongly."""

    def __init__(self, file: IO[bytes]) -> None:
        """Raises zipfile.BadZipFile, BadTable("table.too_many_parts")."""
        self._archive = zipfile.ZipFile(file)
        entries = self._archive.infolist()
        if len(entries) > _MOST_PARTS:
            raise BadTable("table.too_many_parts", most=_MOST_PARTS)
        self._parts = {_key(entry.filename): entry for entry in reversed(entries)}
        self._read: dict[str, int] = {}  # sizes of the parts that were opened

    def __contains__(self, name: str) -> bool:
        return _key(name) in self._parts

    @contextmanager
    def part(self, name: str) -> Iterator[IO[bytes]]:
        """One part, open; raises BadTable("table.part_missing"), ("table.part_too_large"), ("table.password")."""
        entry = self._parts.get(_key(name))
        if entry is None:
            raise BadTable("table.part_missing", part=name[-100:])
        if entry.flag_bits & 1:
            raise BadTable("table.password")
        self._read[entry.filename] = entry.file_size
        for size, most in ((entry.file_size, MOST_MB), (sum(self._read.values()), MOST_SUM_MB)):
            if size > most * _MB:
                raise BadTable("table.part_too_large", part=name[-100:], megabytes=size // _MB, most=most)
        with self._archive.open(entry) as stream:
            yield stream


def _key(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").casefold()

"""Exports and papers that the station wrote: whose data lie in them, where they are now, and how they are deleted.

A file is known by its digest, a folder by that of its manifest: so one that was renamed is found beside its old place.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy import Row, insert, select, update

from kiosk.durable import overwrite
from kiosk.records import FileState, WrittenFile
from kiosk.store import tables
from kiosk.store.audit import Audit
from kiosk.store.database import Database

_WRITTEN: Final = tables.written
EXPORT: Final = "export"  # the kind whose writing starts a term
_MANIFEST: Final = "manifest.json"


class People:
    """Whom a file is about, gathered as it is written: of each nothing but the pseudonym, one beside the other."""

    def __init__(self, pseudonym: Callable[[str], str]) -> None:
        self._pseudonym = pseudonym
        self._found = bytearray()
        self._size = 0

    def add(self, id_number: str) -> None:
        """One of them; nobody has an empty number."""
        if id_number:
            found = f"{self._pseudonym(id_number)}\n".encode()
            self._found += found
            self._size = len(found)

    def told(self) -> str:
        """Each once and in no order that says anything, one a line."""
        import numpy as np  # a hundred thousand objects of Python take five times the room

        return np.unique(np.frombuffer(self._found, f"S{self._size or 1}")).tobytes().decode().removesuffix("\n")


class Written:
    """What left the store as files on this machine."""

    def __init__(self, database: Database, audit: Audit) -> None:
        self._database = database
        self._audit = audit

    def people(self, id_numbers: Iterable[str] = ()) -> People:
        """For those who can't hold them all."""
        found = People(self._audit.pseudonym)
        for number in id_numbers:
            found.add(number)
        return found

    def note(self, kind: str, path: Path, whose: Iterable[str] | People, *, by: str) -> None:
        """Enter a file, or a folder with a manifest, that was just written: about people with these numbers."""
        told = (whose if isinstance(whose, People) else self.people(whose)).told()
        count = told.count("\n") + 1 if told else 0
        values = {"path": str(path.absolute()), "sha256": digest_of(path), "at": self._audit.now(), "by": by}
        with self._database.write() as connection:
            connection.execute(insert(_WRITTEN).values(kind=kind, people=count, about=told, deleted_at=None, **values))

    def all(self) -> list[WrittenFile]:
        """The newest first."""
        with self._database.read() as connection:
            rows = connection.execute(select(_WRITTEN).order_by(_WRITTEN.c.number.desc())).all()
        return [_load(row) for row in rows]

    def delete(self, files: Sequence[WrittenFile], *, asked_by: str, by: str) -> tuple[int, list[WrittenFile]]:
        """Delete these wherever they are now; how many, and those that were not found or could not be deleted. The entry in
        the trail says who asked and who decided."""
        done, left = [], []
        for file in files:
            where = place_of(file)
            if where is not None and _removed(where):
                done.append(file.number)
            else:
                left.append(file)
        if done:
            with self._database.write() as connection:
                connection.execute(
                    update(_WRITTEN).where(_WRITTEN.c.number.in_(done)).values(deleted_at=self._audit.now(), about="")
                )
                self._audit.append(
                    connection, "files.delete", actor=by, files=len(done), not_found=len(left), asked_by=asked_by
                )
        return len(done), left


def state_of(file: WrittenFile) -> tuple[FileState, Path]:
    """Where a file is now."""
    path = Path(file.path)
    if file.deleted_at is not None:
        return FileState.DELETED, path
    found = place_of(file)
    if found is not None:
        return (FileState.THERE if found == path else FileState.MOVED), found
    return (FileState.CHANGED if path.exists() else FileState.GONE), path


def place_of(file: WrittenFile) -> Path | None:
    """Where the very same file lies: at its place, or under another name beside it; a paper also where its folder was
    renamed. None: nowhere there."""
    path = Path(file.path)
    if _is_same(path, file.sha256):
        return path
    near: list[Path] = []
    with suppress(OSError):
        near += _beside(path.parent, path.suffix)
    if not path.parent.exists():
        with suppress(OSError):
            near += [one for folder in path.parent.parent.iterdir() if folder.is_dir() for one in _beside(folder, path.suffix)]
    return next((one for one in near if _is_same(one, file.sha256)), None)


def _beside(folder: Path, suffix: str) -> Iterator[Path]:
    if folder.is_dir():
        yield from (one for one in folder.iterdir() if one.suffix == suffix or one.is_dir())


def digest_of(path: Path) -> str:
    """SHA-256 of a file, or of a folder's manifest; empty where there is neither."""
    file = path / _MANIFEST if path.is_dir() else path
    try:
        with file.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError:
        return ""


def _is_same(path: Path, sha256: str) -> bool:
    return bool(sha256) and digest_of(path) == sha256


def _removed(path: Path) -> bool:
    """Overwritten once and unlinked. What a disk keeps beneath its files is out of our reach."""
    try:
        for file in [path] if path.is_file() else [one for one in path.rglob("*") if one.is_file()]:
            overwrite(file)
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
            with suppress(OSError):
                path.parent.rmdir()  # of papers: empty with the last one
    except OSError:
        return False
    return True


def _load(row: Row[tuple[object, ...]]) -> WrittenFile:
    at: datetime = row.at
    about = frozenset(row.about.split("\n")) - {""}
    return WrittenFile(row.number, row.kind, row.path, row.sha256, at, row.by, row.people, about, row.deleted_at)

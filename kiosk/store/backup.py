"""Backups on another disk or a stick, sealed as the store itself is, and the way back.

A backup's folder belongs to one store:

    kiosk-backup-1f3a9c20/
      vault-0001.sqlite3, vault-0002.sqlite3, …   the vault's blobs, each in one of them: a day adds what the day brought
      20260901-180000/                            one backup: `identity.sqlite3`, `station.key`, and `backup.json`

`backup.json` names every file with its digest, and is sealed with the store's key of the trail: what was changed, cut short or
put together from two backups is found before anything is restored. A backup counts when everything was read back.

Once something was deleted from the store, the next backup keeps none of it: blobs and earlier identities that hold it go. So it
is when the data key was changed: what was sealed with the one before is written anew.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import func, insert, select, update

from kiosk.ciphers import INTERNATIONAL
from kiosk.durable import sync_file, sync_folder
from kiosk.errors import StoreError
from kiosk.private import close_to_others, make_folder
from kiosk.store import keyring, keys, pairing, tables
from kiosk.store.audit import Audit
from kiosk.store.database import Database
from kiosk.store.folder import IDENTITY_FILE, KEY_FILE, VAULT_FILE, Places, sqlite_url
from kiosk.store.keyring import Keys, Unlock
from kiosk.store.migrations import migrate
from kiosk.store.opening import Opened

FOLDER: Final = "kiosk-backup-"
_FORMAT: Final = "exam capture kiosk backup 1"
_MANIFEST: Final = "backup.json"
_DRAFT: Final = ".draft"
_STAMP: Final = "%Y%m%d-%H%M%S"
_STAMPED: Final = re.compile(r"\d{8}-\d{6}")
_SEGMENT: Final = re.compile(r"vault-(\d{4,})\.sqlite3")
_BATCH: Final = 100

Progress = Callable[[int, int], None]  # done, of how many


@dataclass(frozen=True)
class Backup:
    """One backup. `blobs` are all that it needs, `added` those that it brought to the folder."""

    folder: Path
    at: datetime
    students: int
    records: int
    blobs: int
    added: int = 0

    @property
    def name(self) -> str:
        return f"{self.folder.parent.name}/{self.folder.name}"


class Backups:
    """Makes backups of an open store, one at a time."""

    def __init__(self, opened: Opened, audit: Audit, *, simulated: bool) -> None:
        """A store that keeps out nobody is not carried elsewhere, unless it is `simulated`."""
        self._opened = opened
        self._audit = audit
        self._simulated = simulated

    def make(
        self,
        target: Path,
        now: datetime,
        *,
        keep: int,
        by: str = "",
        stop: Callable[[], bool] = lambda: False,
        progress: Progress = lambda *_: None,
    ) -> Backup | None:
        """Write one into a folder on another disk, read it back, and forget all but the newest `keep`; None if `stop` said so.
        `progress` is told how many of the new blobs are written.

        Raises StoreError: "backup.no_folder" when the disk is not there, "backup.server" for a store on a database server,
        "backup.not_sealed" where nobody logged in yet, "backup.unreadable" when what was written does not read back, and what
        a full or read-only disk says.
        """
        if not self._opened.identity.sqlite or not self._opened.vault.sqlite:
            raise StoreError("backup.server")
        if not self._simulated and keyring.read(self._opened.places.key).open:
            raise StoreError("backup.not_sealed")
        if not target.is_dir():
            raise StoreError("backup.no_folder", folder=str(target))
        with _disk(target):
            made = _Making(self._opened, target, now, stop, progress).run(keep)
        if made is not None:
            self._audit.record("backup.make", actor=by, records=made.records, blobs=made.blobs, added=made.added)
        return made

    def latest(self, target: Path) -> Backup | None:
        """The newest of this store in a folder."""
        home = _home(self._opened, target)
        return next((one for one in found(target) if one.folder.parent == home), None)


def _home(opened: Opened, target: Path) -> Path:
    """Where this store's backups lie."""
    with opened.identity.read() as connection:
        return target / f"{FOLDER}{pairing.store_id_of(connection, tables.identity_pair)[:8]}"


class _Making:
    """One backup under way."""

    def __init__(self, opened: Opened, target: Path, now: datetime, stop: Callable[[], bool], progress: Progress) -> None:
        self._opened = opened
        self._now = now
        self._stop = stop
        self._progress = progress
        self._home = _home(opened, target)

    def run(self, keep: int) -> Backup | None:
        make_folder(self._home)
        for left in self._home.glob(f"*{_DRAFT}"):  # of one that was cut off
            shutil.rmtree(left) if left.is_dir() else left.unlink()
        draft = self._home / f"{self._now.astimezone():{_STAMP}}{_DRAFT}"
        make_folder(draft)
        page_key = self._opened.keys.page_key
        self._opened.identity.copy(draft / IDENTITY_FILE, page_key)
        with closing(Database(sqlite_url(draft / IDENTITY_FILE), page_key=page_key)) as copy:
            told = _settle(copy)
        shutil.copyfile(self._opened.places.key, draft / KEY_FILE)
        blobs, check, held = self._vault()
        there = _segments(self._home)
        sealed_otherwise = any(_manifest(one)["key_check"] != check.hex() for one in _stamped(self._home)[-1:])
        stale = [segment for segment, ids in there.items() if sealed_otherwise or ids - blobs]
        fresh = blobs - {one for segment, ids in there.items() if segment not in stale for one in ids}
        segment = self._write_segment(sorted(fresh)) if fresh else None
        if fresh and segment is None:
            return None
        needed = [path for path in _segments(self._home) if path not in stale]
        told |= {"key_check": check.hex(), "quarantine": held, "blobs": len(blobs), "at": self._now.isoformat()}
        self._sign(draft, needed, told)
        final = draft.with_name(draft.name.removesuffix(_DRAFT))
        draft.rename(final)
        sync_folder(self._home)
        made = verify(final, self._opened.keys)
        self._forget(final, keep, stale)
        return Backup(made.folder, made.at, made.students, made.records, made.blobs, len(fresh))

    def _vault(self) -> tuple[set[str], bytes, dict[str, str]]:
        """The ids of all blobs, the check of the key that they are sealed with, and what lies in quarantine since when."""
        with self._opened.vault.read() as connection:
            ids = set(connection.scalars(select(tables.blobs.c.id)))
            check = bytes(connection.scalar(select(tables.key_check.c.value)) or b"")
            marks = connection.execute(select(tables.quarantine)).all()
        return ids, check, {row.blob_id: row.since.isoformat() for row in marks}

    def _write_segment(self, ids: Sequence[str]) -> Path | None:
        numbers = [int(found[1]) for path in self._home.iterdir() if (found := _SEGMENT.fullmatch(path.name))]
        path = self._home / f"vault-{max(numbers, default=0) + 1:04d}.sqlite3"
        draft = path.with_name(f"{path.name}{_DRAFT}")
        with closing(Database(sqlite_url(draft))) as segment:
            with segment.write() as connection:
                tables.blobs.create(connection)
            for start in range(0, len(ids), _BATCH):
                if self._stop():
                    return None
                with self._opened.vault.read() as connection:
                    wanted = tables.blobs.c.id.in_(ids[start : start + _BATCH])
                    rows = [dict(row) for row in connection.execute(select(tables.blobs).where(wanted)).mappings()]
                if rows:
                    with segment.write() as connection:
                        connection.execute(insert(tables.blobs), rows)
                self._progress(min(start + _BATCH, len(ids)), len(ids))
            segment.leave_log()
        sync_file(draft)
        draft.rename(path)
        return path

    def _sign(self, folder: Path, segments: Sequence[Path], told: dict[str, Any]) -> None:
        files = [folder / IDENTITY_FILE, folder / KEY_FILE, *segments]
        told |= {"format": _FORMAT, "files": {_named(path, folder): _digest(path) for path in files}}
        told["seal"] = _seal(told, self._opened.keys)
        content = json.dumps(told, ensure_ascii=False, indent=1).encode()
        (folder / _MANIFEST).write_bytes(content)
        sync_file(folder / _MANIFEST)
        close_to_others(folder)

    def _forget(self, newest: Path, keep: int, stale: Sequence[Path]) -> None:
        """What is too many, and everything that still holds what was deleted from the store."""
        for one in _stamped(self._home)[:-keep]:
            shutil.rmtree(one)
        if stale:
            for one in _stamped(self._home):
                if one != newest:
                    shutil.rmtree(one)
        used = {name for one in _stamped(self._home) for name in _manifest(one)["files"]}
        for segment in _segments(self._home):
            if f"../{segment.name}" not in used:
                segment.unlink()


def found(target: Path) -> list[Backup]:
    """The backups in a folder, of whatever store, the newest first; those that can't be read are left out."""
    backups = []
    for home in target.glob(f"{FOLDER}*"):
        for folder in _stamped(home):
            with suppress(StoreError, OSError, ValueError, KeyError):
                backups.append(_backup(folder, _manifest(folder)))
    return sorted(backups, key=lambda one: one.at, reverse=True)


def verify(folder: Path, made: Keys) -> Backup:
    """Read a whole backup back. Raises StoreError("backup.unreadable") with the file that is not as it was written."""
    told = _manifest(folder)
    if not hmac.compare_digest(str(told.pop("seal", "")), _seal(told, made)):
        raise StoreError("backup.unreadable", file=_MANIFEST)
    for name, digest in told["files"].items():
        if not (folder / name).is_file() or _digest(folder / name) != digest:
            raise StoreError("backup.unreadable", file=Path(name).name)
    return _backup(folder, told)


def restore(folder: Path, data: Path, unlock: Unlock, progress: Progress = lambda *_: None) -> Backup:
    """Put a backup where no store is, and nothing of the backup is changed. `unlock` opens its ring as it was that day;
    `progress` is told how many of how many blobs are back.

    Raises StoreError: "backup.not_empty", "backup.unreadable", what unlocking says. A kill leaves nothing that opens: begin
    anew.
    """
    ring = keyring.read(folder / KEY_FILE)
    made = unlock(ring)
    backup = verify(folder, made)
    places = Places(data)
    places.prepare()
    with places.opening(), _disk(data):
        draft = places.restoring
        parts = [places.vault, places.identity, places.key]
        if any(path.exists() for path in parts) and (not draft.exists() or places.key.exists()):
            raise StoreError("backup.not_empty", folder=str(data))
        shutil.rmtree(draft, ignore_errors=True)
        make_folder(draft)
        shutil.copyfile(folder / IDENTITY_FILE, draft / IDENTITY_FILE)
        _vault_of(folder, draft, made, lambda done: progress(done, backup.blobs))
        for path in parts[:2]:
            sync_file(draft / path.name)
            (draft / path.name).replace(path)
        keyring.write(places.key, ring)
        shutil.rmtree(draft)
        places.keep_private()
    return backup


def _vault_of(folder: Path, draft: Path, made: Keys, progress: Callable[[int], None]) -> None:
    """A vault of the blobs that a backup names, which fits its identities."""
    told = _manifest(folder)
    page_key = made.in_use(bytes.fromhex(told["key_check"])).page_key
    with closing(Database(sqlite_url(draft / IDENTITY_FILE), page_key=page_key)) as identity, identity.read() as connection:
        pair = connection.execute(select(tables.identity_pair)).one()
    with closing(Database(sqlite_url(draft / VAULT_FILE))) as vault:
        migrate(vault, "vault")
        done = 0
        for name in told["files"]:
            if _SEGMENT.fullmatch(Path(name).name):
                for copied in _copy_blobs(folder / name, vault):
                    done += copied
                    progress(done)
        with vault.write() as connection:
            connection.execute(insert(tables.key_check).values(number=1, value=bytes.fromhex(told["key_check"])))
            marks = [{"blob_id": one, "since": datetime.fromisoformat(at)} for one, at in told["quarantine"].items()]
            if marks:
                connection.execute(insert(tables.quarantine), marks)
            pairing.introduce(connection, tables.vault_pair, pair.store_id)
            connection.execute(update(tables.vault_pair).values(generation=pair.heard, heard=pair.generation))
            pairing.count(connection, tables.vault_pair)
        vault.leave_log()


def _copy_blobs(segment: Path, vault: Database) -> Iterator[int]:
    """Copies them batch by batch; how many each had."""
    after = ""
    with closing(Database.looking(segment)) as source:
        while True:
            with source.read() as connection:
                query = select(tables.blobs).where(tables.blobs.c.id > after).order_by(tables.blobs.c.id).limit(_BATCH)
                rows = [dict(row) for row in connection.execute(query).mappings()]
            if not rows:
                return
            with vault.write() as connection:
                connection.execute(insert(tables.blobs), rows)
            after = rows[-1]["id"]
            yield len(rows)


def _settle(copy: Database) -> dict[str, Any]:
    """Make a copy of identities one that no station has open; what it holds, in numbers."""
    with copy.write() as connection:
        connection.execute(update(tables.identity_pair).values(in_session=False))
        numbers = {
            name: connection.scalar(select(func.count()).select_from(table)) or 0
            for name, table in (("students", tables.students), ("records", tables.records))
        }
        last = connection.execute(
            select(tables.audit.c.number, tables.audit.c.seal).order_by(tables.audit.c.number.desc()).limit(1)
        ).one_or_none()
    copy.leave_log()
    return {**numbers, "last_seal": {"number": last.number, "seal": last.seal} if last else None}


def _segments(home: Path) -> dict[Path, set[str]]:
    """Files of blobs, with the ids of what each holds."""
    segments = {}
    for path in sorted(home.iterdir()):
        if _SEGMENT.fullmatch(path.name):
            with closing(Database.looking(path)) as segment, segment.read() as connection:
                segments[path] = set(connection.scalars(select(tables.blobs.c.id)))
    return segments


def _stamped(home: Path) -> list[Path]:
    return sorted(path for path in home.iterdir() if path.is_dir() and _STAMPED.fullmatch(path.name))


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        told = json.loads((folder / _MANIFEST).read_bytes())
        if told["format"] != _FORMAT:
            raise ValueError("another format")
    except (OSError, ValueError, KeyError, TypeError):
        raise StoreError("backup.unreadable", file=_MANIFEST) from None
    return dict(told)


def _backup(folder: Path, told: dict[str, Any]) -> Backup:
    return Backup(folder, datetime.fromisoformat(told["at"]), told["students"], told["records"], told["blobs"])


def _named(path: Path, folder: Path) -> str:
    return path.name if path.parent == folder else f"../{path.name}"


def _seal(told: dict[str, Any], made: Keys) -> str:
    content = json.dumps(told, ensure_ascii=True, sort_keys=True, separators=(",", ":")).encode()
    return INTERNATIONAL.mac(keys.derive(made.trail, "backup"), content)


def _digest(path: Path) -> str:
    """SHA-256 of what the disk gives, and not what memory remembers, where the system can be asked for that."""
    with path.open("rb") as file:
        if hasattr(os, "posix_fadvise"):
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _disk(folder: Path) -> Iterator[None]:
    """What a disk says, in words."""
    try:
        yield
    except OSError as error:
        raise StoreError("backup.disk", folder=str(folder), reason=error.strerror or type(error).__name__) from None

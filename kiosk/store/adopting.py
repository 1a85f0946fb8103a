"""A person's way out when a store can't be opened and no whole backup is left: take what is there as it is.

Everything is copied aside first, so that nothing is given up for good: what turns up later can still be put back. Then what
can't be used is left out, what is missing is made anew, and the two halves are introduced to each other as they are. Blobs
without rows go into quarantine; rows without blobs are told, so that those students can be captured again.
"""

from __future__ import annotations

import errno
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from kiosk.ciphers import INTERNATIONAL, Suite
from kiosk.durable import sync_file
from kiosk.errors import StoreError
from kiosk.store import changeover, health, keyring, pairing, quarantine, write_ahead
from kiosk.store.audit import of_store as trail_of_store
from kiosk.store.audit import require_reason, suite_of
from kiosk.store.database import Database, PageKey
from kiosk.store.folder import SET_ASIDE, Places
from kiosk.store.health import Hurt
from kiosk.store.keyring import Keys, Ring, Unlock
from kiosk.store.opening import connect
from kiosk.store.pairing import NOT_MADE, Half, look_at_identity, look_at_vault
from kiosk.store.station_lock import lock_folder
from kiosk.store.survey import Found

_TRIAL: Final = "adoption-"
_STAMP: Final = "%Y%m%d-%H%M%S"


@dataclass(frozen=True)
class Adoption:
    """What became of a store, or would. `left_out` are the names of files that could not be used, `hurt` the records that miss
    something, `quarantined` the blobs that no row names; everything as it was found lies in `set_aside`, None when it was only
    tried."""

    left_out: tuple[str, ...]
    hurt: tuple[Hurt, ...]
    quarantined: int
    set_aside: Path | None = None


def try_adoption(folder: Path, unlock: Unlock = keyring.unlock_open, suite: Suite = INTERNATIONAL) -> Adoption:
    """What `adopt` would come to, tried on a copy. Raises StoreError when a station has the store, or the disk has no room."""
    with _alone(Places(folder)) as places, tempfile.TemporaryDirectory(prefix=_TRIAL, dir=folder) as scratch:
        copy = Places(Path(scratch))
        _copy(places, copy.folder)
        return _adopt(copy, unlock, suite, by="", reason="")


def adopt(
    folder: Path,
    unlock: Unlock = keyring.unlock_open,
    suite: Suite = INTERNATIONAL,
    *,
    by: str,
    reason: str,
    now: datetime,
) -> Adoption:
    """Take the store as it is; raises StoreError as above, and without a reason. `suite` is what it gets when nothing tells
    which one it was made with."""
    require_reason(reason)
    with _alone(Places(folder)) as places:
        aside = folder / SET_ASIDE / f"{now.astimezone():{_STAMP}}"
        _copy(places, aside)
        try:
            return replace(_adopt(places, unlock, suite, by=by, reason=reason), set_aside=aside)
        finally:
            places.keep_private()


@contextmanager
def _alone(places: Places) -> Iterator[Places]:
    """Neither a station nor anybody who opens the store comes in between."""
    places.prepare()
    with lock_folder(places, ""), places.opening():
        for left in places.folder.glob(f"{_TRIAL}*"):  # of a try that was killed: copies, no more
            shutil.rmtree(left)
        yield places


def _adopt(places: Places, unlock: Unlock, suite: Suite, *, by: str, reason: str) -> Adoption:
    left_out: list[str] = []
    vault = _usable(places.vault, None, look_at_vault, left_out)
    keys_there = _keys(places, unlock, vault)
    if keys_there is None:
        # The vault is sealed with others. The identities may be an earlier program's, which are not sealed.
        left_out += [path.name for path in (places.key, places.vault) if path.exists()]
        for path in (places.key, keyring.copy_of(places.key)):
            path.unlink(missing_ok=True)
        _remove(places.vault)
        vault = NOT_MADE
        ring, made = keyring.new_ring()
    else:
        ring, made = keys_there
    page_key = changeover.page_key_of(places.identity, made)
    identity = _usable(places.identity, page_key, look_at_identity, left_out)
    if identity.made and page_key is None:
        changeover.seal_plain(places, made.page_key)
    keyring.write(places.key, replace(ring, fresh=False, plain=False))
    found = Found(identity, vault)
    if identity.made and not vault.made:  # what the trail was sealed with: no vault says it any more
        with closing(Database.looking(places.identity, page_key or made.page_key)) as database:
            suite = suite_of(database, made.trail) or suite
    with closing(connect(places, found, made, suite)) as opened:
        pairing.pair_anew(opened.identity, opened.vault)
        pairing.count_commits(opened.identity, opened.witness)
        audit = trail_of_store(opened.identity, opened.keys.trail, opened.suite)
        settled, _ = quarantine.settle(opened.identity, opened.vault, audit, most=None)
        lost = quarantine.losses(opened.identity, opened.vault)
        hurt = health.by_record(opened.identity, [(loss.record_id, loss.kind) for loss in lost])
        audit.record("store.adopt", actor=by, reason=reason, left_out=left_out, hurt=len(hurt), quarantined=settled)
        return Adoption(tuple(left_out), tuple(hurt), settled)


def _usable(path: Path, page_key: PageKey | None, look: Callable[[Database], Half], left_out: list[str]) -> Half:
    """The half in a file; a log that is another's, and a file that is no database any more, are taken away."""
    log = write_ahead.log_of(path)
    try:
        if write_ahead.is_there(path) and write_ahead.is_database(path):
            if not write_ahead.log_fits(path):
                left_out.append(log.name)
                log.unlink()
            with closing(Database.looking(path, page_key)) as database:
                return look(database)
    except StoreError:
        pass  # a database on the outside only
    left_out += [lost.name for lost in (path, log) if lost.exists()]
    _remove(path)
    return NOT_MADE


def _keys(places: Places, unlock: Unlock, vault: Half) -> tuple[Ring, Keys] | None:
    """The ring and the keys in it; None when it is gone, spoilt or another vault's. Raises StoreError when it is whole and
    nobody unlocked it: then nothing is lost, and nothing may be given up."""
    try:
        ring = keyring.read(places.key)
    except StoreError:
        return None
    made = unlock(ring)
    return (ring, made) if made.fit(vault.key_check) else None


def _remove(database: Path) -> None:
    for path in (database, write_ahead.log_of(database), database.with_name(f"{database.name}-shm")):
        path.unlink(missing_ok=True)


def _copy(places: Places, to: Path) -> None:
    """Everything that a store consists of, on the disk when this returns."""
    parts = [places.identity, places.vault, places.key, keyring.copy_of(places.key)]
    parts += [write_ahead.log_of(path) for path in parts[:2]]
    try:
        to.mkdir(parents=True, exist_ok=True, mode=0o700)
        for path in parts:
            if path.exists():
                shutil.copyfile(path, to / path.name)
                sync_file(to / path.name)
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise StoreError("store.no_room_to_copy", folder=str(places.folder)) from None
        raise StoreError("store.folder", folder=str(places.folder), reason=error.strerror or "") from None
    Places(to).keep_private()

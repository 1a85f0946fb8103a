"""What lies in the data folder, looked at before anything is opened for writing: a store that can be opened as it is, a place
for a new one, or something that a person must decide about. Nothing is changed here, whatever is found."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kiosk.errors import StoreError
from kiosk.store import write_ahead
from kiosk.store.database import Database, PageKey
from kiosk.store.folder import Places
from kiosk.store.keyring import Keys
from kiosk.store.pairing import NOT_MADE, Half, look_at_identity, look_at_vault, require_pair

_LOOKS: Final = 4  # beside another program, a log may begin anew while it is looked at
_BETWEEN_S: Final = 0.02


@dataclass(frozen=True)
class Found:
    """The two halves."""

    identity: Half
    vault: Half

    @property
    def used(self) -> bool:
        """Whether anything was ever kept here."""
        return self.identity.used or self.vault.used or bool(self.identity.store_id)


def survey(places: Places, keys: Keys | None, page_key: PageKey | None, *, running: bool) -> Found:
    """Look, and look again where a writer may have been in the way; raises StoreError when this can't be opened as it is.

    `keys` are None where there are none, or none that anything was sealed with yet; the identities are sealed with `page_key`.
    Beside a `running` station the logs are in use, and it has looked at them when it began.
    """
    for _ in range(_LOOKS):
        before = _touched(places)
        try:
            return _look(places, keys, page_key, running)
        except StoreError:
            if _touched(places) == before:
                raise
            time.sleep(_BETWEEN_S)
    return _look(places, keys, page_key, running)


def _touched(places: Places) -> list[tuple[int, int]]:
    """Changes when somebody writes to the files."""
    found = []
    for path in (places.identity, write_ahead.log_of(places.identity), places.vault, write_ahead.log_of(places.vault)):
        with suppress(FileNotFoundError):
            found.append((path.stat().st_size, path.stat().st_mtime_ns))
    return found


def _look(places: Places, keys: Keys | None, page_key: PageKey | None, running: bool) -> Found:
    with _half(places.vault, places.vault_url, None, look_at_vault, running) as vault:
        before = vault()
        if keys is not None and not keys.fit(before.key_check):  # the identities would only seem damaged
            raise StoreError("store.key_wrong", file=str(places.key))
        with _half(places.identity, places.identity_url, page_key, look_at_identity, running) as identity:
            found = Found(identity(), vault())
    _require_whole(places, found, keys)
    if found.identity.store_id and found.vault.store_id:
        require_pair(before, found.identity, found.vault)
    return found


def _require_whole(places: Places, found: Found, keys: Keys | None) -> None:
    """Raises StoreError when something is missing that was there: no part is made anew beside used others."""
    files = {places.identity: found.identity, places.vault: found.vault}
    missing = [path for path, half in files.items() if not half.made]
    logs = any(write_ahead.has_log(path) for path in missing)
    if missing and (found.used or keys is not None or logs):
        if len(missing) == len(files):
            raise StoreError("store.databases_missing", folder=str(places.folder))
        raise StoreError("store.half_missing", file=missing[0].name, folder=str(places.folder))
    if keys is None and found.used:
        raise StoreError("store.key_missing", file=str(places.key))
    if found.identity.store_id and not found.vault.store_id:
        raise StoreError("store.vault_older", behind=found.identity.heard)
    if found.vault.store_id and not found.identity.store_id and found.vault.heard:
        raise StoreError("store.identity_older", behind=found.vault.heard)


@contextmanager
def _half(
    path: Path, url: str, page_key: PageKey | None, look: Callable[[Database], Half], running: bool
) -> Iterator[Callable[[], Half]]:
    """Something that can be asked for what one of the halves is at that moment."""
    if not url and not write_ahead.is_there(path):
        yield lambda: NOT_MADE
        return
    if not url:
        _require_database(path, running)
    with closing(Database(url) if url else Database.looking(path, page_key)) as database:

        def looked() -> Half:
            try:
                half = look(database)
            except StoreError as error:
                if error.code == "store.damaged" and not url:
                    raise StoreError("store.file_damaged", file=path.name) from None
                raise
            if not url and not running:
                _require_log(path, half)
            return half

        yield looked


def _require_database(path: Path, running: bool) -> None:
    """Raises StoreError when a file is no database, or the log beside it is another database's."""
    if not write_ahead.is_database(path):
        raise StoreError("store.file_damaged", file=path.name)
    if not running and not write_ahead.log_fits(path):
        raise StoreError("store.log_of_another", file=path.name, log=write_ahead.log_of(path).name)


def _require_log(path: Path, half: Half) -> None:
    """Raises StoreError when the log that must be there is not, or not all that is in it can be read.

    A power cut spoils at most the one transaction that was not yet durable.
    """
    log, name = write_ahead.read_log(path), write_ahead.log_of(path).name
    if half.in_session and log is None:
        raise StoreError("store.log_missing", file=path.name, log=name)
    if half.store_id and log is not None and log.last > half.generation + 1:
        raise StoreError("store.log_damaged", file=path.name, log=name)

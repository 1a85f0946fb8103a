"""Opens the two databases of a store, or makes them where there is nothing yet. Nothing is ever lost by opening."""

from __future__ import annotations

import secrets
from contextlib import ExitStack
from dataclasses import dataclass, replace

from kiosk.errors import StoreError
from kiosk.store import changeover, keyring, pairing, quarantine, tables, vault, write_ahead
from kiosk.store.database import Database, PageKey
from kiosk.store.folder import Places, make_file, sqlite_url
from kiosk.store.keyring import Keys, Ring, Unlock
from kiosk.store.migrations import migrate
from kiosk.store.survey import Found, survey


@dataclass(frozen=True)
class Opened:
    """Two databases that belong together, up to date, and the keys that fit them; the ring may hold the next ones already.
    Every commit of the first is counted."""

    identity: Database
    vault: Database
    witness: Database
    keys: Keys
    in_ring: Keys
    places: Places

    def close(self) -> None:
        for database in (self.witness, self.identity, self.vault):
            database.close()


def open_databases(places: Places, unlock: Unlock, *, running: bool) -> Opened:
    """Raises StoreError when something is missing, damaged, older than its other half or of another store, or can't be
    unlocked; then everything is as it was found. `running`: a station has them open already."""
    with places.opening():
        try:
            ring = keyring.read(places.key) if keyring.is_there(places.key) else None
            keys = unlock(ring) if ring is not None else None
            if ring is None and write_ahead.is_there(places.identity) and write_ahead.is_there(places.vault):
                raise StoreError("store.key_missing", file=str(places.key))
            page_key = None if keys is None or places.identity_url else changeover.page_key_of(places.identity, keys)
            found = survey(places, None if ring is None or ring.fresh else keys, page_key, running=running)
            if ring is None or keys is None:
                ring, keys = keyring.new_ring()
                keyring.write(places.key, ring)
            elif not running:
                ring = _settled(places, ring, keys, page_key, found)
            elif page_key is None and not places.identity_url:
                raise StoreError("store.busy")  # an earlier program's station: the next start seals them
            with ExitStack() as stack:
                opened = connect(places, found, keys, running=running)
                stack.callback(opened.close)
                _pair(opened, found)
                if not running:
                    opened = _complete(ring, opened, found)
                pairing.count_commits(opened.identity, opened.witness)
                if not running and (found.identity.in_session or found.vault.in_session):
                    pairing.end_session(opened.identity, opened.vault)  # it was cut off; all that it did was found
                stack.pop_all()
                return opened
        finally:
            places.keep_private()


def connect(places: Places, found: Found, in_ring: Keys, *, running: bool = False) -> Opened:
    """The databases, made where `found` says that there are none yet, and migrated."""
    keys = in_ring.in_use(found.vault.key_check) if running else in_ring
    with ExitStack() as stack:
        databases = []
        for half, path, url, page_key in (
            (found.identity, places.identity, places.identity_url, _page_key(places, keys)),
            (found.vault, places.vault, places.vault_url, None),
        ):
            if not half.made and not url:
                make_file(path)
            databases.append(Database(url or sqlite_url(path), page_key=page_key))
            stack.callback(databases[-1].close)
        identity, blobs = databases
        migrate(identity, "identity")
        migrate(blobs, "vault")
        vault.note_key(blobs, keys.data)
        witness = Database(places.vault_url or sqlite_url(places.vault), lazy=True)
        stack.pop_all()
        return Opened(identity, blobs, witness, keys, in_ring, places)


def _page_key(places: Places, keys: Keys) -> PageKey | None:
    """A database server seals its files itself, or nobody does."""
    return None if places.identity_url else keys.page_key


def _settled(places: Places, ring: Ring, keys: Keys, page_key: PageKey | None, found: Found) -> Ring:
    """Seal what is still plain or sealed with an earlier key. Nobody else has the store open."""
    if found.identity.made and page_key is None and not places.identity_url:
        changeover.seal_plain(places, keys.page_key)
        page_key = keys.page_key
    if ring.plain:
        ring = replace(ring, plain=False)
        keyring.write(places.key, ring)
    changeover.remove_plain(places)
    if page_key is not None and page_key != keys.page_key and found.identity.made:
        changeover.change_page_key(places, page_key, keys.page_key)
    return ring


def _complete(ring: Ring, opened: Opened, found: Found) -> Opened:
    """Both halves are there. Seal anew what an earlier key sealed, which is kept for as long as anything is in quarantine."""
    done, keys = replace(ring, fresh=False), opened.keys
    if keys.older:
        kept = quarantine.count_kept(opened.vault)
        if not kept or not vault.fits(keys.data, found.vault.key_check):
            vault.reseal(opened.identity, opened.vault, keys.data, keys.older)
        if not kept:
            keys = replace(keys, older=())
            opened, done = replace(opened, keys=keys, in_ring=keys), keyring.with_keys(done, keys)
    if done != ring:
        keyring.write(opened.places.key, done)
    return opened


def _pair(opened: Opened, found: Found) -> None:
    """Introduce two halves to each other that are new, or of an earlier program. The vault is the first to know: a kill in
    between is made good at the next opening."""
    if found.identity.store_id and found.vault.store_id:
        return
    quarantine.require_same_store(opened.identity, opened.vault)
    with opened.identity.write() as names, opened.vault.write() as connection:
        pairing.introduce(connection, tables.vault_pair, found.vault.store_id or secrets.token_hex(16))
        store_id = connection.execute(tables.vault_pair.select()).one().store_id
        pairing.introduce(names, tables.identity_pair, store_id)
        pairing.hear_of_vault(names, pairing.generation_of(connection, tables.vault_pair))

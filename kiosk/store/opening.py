"""Opens the two databases of a store, or makes them where there is nothing yet. Nothing is ever lost by opening."""

from __future__ import annotations

import secrets
from contextlib import ExitStack
from dataclasses import dataclass

from kiosk.ciphers import Suite
from kiosk.store import pairing, quarantine, tables
from kiosk.store.database import Database
from kiosk.store.folder import Places, make_file, sqlite_url
from kiosk.store.migrations import migrate
from kiosk.store.survey import Found, survey
from kiosk.store.vault import unlock


@dataclass(frozen=True)
class Opened:
    """Two databases that belong together, up to date; the key that fits them, and the suite that they were made with. Every
    commit of the first is counted."""

    identity: Database
    vault: Database
    witness: Database
    key: bytes
    suite: Suite

    def close(self) -> None:
        for database in (self.witness, self.identity, self.vault):
            database.close()


def open_databases(places: Places, suite: Suite, *, running: bool) -> Opened:
    """Raises StoreError when something is missing, damaged, older than its other half or of another store; then everything is
    as it was found. `running`: a station has them open already. `suite` is what a new store is made with."""
    opening = places.opening()
    try:
        found = survey(places, running=running)
        with ExitStack() as stack:
            opened = connect(places, found, suite, keep_key=found.used)
            stack.callback(opened.close)
            _pair(opened, found)
            pairing.count_commits(opened.identity, opened.witness)
            if not running and (found.identity.in_session or found.vault.in_session):
                pairing.end_session(opened.identity, opened.vault)  # it was cut off; all that it did was found
            stack.pop_all()
            return opened
    finally:
        places.keep_private()
        opening.release()


def connect(places: Places, found: Found, suite: Suite, *, keep_key: bool) -> Opened:
    """Databases and key, made where `found` says that there are none yet, and migrated. No key is made with `keep_key`."""
    with ExitStack() as stack:
        databases = []
        for half, path, url in (
            (found.identity, places.identity, places.identity_url),
            (found.vault, places.vault, places.vault_url),
        ):
            if not half.made and not url:
                make_file(path)
            databases.append(Database(url or sqlite_url(path)))
            stack.callback(databases[-1].close)
        identity, vault = databases
        migrate(identity, "identity")
        migrate(vault, "vault")
        key, made_with = unlock(vault, places.key, suite, keep=keep_key)
        witness = Database(places.vault_url or sqlite_url(places.vault), lazy=True)
        stack.pop_all()
        return Opened(identity, vault, witness, key, made_with)


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

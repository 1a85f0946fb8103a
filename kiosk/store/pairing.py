"""The two databases know each other, so that none is ever opened beside another store's, an older or an empty one.

Each half has a generation that only grows. The identities' grows with every write, the vault's with every blob that is put
into it, and each keeps what it last heard of the other's:

- The identities hear the vault's generation in the transaction that names the blobs. So a vault that is behind what they
  heard is an older one, or lost its log.
- The vault hears the identities' generation after each of their commits. So identities that are behind what it heard are
  older ones, or lost their log. That word is sent without waiting for the disk: a power cut may take it back, and then the
  vault knows a little less, never something wrong.
- A kill between the two commits of a step leaves the vault ahead of what the identities heard, and nothing else: those few
  blobs go into quarantine (`kiosk.store.quarantine`).

While a station runs, both halves say so in their files themselves, not only in the logs beside them. Whatever says so and
has no log lost it, of one half or of both: they would fit each other, as they were before the station began.

SQLite's own header repeats the generation: see `kiosk.store.write_ahead`.
"""

from __future__ import annotations

import logging
import secrets
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, Table, case, insert, inspect, literal, select, update

from kiosk.errors import StoreError
from kiosk.store import tables
from kiosk.store.database import Database

log: Final = logging.getLogger(__name__)


@dataclass(frozen=True)
class Half:
    """What one of the two databases says of itself. `store_id` is empty before the two were paired, and in databases of
    earlier programs; `header` is the generation that SQLite's header repeats, None elsewhere; `key_check` is the vault's."""

    made: bool
    used: bool
    store_id: str = ""
    generation: int = 0
    heard: int = 0
    in_session: bool = False
    header: int | None = None
    key_check: bytes | None = None


NOT_MADE: Final = Half(made=False, used=False)


def look_at_identity(database: Database) -> Half:
    """Used are identities with anybody on the roster, or anything done."""
    return _look(database, tables.identity_pair, (tables.audit, tables.records, tables.students))


def look_at_vault(database: Database) -> Half:
    """Used is a vault with anything in it, be it only the check of a key: that is written when both halves are there."""
    return _look(database, tables.vault_pair, (tables.blobs, tables.key_check))


def _look(database: Database, pair: Table, contents: tuple[Table, ...]) -> Half:
    with database.read() as connection:
        names = set(inspect(connection).get_table_names())
        if not names:
            return NOT_MADE
        used = any(
            table.name in names and connection.scalar(select(literal(1)).select_from(table).limit(1))  # of any shape
            for table in contents
        )
        check = tables.key_check
        key_check = connection.scalar(select(check.c.value)) if check.name in names else None
        row = connection.execute(select(pair)).one_or_none() if pair.name in names else None
        if row is None:
            return Half(made=True, used=used, key_check=key_check)
        header = connection.exec_driver_sql("PRAGMA user_version").scalar() if database.sqlite else None
        return Half(True, used, row.store_id, row.generation, row.heard, row.in_session, header, key_check)


def require_pair(vault_before: Half, identity: Half, vault_after: Half) -> None:
    """Raises StoreError when two paired halves don't belong together as they are.

    The vault is looked at before and after: beside a running station both halves go on while they are looked at.
    """
    if identity.store_id != vault_after.store_id:
        raise StoreError("store.not_a_pair")
    if vault_before.heard > identity.generation:
        raise StoreError("store.identity_older", behind=vault_before.heard - identity.generation)
    if identity.heard > vault_after.generation:
        raise StoreError("store.vault_older", behind=identity.heard - vault_after.generation)
    for half in (identity, vault_after):
        if half.header is not None and half.header != half.generation:
            raise StoreError("store.mixed")


def begin_session(identity: Database, vault: Database) -> None:
    """Say in both files that a station has them open."""
    _in_session(identity, vault, True)
    for database in (vault, identity):
        database.checkpoint()


def end_session(identity: Database, vault: Database) -> None:
    """Nothing that was done is in the logs alone once the last one has closed the files."""
    _in_session(identity, vault, False)


def _in_session(identity: Database, vault: Database, value: bool) -> None:
    with identity.write() as names, vault.write() as connection:
        connection.execute(update(tables.vault_pair).values(in_session=value))
        generation = count(connection, tables.vault_pair)
        names.execute(update(tables.identity_pair).values(in_session=value))
        hear_of_vault(names, generation)


def count_commits(identity: Database, witness: Database) -> None:
    """Number the identities' commits from now on, and let the vault hear of each. `witness` is the vault, lazily."""

    def tell(generation: int) -> None:
        pair = tables.vault_pair
        try:
            with witness.write() as connection:
                connection.execute(update(pair).where(pair.c.heard < generation).values(heard=generation))
                # Each round of the log has the first page, also one in which the vault does nothing but hear.
                _into_header(connection, generation_of(connection, pair))
        except StoreError as error:  # the deed itself is durable; the next one tells more
            log.warning("the vault did not hear of generation %s: %s", generation, error)

    identity.count_commits(lambda connection: count(connection, tables.identity_pair), tell)


def count(connection: Connection, pair: Table) -> int:
    """The next generation of a half, within a write transaction on it."""
    counted = update(pair).values(generation=pair.c.generation + 1).returning(pair.c.generation)
    generation = connection.execute(counted).scalar()
    if generation is None:
        raise StoreError("store.not_a_pair")
    _into_header(connection, generation)
    return int(generation)


def hear_of_vault(connection: Connection, generation: int) -> None:
    """Within the identities' transaction: the vault is at a generation, its blobs up to there are named or given up."""
    pair = tables.identity_pair
    connection.execute(update(pair).values(heard=case((pair.c.heard < generation, generation), else_=pair.c.heard)))


def pair_anew(identity: Database, vault: Database) -> None:
    """Make a pair of two halves as they are, whatever they heard of each other before."""
    store_id = secrets.token_hex(16)
    with identity.write() as names, vault.write() as connection:
        for half, pair in ((connection, tables.vault_pair), (names, tables.identity_pair)):
            introduce(half, pair, store_id)
            half.execute(update(pair).values(store_id=store_id, in_session=False))
            count(half, pair)
        generations = [
            generation_of(half, pair) for half, pair in ((connection, tables.vault_pair), (names, tables.identity_pair))
        ]
        names.execute(update(tables.identity_pair).values(heard=generations[0]))
        connection.execute(update(tables.vault_pair).values(heard=generations[1]))


def introduce(connection: Connection, pair: Table, store_id: str) -> None:
    """Give a half its row, within a write transaction on it."""
    if connection.execute(select(pair)).first() is None:
        connection.execute(insert(pair).values(number=1, store_id=store_id, generation=0, heard=0, in_session=False))
        _into_header(connection, 0)


def store_id_of(connection: Connection, pair: Table) -> str:
    return str(connection.execute(select(pair.c.store_id)).scalar_one())


def generation_of(connection: Connection, pair: Table) -> int:
    return int(connection.execute(select(pair.c.generation)).scalar_one())


def _into_header(connection: Connection, generation: int) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"PRAGMA user_version = {generation:d}")

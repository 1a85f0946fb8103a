"""What lies in the store of people who never stood here (`kiosk.store.elsewhere`), within somebody's transaction."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, func, insert, select

from kiosk.errors import StoreError
from kiosk.records import Biometric, BiometricKind, KnownElsewhere, StoredBiometric, known_lines, read_known
from kiosk.store import tables
from kiosk.store.vault import Vault

_log: Final = logging.getLogger(__name__)
_KNOWN: Final = tables.known_elsewhere
_KIND: Final = BiometricKind.LIKENESSES
STAFF: Final = "staff-elsewhere"  # of the school's other stations, by a 名单包
STUDENTS: Final = "students-elsewhere"  # whom the school's other stations captured, by a 回执包
OF_STATION: Final = "staff-of-{}"  # at the office: the staff of the station with this store
KEPT: Final = timedelta(days=180)


def replace(connection: Connection, vault: Vault, owner: str, people: Sequence[KnownElsewhere], said_at: datetime) -> None:
    """These instead of whom the sender told of before, whose blob is doomed."""
    drop(connection, owner)
    if people:
        (stored,) = vault.put(connection, owner, [Biometric(_KIND, known_lines(people))])
        of = {"owner": owner, "blob_id": stored.blob_id, "size": stored.size, "digest": stored.digest}
        connection.execute(insert(_KNOWN).values(**of, people=len(people), said_at=said_at))


def forget(connection: Connection, vault: Vault, id_numbers: Collection[str]) -> list[str]:
    """Nobody of these numbers is known any more; the records' ids by which they were."""
    gone: list[str] = []
    for row in connection.execute(select(_KNOWN)).all():
        people = opened(vault, row)
        left = [one for one in people if one.id_number not in id_numbers]
        if len(left) < len(people):
            gone += [one.id for one in people if one.id_number in id_numbers]
            replace(connection, vault, row.owner, left, row.said_at)
    return gone


def people(connection: Connection) -> int:
    """Of how many people something is kept."""
    return connection.scalar(select(func.sum(_KNOWN.c.people))) or 0


def drop(connection: Connection, owner: str) -> None:
    """Nobody is known by that sender any more; the blob is doomed."""
    here = _KNOWN.c.owner == owner
    gone = [{"blob_id": blob_id} for blob_id in connection.scalars(select(_KNOWN.c.blob_id).where(here))]
    if gone:
        connection.execute(delete(_KNOWN).where(here))
        connection.execute(insert(tables.doomed), gone)


def opened(vault: Vault, row: Row[Any]) -> tuple[KnownElsewhere, ...]:
    """Who is in it. What can't be read is nobody, and told in the log."""
    try:
        return read_known(vault.open(StoredBiometric(row.owner, _KIND, row.blob_id, row.size, row.digest)))
    except StoreError as error:
        _log.warning("what is known from elsewhere can't be read: %s: %s", row.owner, error.code)
    except ValueError as error:
        _log.warning("what is known from elsewhere can't be read: %s, line %s", row.owner, error)
    return ()

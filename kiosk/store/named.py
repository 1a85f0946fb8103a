"""Every blob that a row names: pieces of records, and signed consents."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select

from kiosk.records import BiometricKind, StoredBiometric
from kiosk.store import tables
from kiosk.store.database import Database

_BIOMETRICS, _PAPERS = tables.biometrics, tables.papers


def named_blobs(identity: Database, most: int) -> Iterator[list[StoredBiometric]]:
    """Up to `most` at a time; no transaction is held between them, and memory stays flat."""
    after = 0
    while True:
        with identity.read() as connection:
            query = select(_BIOMETRICS).where(_BIOMETRICS.c.number > after).order_by(_BIOMETRICS.c.number).limit(most)
            found = connection.execute(query).all()
        if not found:
            break
        yield [StoredBiometric(row.record_id, BiometricKind(row.kind), row.blob_id, row.size, row.digest) for row in found]
        after = found[-1].number
    owner = ""
    while True:
        with identity.read() as connection:
            query = select(_PAPERS).where(_PAPERS.c.owner > owner).order_by(_PAPERS.c.owner).limit(most)
            found = connection.execute(query).all()
        if not found:
            return
        yield [StoredBiometric(row.owner, BiometricKind.CONSENT_PAPER, row.blob_id, row.size, row.digest) for row in found]
        owner = found[-1].owner

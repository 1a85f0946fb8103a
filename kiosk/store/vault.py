"""Biometrics: sealed by the store's suite, in a database of their own that knows no student."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import chain
from typing import Final

from sqlalchemy import Connection, delete, insert, select, update

from kiosk.ciphers import Sealer, Suite, Unsound, check_value, is_key_of, suite_of_check
from kiosk.errors import StoreError
from kiosk.records import Biometric, BiometricKind, StoredBiometric
from kiosk.store import pairing, tables
from kiosk.store.database import Database
from kiosk.store.named import named_blobs, staff_blobs

_BATCH: Final = 50
_BLOBS: Final = tables.blobs

SealedBlob = tuple[bytes, bytes]  # the nonce, and what is sealed


def note_key(database: Database, key: bytes, suite: Suite) -> Suite:
    """Let a new vault know the key that it is sealed with, and the suite; the suite that it was made with."""
    with database.write() as connection:
        known = connection.scalar(select(tables.key_check.c.value))
        if known is None:
            connection.execute(insert(tables.key_check).values(number=1, value=check_value(suite, key)))
    return suite if known is None else suite_of_check(known)


def fits(key: bytes, check: bytes | None) -> bool:
    """Whether a key is the one that a vault's check value was made with; any is where there is none yet."""
    return check is None or is_key_of(check, key)


def reseal(names: Database, vault: Database, new: bytes, older: Sequence[bytes], suite: Suite) -> None:
    """Seal with a new key every blob that a row names, some at a time. After a kill it is begun again, and passes over what was
    done. Blobs in quarantine stay as they are: nobody can tell what they were sealed for. So do those that were tampered with.
    """
    sealer, others = _sealer(suite, new), [_sealer(suite, key) for key in older]
    for batch in chain(named_blobs(names, _BATCH), staff_blobs(names, _BATCH)):
        with vault.write() as connection:
            for stored in batch:
                _reseal(connection, stored, sealer, others)
    with vault.write() as connection:
        connection.execute(update(tables.key_check).values(value=check_value(suite, new)))


def _reseal(connection: Connection, stored: StoredBiometric, new: Sealer, older: Sequence[Sealer]) -> None:
    blobs, bound = tables.blobs, _associated(stored.record_id, stored.kind)
    row = connection.execute(select(blobs).where(blobs.c.id == stored.blob_id)).one_or_none()
    if row is None:
        return
    for sealer in older:
        with suppress(Unsound):
            nonce, sealed = new.seal(sealer.open(row.nonce, row.sealed, bound), bound)
            connection.execute(update(blobs).where(blobs.c.id == row.id).values(nonce=nonce, sealed=sealed))
            return


def _sealer(suite: Suite, key: bytes) -> Sealer:
    return suite.sealer(key, "vault")


class Vault:
    """Sealed blobs by id. A blob opens only for the record and kind that it was sealed for."""

    def __init__(self, database: Database, key: bytes, suite: Suite, older: Sequence[bytes] = ()) -> None:
        """`older` keys open what was sealed before the key was changed."""
        self._database = database
        self._suite = suite
        self._sealer = _sealer(suite, key)
        self._older = [_sealer(suite, one) for one in older]

    def put(self, names: Connection, record_id: str, biometrics: Sequence[Biometric]) -> list[StoredBiometric]:
        """Seal and keep; durable when it returns. The caller then writes the rows that name the blobs, in the identities'
        transaction `names`: a power cut in between leaves blobs without rows, never rows without blobs."""
        stored = [self.name(record_id, biometric) for biometric in biometrics]
        if stored:
            pairing.hear_of_vault(names, self.put_named(list(zip(stored, biometrics, strict=True))))
        return stored

    def name(self, record_id: str, biometric: Biometric) -> StoredBiometric:
        """What a row will say of a blob that is not put yet."""
        digest = self._suite.digest(biometric.data)
        return StoredBiometric(record_id, biometric.kind, secrets.token_hex(16), len(biometric.data), digest)

    def put_named(self, pieces: Sequence[tuple[StoredBiometric, Biometric]]) -> int:
        """Seal and keep under names that are written down already, somewhere from where they can be deleted; durable when it
        returns. The vault's generation, which the identities are to hear of with the rows."""
        rows = []
        for stored, biometric in pieces:
            nonce, sealed = self._sealer.seal(biometric.data, _associated(stored.record_id, stored.kind))
            rows.append({"id": stored.blob_id, "nonce": nonce, "sealed": sealed})
        with self._database.write() as connection:
            connection.execute(insert(tables.blobs), rows)
            return pairing.count(connection, tables.vault_pair)

    def fetch(self, blob_ids: Sequence[str]) -> Mapping[str, SealedBlob]:
        """Those blobs that there are, as they lie: `open` opens them."""
        with self._database.read() as connection:
            query = select(_BLOBS.c.id, _BLOBS.c.nonce, _BLOBS.c.sealed).where(_BLOBS.c.id.in_(blob_ids))
            return {blob_id: (nonce, sealed) for blob_id, nonce, sealed in connection.execute(query)}

    def open(self, stored: StoredBiometric, blob: SealedBlob | None = None) -> bytes:
        """The data that a row names, of a blob that was fetched before or is now; raises StoreError when it is gone or was
        tampered with."""
        blob = blob or self.fetch([stored.blob_id]).get(stored.blob_id)
        if blob is None:
            raise StoreError("store.blob_missing", record=stored.record_id, kind=str(stored.kind))
        data = None
        for sealer in (self._sealer, *self._older):
            with suppress(Unsound):
                data = sealer.open(*blob, _associated(stored.record_id, stored.kind))
                break
        # An older blob of the same record and kind in its place would open, too.
        if data is None or not hmac.compare_digest(self._suite.digest(data), stored.digest):
            raise StoreError("store.blob_tampered", record=stored.record_id, kind=str(stored.kind))
        return data

    def erase(self, blob_ids: Sequence[str]) -> None:
        """Blobs that no row names any more are gone for good when it returns."""
        if not blob_ids:
            return
        with self._database.write() as connection:
            connection.execute(delete(tables.blobs).where(tables.blobs.c.id.in_(blob_ids)))
            pairing.count(connection, tables.vault_pair)


def _associated(record_id: str, kind: BiometricKind) -> bytes:
    return f"{record_id}:{kind.value}".encode()

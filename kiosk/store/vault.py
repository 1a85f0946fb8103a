"""Biometrics: sealed with AES-256-GCM, in a database of their own that knows no student."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, Table, delete, insert, select, update

from kiosk.errors import StoreError
from kiosk.records import Biometric, BiometricKind, StoredBiometric
from kiosk.store import keys, pairing, tables
from kiosk.store.database import Database

# What stands for the record in the seal of a blob of the staff: a student's never opens as one of these.
OF_STAFF: Final = "staff-{}"
_BATCH: Final = 50
_NONCE_BYTES: Final = 12  # NIST SP 800-38D, 8.2.2: random, far below 2^32 blobs per key


def note_key(database: Database, key: bytes) -> None:
    """Let a new vault know the key that it is sealed with."""
    with database.write() as connection:
        if connection.scalar(select(tables.key_check.c.value)) is None:
            connection.execute(insert(tables.key_check).values(number=1, value=_check_value(key)))


def fits(key: bytes, check: bytes | None) -> bool:
    """Whether a key is the one that a vault's check value was made with; any is where there is none yet."""
    return check is None or hmac.compare_digest(check, _check_value(key))


def _check_value(key: bytes) -> bytes:
    return keys.derive(key, "key check")


def reseal(names: Database, vault: Database, new: bytes, older: Sequence[bytes]) -> None:
    """Seal with a new key every blob that a row names, some at a time. After a kill it is begun again, and passes over what was
    done. Blobs in quarantine stay as they are: nobody can tell what they were sealed for. So do those that were tampered with.
    """
    for named, owner in ((tables.biometrics, "{}"), (tables.staff_biometrics, OF_STAFF)):
        after = 0
        while found := _named_after(names, named, after):
            with vault.write() as connection:
                for row in found:
                    whose = owner.format(row[0])
                    stored = StoredBiometric(whose, BiometricKind(row.kind), row.blob_id, row.size, row.sha256)
                    _reseal(connection, stored, new, older)
            after = found[-1].number
    with vault.write() as connection:
        connection.execute(update(tables.key_check).values(value=_check_value(new)))


def _named_after(names: Database, named: Table, after: int) -> Sequence[Any]:
    """Some rows that name blobs: whose they are, and the rest."""
    whose = named.c.record_id if named is tables.biometrics else named.c.account_id
    query = select(whose, named.c.number, named.c.kind, named.c.blob_id, named.c.size, named.c.sha256)
    with names.read() as connection:
        return connection.execute(query.where(named.c.number > after).order_by(named.c.number).limit(_BATCH)).all()


def _reseal(connection: Connection, stored: StoredBiometric, new: bytes, older: Sequence[bytes]) -> None:
    blobs, bound = tables.blobs, _associated(stored.record_id, stored.kind)
    row = connection.execute(select(blobs).where(blobs.c.id == stored.blob_id)).one_or_none()
    if row is None:
        return
    for cipher in map(_cipher, older):
        with suppress(InvalidTag):
            data = cipher.decrypt(row.nonce, row.sealed, bound)
            nonce = secrets.token_bytes(_NONCE_BYTES)
            values = {"nonce": nonce, "sealed": _cipher(new).encrypt(nonce, data, bound)}
            connection.execute(update(blobs).where(blobs.c.id == row.id).values(values))
            return


def _cipher(key: bytes) -> AESGCM:
    return AESGCM(keys.derive(key, "vault"))


class Vault:
    """Sealed blobs by id. A blob opens only for the record and kind that it was sealed for."""

    def __init__(self, database: Database, key: bytes, older: Sequence[bytes] = ()) -> None:
        """`older` keys open what was sealed before the key was changed."""
        self._database = database
        self._cipher = _cipher(key)
        self._older = [_cipher(one) for one in older]

    def put(self, names: Connection, record_id: str, biometrics: Sequence[Biometric]) -> list[StoredBiometric]:
        """Seal and keep; durable when it returns. The caller then writes the rows that name the blobs, in the identities'
        transaction `names`: a power cut in between leaves blobs without rows, never rows without blobs."""
        stored, rows = [], []
        for biometric in biometrics:
            blob_id = secrets.token_hex(16)
            nonce = secrets.token_bytes(_NONCE_BYTES)
            sealed = self._cipher.encrypt(nonce, biometric.data, _associated(record_id, biometric.kind))
            rows.append({"id": blob_id, "nonce": nonce, "sealed": sealed})
            digest = hashlib.sha256(biometric.data).hexdigest()
            stored.append(StoredBiometric(record_id, biometric.kind, blob_id, len(biometric.data), digest))
        if rows:
            with self._database.write() as connection:
                connection.execute(insert(tables.blobs), rows)
                generation = pairing.count(connection, tables.vault_pair)
            pairing.hear_of_vault(names, generation)
        return stored

    def get(self, stored: StoredBiometric) -> bytes:
        """The data that a row names; raises StoreError when it is gone or was tampered with."""
        with self._database.read() as connection:
            row = connection.execute(select(tables.blobs).where(tables.blobs.c.id == stored.blob_id)).one_or_none()
        if row is None:
            raise StoreError("store.blob_missing", record=stored.record_id, kind=str(stored.kind))
        data = None
        for cipher in (self._cipher, *self._older):
            with suppress(InvalidTag):
                data = cipher.decrypt(row.nonce, row.sealed, _associated(stored.record_id, stored.kind))
                break
        # An older blob of the same record and kind in its place would open, too.
        if data is None or hashlib.sha256(data).hexdigest() != stored.sha256:
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

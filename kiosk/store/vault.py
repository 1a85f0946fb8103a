"""Biometrics: sealed with AES-256-GCM, in a database of their own that knows no student."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, delete, insert, select

from kiosk.errors import StoreError
from kiosk.records import Biometric, BiometricKind, StoredBiometric
from kiosk.store import keys, pairing, tables
from kiosk.store.database import Database

_NONCE_BYTES: Final = 12  # NIST SP 800-38D, 8.2.2: random, far below 2^32 blobs per key


def unlock(database: Database, key_file: Path, *, keep: bool) -> bytes:
    """The station's key; raises StoreError when the file is missing, damaged or of another vault.

    It is made only where nothing was ever sealed with another: not with `keep`.
    """
    key = keys.load_key(key_file) if keep or key_file.exists() else keys.make_key(key_file)
    with database.write() as connection:
        known = connection.scalar(select(tables.key_check.c.value))
        if known is None:
            connection.execute(insert(tables.key_check).values(number=1, value=_check_value(key)))
    require_key(key, known, key_file)
    return key


def require_key(key: bytes, check: bytes | None, key_file: Path) -> None:
    """Raises StoreError when a key is not the one that a vault's check value was made with."""
    if check is not None and not hmac.compare_digest(check, _check_value(key)):
        raise StoreError("store.key_wrong", file=str(key_file))


def _check_value(key: bytes) -> bytes:
    return keys.derive(key, "key check")


class Vault:
    """Sealed blobs by id. A blob opens only for the record and kind that it was sealed for."""

    def __init__(self, database: Database, key: bytes) -> None:
        self._database = database
        self._cipher = AESGCM(keys.derive(key, "vault"))

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
        try:
            data = self._cipher.decrypt(row.nonce, row.sealed, _associated(stored.record_id, stored.kind))
        except InvalidTag:
            raise StoreError("store.blob_tampered", record=stored.record_id, kind=str(stored.kind)) from None
        # An older blob of the same record and kind in its place would open, too.
        if hashlib.sha256(data).hexdigest() != stored.sha256:
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

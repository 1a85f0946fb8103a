"""Biometrics: sealed with AES-256-GCM, in a database of their own that knows no student."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, delete, func, insert, select

from kiosk.errors import StoreError
from kiosk.records import Biometric, BiometricKind, StoredBiometric
from kiosk.store import keys, tables
from kiosk.store.database import Database

_NONCE_BYTES: Final = 12  # NIST SP 800-38D, 8.2.2: random, far below 2^32 blobs per key
_BATCH: Final = 500


def unlock(database: Database, key_file: Path) -> bytes:
    """The station's key, made at the first start; raises StoreError when the file is missing, damaged or of another vault.

    A vault that holds a check value was used before: then a missing key is never replaced by a new one.
    """
    with database.read() as connection:
        known = connection.scalar(select(tables.key_check.c.value))
    key = keys.load_key(key_file) if known is not None or key_file.exists() else keys.make_key(key_file)
    check = keys.derive(key, "key check")
    if known is None:
        with database.write() as connection:
            known = connection.scalar(select(tables.key_check.c.value))  # another process may have been quicker
            if known is None:
                connection.execute(insert(tables.key_check).values(number=1, value=check))
                known = check
    if not hmac.compare_digest(known, check):
        raise StoreError("store.key_wrong", file=str(key_file))
    return key


class Vault:
    """Sealed blobs by id. A blob opens only for the record and kind that it was sealed for."""

    def __init__(self, database: Database, key: bytes) -> None:
        self._database = database
        self._cipher = AESGCM(keys.derive(key, "vault"))

    def put(self, record_id: str, biometrics: Sequence[Biometric]) -> list[StoredBiometric]:
        """Seal and keep; durable when it returns. The caller then writes the rows that name the blobs."""
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

    def sweep(self, is_named: Callable[[list[str]], set[str]]) -> int:
        """Delete blobs that no row names (a power cut fell between the two); returns how many.

        The caller holds the identity database's write lock, under which every blob gets its row: so no blob is on its way.
        """
        swept, after = 0, ""
        with self._database.write() as connection:
            while batch := _ids_after(connection, after):
                orphans = set(batch) - is_named(batch)
                if orphans:
                    connection.execute(delete(tables.blobs).where(tables.blobs.c.id.in_(orphans)))
                swept, after = swept + len(orphans), batch[-1]
        return swept

    def count(self) -> int:
        with self._database.read() as connection:
            return connection.scalar(select(func.count()).select_from(tables.blobs)) or 0


def _ids_after(connection: Connection, after: str) -> list[str]:
    query = select(tables.blobs.c.id).where(tables.blobs.c.id > after).order_by(tables.blobs.c.id).limit(_BATCH)
    return list(connection.scalars(query))


def _associated(record_id: str, kind: BiometricKind) -> bytes:
    return f"{record_id}:{kind.value}".encode()

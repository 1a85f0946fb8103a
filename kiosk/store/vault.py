"""Biometrics: sealed by the store's suite, in a database of their own that knows no student."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import Connection, insert, select

from kiosk.ciphers import Suite, Unsound, check_value, is_key_of, suite_of_check
from kiosk.errors import StoreError
from kiosk.records import Biometric, BiometricKind, StoredBiometric
from kiosk.store import keys, pairing, tables
from kiosk.store.database import Database


def unlock(database: Database, key_file: Path, suite: Suite, *, keep: bool) -> tuple[bytes, Suite]:
    """The station's key, and the suite that the vault was made with; raises StoreError when the file is missing, damaged or of
    another vault.

    A key is made only where nothing was ever sealed with another: not with `keep`. `suite` is for a new vault.
    """
    key = keys.load_key(key_file) if keep or key_file.exists() else keys.make_key(key_file)
    with database.write() as connection:
        known = connection.scalar(select(tables.key_check.c.value))
        if known is None:
            connection.execute(insert(tables.key_check).values(number=1, value=check_value(suite, key)))
    require_key(key, known, key_file)
    return key, suite if known is None else suite_of_check(known)


def require_key(key: bytes, check: bytes | None, key_file: Path) -> None:
    """Raises StoreError when a key is not the one that a vault's check value was made with."""
    if check is not None and not is_key_of(check, key):
        raise StoreError("store.key_wrong", file=str(key_file))


class Vault:
    """Sealed blobs by id. A blob opens only for the record and kind that it was sealed for."""

    def __init__(self, database: Database, key: bytes, suite: Suite) -> None:
        self._database = database
        self._suite = suite
        self._sealer = suite.sealer(key, "vault")

    def put(self, names: Connection, record_id: str, biometrics: Sequence[Biometric]) -> list[StoredBiometric]:
        """Seal and keep; durable when it returns. The caller then writes the rows that name the blobs, in the identities'
        transaction `names`: a power cut in between leaves blobs without rows, never rows without blobs."""
        stored, rows = [], []
        for biometric in biometrics:
            blob_id = secrets.token_hex(16)
            nonce, sealed = self._sealer.seal(biometric.data, _associated(record_id, biometric.kind))
            rows.append({"id": blob_id, "nonce": nonce, "sealed": sealed})
            digest = self._suite.digest(biometric.data)
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
            data = self._sealer.open(row.nonce, row.sealed, _associated(stored.record_id, stored.kind))
        except Unsound:
            raise StoreError("store.blob_tampered", record=stored.record_id, kind=str(stored.kind)) from None
        # An older blob of the same record and kind in its place would open, too.
        if not hmac.compare_digest(self._suite.digest(data), stored.digest):
            raise StoreError("store.blob_tampered", record=stored.record_id, kind=str(stored.kind))
        return data


def _associated(record_id: str, kind: BiometricKind) -> bytes:
    return f"{record_id}:{kind.value}".encode()

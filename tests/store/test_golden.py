"""What is stored is a contract: what any version of the program wrote, this one reads; and it writes what is set down here."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import zipfile
from pathlib import Path

import pyrage
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlcipher3 import dbapi2 as sqlite

from kiosk.records import BiometricKind
from kiosk.store import Store
from kiosk.store.migrations import head
from tests.store.golden.reading import missing, read, shape
from tests.store.golden.students import write

GOLDEN = Path(__file__).parent / "golden"
VERSIONS = sorted(path.stem for path in GOLDEN.glob("*.zip"))


@pytest.fixture
def unpacked(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    zipfile.ZipFile(GOLDEN / f"{request.param}.zip").extractall(tmp_path)
    return tmp_path


@pytest.mark.parametrize(("unpacked", "version"), [(one, one) for one in VERSIONS], indirect=["unpacked"], ids=VERSIONS)
def test_what_an_older_program_wrote_is_read_to_the_last_field(unpacked: Path, version: str) -> None:
    told = json.loads((GOLDEN / f"{version}.json").read_text(encoding="utf-8"))
    with Store.open(unpacked) as store:
        now = read(store)
        health = store.check()
    assert missing(told, now) == []
    assert now["first_broken"] is None
    assert (health.hurt, health.blobs, health.opened) == ((), health.blobs, health.blobs)


def test_what_is_stored_does_not_change_its_shape_without_a_migration_and_a_golden_store() -> None:
    told = json.loads((GOLDEN / "shape.json").read_text(encoding="utf-8"))
    now = {"version": head("identity"), **shape()}
    assert now == told, "write a migration for what changed, then: python -m tests.store.golden"
    assert {told["version"], f"{told['version']}-sm"} <= set(VERSIONS)


@pytest.mark.parametrize("unpacked", [VERSIONS[0]], indirect=True)
def test_the_oldest_store_and_a_new_one_are_sealed_alike(unpacked: Path, tmp_path: Path) -> None:
    """Opened here without a line of the program: AES-256-GCM and HMAC-SHA256 under keys by HKDF, bound to record and kind."""
    new = tmp_path / "new"
    write(new)
    for folder in (unpacked, new):
        assert _opened_and_held_against_their_seals(folder) >= {BiometricKind.PORTRAIT, BiometricKind.RIGHT_THUMB}


def _opened_and_held_against_their_seals(folder: Path) -> set[str]:
    data, trail, pragmas = _keys_of(folder)
    identity, vault = (sqlite.connect(str(folder / f"{name}.sqlite3")) for name in ("identity", "vault"))
    try:
        for pragma in pragmas:
            identity.execute(f"PRAGMA {pragma}")
        cipher = AESGCM(_derived(data, "vault"))
        pieces = identity.execute("SELECT record_id, kind, blob_id, sha256 FROM biometrics").fetchall()
        for record_id, kind, blob_id, digest in pieces:
            nonce, sealed = vault.execute("SELECT nonce, sealed FROM blobs WHERE id = ?", (blob_id,)).fetchone()
            opened = cipher.decrypt(nonce, sealed, f"{record_id}:{kind}".encode())
            assert hashlib.sha256(opened).hexdigest() == digest
        seal, entries = "0" * 64, identity.execute("SELECT number, at, actor, action, subject, detail, seal FROM audit")
        for *entry, written in entries:
            told = json.dumps([seal, *map(str, entry)], ensure_ascii=True, sort_keys=True, separators=(",", ":"))
            seal = hmac.new(_derived(trail, "audit"), told.encode(), "sha256").hexdigest()
            assert seal == written
    finally:
        identity.close()
        vault.close()
    return {kind for _, kind, _, _ in pieces}


def _keys_of(folder: Path) -> tuple[bytes, bytes, tuple[str, ...]]:
    """The keys of data and trail, and what SQLCipher has to be told. The oldest had one key, and plain identities."""
    content = (folder / "station.key").read_bytes()
    if len(content) == 32:
        return content, content, ()
    ring = json.loads(content)
    slot = next(slot for slot in ring["slots"] if slot["kind"] == "open")
    identity = pyrage.x25519.Identity.from_str(base64.b64decode(slot["sealed"]).decode())
    held = json.loads(pyrage.decrypt(base64.b64decode(ring["sealed"]), [identity]))
    data, trail = base64.b64decode(held["data"]), base64.b64decode(held["trail"])
    key, salt = _derived(data, "identity").hex(), _derived(trail, "identity salt")[:16].hex()
    return data, trail, (f"key = \"x'{key}{salt}'\"", "cipher_plaintext_header_size = 112")


def _derived(key: bytes, purpose: str) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=f"exam capture kiosk: {purpose}".encode()).derive(key)

"""Keys from keys, and files that hold them: readable by their owner only, replaced whole or not at all."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_KEY_BYTES: Final = 32
_OWNER_ONLY: Final = 0o600


def derive(key: bytes, purpose: str) -> bytes:
    """A key of its own for each purpose (HKDF-SHA256, RFC 5869), so that no key serves two algorithms."""
    return HKDF(SHA256(), _KEY_BYTES, salt=None, info=f"exam capture kiosk: {purpose}".encode()).derive(key)


def replace_file(path: Path, content: bytes) -> None:
    """Put content in the place of a file: on the disk when this returns, and no crash leaves half of it."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    _sync_folder(path.parent)


def close_to_others(path: Path) -> None:
    """Nobody but its owner reads the file, whatever a copy by hand made of it."""
    if os.name == "posix" and path.stat().st_mode & 0o077:
        path.chmod(_OWNER_ONLY)


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":  # Windows has no handle to sync; NTFS journals names
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

"""The station's key: 32 random bytes in a file, made at the first start, readable by its owner only, never overwritten."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Final

from kiosk.ciphers import KEY_BYTES
from kiosk.errors import StoreError

_OWNER_ONLY: Final = 0o600


def load_key(path: Path) -> bytes:
    """The key in the file; raises StoreError when there is none or it is damaged."""
    try:
        key = path.read_bytes()
    except FileNotFoundError:
        raise StoreError("store.key_missing", file=str(path)) from None
    if len(key) != KEY_BYTES:
        raise StoreError("store.key_damaged", file=str(path))
    if os.name == "posix" and path.stat().st_mode & 0o077:
        path.chmod(_OWNER_ONLY)
    return key


def make_key(path: Path) -> bytes:
    """A new key, on the disk when this returns. When another process was quicker, its key.

    Written under another name and linked into place: the link fails where a key exists already, and no crash leaves half a key.
    """
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY), "wb") as file:
        file.write(secrets.token_bytes(KEY_BYTES))
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    _sync_folder(path.parent)
    return load_key(path)


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":  # Windows has no handle to sync; NTFS journals names
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

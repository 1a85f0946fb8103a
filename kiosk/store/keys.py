"""Keys from keys, and files that hold them: readable by their owner only, replaced whole or not at all."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from kiosk.ciphers import INTERNATIONAL
from kiosk.durable import sync_folder
from kiosk.private import FILE_MODE


def derive(key: bytes, purpose: str) -> bytes:
    """A key of its own for each purpose, for what is the same in every suite: SQLCipher's pages, and the ring."""
    return INTERNATIONAL.derive(key, purpose)


def replace_file(path: Path, content: bytes) -> None:
    """Put content in the place of a file: on the disk when this returns, and no crash leaves half of it."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    sync_folder(path.parent)

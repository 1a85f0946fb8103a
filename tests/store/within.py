"""Ways into a store's files that the program does not have: what somebody with the keys could do to them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from sqlcipher3 import dbapi2 as sqlite

from kiosk.store import keyring
from kiosk.store.database import unlocking
from kiosk.store.folder import IDENTITY_FILE, KEY_FILE

_PAGE, _READABLE, _RESERVED, _IV = 4096, 112, 80, 16  # bytes
_LOG_HEADER, _FRAME_HEADER = 32, 24


@contextmanager
def identities(folder: Path, unlock: keyring.Unlock = keyring.unlock_open) -> Iterator[sqlite.Connection]:
    """The identities of a store; what was done stands when the block ends, unless it raised."""
    keys = unlock(keyring.read(folder / KEY_FILE))
    connection = sqlite.connect(str(folder / IDENTITY_FILE))
    try:
        for pragma in unlocking(keys.page_key):
            connection.execute(f"PRAGMA {pragma}").close()
        with connection:
            yield connection
    finally:
        connection.close()


def everything(folder: Path, unlock: keyring.Unlock = keyring.unlock_open) -> bytes:
    """All bytes of all files; of the identities and their log each page as it is beneath the seal, free ones, too."""
    key = unlock(keyring.read(folder / KEY_FILE)).page_key.key
    held = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        content = path.read_bytes()
        if path.name == IDENTITY_FILE:
            places = [(start // _PAGE + 1, start) for start in range(0, len(content), _PAGE)]
            content = b"".join(_opened(key, number, content[start : start + _PAGE]) for number, start in places)
        elif path.name == f"{IDENTITY_FILE}-wal":
            starts = range(_LOG_HEADER, len(content) - _FRAME_HEADER - _PAGE + 1, _FRAME_HEADER + _PAGE)
            frames = [content[start : start + _FRAME_HEADER + _PAGE] for start in starts]
            content = b"".join(_opened(key, int.from_bytes(one[:4]), one[_FRAME_HEADER:]) for one in frames)
        held.append(content)
    return b"\0".join(held)


def _opened(key: bytes, number: int, page: bytes) -> bytes:
    """SQLCipher's AES-256-CBC; the IV and the HMAC lie at a page's end, and page 1 has a readable beginning."""
    readable = _READABLE if number == 1 else 0
    opener = Cipher(AES(key), CBC(page[-_RESERVED : -_RESERVED + _IV])).decryptor()
    return page[:readable] + opener.update(page[readable:-_RESERVED]) + opener.finalize()


def lose_key(folder: Path) -> None:
    """The ring, and the copy beside it."""
    for path in (folder / KEY_FILE, keyring.copy_of(folder / KEY_FILE)):
        path.unlink()

"""The district's word: that a locked school may go on until a time, or that its deadline is this and stands. Either is a code
signed with Ed25519 (RFC 8032) for this school and time.

The office keeps the private key; a station knows only the public one. A code is short enough to be read out or sent as text.
"""

from __future__ import annotations

import base64
import binascii
import struct
from datetime import UTC, datetime
from enum import Enum
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from kiosk.errors import StoreError

_TIME: Final = struct.Struct(">I")  # seconds since 1970
_SIGNATURE_BYTES: Final = 64
_GROUP: Final = 5


class Purpose(Enum):
    """What a code is for; one for the other is worth nothing."""

    UNLOCK = b"exam capture kiosk: unlock a school, version 1\0"
    ACCOUNTS = b"exam capture kiosk: a school's accounts, version 1\0"
    DEADLINE = b"exam capture kiosk: a school's deadline, version 1\0"


def make_code(private_key: bytes, school_code: str, at: datetime, purpose: Purpose = Purpose.UNLOCK) -> str:
    """A code that unlocks this school until then, or says that this is its deadline. `private_key`: 32 bytes."""
    moment = _TIME.pack(int(at.timestamp()))
    signature = Ed25519PrivateKey.from_private_bytes(private_key).sign(_message(purpose, school_code, moment))
    letters = base64.b32encode(moment + signature).decode("ascii").rstrip("=")
    return "-".join(letters[start : start + _GROUP] for start in range(0, len(letters), _GROUP))


def read_code(public_key: bytes, school_code: str, code: str, purpose: Purpose = Purpose.UNLOCK) -> datetime:
    """The time of a code; raises StoreError when it was not signed by this office for this school and purpose."""
    letters = "".join(char for char in code.upper() if char.isascii() and char.isalnum())
    try:
        content = base64.b32decode(letters + "=" * (-len(letters) % 8))
    except (binascii.Error, ValueError):
        raise StoreError("store.code_misread") from None
    if len(content) != _TIME.size + _SIGNATURE_BYTES:
        raise StoreError("store.code_misread")
    moment, signature = content[: _TIME.size], content[_TIME.size :]
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, _message(purpose, school_code, moment))
    except InvalidSignature:
        raise StoreError("store.code_not_for_us") from None
    return datetime.fromtimestamp(_TIME.unpack(moment)[0], UTC)


def sign(private_key: bytes, content: bytes, purpose: Purpose) -> bytes:
    """The office's signature under a file's content. `private_key`: 32 bytes."""
    return Ed25519PrivateKey.from_private_bytes(private_key).sign(purpose.value + content)


def is_signed(public_key: bytes, content: bytes, signature: bytes, purpose: Purpose) -> bool:
    """Whether a file's content was signed by the office with this key, for this purpose."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, purpose.value + content)
    except (InvalidSignature, ValueError):
        return False
    return True


def public_key(private_key: bytes) -> bytes:
    """The 32 bytes that stations get."""
    key = Ed25519PrivateKey.from_private_bytes(private_key)
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def _message(purpose: Purpose, school_code: str, moment: bytes) -> bytes:
    return purpose.value + moment + school_code.encode()

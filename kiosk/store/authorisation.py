"""The district's word: that a locked school may go on until a time, or that its deadline is this and stands. Either is a code
signed by the office for this school and time.

The office keeps the private key; a station knows only the public one. A code is short enough to be read out or sent as text.
"""

from __future__ import annotations

import base64
import binascii
import struct
from datetime import UTC, datetime
from typing import Final

from kiosk.ciphers import SIGNATURE_BYTES, Domain, SigningKey, suite_of_public_key
from kiosk.errors import StoreError

_TIME: Final = struct.Struct(">I")  # seconds since 1970
_GROUP: Final = 5


def make_code(key: SigningKey, school_code: str, at: datetime, domain: Domain = Domain.UNLOCK) -> str:
    """A code that unlocks this school until then, or says that this is its deadline."""
    moment = _TIME.pack(int(at.timestamp()))
    letters = base64.b32encode(moment + key.sign(domain, moment + school_code.encode())).decode("ascii").rstrip("=")
    return "-".join(letters[start : start + _GROUP] for start in range(0, len(letters), _GROUP))


def read_code(public_key: bytes, school_code: str, code: str, domain: Domain = Domain.UNLOCK) -> datetime:
    """The time of a code; raises StoreError when it was not signed by this office for this school and purpose."""
    letters = "".join(char for char in code.upper() if char.isascii() and char.isalnum())
    try:
        content = base64.b32decode(letters + "=" * (-len(letters) % 8))
    except (binascii.Error, ValueError):
        raise StoreError("store.code_misread") from None
    if len(content) != _TIME.size + SIGNATURE_BYTES:
        raise StoreError("store.code_misread")
    moment, signature = content[: _TIME.size], content[_TIME.size :]
    suite = suite_of_public_key(public_key)
    if suite is None or not suite.verify(public_key, domain, moment + school_code.encode(), signature):
        raise StoreError("store.code_not_for_us")
    return datetime.fromtimestamp(_TIME.unpack(moment)[0], UTC)

"""Keys of offices that don't exist, the same in every run."""

from __future__ import annotations

from kiosk.ciphers import INTERNATIONAL, SigningKey, read_office_key


def office_key(number: int = 0) -> SigningKey:
    """Of `international`, by 32 bytes."""
    key = read_office_key(bytes(range(number, number + 32)), "").signing
    assert key.suite is INTERNATIONAL
    return key

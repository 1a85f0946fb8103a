"""Algorithms by suite: everything that seals, digests for integrity or signs goes through here, and nothing else names one."""

from kiosk.ciphers.office_key import OfficeKey, new_office_key, read_office_key
from kiosk.ciphers.signatures import PRIVATE_BYTES, SIGNATURE_BYTES
from kiosk.ciphers.suite import (
    INTERNATIONAL,
    KEY_BYTES,
    SM,
    SUITES,
    Digest,
    Domain,
    Sealer,
    SigningKey,
    Suite,
    Unsound,
    check_value,
    is_key_of,
    suite_of_check,
    suite_of_public_key,
)

__all__ = [
    "INTERNATIONAL",
    "KEY_BYTES",
    "PRIVATE_BYTES",
    "SIGNATURE_BYTES",
    "SM",
    "SUITES",
    "Digest",
    "Domain",
    "OfficeKey",
    "Sealer",
    "SigningKey",
    "Suite",
    "Unsound",
    "check_value",
    "is_key_of",
    "new_office_key",
    "read_office_key",
    "suite_of_check",
    "suite_of_public_key",
]

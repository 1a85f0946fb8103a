"""The ciphers of Basic Access Control and secure messaging: two-key Triple-DES, ICAO 9303-11, 9.7 and 9.8.

They are old and weak, and what the documents have: not a choice of this station's.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from typing import Final

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, modes

BLOCK: Final = 8
_NO_IV: Final = bytes(BLOCK)


@dataclass(frozen=True)
class Keys:
    """16 bytes for secrecy, 16 bytes for integrity."""

    encryption: bytes = field(repr=False)
    integrity: bytes = field(repr=False)


def derive(seed: bytes) -> Keys:
    """Both keys from a seed of 16 bytes, 9303-11, 9.7.1."""
    return Keys(_key(seed, 1), _key(seed, 2))


def seed_of(mrz_information: bytes) -> bytes:
    """The seed of the document's basic access keys, 9303-11, 9.7.2."""
    # The standard prescribes SHA-1, and nothing here rests on it against collisions.
    return hashlib.sha1(mrz_information, usedforsecurity=False).digest()[:16]


def _key(seed: bytes, counter: int) -> bytes:
    digest = hashlib.sha1(seed + counter.to_bytes(4, "big"), usedforsecurity=False).digest()
    return bytes(byte & 0xFE | (byte & 0xFE).bit_count() % 2 ^ 1 for byte in digest[:16])


def encrypt(key: bytes, data: bytes) -> bytes:
    """Triple-DES CBC without an initial vector; `data` in whole blocks."""
    encryptor = _cipher(key).encryptor()
    return encryptor.update(data) + encryptor.finalize()


def decrypt(key: bytes, data: bytes) -> bytes:
    """The reverse."""
    decryptor = _cipher(key).decryptor()
    return decryptor.update(data) + decryptor.finalize()


def _cipher(key: bytes) -> Cipher[modes.CBC]:
    """With two keys of 8 bytes the third is the first again; with one, all are: that is single DES."""
    return Cipher(TripleDES((key + key + key)[:24]), modes.CBC(_NO_IV))


def mac(key: bytes, data: bytes) -> bytes:
    """8 bytes: ISO/IEC 9797-1 algorithm 3 with DES, padding method 2."""
    first, second = key[:BLOCK], key[BLOCK:]
    chained = encrypt(first, pad(data))[-BLOCK:]
    return encrypt(first, decrypt(second, chained))


def is_mac(key: bytes, data: bytes, expected: bytes) -> bool:
    """Whether the code fits, compared in constant time."""
    return hmac.compare_digest(mac(key, data), expected)


def pad(data: bytes) -> bytes:
    """ISO/IEC 9797-1 padding method 2: 80, then zeros."""
    return data + b"\x80" + bytes(-(len(data) + 1) % BLOCK)


def unpad(data: bytes) -> bytes:
    """The reverse."""
    return data.rstrip(b"\0").removesuffix(b"\x80")

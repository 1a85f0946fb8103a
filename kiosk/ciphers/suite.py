"""The two suites: `international` (AES-256-GCM, SHA-256, Ed25519) and `sm` (SM4-GCM, SM3, SM2), and what a store tells its by.

Which of them a store has is chosen when it is made, and stands in the check value of its key: 32 bytes of `international`,
as the first stores have it, or a suite's name before them. The name alone can't be exchanged: the value is made by the suite.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256, SM3, Hash, HashAlgorithm
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from kiosk.ciphers.signatures import Ed25519, Signatures, Sm2

KEY_BYTES: Final = 32  # of a key that others are derived from
NONCE_BYTES: Final = 12  # NIST SP 800-38D, 8.2.2, RFC 8998: random, far below 2^32 messages a key
_TAG_BYTES: Final = 16
_OURS: Final = "exam capture kiosk: "
_CHECK: Final = "key check"


class Unsound(Exception):
    """What was sealed does not open: it was changed, or is another's."""


class Domain(Enum):
    """What a signature is for: one for something else is worth nothing."""

    UNLOCK = "unlock a school, version 1"
    DEADLINE = "a school's deadline, version 1"
    REQUEST = "certificate request, version 1"
    CERTIFICATE = "station certificate, version 1"
    REVOCATION = "revoked station certificates, version 1"
    MANIFEST = "manifest of an export, version 1"
    ACCOUNTS = "a school's accounts, version 1"
    CAPTURES = "a station's captures, version 1"
    SCHOOL = "a school's list and rules, version 1"
    RECEIPT = "receipt of captures, version 1"
    EXAM = "an exam's candidates for its doors, version 1"
    ATTENDANCE = "who came to an exam, version 1"
    RELEASE = "a release of the program, version 1"

    def told(self, message: bytes) -> bytes:
        return f"{_OURS}{self.value}\0".encode() + message


class _Aead(Protocol):
    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes: ...

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes: ...


class _Sm4Gcm:
    """SM4-GCM as RFC 8998 §2 has it: 12 bytes of nonce, the tag of 16 behind what is sealed."""

    def __init__(self, key: bytes) -> None:
        self._algorithm = algorithms.SM4(key)

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        sealing = Cipher(self._algorithm, modes.GCM(nonce)).encryptor()
        sealing.authenticate_additional_data(associated_data or b"")
        return sealing.update(data) + sealing.finalize() + sealing.tag

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        if len(data) < _TAG_BYTES:
            raise InvalidTag
        opening = Cipher(self._algorithm, modes.GCM(nonce, data[-_TAG_BYTES:])).decryptor()
        opening.authenticate_additional_data(associated_data or b"")
        return opening.update(data[:-_TAG_BYTES]) + opening.finalize()


class Sealer:
    """Seals small things and opens them under one key, each bound to what it belongs to."""

    def __init__(self, aead: _Aead) -> None:
        self._aead = aead

    def seal(self, data: bytes, bound_to: bytes) -> tuple[bytes, bytes]:
        """A fresh nonce, and what is sealed."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce, self._aead.encrypt(nonce, data, bound_to)

    def open(self, nonce: bytes, sealed: bytes, bound_to: bytes) -> bytes:
        """Raises Unsound."""
        try:
            return self._aead.decrypt(nonce, sealed, bound_to)
        except (InvalidTag, ValueError):  # a nonce of no length
            raise Unsound from None


class Digest(Protocol):
    """A digest that is made piece by piece. The international one lets other threads work meanwhile."""

    def update(self, data: bytes, /) -> None: ...

    def hexdigest(self) -> str:
        """Of all that came so far; more may follow."""


class _Sm3:
    """As Python's own has it only where the system's OpenSSL does."""

    def __init__(self) -> None:
        self._hash = Hash(SM3())

    def update(self, data: bytes, /) -> None:
        self._hash.update(data)

    def hexdigest(self) -> str:
        return self._hash.copy().finalize().hex()


@dataclass(frozen=True)
class SigningKey:
    """A private key of a suite, and its public one."""

    suite: Suite
    private: bytes = field(repr=False)
    public: bytes

    def sign(self, domain: Domain, message: bytes) -> bytes:
        """64 bytes."""
        return self.suite.signatures.sign(self.private, self.public, domain.told(message))

    def fits(self) -> bool:
        """Whether the two keys belong together; raises ValueError for what is no private key."""
        return self.suite.verify(self.public, Domain.UNLOCK, b"", self.sign(Domain.UNLOCK, b""))


@dataclass(frozen=True, eq=False)
class Suite:
    """Algorithms that belong together. `hash_name` is how files name the digest."""

    name: str
    hash_name: str
    signatures: Signatures
    hasher: Callable[[], Digest]
    _hash: HashAlgorithm
    _aead: Callable[[bytes], _Aead]
    _cipher_key_bytes: int

    def digest(self, data: bytes) -> str:
        """Hexadecimal."""
        digest = self.hasher()
        digest.update(data)
        return digest.hexdigest()

    def mac(self, key: bytes, data: bytes) -> str:
        """HMAC (RFC 2104), hexadecimal."""
        mac = HMAC(key, self._hash)
        mac.update(data)
        return mac.finalize().hex()

    def derive(self, key: bytes, purpose: str, length: int = KEY_BYTES) -> bytes:
        """A key of its own for each purpose (HKDF, RFC 5869), so that no key serves two algorithms."""
        return HKDF(self._hash, length, salt=None, info=f"{_OURS}{purpose}".encode()).derive(key)

    def sealer(self, key: bytes, purpose: str) -> Sealer:
        """Seals and opens under a key that is derived for this purpose."""
        return Sealer(self._aead(self.derive(key, purpose, self._cipher_key_bytes)))

    def new_signing_key(self) -> SigningKey:
        return SigningKey(self, *self.signatures.generate())

    def verify(self, public: bytes, domain: Domain, message: bytes, signature: bytes) -> bool:
        """Whether the owner of the public key signed the message for this; False for what is no key or signature."""
        return self.signatures.verify(public, domain.told(message), signature)


INTERNATIONAL: Final = Suite("international", "sha256", Ed25519(), hashlib.sha256, SHA256(), AESGCM, 32)
SM: Final = Suite("sm", "sm3", Sm2(), _Sm3, SM3(), _Sm4Gcm, 16)
SUITES: Final = {suite.name: suite for suite in (INTERNATIONAL, SM)}


def check_value(suite: Suite, key: bytes) -> bytes:
    """What a store keeps to know its suite, and its key again."""
    name = b"" if suite is INTERNATIONAL else suite.name.encode() + b":"
    return name + suite.derive(key, _CHECK)


def suite_of_check(check: bytes) -> Suite:
    """The suite of a store by its check value, the key need not be known; what is no check value is of no key."""
    return SUITES.get(check[: -KEY_BYTES - 1].decode("ascii", "replace"), INTERNATIONAL)


def is_key_of(check: bytes, key: bytes) -> bool:
    """Whether a check value was made with this key."""
    return hmac.compare_digest(check, check_value(suite_of_check(check), key))


def suite_of_public_key(public: bytes) -> Suite | None:
    """The suite that a public key is of, by its length; None for what is no key of any."""
    return next((suite for suite in SUITES.values() if len(public) == suite.signatures.public_bytes), None)

"""Two ways to sign: Ed25519 (RFC 8032), and SM2 with SM3 (GB/T 32918.2). Private keys are 32 bytes, signatures 64 in both."""

from __future__ import annotations

import secrets
from typing import Final, Protocol

import gmssl_pyx
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

PRIVATE_BYTES: Final = 32
SIGNATURE_BYTES: Final = 64
_HALF: Final = SIGNATURE_BYTES // 2
_SIGNER: Final = b"1234567812345678"  # whose ID enters the digest where nobody has agreed on another: GM/T 0009-2023


class Signatures(Protocol):
    """One way to sign."""

    public_bytes: int

    def generate(self) -> tuple[bytes, bytes]:
        """A private key and its public one."""

    def sign(self, private: bytes, public: bytes, message: bytes) -> bytes:
        """Raises ValueError for what is no private key."""

    def verify(self, public: bytes, message: bytes, signature: bytes) -> bool:
        """Whether the signature is good; False for what is no key and no signature, too."""


class Ed25519:
    """Public keys are RFC 8032's 32 bytes."""

    public_bytes = 32

    def generate(self) -> tuple[bytes, bytes]:
        private = secrets.token_bytes(PRIVATE_BYTES)
        return private, self.public(private)

    def public(self, private: bytes) -> bytes:
        """The public key is made of the private one."""
        return Ed25519PrivateKey.from_private_bytes(private).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    def sign(self, private: bytes, public: bytes, message: bytes) -> bytes:  # noqa: ARG002  # SM2 needs it
        return Ed25519PrivateKey.from_private_bytes(private).sign(message)

    def verify(self, public: bytes, message: bytes, signature: bytes) -> bool:
        try:
            Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


class Sm2:
    """Public keys are a point's two coordinates, 64 bytes; a signature is r and s (GM/T 0009 would wrap them in DER)."""

    public_bytes = 64

    def generate(self) -> tuple[bytes, bytes]:
        public, private = gmssl_pyx.sm2_key_generate()
        return bytes(private), bytes(public)

    def sign(self, private: bytes, public: bytes, message: bytes) -> bytes:
        try:
            r, s = decode_dss_signature(gmssl_pyx.sm2_sign(private, public, message, _SIGNER))
        except gmssl_pyx.GmsslInnerError as error:
            raise ValueError("no private key") from error
        return r.to_bytes(_HALF, "big") + s.to_bytes(_HALF, "big")

    def verify(self, public: bytes, message: bytes, signature: bytes) -> bool:
        if len(signature) != SIGNATURE_BYTES:
            return False
        r, s = (int.from_bytes(half, "big") for half in (signature[:_HALF], signature[_HALF:]))
        try:
            return bool(gmssl_pyx.sm2_verify(public, message, encode_dss_signature(r, s), _SIGNER))
        except gmssl_pyx.GmsslInnerError:  # no point of the curve
            return False

"""X.509 for what an office's certificates say, so that a station and its office know each other under TLS 1.3 (RFC 5280, RFC
8446; Ed25519 by RFC 8410), and the stations of one exam site among each other.

No secret is made or carried for it. The office's signing key is the root, the station's own signing key proves the station, and
the key of the office's door lives in memory as long as the door is open. Among stations each one's signing key is a root, which
the others know from their 考场包. TLS signs 64 spaces and a text of its own first (RFC 8446 §4.4.3), and what we sign begins
with ours: neither is ever taken for the other.
"""

from __future__ import annotations

import secrets
import ssl
import tempfile
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    PublicFormat,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from kiosk.ciphers.suite import INTERNATIONAL, SigningKey, suite_of_public_key
from kiosk.errors import StoreError

PEER: Final = "kiosk-station"
DOOR: Final = "kiosk-office"  # what a station asks for: an address may change, whose key signed may not
_LONGEST: Final = 64  # characters of a name: RFC 5280, appendix A.1
# The door's certificate is as good as its root, and a station's clock may be wrong; its key is gone when the door closes.
_EVER: Final = (datetime(2020, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC))


@dataclass(frozen=True)
class Proof:
    """What proves a station: its certificate, and the office's root that it was signed by. Both DER."""

    leaf: bytes
    root: bytes


@dataclass(frozen=True)
class Proven:
    """Whom a certificate names, by its office's word."""

    serial: str
    station: str
    school: str
    school_code: str
    public_key: bytes


def root_of(office: SigningKey) -> bytes:
    """The office's key as a root; the same bytes each time, as Ed25519 signs the same each time."""
    name = _name({NameOID.COMMON_NAME: office.public.hex()})
    usage = _usage(key_cert_sign=True)
    builder = _builder(name, name, office.public, serial=1, times=_EVER).add_extension(usage, critical=True)
    return _signed(builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True), office)


def prove(
    office: SigningKey,
    *,
    serial: str,
    station: str,
    school: str,
    school_code: str,
    public_key: bytes,
    times: tuple[datetime, datetime],
) -> Proof:
    """For a station's key. Raises StoreError("tls.suite") for keys that TLS has no use for."""
    require_usable(office)
    told = {NameOID.COMMON_NAME: station, NameOID.ORGANIZATION_NAME: school, NameOID.SERIAL_NUMBER: school_code}
    builder = _builder(_issuer(office), _name(told), public_key, serial=int(serial, 16) or 1, times=times)
    return Proof(_signed(_as_leaf(builder, ExtendedKeyUsageOID.CLIENT_AUTH), office), root_of(office))


def proven(certificate: bytes) -> Proven:
    """Whom a certificate (DER) names that TLS has accepted. Raises ValueError for one of another form."""
    found = x509.load_der_x509_certificate(certificate)
    key = found.public_key()
    if not isinstance(key, Ed25519PublicKey):
        raise ValueError("no Ed25519")
    told = {one.oid: str(one.value) for one in found.subject}
    oids = (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME, NameOID.SERIAL_NUMBER)
    station, school, code = (told.get(oid, "") for oid in oids)
    public = key.public_bytes(Encoding.Raw, PublicFormat.Raw)
    return Proven(f"{found.serial_number:016x}", station, school, code, public)


def at_the_door(office: SigningKey) -> ssl.SSLContext:
    """The office's side: whoever comes is certified by this office, now, or is not let in. Raises StoreError("tls.suite")."""
    require_usable(office)
    proof, own = _of_the_moment(office, DOOR, ExtendedKeyUsageOID.SERVER_AUTH)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.verify_mode = ssl.CERT_REQUIRED
    context.num_tickets = 0  # nobody is let in by an earlier visit
    return _with(context, proof, own)


def from_a_station(proof: Proof, own: SigningKey, office: bytes) -> ssl.SSLContext:
    """The station's side: whoever answers has the office's key behind him. `office` is the public key that is believed; raises
    StoreError: "tls.suite", and "tls.root" where the root is another's."""
    require_usable(own)
    if _key_of(proof.root) != office or _key_of(proof.leaf) != own.public:
        raise StoreError("tls.root")
    return _with(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), proof, own)


@dataclass(frozen=True)
class Peers:
    """TLS among stations that know each other by their public keys: contexts for whoever listens and for whoever calls."""

    listening: ssl.SSLContext
    calling: ssl.SSLContext


def among(own: SigningKey, known: Collection[bytes]) -> Peers:
    """Who comes and who answers has one of the `known` public keys behind a key of the moment, or is refused. Keys of another
    suite are known to nobody. Raises StoreError("tls.suite")."""
    require_usable(own)
    proof, fresh = _of_the_moment(own, PEER, ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH)
    made = []
    for protocol in (ssl.PROTOCOL_TLS_SERVER, ssl.PROTOCOL_TLS_CLIENT):
        context = ssl.SSLContext(protocol)
        context.verify_mode = ssl.CERT_REQUIRED
        for public_key in {*known} - {own.public}:
            if suite_of_public_key(public_key) is INTERNATIONAL:
                context.load_verify_locations(cadata=_known_root(public_key))
        made.append(_with(context, proof, fresh))
    listening, calling = made
    listening.num_tickets = 0
    return Peers(listening, calling)


def _of_the_moment(signer: SigningKey, name: str, *uses: x509.ObjectIdentifier) -> tuple[Proof, SigningKey]:
    """A key that lives in memory alone, and what proves it under a name: the signer's word."""
    own, serial = INTERNATIONAL.new_signing_key(), x509.random_serial_number()
    builder = _builder(_issuer(signer), _name({NameOID.COMMON_NAME: name}), own.public, serial=serial, times=_EVER)
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    return Proof(_signed(_as_leaf(builder, *uses), signer), root_of(signer)), own


def _known_root(public_key: bytes) -> bytes:
    """A root made of a public key alone. Nobody looks at the signature of a root, which says nothing but that its owner has the
    key: what it signs is looked at (RFC 5280 §6.1). So any key may sign it."""
    name = _name({NameOID.COMMON_NAME: public_key.hex()})
    builder = _builder(name, name, public_key, serial=1, times=_EVER).add_extension(_usage(key_cert_sign=True), critical=True)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    return builder.sign(Ed25519PrivateKey.generate(), algorithm=None).public_bytes(Encoding.DER)


def require_usable(key: SigningKey) -> None:
    """Raises StoreError("tls.suite") for a key of a suite that the library's TLS does not speak (RFC 8998)."""
    if key.suite is not INTERNATIONAL:
        raise StoreError("tls.suite")


def _with(context: ssl.SSLContext, proof: Proof, own: SigningKey) -> ssl.SSLContext:
    """The library reads keys from files only: ours lies there for a moment, under a password that nobody is told."""
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_verify_locations(cadata=proof.root)
    password = secrets.token_hex(32)
    key = Ed25519PrivateKey.from_private_bytes(own.private)
    sealed = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(password.encode()))
    with tempfile.TemporaryDirectory(prefix="kiosk-tls-") as folder:
        chain = Path(folder) / "chain.pem"
        chain.write_bytes(ssl.DER_cert_to_PEM_cert(proof.leaf).encode() + sealed)
        context.load_cert_chain(chain, password=password)
    return context


def _builder(
    issuer: x509.Name, subject: x509.Name, public_key: bytes, *, serial: int, times: tuple[datetime, datetime]
) -> x509.CertificateBuilder:
    key = Ed25519PublicKey.from_public_bytes(public_key)
    made = x509.CertificateBuilder(issuer, subject, key, serial)
    made = made.not_valid_before(times[0].replace(microsecond=0)).not_valid_after(times[1].replace(microsecond=0))
    return made.add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)


def _as_leaf(builder: x509.CertificateBuilder, *uses: x509.ObjectIdentifier) -> x509.CertificateBuilder:
    """What proves a station never stands for an office."""
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    return builder.add_extension(_usage(digital_signature=True), critical=True).add_extension(
        x509.ExtendedKeyUsage(uses), critical=True
    )


def _signed(builder: x509.CertificateBuilder, office: SigningKey) -> bytes:
    key = Ed25519PrivateKey.from_private_bytes(office.private)
    builder = builder.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
    return builder.sign(key, algorithm=None).public_bytes(Encoding.DER)


def _usage(*, key_cert_sign: bool = False, digital_signature: bool = False) -> x509.KeyUsage:
    none = dict.fromkeys(
        (
            "content_commitment",
            "key_encipherment",
            "data_encipherment",
            "key_agreement",
            "crl_sign",
            "encipher_only",
            "decipher_only",
        ),
        False,
    )
    return x509.KeyUsage(key_cert_sign=key_cert_sign, digital_signature=digital_signature, **none)


def _issuer(office: SigningKey) -> x509.Name:
    return _name({NameOID.COMMON_NAME: office.public.hex()})


def _name(told: dict[x509.ObjectIdentifier, str]) -> x509.Name:
    return x509.Name([x509.NameAttribute(oid, value[:_LONGEST]) for oid, value in told.items() if value])


def _key_of(certificate: bytes) -> bytes:
    try:
        return proven(certificate).public_key
    except ValueError:
        raise StoreError("tls.root") from None

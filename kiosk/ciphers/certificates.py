"""The office as a small root: station certificates, what stations ask for them with, and the list of those that were revoked.

All three are signed texts. Which office's key is believed is not decided here: a certificate is that office's word, no more.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Self

from kiosk.ciphers.office_key import OfficeKey
from kiosk.ciphers.signed import NotSigned, SignedText, read_signed, sign_text
from kiosk.ciphers.suite import INTERNATIONAL, Domain, SigningKey, Suite, suite_of_public_key
from kiosk.ciphers.tls import Proof, prove
from kiosk.errors import StoreError

_REQUEST: Final = "kiosk certificate request"
_CERTIFICATE: Final = "kiosk station certificate"
_REVOCATIONS: Final = "kiosk revoked certificates"
_FORMAT: Final = 1
_FINGERPRINT: Final = 16


@dataclass(frozen=True)
class CertificateRequest:
    """What a station says of itself, signed with the key that it asks a certificate for. `recipient` is what packages for the
    station are sealed to (age1…); requests of earlier programs have none."""

    station: str
    school: str
    school_code: str
    public_key: bytes
    recipient: str = ""

    def signed(self, key: SigningKey) -> bytes:
        told = {"station": self.station, "school": self.school, "school_code": self.school_code}
        told |= {"public_key": self.public_key.hex(), "recipient": self.recipient}
        return sign_text(key, Domain.REQUEST, _headed(_REQUEST, told))

    @classmethod
    def read(cls, content: bytes) -> Self:
        """Raises StoreError: "certificate.unreadable", "certificate.tampered"."""
        text = _read(content, _REQUEST)
        with _Reading():
            station, school, code = (_text(text, name) for name in ("station", "school", "school_code"))
            recipient = _text(text, "recipient") if "recipient" in text.told else ""
            found = cls(station, school, code, _key(text, "public_key"), recipient)
        _require_signed(text, found.public_key, Domain.REQUEST)
        return found


@dataclass(frozen=True)
class Certificate:
    """An office's word on whose a key is, for a time. `recipient` is what packages for the office are sealed to (age1…), empty
    where it has none; `content` the text itself; `proof` the same word for TLS, which certificates of earlier programs and of
    the suite `sm` lack."""

    serial: str
    station: str
    school: str
    school_code: str
    public_key: bytes
    office_key: bytes
    recipient: str
    valid_from: datetime
    valid_until: datetime
    content: bytes
    proof: Proof | None = None

    @property
    def suite(self) -> Suite | None:
        return suite_of_public_key(self.public_key)

    @classmethod
    def read(cls, content: bytes) -> Self:
        """Raises StoreError: "certificate.unreadable", and "certificate.tampered" where the office did not sign this."""
        text = _read(content, _CERTIFICATE)
        with _Reading():
            found = cls(
                serial=_text(text, "serial"),
                station=_text(text, "station"),
                school=_text(text, "school"),
                school_code=_text(text, "school_code"),
                public_key=_key(text, "public_key"),
                office_key=_key(text, "office_key"),
                recipient=_text(text, "recipient"),
                valid_from=_moment(text, "valid_from"),
                valid_until=_moment(text, "valid_until"),
                content=content,
                proof=_proof(text),
            )
        _require_signed(text, found.office_key, Domain.CERTIFICATE)
        return found


def issue(office: OfficeKey, request: CertificateRequest, *, valid_from: datetime, valid_until: datetime) -> Certificate:
    """Raises StoreError when it would end before it begins, or the station's key is of another suite than the office's."""
    if valid_until <= valid_from:
        raise StoreError("certificate.times")
    if suite_of_public_key(request.public_key) is not office.signing.suite:
        raise StoreError("certificate.other_suite", suite=office.signing.suite.name)
    told: dict[str, Any] = {
        "serial": secrets.token_hex(8),
        "station": request.station,
        "school": request.school,
        "school_code": request.school_code,
        "public_key": request.public_key.hex(),
        "office_key": office.signing.public.hex(),
        "recipient": office.recipient,
        "valid_from": _told(valid_from),
        "valid_until": _told(valid_until),
    }
    if office.signing.suite is INTERNATIONAL:
        named = {name: str(told[name]) for name in ("serial", "station", "school", "school_code")}
        proof = prove(office.signing, **named, public_key=request.public_key, times=(valid_from, valid_until))
        told["tls"] = {"certificate": proof.leaf.hex(), "root": proof.root.hex()}
    return Certificate.read(sign_text(office.signing, Domain.CERTIFICATE, _headed(_CERTIFICATE, told)))


@dataclass(frozen=True)
class Revocations:
    """All certificates that an office takes back, by serial, with the time and the reason. Each list has the one before in it;
    `number` says which is newer."""

    office_key: bytes
    number: int
    revoked: Mapping[str, tuple[datetime, str]]
    content: bytes

    @classmethod
    def read(cls, content: bytes) -> Self:
        """Raises StoreError as `Certificate.read` does."""
        text = _read(content, _REVOCATIONS)
        with _Reading():
            revoked = {
                str(serial): (datetime.fromisoformat(entry["at"]), str(entry["reason"]))
                for serial, entry in text.told["revoked"].items()
            }
            found = cls(_key(text, "office_key"), int(text.told["number"]), revoked, content)
        _require_signed(text, found.office_key, Domain.REVOCATION)
        return found


def revoke(office: OfficeKey, before: Revocations | None, serial: str, *, at: datetime, reason: str) -> Revocations:
    """The next list; raises StoreError when the one before is another office's."""
    if before is not None and before.office_key != office.signing.public:
        raise StoreError("certificate.other_office")
    known = dict(before.revoked) if before is not None else {}
    known.setdefault(serial, (at, reason))
    told = {
        "office_key": office.signing.public.hex(),
        "number": 1 if before is None else before.number + 1,
        "revoked": {one: {"at": _told(when), "reason": why} for one, (when, why) in known.items()},
    }
    return Revocations.read(sign_text(office.signing, Domain.REVOCATION, _headed(_REVOCATIONS, told)))


def fingerprint(public_key: bytes) -> str:
    """What people compare a key by: 16 digits of its digest, in groups."""
    suite = suite_of_public_key(public_key)
    digits = suite.digest(public_key)[:_FINGERPRINT] if suite is not None else ""
    return " ".join(digits[start : start + 4] for start in range(0, len(digits), 4))


class _Reading:
    """What a text lacks, or has of another kind, makes it unreadable."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, ValueError | KeyError | TypeError | AttributeError):
            raise StoreError("certificate.unreadable") from error


def _headed(kind: str, told: Mapping[str, Any]) -> dict[str, Any]:
    return {"kind": kind, "format": _FORMAT, **told}


def _read(content: bytes, kind: str) -> SignedText:
    try:
        text = read_signed(content)
    except NotSigned:
        raise StoreError("certificate.unreadable") from None
    if text.told.get("kind") != kind or text.told.get("format") != _FORMAT:
        raise StoreError("certificate.unreadable")
    return text


def _require_signed(text: SignedText, public_key: bytes, domain: Domain) -> None:
    if not text.is_signed_by(public_key, domain):
        raise StoreError("certificate.tampered")


def _text(text: SignedText, name: str) -> str:
    value = text.told[name]
    if not isinstance(value, str):
        raise TypeError(name)
    return value


def _key(text: SignedText, name: str) -> bytes:
    key = bytes.fromhex(_text(text, name))
    if suite_of_public_key(key) is not text.suite:
        raise ValueError(name)
    return key


def _proof(text: SignedText) -> Proof | None:
    told = text.told.get("tls")
    return Proof(bytes.fromhex(told["certificate"]), bytes.fromhex(told["root"])) if told is not None else None


def _moment(text: SignedText, name: str) -> datetime:
    at = datetime.fromisoformat(_text(text, name))
    if at.tzinfo is None:
        raise ValueError(name)
    return at


def _told(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds")

"""What the station signs with, and whose word there is on it.

The key is made at the first need, belongs to this store alone, and lies sealed in the identity database: it is not derived
from the store's key, which may be changed over. A certificate is an office's word that the key is this station's; which offices
are believed is what a person has entered, with a deadline or a certificate.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import Connection, Table, insert, select

from kiosk.ciphers import SigningKey, Suite, Unsound
from kiosk.ciphers.age import Opening, identity_of, recipient_of
from kiosk.ciphers.certificates import Certificate, CertificateRequest, Revocations
from kiosk.clock import moment
from kiosk.errors import StoreError
from kiosk.records import School
from kiosk.store import tables
from kiosk.store.audit import Audit
from kiosk.store.database import Database

_KEYS, _CERTIFICATES, _REVOCATIONS = tables.signing_keys, tables.certificates, tables.revocations
_PURPOSE: Final = "station signing key"
_OPENING: Final = "packages for the station"


class Standing(StrEnum):
    """What a certificate is worth at a time."""

    VALID = "valid"
    NOT_YET = "not_yet"
    EXPIRED = "expired"
    REVOKED = "revoked"
    UNKNOWN_OFFICE = "unknown_office"  # of an office that nobody here has entered


@dataclass(frozen=True)
class Worth:
    """How a certificate stands, and since when or why."""

    standing: Standing
    at: datetime | None = None
    reason: str = ""


class Signing:
    """The station's signing key, its certificates, and what is known of others'."""

    def __init__(self, database: Database, audit: Audit, suite: Suite, key: bytes) -> None:
        """`key` is the store's that stays when its data key is changed."""
        self._database = database
        self._audit = audit
        self._suite = suite
        self._sealer = suite.sealer(key, _PURPOSE)
        self._opening_key = suite.derive(key, _OPENING)  # X25519 takes any 32 bytes

    def key(self) -> SigningKey:
        """Made at the first need; raises StoreError when it was tampered with."""
        with self._database.read() as connection:
            known = self._load(connection)
        if known is not None:
            return known
        with self._database.write() as connection:
            known = self._load(connection)  # another program may have been quicker
            if known is None:
                known = self._suite.new_signing_key()
                nonce, sealed = self._sealer.seal(known.private, known.public)
                values = {"public_key": known.public, "nonce": nonce, "sealed": sealed, "since": self._audit.now()}
                connection.execute(insert(_KEYS).values(values))
                self._audit.append(connection, "signing.key", key=known.public.hex())
        return known

    def public_key(self) -> bytes:
        """Of the key, without making one; empty before the first need."""
        with self._database.read() as connection:
            query = select(_KEYS.c.public_key).order_by(_KEYS.c.number.desc()).limit(1)
            return connection.scalar(query) or b""

    def is_own(self, public_key: bytes) -> bool:
        """Whether this store ever signed with a key."""
        with self._database.read() as connection:
            return connection.scalar(select(_KEYS.c.number).where(_KEYS.c.public_key == public_key)) is not None

    def request(self, *, station: str, school: School) -> bytes:
        """What the office makes a certificate from; raises StoreError while the school has no name."""
        if not school.name:
            raise StoreError("certificate.no_school")
        key = self.key()
        return CertificateRequest(station, school.name, school.code, key.public, self.recipient()).signed(key)

    def recipient(self) -> str:
        """What the office seals packages for this station to (age1…)."""
        return recipient_of(self._opening_key)

    def opening(self) -> Opening:
        """What opens them."""
        return Opening(identities=(identity_of(self._opening_key),))

    def certificate(self) -> Certificate | None:
        """The newest of the station's key."""
        public = self.public_key()
        with self._database.read() as connection:
            contents = connection.scalars(select(_CERTIFICATES.c.content).order_by(_CERTIFICATES.c.number.desc())).all()
        return next((one for one in map(Certificate.read, contents) if one.public_key == public), None)

    def offices(self) -> frozenset[bytes]:
        """Public keys of the offices that somebody here has entered, and not taken back."""
        standing = select(tables.deadlines.c.office_key).where(tables.deadlines.c.withdrawn_at.is_(None))
        with self._database.read() as connection:
            return frozenset(
                key for query in (select(_CERTIFICATES.c.office_key), standing) for key in connection.scalars(query)
            )

    def take_certificate(self, content: bytes, *, office_key: bytes, school_code: str, by: str) -> Certificate:
        """Take the office's certificate. `office_key` is what the office told the school as its own, by another way than this
        file; empty where the office is known here already.

        Raises StoreError for what is none, for another station or school, of another office, or run out.
        """
        found = Certificate.read(content)
        if found.suite is not self._suite:
            raise StoreError("certificate.other_suite", suite=self._suite.name)
        if found.public_key != self.key().public:
            raise StoreError("certificate.other_station", station=found.station)
        if school_code and found.school_code and found.school_code != school_code:
            raise StoreError("certificate.other_school", school=found.school, number=found.school_code)
        if not office_key and found.office_key not in self.offices():
            raise StoreError("certificate.office_unknown")
        if office_key and office_key != found.office_key:
            raise StoreError("certificate.other_office")
        if found.valid_until <= self._audit.now():
            raise StoreError("certificate.expired", until=moment(found.valid_until))
        with self._database.write() as connection:
            self._keep(connection, _CERTIFICATES, found, by)
            told = {"serial": found.serial, "until": found.valid_until.isoformat()}
            self._audit.append(connection, "certificate.take", actor=by, **told)
        return found

    def take_revocations(self, content: bytes, *, by: str, offices: frozenset[bytes] = frozenset()) -> Revocations:
        """Take the office's newest list; raises StoreError for what is none, of an unknown office, or older than one here.
        `offices` are believed besides those that are known here."""
        found = Revocations.read(content)
        if found.office_key not in self.offices() | offices:
            raise StoreError("certificate.office_unknown")
        with self._database.write() as connection:
            known = _newest_list(connection, found.office_key)
            if known is not None and known.number > found.number:
                raise StoreError("certificate.list_older", number=found.number, known=known.number)
            if known is None or known.number < found.number:
                self._keep(connection, _REVOCATIONS, found, by)
                self._audit.append(connection, "certificate.revocations", actor=by, list=found.number)
        return found

    def worth(self, certificate: Certificate, at: datetime, offices: frozenset[bytes] = frozenset()) -> Worth:
        """What a certificate is worth at a time, as far as it is known here; `offices` are believed besides."""
        with self._database.read() as connection:
            revoked = _newest_list(connection, certificate.office_key)
        return worth_of(certificate, at, self.offices() | offices, revoked)

    def revocations(self, office_key: bytes) -> Revocations | None:
        """The newest list of an office."""
        with self._database.read() as connection:
            return _newest_list(connection, office_key)

    def _keep(self, connection: Connection, table: Table, found: Certificate | Revocations, by: str) -> None:
        values = {"office_key": found.office_key, "content": found.content, "taken_at": self._audit.now(), "taken_by": by}
        connection.execute(insert(table).values(values))

    def _load(self, connection: Connection) -> SigningKey | None:
        row = connection.execute(select(_KEYS).order_by(_KEYS.c.number.desc()).limit(1)).one_or_none()
        if row is None:
            return None
        try:
            return SigningKey(self._suite, self._sealer.open(row.nonce, row.sealed, row.public_key), row.public_key)
        except Unsound:
            raise StoreError("store.signing_key_tampered") from None


def worth_of(certificate: Certificate, at: datetime, offices: frozenset[bytes], revoked: Revocations | None) -> Worth:
    """What a certificate is worth at a time to whoever believes these offices and has this list of revoked ones."""
    if certificate.office_key not in offices:
        return Worth(Standing.UNKNOWN_OFFICE)
    if revoked is not None and certificate.serial in revoked.revoked:
        since, reason = revoked.revoked[certificate.serial]
        return Worth(Standing.REVOKED, since, reason)
    if at < certificate.valid_from:
        return Worth(Standing.NOT_YET, certificate.valid_from)
    if at >= certificate.valid_until:
        return Worth(Standing.EXPIRED, certificate.valid_until)
    return Worth(Standing.VALID, certificate.valid_until)


def _newest_list(connection: Connection, office_key: bytes) -> Revocations | None:
    query = select(_REVOCATIONS.c.content).where(_REVOCATIONS.c.office_key == office_key)
    lists = [Revocations.read(content) for content in connection.scalars(query)]
    return max(lists, key=lambda one: one.number, default=None)

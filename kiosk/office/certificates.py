"""What the station signs with, and the office's word on it."""

from __future__ import annotations

from kiosk.ciphers.certificates import Certificate, Revocations, fingerprint
from kiosk.clock import moment
from kiosk.errors import StoreError
from kiosk.exchange.file_names import plain
from kiosk.records import Message
from kiosk.store import Store, Worth


class Certificates:
    """The errands around the station's certificate."""

    def __init__(self, store: Store, station: str) -> None:
        """`station` is its name, as it asks to be certified by."""
        self._store = store
        self._station = station

    def request(self) -> bytes:
        """What the office makes a certificate from; raises StoreError while the school has no name."""
        return self._store.signing.request(station=self._station, school=self._store.school.get())

    def take(self, content: bytes, *, office_key: str, by: str) -> Certificate:
        """Take the office's certificate, with the public key (hexadecimal) that it told the school; raises StoreError."""
        try:
            key = bytes.fromhex(office_key)
        except ValueError:
            raise StoreError("certificate.other_office") from None
        code = self._store.school.get().code
        return self._store.signing.take_certificate(content, office_key=key, school_code=code, by=by)

    def take_revocations(self, content: bytes, *, by: str) -> Revocations:
        """Take the office's list of revoked certificates; raises StoreError."""
        return self._store.signing.take_revocations(content, by=by)

    def told(self) -> tuple[Message, ...]:
        """The station's key and its certificate, in words."""
        public = self._store.signing.public_key()
        if not public:
            return (Message("certificate.none"),)
        key = Message("certificate.key", {"fingerprint": fingerprint(public)})
        certificate = self._store.signing.certificate()
        if certificate is None:
            return key, Message("certificate.none")
        return key, standing(certificate, self._store.signing.worth(certificate, self._store.timekeeping.now()))


def standing(certificate: Certificate, worth: Worth) -> Message:
    """What a certificate says, and what it is worth."""
    told = {
        "station": plain(certificate.station),
        "school": plain(certificate.school),
        "number": plain(certificate.school_code) or "—",
        "office": fingerprint(certificate.office_key),
        "serial": plain(certificate.serial),
        "at": moment(worth.at),
        "reason": plain(worth.reason),
    }
    return Message(f"certificate.is.{worth.standing}", told)

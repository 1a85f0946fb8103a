"""Secure messaging with Triple-DES, ICAO 9303-11, 9.8: every command and answer encrypted and authenticated."""

from __future__ import annotations

from typing import Final

from kiosk.devices.card.icao import crypto, tlv
from kiosk.devices.card.slot import CardChannel
from kiosk.errors import DeviceError

_ENCRYPTED: Final = 0x87
_ENCRYPTED_OBJECTS: Final = 0x85  # instead of it where the instruction is odd: its data are BER-TLV, ISO/IEC 7816-4
_EXPECTED: Final = 0x97
_STATUS: Final = 0x99
_MAC: Final = 0x8E
_PADDED: Final = b"\x01"  # the padding indicator in front of encrypted data
_SECURE: Final = 0x0C  # in CLA


class SecureChannel:
    """A channel whose commands only this card understands."""

    def __init__(self, channel: CardChannel, keys: crypto.Keys, counter: bytes) -> None:
        self._channel = channel
        self._keys = keys
        self._counter = int.from_bytes(counter, "big")

    def transmit(self, apdu: bytes) -> tuple[bytes, int]:
        """Send a short command, check its answer. Raises DeviceError("card.passport.messaging") when that isn't sound."""
        answer, status = self._channel.transmit(self.wrap(apdu))
        return self.unwrap(answer, status)

    def wrap(self, apdu: bytes) -> bytes:
        """A short APDU (ISO/IEC 7816-4 case 1 to 4) in its protected form."""
        header = bytes([apdu[0] | _SECURE]) + apdu[1:4]
        data, expected = _split(apdu[4:])
        objects = b""
        if data:
            secret = crypto.encrypt(self._keys.encryption, crypto.pad(data))
            odd = apdu[1] & 1
            objects += tlv.encode(_ENCRYPTED_OBJECTS, secret) if odd else tlv.encode(_ENCRYPTED, _PADDED + secret)
        if expected:
            objects += tlv.encode(_EXPECTED, expected)
        code = crypto.mac(self._keys.integrity, self._next_counter() + crypto.pad(header) + objects)
        body = objects + tlv.encode(_MAC, code)
        return header + bytes([len(body)]) + body + b"\0"

    def unwrap(self, answer: bytes, status: int) -> tuple[bytes, int]:
        """Data and status of a protected answer."""
        counter = self._next_counter()
        if not answer:
            raise DeviceError("card.passport.messaging", status=f"{status:04X}")
        objects = dict(tlv.objects(answer))
        protected = b"".join(tlv.encode(tag, value) for tag, value in objects.items() if tag != _MAC)
        if not crypto.is_mac(self._keys.integrity, counter + protected, objects.get(_MAC, b"")):
            raise DeviceError("card.passport.messaging", status=f"{status:04X}")
        secret = objects.get(_ENCRYPTED_OBJECTS, b"")
        if padded := objects.get(_ENCRYPTED, b""):
            if not padded.startswith(_PADDED):
                raise DeviceError("card.passport.messaging", status=f"{status:04X}")
            secret = padded[1:]
        if len(secret) % crypto.BLOCK:
            raise DeviceError("card.passport.messaging", status=f"{status:04X}")
        data = crypto.unpad(crypto.decrypt(self._keys.encryption, secret)) if secret else b""
        return data, int.from_bytes(objects.get(_STATUS, b""), "big") or status

    def _next_counter(self) -> bytes:
        self._counter = (self._counter + 1) % (1 << 64)
        return self._counter.to_bytes(8, "big")


def _split(body: bytes) -> tuple[bytes, bytes]:
    """Data and Le of what follows the four header bytes."""
    if len(body) <= 1:
        return b"", body
    size = body[0]
    return body[1 : 1 + size], body[1 + size :]

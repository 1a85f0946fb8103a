"""A simulated passport: ICAO 9303 with Basic Access Control, DG1 and DG2. The chip's side, written apart from the station's."""

from __future__ import annotations

import hashlib
import io
import secrets
import struct
from enum import StrEnum
from typing import Final

import numpy as np
from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from PIL import Image as Pillow

from kiosk.records import Image

# Contactless, T=CL; no reader with a security module answers so.
ATR: Final = bytes.fromhex("3B8880010000000000000000") + b"\x09"
_APPLICATION: Final = bytes.fromhex("A0000002471001")
_OK: Final = b"\x90\x00"
_REFUSED: Final = b"\x69\x82"
_WRONG: Final = b"\x63\x00"
_WARNING: Final = b"\x62\x82"  # the file ended before as many bytes as were asked for


def mrz(
    *,
    number: str,
    surname: str,
    given: str,
    birth: str,
    expiry: str,
    sex: str = "M",
    nationality: str = "UTO",
) -> str:
    """A zone of format TD3 with right check digits; dates YYMMDD."""
    names = f"P<{nationality}{surname.replace(' ', '<')}<<{given.replace(' ', '<')}".ljust(44, "<")[:44]
    number = number.ljust(9, "<")
    optional = "<" * 14
    second = f"{number}{_digit(number)}{nationality}{birth}{_digit(birth)}{sex}{expiry}{_digit(expiry)}{optional}0"
    parts = second[:10] + second[13:20] + second[21:43]
    return names + second + _digit(parts)


def _digit(text: str) -> str:
    values = [0 if character == "<" else int(character, 36) for character in text]
    return str(sum(value * (7, 3, 1)[place % 3] for place, value in enumerate(values)) % 10)


def picture(pixels: Image, file_format: str = "JPEG2000") -> bytes:
    """uint8 (H, W, 3) BGR as a picture file."""
    out = io.BytesIO()
    Pillow.fromarray(np.ascontiguousarray(pixels[:, :, ::-1])).save(out, file_format)
    return out.getvalue()


class Dg2(StrEnum):
    """How a chip holds its picture."""

    FACE_2005 = "ISO/IEC 19794-5:2005"
    FACE_2011 = "ISO/IEC 19794-5:2011"
    FACE_ASN1 = "ISO/IEC 39794-5"
    NO_TEMPLATE = "a file without a picture in it"
    ABSENT = "no file"


class SimulatedPassport:
    """Answers APDUs. With `pace_only` it knows no Basic Access Control; with `warns` it says 6282 at the end of a file."""

    def __init__(
        self,
        zone: str,
        picture_file: bytes,
        *,
        pace_only: bool = False,
        dg2: Dg2 = Dg2.FACE_2005,
        warns: bool = False,
    ) -> None:
        self.atr = ATR
        self._files = {b"\x01\x01": _dg1(zone)}
        if dg2 is not Dg2.ABSENT:
            self._files[b"\x01\x02"] = _dg2(picture_file, dg2)
        self._warns = warns
        self._pace_only = pace_only
        information = zone[44:54] + zone[57:64] + zone[65:72]
        seed = hashlib.sha1(information.encode(), usedforsecurity=False).digest()[:16]
        self._access = (_key(seed, 1), _key(seed, 2))
        self._session: tuple[bytes, bytes] | None = None
        self._counter = 0
        self._challenge = b""
        self._file = b""

    @property
    def files(self) -> tuple[bytes, bytes]:
        """DG1 and DG2."""
        return self._files[b"\x01\x01"], self._files[b"\x01\x02"]

    def answer(self, apdu: bytes) -> bytes:
        """The answer with its status word."""
        if apdu[0] & 0x0C == 0x0C and self._session is not None:
            return self._secure(apdu)
        if apdu[:4] == b"\x00\xa4\x04\x0c":
            self._session = None
            return _OK if apdu[5:12] == _APPLICATION else b"\x6a\x82"
        if apdu[:4] == b"\x00\x84\x00\x00":
            self._challenge = secrets.token_bytes(8)
            return b"\x6d\x00" if self._pace_only else self._challenge + _OK
        if apdu[:4] == b"\x00\x82\x00\x00":
            return self._authenticate(apdu[5:45])
        return _REFUSED if apdu[0] == 0 else b"\x6e\x00"

    def _authenticate(self, command: bytes) -> bytes:
        encryption, integrity = self._access
        if _mac(integrity, command[:32]) != command[32:]:
            return _WRONG
        plain = _des(encryption, command[:32], encrypt=False)
        if plain[8:16] != self._challenge:
            return _WRONG
        share = secrets.token_bytes(16)
        secret = _des(encryption, self._challenge + plain[:8] + share, encrypt=True)
        seed = bytes(a ^ b for a, b in zip(plain[16:], share, strict=True))
        self._session = (_key(seed, 1), _key(seed, 2))
        self._counter = int.from_bytes(self._challenge[4:] + plain[4:8], "big")
        return secret + _mac(integrity, secret) + _OK

    def _secure(self, apdu: bytes) -> bytes:
        assert self._session is not None
        encryption, integrity = self._session
        objects = dict(_objects(apdu[5:-1]))
        signed = b"".join(bytes([tag, len(value)]) + value for tag, value in objects.items() if tag != 0x8E)
        if _mac(integrity, self._tick() + _pad(apdu[:4]) + signed) != objects.get(0x8E):
            self._session = None
            return b"\x69\x88"
        odd = bool(apdu[1] & 1)
        secret = objects.get(0x85, b"") if odd else objects.get(0x87, b"")[1:]
        data = _unpad(_des(encryption, secret, encrypt=False)) if secret else b""
        expected = objects.get(0x97, b"\0")[0]
        answer, status = self._obey(apdu[1:4], data, expected)
        out = b""
        if answer:
            secret = (b"" if odd else b"\x01") + _des(encryption, _pad(answer), encrypt=True)
            out = (b"\x85" if odd else b"\x87") + _size(len(secret)) + secret
        out += b"\x99\x02" + status
        return out + b"\x8e\x08" + _mac(integrity, self._tick() + out) + status

    def _obey(self, command: bytes, data: bytes, expected: int) -> tuple[bytes, bytes]:
        if command == b"\xa4\x02\x0c":
            self._file = self._files.get(data, b"")
            return b"", _OK if self._file else b"\x6a\x82"
        if command[0] == 0xB0 and self._file and command[1] < 0x80:
            offset = int.from_bytes(command[1:], "big")
            end = offset + (expected or 256)
            return self._file[offset:end], _WARNING if self._warns and end >= len(self._file) else _OK
        if command[0] == 0xB1 and self._file and data[:1] == b"\x54":
            offset = int.from_bytes(data[2 : 2 + data[1]], "big")
            content = self._file[offset : offset + (expected or 256)]
            while len(_object(b"\x53", content)) > (expected or 256):
                content = content[:-1]
            return _object(b"\x53", content), _OK
        return b"", b"\x6d\x00"

    def _tick(self) -> bytes:
        self._counter += 1
        return self._counter.to_bytes(8, "big")


def _dg1(zone: str) -> bytes:
    return _object(b"\x61", _object(b"\x5f\x1f", zone.encode()))


def _dg2(picture_file: bytes, kind: Dg2) -> bytes:
    if kind is Dg2.NO_TEMPLATE:
        return _object(b"\x75", _object(b"\x7f\x61", b"\x02\x01\x00"))
    header = _object(b"\xa1", b"\x87\x02\x01\x01\x88\x02\x00\x08")
    if kind is Dg2.FACE_ASN1:
        # [APPLICATION 5]: version, then representations; in the first one the picture is an octet string some levels down.
        held = _object(b"\xa1", _object(b"\xa0", _object(b"\xa0", _object(b"\x80", picture_file))))
        blocks = _object(b"\xa1", _object(b"\x30", b"\x80\x01\x01" + held))
        version = _object(b"\xa0", b"\x80\x01\x03\x81\x02\x07\xe3")
        template = header + _object(b"\x7f\x2e", _object(b"\x65", version + blocks))
        return _object(b"\x75", _object(b"\x7f\x61", b"\x02\x01\x01" + _object(b"\x7f\x60", template)))
    points = 1
    face = struct.pack(">IHBBBIHBBHBB", 20 + 8 * points + 12 + len(picture_file), points, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)[:20]
    face += bytes(8 * points) + bytes(12) + picture_file
    if kind is Dg2.FACE_2011:
        face = bytes(37) + face  # a longer header
    version = b"030\x00" if kind is Dg2.FACE_2011 else b"010\x00"
    record = b"FAC\x00" + version + struct.pack(">IH", 14 + len(face), 1) + face
    template = header + _object(b"\x5f\x2e", record)
    return _object(b"\x75", _object(b"\x7f\x61", b"\x02\x01\x01" + _object(b"\x7f\x60", template)))


def _object(tag: bytes, value: bytes) -> bytes:
    return tag + _size(len(value)) + value


def _size(size: int) -> bytes:
    if size < 0x80:
        return bytes([size])
    return b"\x81" + bytes([size]) if size < 0x100 else b"\x82" + size.to_bytes(2, "big")


def _objects(data: bytes) -> list[tuple[int, bytes]]:
    found = []
    while data:
        size, start = (data[1], 2) if data[1] < 0x80 else (data[2], 3)
        found.append((data[0], data[start : start + size]))
        data = data[start + size :]
    return found


def _key(seed: bytes, counter: int) -> bytes:
    digest = hashlib.sha1(seed + counter.to_bytes(4, "big"), usedforsecurity=False).digest()[:16]
    return bytes(byte if byte.bit_count() % 2 else byte ^ 1 for byte in digest)


def _des(key: bytes, data: bytes, *, encrypt: bool) -> bytes:
    cipher = Cipher(TripleDES((key * 3)[:24]), modes.CBC(bytes(8)))
    context = cipher.encryptor() if encrypt else cipher.decryptor()
    return context.update(data) + context.finalize()


def _mac(key: bytes, data: bytes) -> bytes:
    state = bytes(8)
    padded = _pad(data)
    for start in range(0, len(padded), 8):
        block = bytes(a ^ b for a, b in zip(state, padded[start : start + 8], strict=True))
        state = _des(key[:8], block, encrypt=True)
    return _des(key[:8], _des(key[8:], state, encrypt=False), encrypt=True)


def _pad(data: bytes) -> bytes:
    return data + b"\x80" + bytes(7 - len(data) % 8)


def _unpad(data: bytes) -> bytes:
    return data[: data.rindex(b"\x80")]

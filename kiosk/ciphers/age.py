"""The age format, version 1 (C2SP/age), streamed: to recipients (X25519) or under a passphrase (scrypt).

`pyrage` holds all of what it seals under a passphrase in memory, twice; packages have hundreds of megabytes. So the format is
written and read here, with the primitives of `cryptography`, and held against pyrage in both directions.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import io
import re
import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from kiosk.ciphers.bech32 import bech32, to_bech32

WORK: Final = 18  # 2^18 rounds of scrypt, 256 MiB: a second or two, as age and rage choose it
_MOST_WORK: Final = 20  # of a foreign file: 1 GiB
_VERSION: Final = b"age-encryption.org/v1"
_X25519, _SCRYPT = "X25519", "scrypt"
_LABEL: Final = b"age-encryption.org/v1/"
_ZEROS: Final = bytes(12)
_FILE_KEY, _SALT, _NONCE, _TAG, _CHUNK = 16, 16, 16, 16, 1 << 16
_RECIPIENT, _IDENTITY = "age", "AGE-SECRET-KEY-"
_LONGEST_LINE: Final = 1024
_MOST_LINES: Final = 256
_ARGUMENT: Final = re.compile(r"[!-~]+")


class NotAge(Exception):
    """It is no age file, or one of a version or kind that is not known here."""


class NoKey(Exception):
    """The file is sealed to others, or under another passphrase."""


class Damaged(Exception):
    """The file was changed, or cut off, after it was sealed."""


@dataclass(frozen=True)
class Sealing:
    """For whom: recipients (age1…), or whoever has the passphrase."""

    recipients: tuple[str, ...] = ()
    passphrase: str = ""


@dataclass(frozen=True)
class Opening:
    """With what: identities (AGE-SECRET-KEY-1…), or a passphrase."""

    identities: tuple[str, ...] = ()
    passphrase: str = ""


@dataclass(frozen=True)
class _Stanza:
    kind: str
    arguments: tuple[str, ...]
    body: bytes

    def lines(self) -> bytes:
        text = _b64(self.body)  # 43 characters: never more than one line
        return f"-> {' '.join((self.kind, *self.arguments))}\n{text}\n".encode()


def is_age(content: bytes) -> bool:
    """Whether a file that begins so says that it is one."""
    return content.startswith(_VERSION + b"\n")


def is_recipient(text: str) -> bool:
    """Whether packages can be sealed to it."""
    try:
        bech32(_RECIPIENT, text)
    except ValueError:
        return False
    return True


def identity_of(private: bytes) -> str:
    """The identity (AGE-SECRET-KEY-1…) of a private key of X25519, 32 bytes."""
    return to_bech32(_IDENTITY, private).upper()


def recipient_of(private: bytes) -> str:
    """What is sealed to it is opened with `identity_of` the same key (age1…)."""
    return to_bech32(_RECIPIENT, _raw(X25519PrivateKey.from_private_bytes(private).public_key()))


class SealingWriter(io.RawIOBase):
    """What is written into it goes sealed into `out`. Only `finish` makes it whole."""

    def __init__(self, out: BinaryIO, to: Sealing) -> None:
        """Raises ValueError for a recipient that is none, or for nobody at all."""
        file_key, nonce = secrets.token_bytes(_FILE_KEY), secrets.token_bytes(_NONCE)
        if to.passphrase:
            stanzas = [_wrap_for_passphrase(file_key, to.passphrase)]
        else:
            stanzas = [_wrap_for_recipient(file_key, bech32(_RECIPIENT, one)) for one in to.recipients]
        if not stanzas:
            raise ValueError("for nobody")
        header = _VERSION + b"\n" + b"".join(one.lines() for one in stanzas) + b"---"
        out.write(header + b" " + _b64(_mac(file_key, header)).encode() + b"\n" + nonce)
        self._out = out
        self._file_key = file_key
        self._stream = _Stream(file_key, nonce)
        self._waiting = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: bytes | bytearray | memoryview) -> int:  # type: ignore[override]
        self._waiting += data
        while len(self._waiting) > _CHUNK:  # the last one is known as such
            self._out.write(self._stream.seal(bytes(self._waiting[:_CHUNK]), last=False))
            del self._waiting[:_CHUNK]
        return len(data)

    def finish(self) -> None:
        """Write the end."""
        self._out.write(self._stream.seal(bytes(self._waiting), last=True))
        self._waiting.clear()

    def reading_back(self, file: BinaryIO) -> OpeningReader:
        """Opens what was written, whoever it is for; raises Damaged."""
        try:
            return OpeningReader(file, self._file_key)
        except NotAge:
            raise Damaged from None


class OpeningReader(io.RawIOBase):
    """Reads what was sealed, chunk by chunk: not a byte comes out before it was found genuine."""

    def __init__(self, file: BinaryIO, by: Opening | bytes) -> None:
        """`by` may be the file's own key. Raises NotAge, NoKey, Damaged. Reading may raise Damaged."""
        self._file = file
        stanzas, header, mac = _read_header(file)
        file_key = by if isinstance(by, bytes) else _unwrap(stanzas, by)
        if not hmac.compare_digest(mac, _mac(file_key, header)):
            raise Damaged
        nonce = file.read(_NONCE)
        if len(nonce) < _NONCE:
            raise Damaged
        self._stream = _Stream(file_key, nonce)
        self._next = file.read(_CHUNK + _TAG)
        self._ready = b""
        self._ended = False

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        parts, wanted = [], -1 if size is None else size
        while wanted and (self._ready or self._fill()):
            part = self._ready if wanted < 0 else self._ready[:wanted]
            self._ready = self._ready[len(part) :]
            parts.append(part)
            wanted -= len(part) if wanted > 0 else 0
        return b"".join(parts)

    def _fill(self) -> bool:
        if self._ended:
            return False
        chunk, self._next = self._next, self._file.read(_CHUNK + _TAG)
        self._ended = not self._next
        self._ready = self._stream.open(chunk, last=self._ended)
        return bool(self._ready)


class _Stream:
    """STREAM: ChaCha20-Poly1305 over chunks of 64 KiB, each with its number and whether it is the last."""

    def __init__(self, file_key: bytes, nonce: bytes) -> None:
        self._cipher = ChaCha20Poly1305(_hkdf(file_key, nonce, b"payload"))
        self._number = 0

    def _nonce(self, *, last: bool) -> bytes:
        self._number += 1
        return (self._number - 1).to_bytes(11, "big") + bytes([last])

    def seal(self, chunk: bytes, *, last: bool) -> bytes:
        return self._cipher.encrypt(self._nonce(last=last), chunk, None)

    def open(self, chunk: bytes, *, last: bool) -> bytes:
        """Raises Damaged; the last chunk is empty only where there is nothing at all."""
        first = self._number == 0
        try:
            data = self._cipher.decrypt(self._nonce(last=last), chunk, None)
        except (InvalidTag, ValueError):
            raise Damaged from None
        if last and not data and not first:
            raise Damaged
        return data


def _read_header(file: BinaryIO) -> tuple[list[_Stanza], bytes, bytes]:
    """Stanzas, the bytes that the MAC is over, and the MAC; raises NotAge."""
    lines: list[bytes] = []
    while len(lines) < _MOST_LINES:
        line = file.readline(_LONGEST_LINE)
        if not line.endswith(b"\n"):
            raise NotAge
        lines.append(line[:-1])
        if lines[0] != _VERSION:
            raise NotAge
        if line.startswith(b"---"):
            break
    else:
        raise NotAge
    try:
        stanzas = _stanzas([line.decode("ascii") for line in lines[1:-1]])
        mark, mac = lines[-1].decode("ascii").split(" ")
        if mark != "---" or not stanzas:
            raise ValueError(mark)
        return stanzas, b"\n".join([*lines[:-1], b"---"]), _unb64(mac, 32)
    except ValueError:
        raise NotAge from None


def _stanzas(lines: Sequence[str]) -> list[_Stanza]:
    """Raises ValueError."""
    found: list[_Stanza] = []
    at = 0
    while at < len(lines):
        mark, kind, *arguments = lines[at].split(" ")
        if mark != "->" or not all(map(_ARGUMENT.fullmatch, (kind, *arguments))):
            raise ValueError(lines[at])
        text = ""
        for at in range(at + 1, len(lines)):  # noqa: B020  # to the line that is shorter than others
            text += lines[at]
            if len(lines[at]) < 64:
                break
        else:
            raise ValueError("a stanza without an end")
        found.append(_Stanza(kind, tuple(arguments), _unb64(text)))
        at += 1
    return found


def _unwrap(stanzas: Sequence[_Stanza], by: Opening) -> bytes:
    """Raises NoKey, NotAge."""
    if any(one.kind == _SCRYPT for one in stanzas):
        if len(stanzas) > 1:
            raise NotAge
        if not by.passphrase:
            raise NoKey
        return _unwrap_by_passphrase(stanzas[0], by.passphrase)
    for identity in by.identities:
        secret = X25519PrivateKey.from_private_bytes(bech32(_IDENTITY, identity))
        for stanza in stanzas:
            if stanza.kind == _X25519 and (file_key := _unwrap_by_identity(stanza, secret)):
                return file_key
    raise NoKey


def _wrap_for_recipient(file_key: bytes, recipient: bytes) -> _Stanza:
    ephemeral = X25519PrivateKey.generate()
    share = _raw(ephemeral.public_key())
    shared = ephemeral.exchange(X25519PublicKey.from_public_bytes(recipient))
    wrapping = _hkdf(shared, share + recipient, _LABEL + b"X25519")
    return _Stanza(_X25519, (_b64(share),), ChaCha20Poly1305(wrapping).encrypt(_ZEROS, file_key, None))


def _unwrap_by_identity(stanza: _Stanza, secret: X25519PrivateKey) -> bytes:
    """Empty when it is for somebody else; raises NotAge."""
    try:
        (argument,) = stanza.arguments
        share = _unb64(argument, 32)
        shared = secret.exchange(X25519PublicKey.from_public_bytes(share))
    except ValueError:
        raise NotAge from None
    return _opened(_hkdf(shared, share + _raw(secret.public_key()), _LABEL + b"X25519"), stanza.body)


def _wrap_for_passphrase(file_key: bytes, passphrase: str) -> _Stanza:
    salt = secrets.token_bytes(_SALT)
    wrapping = _stretched(passphrase, salt, WORK)
    return _Stanza(_SCRYPT, (_b64(salt), str(WORK)), ChaCha20Poly1305(wrapping).encrypt(_ZEROS, file_key, None))


def _unwrap_by_passphrase(stanza: _Stanza, passphrase: str) -> bytes:
    """Raises NoKey, NotAge."""
    try:
        salt, work = stanza.arguments
        if not re.fullmatch(r"[1-9][0-9]?", work) or int(work) > _MOST_WORK:
            raise ValueError(work)
        wrapping = _stretched(passphrase, _unb64(salt, _SALT), int(work))
    except ValueError:
        raise NotAge from None
    file_key = _opened(wrapping, stanza.body)
    if not file_key:
        raise NoKey
    return file_key


def _opened(wrapping: bytes, body: bytes) -> bytes:
    if len(body) != _FILE_KEY + _TAG:
        raise NotAge
    try:
        return ChaCha20Poly1305(wrapping).decrypt(_ZEROS, body, None)
    except InvalidTag:
        return b""


def _stretched(passphrase: str, salt: bytes, work: int) -> bytes:
    """Whatever input method typed it."""
    secret = unicodedata.normalize("NFC", passphrase).encode()
    return Scrypt(salt=_LABEL + b"scrypt" + salt, length=32, n=1 << work, r=8, p=1).derive(secret)


def _hkdf(secret: bytes, salt: bytes, info: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt=salt, info=info).derive(secret)


def _mac(file_key: bytes, header: bytes) -> bytes:
    return hmac.digest(_hkdf(file_key, b"", b"header"), header, "sha256")


def _raw(key: X25519PublicKey) -> bytes:
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw)


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii").rstrip("=")


def _unb64(text: str, length: int | None = None) -> bytes:
    """Raises ValueError for what is not written as we would write it."""
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except binascii.Error:
        raise ValueError(text) from None
    if _b64(data) != text or (length is not None and len(data) != length):
        raise ValueError(text)
    return data

"""Bech32 (BIP 173), which age writes its keys in; without BIP 173's limit of 90 characters, as age has it."""

from __future__ import annotations

from typing import Final

_LETTERS: Final = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATOR: Final = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_CHECKSUM: Final = 6


def bech32(kind: str, text: str) -> bytes:
    """The 32 bytes of a key of this kind (`age`, `AGE-SECRET-KEY-`); raises ValueError for what is none."""
    text = text.strip()
    if text not in {text.lower(), text.upper()}:
        raise ValueError("mixed case")
    prefix, _, rest = text.lower().rpartition("1")
    if prefix != kind.lower() or len(rest) <= _CHECKSUM:
        raise ValueError("another kind of key")
    values = [_LETTERS.index(letter) for letter in rest]  # raises ValueError itself
    spread = [ord(letter) >> 5 for letter in prefix] + [0] + [ord(letter) & 31 for letter in prefix]
    if _polymod([*spread, *values]) != 1:
        raise ValueError("a letter is wrong")
    bits, size, found = 0, 0, bytearray()
    for value in values[:-_CHECKSUM]:
        bits, size = bits << 5 | value, size + 5
        if size >= 8:
            size -= 8
            found.append(bits >> size & 0xFF)
    if len(found) != 32 or bits & ((1 << size) - 1):
        raise ValueError("another length")
    return bytes(found)


def to_bech32(kind: str, key: bytes) -> str:
    """A key of this kind, as `bech32` reads it; in small letters."""
    prefix = kind.lower()
    bits = int.from_bytes(key, "big") << -len(key) * 8 % 5
    size = -(-len(key) * 8 // 5)
    values = [bits >> 5 * at & 31 for at in reversed(range(size))]
    spread = [ord(letter) >> 5 for letter in prefix] + [0] + [ord(letter) & 31 for letter in prefix]
    checksum = _polymod([*spread, *values, *[0] * _CHECKSUM]) ^ 1
    values += [checksum >> 5 * at & 31 for at in reversed(range(_CHECKSUM))]
    return f"{prefix}1" + "".join(_LETTERS[value] for value in values)


def _polymod(values: list[int]) -> int:
    checksum = 1
    for value in values:
        top = checksum >> 25
        checksum = (checksum & 0x1FFFFFF) << 5 ^ value
        for bit, part in enumerate(_GENERATOR):
            checksum ^= part if top >> bit & 1 else 0
    return checksum

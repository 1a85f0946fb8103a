"""Synthetic data of the same shape as a person's. What comes out depends on the shape alone: nothing can be worked back."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Mapping
from datetime import date
from typing import Final

import numpy as np

from kiosk import codes, idnumber
from kiosk.clock import day
from kiosk.devices.card import foreigner, payload
from kiosk.devices.card.checks import FOR_EVER
from kiosk.devices.card.layouts import TEXT_SIZE, Layout, layout_of
from kiosk.devices.card.payload import PHOTO_SIZE
from kiosk.devices.finger.profiles import profiles
from kiosk.devices.recording.shape import shape
from kiosk.records import CardKind

_BIRTH: Final = "20080101"
_OTHER_BIRTH: Final = "20080102"
_SINCE: Final = "20200101"
_EXPIRED: Final = "20200102"
_NOT_YET: Final = "20981231"
_UNTIL: Final = "20991231"
_PRINTED: Final = 188  # bytes of the text block; what follows may be missing from a reading that was cut off
_NO_DAY: Final = "20081332"
_DIGITS: Final = frozenset("0123456789")
_NATIONALITY: Final = "CAN"
_WLT_HEAD: Final = b"WL"
_WLT_HEAD_BYTES: Final = 6  # magic, width and height: the same on every card
_LENGTHS: Final = {bytes((text, photo)) for text in (0, 1, 2, 4, 8) for photo in (0, 1, 2, 4, 8)}  # in units of 256 bytes


def filler(size: int, seed: str) -> bytes:
    """Bytes that look like anything and are always the same."""
    return hashlib.shake_256(seed.encode()).digest(size)


class People:
    """Who is met in one recording: each gets a number, so that two cards stay two and one that is read again stays one."""

    def __init__(self) -> None:
        self._met: dict[bytes, int] = {}

    def number(self, text: bytes) -> int:
        """0 for the first card, 1 for the second; by what is printed on it."""
        return self._met.setdefault(hashlib.sha256(text[:_PRINTED]).digest(), len(self._met))


def card_payload(data: bytes, today: date, people: People) -> bytes:
    """A security module's payload with synthetic text, photo and fingerprints, cut off where it is cut off."""
    if not data.startswith(payload.SIGNATURE):
        kept = data[:4] if data[:4:2] in _LENGTHS and data[1:4:2] == bytes(2) else b""
        return kept + filler(len(data) - len(kept), "payload")
    start = payload.size(data)
    lengths = 6 if len(data) > start else 4
    whole = data.ljust(start, b"\0")
    text, photo = whole[lengths : lengths + TEXT_SIZE], whole[lengths + TEXT_SIZE :][:PHOTO_SIZE]
    prints = whole[lengths + TEXT_SIZE + PHOTO_SIZE :]
    made = (
        whole[:lengths] + text_block(text, today, people.number(text)) + chip_photo(photo) + filler(len(prints), "fingerprints")
    )
    return made[: len(data)]


def chip_photo(photo: bytes) -> bytes:
    """Its head, and filler that no decoder takes; an empty one stays empty."""
    if not any(photo):
        return photo
    kept = photo[:_WLT_HEAD_BYTES] if photo.startswith(_WLT_HEAD) else b""
    return kept + filler(len(photo) - len(kept), "photo")


def text_block(block: bytes, today: date, who: int = 0) -> bytes:
    """The 256 bytes of a card's text: the same kind of card, as sound or odd as it is, of the `who`-th who doesn't exist."""
    layout = layout_of(block)
    read = {name: raw.decode("utf-16-le", "surrogatepass") for name, raw in layout.split(block)}
    made = _fields(layout, read, today, who)
    return b"".join(_fitted(made[name], raw) for name, raw in layout.split(block))


def address(raw: bytes) -> bytes:
    """The additional address."""
    text = raw[: len(raw) // 2 * 2].decode("utf-16-le", "surrogatepass")
    return shape(text).encode("utf-16-le", "surrogatepass").ljust(len(raw), b"\0")


def _fitted(text: str, raw: bytes) -> bytes:
    """In the place of `raw`, padded as that is."""
    padding = raw[-2:] if raw[-2:] in (b"\0\0", b" \0") else b" \0"
    made = text.encode("utf-16-le", "surrogatepass")
    return made + padding * ((len(raw) - len(made)) // 2)


def _fields(layout: Layout, read: Mapping[str, str], today: date, who: int) -> dict[str, str]:
    made = {name: shape(text, who) for name, text in read.items()}
    plain = {name: _plain(text) for name, text in read.items()}
    number = plain["number"]
    problem = foreigner.problem_2017(number) if layout.kind is CardKind.FOREIGNER_2017 else idnumber.problem(number)
    made["number"] = _odd_number(problem, _number(layout.kind, who), read["number"])
    made["sex"] = _sex(layout.kind, plain["sex"], number if problem is None else "") or _code(read["sex"])
    if plain.get("ethnicity"):
        made["ethnicity"] = "01" if plain["ethnicity"] in codes.ETHNICITY else "99"
    if day(plain["birth"]) is not None:
        is_own = _birth_in(layout.kind, number) in (plain["birth"], plain["birth"][2:])
        made["birth"] = _BIRTH if is_own else _OTHER_BIRTH
    since, until = day(plain["valid_from"]), day(plain["valid_until"])
    if since is not None:
        made["valid_from"] = _SINCE if since <= today else _NOT_YET
    if until is not None:
        made["valid_until"] = _UNTIL if until >= today else _EXPIRED
    elif plain["valid_until"] == FOR_EVER:
        made["valid_until"] = read["valid_until"]
    if len(plain.get("nationality", "")) == 3:
        made["nationality"] = _NATIONALITY
    if plain.get("permit_number", "")[:1] in ("H", "M"):
        made["permit_number"] = plain["permit_number"][0] + made["permit_number"][1:]
    return made | {name: _code(read[name]) for name in ("marker", "version", "issue_count") if name in read}


def _code(text: str) -> str:
    """A code of the card's kind, which says nothing of its holder; anything else that stands there keeps its shape only."""
    return text if all(character in _DIGITS or character in "JIY \0" for character in text) else shape(text)


def _plain(text: str) -> str:
    return "".join(character for character in text if unicodedata.category(character) != "Cc").strip(" \u3000")


def _odd_number(problem: str | None, sound: str, read: str) -> str:
    """A synthetic number with what is wrong in the card's own: its check digit, date, province, length or characters."""
    match problem:
        case None:
            return sound
        case "idnumber.check":
            return sound[:-1] + ("0" if sound[-1] != "0" else "1")
        case "idnumber.date":
            return sound[:6] + _NO_DAY + sound[14:]
        case "idnumber.province":
            return "00" + sound[2:]
    ours = sound.ljust(len(read), "9")
    return "".join(ours[at] if character in _DIGITS else shape(character) for at, character in enumerate(read))


def _sex(kind: CardKind, said: str, number: str) -> str:
    """The code that fits or contradicts the synthetic number as the card's fits its own; nothing for a code that is none."""
    if said not in ("1", "2"):
        return ""
    is_citizen = kind in (CardKind.RESIDENT, CardKind.HMT_RESIDENCE)
    return "2" if is_citizen and number and idnumber.sex_code(number) != said else "1"


def _number(kind: CardKind, who: int) -> str:
    """A sound number of a man, whose order tells people apart."""
    if kind is CardKind.FOREIGNER_2017:
        first14 = f"{_NATIONALITY}{1100 + who % 100}{_BIRTH[2:]}0"
        return first14 + foreigner.check_digit(first14)
    district = {CardKind.HMT_RESIDENCE: "810000", CardKind.FOREIGNER_2023: "911124"}.get(kind, "110101")
    first17 = f"{district}{_BIRTH}{1 + 2 * (who % 500):03d}"
    return first17 + idnumber.check_character(first17)


def _birth_in(kind: CardKind, number: str) -> str:
    return number[7:13] if kind is CardKind.FOREIGNER_2017 else number[6:14]


def print_image(size: int) -> bytes:
    """Ridges as a scanner would hand them out that sends `size` bytes, 4 bits a pixel; round and round, nobody's."""
    profile = next((profiles()[known] for known in sorted(profiles()) if known >= size), None)
    width, bits = (profile.width, profile.bits) if profile else (256, 4)
    height = -(-size * 8 // bits // width)
    y, x = np.mgrid[0:height, 0:width]
    radius, turn = np.hypot(x - width / 2, (y - height / 2) * 0.8), np.arctan2(y - height / 2, x - width / 2)
    ridges = 128 + 90 * np.cos(2 * np.pi * radius / 9 + turn)
    inside = (x - width / 2) ** 2 / (0.45 * width) ** 2 + (y - height / 2) ** 2 / (0.47 * height) ** 2 < 1
    pixels = np.where(inside, ridges, 240).astype(np.uint8)
    if bits == 8:
        return pixels.tobytes()[:size]
    packed = (pixels[:, 0::2] & 0xF0) | (pixels[:, 1::2] >> 4)
    return packed.astype(np.uint8).tobytes()[:size]

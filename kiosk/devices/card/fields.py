"""Cards that a maker's kit hands over as fields: the usual Chinese kits read text and photo by themselves."""

from __future__ import annotations

import io
import re
import threading
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final

import numpy as np
from PIL import Image as Pillow

from kiosk import codes
from kiosk.clock import day
from kiosk.config import KitSettings
from kiosk.devices.card import checks
from kiosk.devices.card.photo import PhotoDecoder
from kiosk.devices.card.slot import SlotChange
from kiosk.devices.facts import Way
from kiosk.devices.vendor.kit import Kit
from kiosk.errors import DeviceError, KioskError, TemporaryFault
from kiosk.records import CardData, CardKind, ChipPhoto

_POLL_S: Final = 0.3
_MOST_PIXELS: Final = 4_000_000
_SEXES: Final = {name: code for code, name in codes.SEX.items()}
_ETHNIC_CODES: Final = {name: code for code, name in codes.ETHNICITY.items()}
_KINDS: Final = {"": CardKind.RESIDENT, " ": CardKind.RESIDENT, "J": CardKind.HMT_RESIDENCE} | {
    "I": CardKind.FOREIGNER_2017,
    "Y": CardKind.FOREIGNER_2023,
}
_DATE: Final = re.compile(r"\D*(\d{4})\D*(\d{1,2})\D*(\d{1,2})\D*")


@dataclass(frozen=True, eq=False)
class CardFields:
    """What a kit said of one card: texts by name, `photo` as a picture file, or `photo_wlt` as the chip holds it."""

    texts: Mapping[str, str] = field(repr=False)
    photo: bytes = field(default=b"", repr=False)
    photo_wlt: bytes = field(default=b"", repr=False)
    fingerprints: bytes = field(default=b"", repr=False)

    def understand(self, today: date, decoder: PhotoDecoder) -> CardData:
        """Kits write dates, sexes and ethnicities in many ways, with NULs and blanks behind them: here they become the card's.

        Raises DeviceError("card.garbled") when there is neither a name nor a number.
        """
        text = {name: _clean(value) for name, value in self.texts.items()}
        if not text.get("name") and not text.get("number"):
            raise DeviceError("card.garbled", fields=len(text))
        sex, ethnicity = _sex(text.get("sex", "")), _ethnicity(text.get("ethnicity", ""))
        birth = _date(text.get("birth", ""))
        card = CardData(
            kind=_KINDS.get(text.get("kind", ""), CardKind.RESIDENT),
            name=text.get("name", "") or text.get("english_name", ""),
            sex_code=sex,
            sex=codes.sex_name(sex),
            ethnicity_code=ethnicity,
            ethnicity=codes.ethnicity_name(ethnicity),
            birth_text=birth,
            birth=day(birth),
            address=text.get("address", ""),
            id_number=text.get("number", "").upper(),
            authority=text.get("authority", ""),
            valid_from_text=_date(text.get("valid_from", "")),
            valid_until_text=_date(text.get("valid_until", "")),
            english_name=text.get("english_name", ""),
            nationality=text.get("nationality", ""),
            permit_number=text.get("permit_number", ""),
            issue_count=text.get("issue_count", ""),
        )
        try:
            photo = self._picture(decoder)
        except KioskError as error:
            card = replace(card, photo_problem=error.message)
        else:
            card = replace(card, photo=photo)
        return checks.with_warnings(card, today, reserved_used=False)

    def _picture(self, decoder: PhotoDecoder) -> ChipPhoto:
        if not self.photo:
            return decoder.decode(self.photo_wlt)
        try:
            with Pillow.open(io.BytesIO(self.photo), formats=("BMP", "JPEG", "PNG")) as image:
                if image.width * image.height > _MOST_PIXELS:
                    raise DeviceError("card.photo.damaged")
                return ChipPhoto(np.ascontiguousarray(np.asarray(image.convert("RGB"))[:, :, ::-1]))
        except (OSError, ValueError, SyntaxError, Pillow.DecompressionBombError, Pillow.DecompressionBombWarning):
            raise DeviceError("card.photo.damaged") from None


class KitSource:
    """A `CardSource` over a kit: `open`, `find`, `read`, `close` of what the factory made (docs/how-to/vendor-kits.md).

    As with a bare security module nobody tells that a card was taken away: its removal is told when the next one comes.
    """

    unverified = True
    way = Way.KIT

    def __init__(self, reference: str, settings: KitSettings, poll_s: float = _POLL_S) -> None:
        self._kit = Kit(reference, settings)
        self._reference = reference
        self._poll_s = poll_s
        self._interrupted = threading.Event()

    def open(self) -> str:
        """Start the kit; returns what it calls itself. Raises what `Kit.open` raises; a missing reader is temporary."""
        try:
            name = self._kit.open()
        except TemporaryFault:
            raise
        except DeviceError as error:
            if error.code != "device.kit.raised":
                raise
            raise TemporaryFault(error.code, **error.data) from error
        return str(name or self._reference)

    def changes(self) -> Iterator[SlotChange]:
        """Whether a card lies there, then every card that comes."""
        present = self._find()
        yield SlotChange(present)
        while not self._interrupted.wait(self._poll_s):
            if self._find():
                yield SlotChange(present=True, swapped=present)
                present = True
        self._interrupted.clear()

    def read(self, _change: SlotChange, _deadline: float) -> CardFields:
        """Raises DeviceError("device.kit.raised") or ("card.garbled"), TemporaryFault when the kit hangs or dies."""
        found = self._kit.call("read")
        if not isinstance(found, dict):
            raise DeviceError("card.garbled", fields=0)
        texts = {name: _text(value) for name, value in found.items() if name not in _PARTS}
        parts = {name: bytes(found[name]) for name in _PARTS if isinstance(found.get(name), bytes)}
        return CardFields(texts, **parts)

    def interrupt(self) -> None:
        """End a blocked `changes` at once."""
        self._interrupted.set()

    def close(self) -> None:
        """Let the reader go."""
        self._kit.close()

    def _find(self) -> bool:
        try:
            return bool(self._kit.call("find"))
        except TemporaryFault:
            raise
        except DeviceError as error:
            raise TemporaryFault(error.code, **error.data) from error


_PARTS: Final = ("photo", "photo_wlt", "fingerprints")


def _text(value: Any) -> str:
    """Kits give bytes in the system's code page, UTF-8 or GBK; nothing that is one by chance reads well as the other."""
    if not isinstance(value, bytes):
        return "" if value is None else str(value)
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("gb18030", "replace")


def _clean(text: str) -> str:
    """Up to the first NUL, without control characters and blanks at the ends."""
    shown = text.split("\0", maxsplit=1)[0]
    return "".join(letter for letter in shown if unicodedata.category(letter) != "Cc").strip(" \u3000")


def _sex(text: str) -> str:
    return _SEXES.get(text, text)


def _ethnicity(text: str) -> str:
    return _ETHNIC_CODES.get(text) or _ETHNIC_CODES.get(text.removesuffix("族"), text)


def _date(text: str) -> str:
    """YYYYMMDD of 2008年8月6日, 2008.08.06, 2008-08-06 or 20080806; anything else as it is."""
    if found := _DATE.fullmatch(text):
        year, month, day_of_month = found.groups()
        return f"{year}{int(month):02d}{int(day_of_month):02d}"
    return text

"""The 256-byte text block of an ID card, turned into `CardData`. Odd contents are warnings, never failures."""

from __future__ import annotations

import unicodedata
from datetime import date
from typing import Final

from kiosk import codes
from kiosk.clock import day
from kiosk.devices.card import checks, foreigner
from kiosk.devices.card.layouts import TEXT_SIZE, layout_of
from kiosk.errors import DeviceError
from kiosk.records import CardData, CardKind

_PADDING: Final = " \u3000"


def parse(block: bytes, today: date) -> CardData:
    """What a 256-byte text block says; `today` is held against the card's validity.

    Code points stay as they are, rare and private ones too; only NULs and control characters go, and padding at the ends.
    Raises DeviceError("card.garbled") when the block has another size: nothing else can go wrong.
    """
    if len(block) != TEXT_SIZE:
        raise DeviceError("card.garbled", size=len(block))
    layout = layout_of(block)
    fields = {name: _text(raw) for name, raw in layout.split(block)}
    # Cut in two on the chip, perhaps at a blank between two words: joined before anything is stripped.
    english_name = (fields.get("english_name", "") + fields.get("english_name_rest", "")).strip(_PADDING)
    fields = {name: text.strip(_PADDING) for name, text in fields.items()}
    ethnicity = fields.get("ethnicity", "")
    number = fields["number"]
    card = CardData(
        kind=layout.kind,
        name=fields["name"] or english_name,
        sex_code=fields["sex"],
        sex=codes.sex_name(fields["sex"]),
        ethnicity_code=ethnicity,
        ethnicity=codes.ethnicity_name(ethnicity),
        birth_text=fields["birth"],
        birth=day(fields["birth"]),
        address=fields.get("address", ""),
        id_number=number,
        authority=fields.get("authority", ""),
        valid_from_text=fields["valid_from"],
        valid_until_text=fields["valid_until"],
        english_name=english_name,
        nationality=fields.get("nationality", ""),
        permit_number=fields.get("permit_number", ""),
        issue_count=fields.get("issue_count", ""),
        version=fields.get("version", ""),
        former_number=_former_number(layout.kind, number, fields),
    )
    reserved = any(text for name, text in fields.items() if name.startswith("_"))
    return checks.with_warnings(card, today, reserved_used=reserved)


def address(raw: bytes) -> str:
    """The additional address (追加地址): 70 bytes UTF-16LE."""
    return _text(raw).strip(_PADDING)


def _text(raw: bytes) -> str:
    """A field without control characters. Half a surrogate pair becomes U+FFFD: nothing later could store or print it."""
    text = raw.decode("utf-16-le", "replace")
    return "".join(character for character in text if unicodedata.category(character) != "Cc")


def _former_number(kind: CardKind, number: str, fields: dict[str, str]) -> str:
    if kind is not CardKind.FOREIGNER_2023:
        return ""
    return foreigner.former_number(number, fields["nationality"], fields["former_link"]) or ""

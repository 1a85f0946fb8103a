"""Whose word counts about a student: the chip's, before what was typed at the desk, before the roster's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from kiosk.clock import day
from kiosk.codes import ETHNICITY, RESIDENT_CARD, SEX, ethnicity_code, sex_code
from kiosk.records import CardData, CardEntry, CardKind, Student

_NOTHING: Final[Mapping[str, str]] = {}


def says(card: CardData | None) -> Mapping[str, str]:
    """What a card says of a student's fields, by their names. What it leaves open, or has no name for, is not there."""
    if card is None:
        return _NOTHING
    said = {
        "name": card.name,
        "sex": card.sex if card.sex_code in SEX else "",
        "ethnicity": card.ethnicity if card.ethnicity_code in ETHNICITY else "",
        "birth_text": f"{card.birth:%Y%m%d}" if card.birth else "",
        "document_type": RESIDENT_CARD if card.kind == CardKind.RESIDENT else "",
    }
    return {field: value for field, value in said.items() if value}


def decides(card: CardData | None) -> Mapping[str, str]:
    """The same of a card that was read: nobody's word stands against the chip's. What was typed decides nothing."""
    return says(card) if card is not None and card.entry is CardEntry.READ else _NOTHING


def value_of(student: Student, card: CardData | None, field: str) -> str:
    """What every list shows of a student's field."""
    value: str = says(card).get(field) or getattr(student, field)
    return value


def corrected(card: CardData, field: str, value: str) -> CardData:
    """Card data with one field of the student as a person put it right, where they were typed; a chip's stay as they are."""
    if card.entry is CardEntry.READ:
        return card
    match field:
        case "name":
            return replace(card, name=value)
        case "sex":
            return replace(card, sex=value, sex_code=sex_code(value))
        case "ethnicity":
            return replace(card, ethnicity=value, ethnicity_code=ethnicity_code(value))
        case "birth_text":
            return replace(card, birth_text=value, birth=day(value))
    return card

"""What is odd about a card's text: warnings for the operator. A card is never refused for them here."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Final

from kiosk import codes, idnumber
from kiosk.clock import day
from kiosk.devices.card import foreigner
from kiosk.records import CardData, CardKind, Message

FOR_EVER: Final = "长期"
_REPLACEMENT: Final = "\ufffd"
# Whose number carries the birth date at [6:14] and the sex in its order number, GB 11643-1999.
_CITIZEN_NUMBERS: Final = (CardKind.RESIDENT, CardKind.HMT_RESIDENCE)


def with_warnings(card: CardData, today: date, *, reserved_used: bool) -> CardData:
    """The same card with a Message for everything odd about it; `reserved_used`: a reserved area of the chip isn't blank."""
    warnings = [*_number(card), *_sex(card), *_birth(card), *_ethnicity(card), *_validity(card, today), *_characters(card)]
    if reserved_used:
        warnings.append(Message("card.warning.reserved"))
    return replace(card, warnings=tuple(warnings))


def _number(card: CardData) -> Iterator[Message]:
    check = foreigner.problem_2017 if card.kind == CardKind.FOREIGNER_2017 else idnumber.problem
    if problem := check(card.id_number):
        yield Message(f"card.warning.{problem}")


def _sex(card: CardData) -> Iterator[Message]:
    if card.sex_code not in codes.SEX:
        yield Message("card.warning.sex_unknown", {"value": card.sex_code})
    elif card.sex_code in ("1", "2") and card.sex_code != _sex_in_number(card):
        yield Message("card.warning.sex_differs")


def _sex_in_number(card: CardData) -> str:
    """The sex code that a sound citizen number carries; that of the card where there is no such number."""
    if card.kind in _CITIZEN_NUMBERS and idnumber.problem(card.id_number) is None:
        return idnumber.sex_code(card.id_number)
    return card.sex_code


def _birth(card: CardData) -> Iterator[Message]:
    if card.birth is None:
        yield Message("card.warning.birth_unreadable", {"text": card.birth_text})
        return
    if card.kind == CardKind.FOREIGNER_2017:
        written, wanted = card.id_number[7:13], card.birth_text[2:]
    elif card.kind == CardKind.FOREIGNER_2023 or card.kind in _CITIZEN_NUMBERS:
        written, wanted = card.id_number[6:14], card.birth_text
    else:
        return
    if written != wanted:
        yield Message("card.warning.birth_differs")


def _ethnicity(card: CardData) -> Iterator[Message]:
    if card.kind == CardKind.RESIDENT and card.ethnicity_code not in codes.ETHNICITY:
        yield Message("card.warning.ethnicity_unknown", {"value": card.ethnicity_code})


def _validity(card: CardData, today: date) -> Iterator[Message]:
    since, until = day(card.valid_from_text), day(card.valid_until_text)
    if since is None or (until is None and card.valid_until_text != FOR_EVER):
        yield Message("card.warning.validity_unreadable")
    if since is not None and today < since:
        yield Message("card.warning.not_yet_valid", {"date": since.isoformat()})
    if until is not None and today > until:
        yield Message("card.warning.expired", {"date": until.isoformat()})


def _characters(card: CardData) -> Iterator[Message]:
    text = card.name + card.english_name + card.address + card.authority
    if _REPLACEMENT in text:
        yield Message("card.warning.broken_characters")
    if any(_is_rare(character) for character in text):
        yield Message("card.warning.rare_characters")


def _is_rare(character: str) -> bool:
    """True for what common fonts and GB18030 tables lack: private use, unassigned, and everything beyond the BMP."""
    return character > "\uffff" or unicodedata.category(character) in ("Co", "Cn")

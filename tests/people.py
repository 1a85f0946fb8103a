"""The cards of students who don't exist."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from kiosk import codes, idnumber
from kiosk.records import CardData, CardKind, Student


def card_of(student: Student, **changes: Any) -> CardData:
    """The resident card of a student of the roster: what the number tells, and an address in Xining."""
    sex, birth = idnumber.sex_code(student.id_number), idnumber.birth_date(student.id_number)
    assert birth is not None
    card = CardData(
        kind=CardKind.RESIDENT,
        name=student.name,
        sex_code=sex,
        sex=codes.sex_name(sex),
        ethnicity_code="04",
        ethnicity="藏",
        birth_text=f"{birth:%Y%m%d}",
        birth=birth,
        address="青海省西宁市城中区",
        id_number=student.id_number,
        authority="西宁市公安局",
        valid_from_text="20200131",
        valid_until_text="20300131",
    )
    return replace(card, **changes)

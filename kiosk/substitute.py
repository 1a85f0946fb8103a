"""The 18 digits of a student without a resident's number, by the exam office's rule (郑州 2021): school 4, `00`, birth date 8,
order 4. Given once, it is the same for all exams.

It goes where that rule holds and nowhere else: to every other system such a student has no number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Final

from kiosk import idnumber
from kiosk.codes import PERMANENT_RESIDENCE, RESIDENT_CARD
from kiosk.errors import KioskError

_FORM: Final = re.compile(r"\d{4}00\d{12}", re.ASCII)
_SCHOOL: Final = re.compile(r"\d{4}", re.ASCII)
_OF_PERMITS: Final = {**dict.fromkeys("678", ("81", "82", "83")), PERMANENT_RESIDENCE: ("9",)}  # how they begin
_ORDERS: Final = range(1, 10_000)  # 0000 is what a spreadsheet makes of lost digits


def number(school: str, birth: date, order: int) -> str:
    """The 18 digits.

    Raises KioskError("manual.school_code") unless the school has 4 digits, ("manual.order") unless the order is 0–9999.
    """
    if not _SCHOOL.fullmatch(school):
        raise KioskError("manual.school_code")
    if not 0 <= order <= _ORDERS[-1]:
        raise KioskError("manual.order")
    return f"{school}00{birth:%Y%m%d}{order:04d}"


def numbers(school: str, birth: date) -> Iterator[str]:
    """Those of one school and birth date, in their order, without the one in eleven that could be a citizen's number too."""
    made = (number(school, birth, order) for order in _ORDERS)
    return (one for one in made if is_substitute(one))


def is_substitute(text: str, document_type: str = "") -> bool:
    """Whether a number is of that kind: the form, and a birth date that exists.

    Where the check character makes a citizen's number of it as well, the type of the document decides (a code of the national
    register; empty: unknown), and a citizen's number goes before. So does a residence permit's, whose area codes 810000, 820000
    and 830000 have that very form.
    """
    if not _FORM.fullmatch(text) or idnumber.birth_date(text) is None:
        return False
    if idnumber.problem(text) is not None:
        return True
    return document_type not in ("", RESIDENT_CARD) and not text.startswith(_OF_PERMITS.get(document_type, ()))

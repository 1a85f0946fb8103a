"""Data of a student without a readable card, typed in by the operator. Never taken for what a card said."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from kiosk import codes, idnumber
from kiosk.clock import day
from kiosk.errors import KioskError
from kiosk.records import CardData, CardEntry, CardKind, Message, Student
from kiosk.substitute import is_substitute


class EntryReason(StrEnum):
    """Why nothing was read. Goes into the record and the export."""

    FORGOTTEN = "forgotten"  # the card is not at hand
    LOST = "lost"
    TEMPORARY = "temporary"  # a temporary card, which has no chip
    UNREADABLE = "unreadable"  # the chip is dead
    EXPIRED = "expired"
    NO_READER = "no_reader"  # the reader failed
    NO_MAINLAND_DOCUMENT = "no_mainland_document"


_FULL_WIDTH: Final = {0xFF01 + offset: 0x21 + offset for offset in range(94)}


@dataclass(frozen=True)
class TypedIn:
    """What the operator typed, or took from the roster."""

    name: str
    number: str
    reason: EntryReason
    sex_code: str = ""  # GB/T 2261.1; may be left out where the number tells it
    birth: date | None = None  # may be left out where the number tells it
    ethnicity_code: str = ""  # GB/T 3304
    address: str = ""


def clean_number(text: str) -> str:
    """A number as typed: without blanks, full-width characters made narrow, x in upper case."""
    return "".join(text.translate(_FULL_WIDTH).split()).upper()


def problem(number: str) -> str | None:
    """What is wrong with a number that was typed, as a code of `kiosk.idnumber`, or None."""
    return None if is_substitute(number) else idnumber.problem(number)


def check(typed: TypedIn, student: Student | None = None) -> None:
    """Refuse what can't be. The name is not looked at: it may still come from the roster.

    `student`: whom the roster has under this number. Numbers of other documents are as good as the roster's, and only there.
    Raises KioskError("manual.idnumber.…") for a number that can't be, ("manual.birth_differs") and ("manual.sex_differs") when
    number and typed data contradict each other.
    """
    number = clean_number(typed.number)
    fault = problem(number)
    if fault and student is not None and student.document_type not in ("", codes.RESIDENT_CARD):
        return
    if fault:
        raise KioskError(f"manual.{fault}")
    if typed.birth is not None and typed.birth != idnumber.birth_date(number):
        raise KioskError("manual.birth_differs")
    if not is_substitute(number) and typed.sex_code and typed.sex_code != idnumber.sex_code(number):
        raise KioskError("manual.sex_differs")


def require(typed: TypedIn, student: Student, fields: Collection[str]) -> None:
    """Ask for what a profile's `fields` need and no number tells: now, while the student can be asked, and not at the export.

    Raises KioskError("manual.ethnicity_missing") where the roster has none either, ("manual.address_missing").
    """
    is_citizen = student.document_type in ("", codes.RESIDENT_CARD)  # others have no 民族
    if is_citizen and {"ethnicity", "ethnicity_code"} & set(fields) and not (typed.ethnicity_code or student.ethnicity):
        raise KioskError("manual.ethnicity_missing")
    if "address" in fields and not typed.address.strip():
        raise KioskError("manual.address_missing")


def card_of(typed: TypedIn, student: Student | None = None) -> CardData:
    """The typed data in the form of card data, marked as typed and with the reason; what was left out comes from the roster.

    Raises as `check` does, and KioskError("manual.name") without a name.
    """
    check(typed, student)
    number = clean_number(typed.number)
    name = " ".join(typed.name.split()) or (student.name if student is not None else "")
    if not name:
        raise KioskError("manual.name")
    is_citizen = idnumber.problem(number) is None
    filed = student if student is not None and not is_citizen else None  # a citizen's number says these itself
    sex = idnumber.sex_code(number) if is_citizen else typed.sex_code or (codes.sex_code(filed.sex) if filed else "")
    birth = _birth(typed, number, filed)
    return CardData(
        kind=CardKind.RESIDENT if is_citizen else CardKind.NONE,
        name=name,
        sex_code=sex,
        sex=codes.sex_name(sex),
        ethnicity_code=typed.ethnicity_code,
        ethnicity=codes.ethnicity_name(typed.ethnicity_code),
        birth_text=f"{birth:%Y%m%d}" if birth else "",
        birth=birth,
        address=" ".join(typed.address.split()),
        id_number=number,
        authority="",
        valid_from_text="",
        valid_until_text="",
        warnings=(Message(f"manual.reason.{typed.reason}"),),
        photo_problem=Message("manual.no_photo"),
        entry=CardEntry.TYPED,
        entry_reason=typed.reason,
    )


def _birth(typed: TypedIn, number: str, filed: Student | None) -> date | None:
    """From the number where it has one, else as typed, else as the roster has it."""
    if problem(number) is None:
        return idnumber.birth_date(number)
    if typed.birth is not None or filed is None or not filed.birth_text:
        return typed.birth
    return day(filed.birth_text)

"""更正: which fields of a student can be put right, to what, and the deed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from kiosk import idnumber, witness
from kiosk.codes import ETHNICITY, SEX
from kiosk.errors import ExchangeError, StoreError
from kiosk.records import CaptureRecord, Correction, Message, Person, Student
from kiosk.store import CORRECTABLE, Store
from kiosk.tables.cells import Unreadable
from kiosk.tables.mending import mended
from kiosk.tables.rules import ColumnRule, Kind, load_rules

_BY_NUMBER: Final = "1", "2"  # the sexes that an ID number can tell
_CODES: Final[Mapping[Kind, tuple[str, ...]]] = {
    Kind.SEX: tuple(SEX[code] for code in _BY_NUMBER),
    Kind.ETHNICITY: tuple(ETHNICITY.values()),
}


class BadValue(ExchangeError):
    """A value that no cell of a roster could have, in the words of the roster's reading."""

    @property
    def message(self) -> Message:
        return Message(self.code, self.data)


@dataclass(frozen=True)
class Correctable:
    """A field that can be put right. `choices`: the only values, where there is a list, with their names. `settled`: card or
    number say what is right, and the roster says otherwise. `usual`: what other students of the roster have."""

    field: str
    value: str
    choices: tuple[tuple[str, str], ...] = ()
    settled: bool = False
    usual: tuple[str, ...] = ()


class Corrections:
    """Everything here is decided by a person, who is named. Methods may be called from any thread."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._rules = load_rules("students")

    def offered(self, student: Student, record: CaptureRecord | None) -> list[Correctable]:
        """In the order of the roster's columns; nothing while the record is signed. What card or number say is not offered,
        unless the roster says otherwise: then only that."""
        if record is not None and record.signed_at is not None:
            return []
        decided = _decided(student, record)
        usual = self._store.roster.usual()
        return [
            self._one(rule, student, record, decided, usual)
            for rule in self._rules.columns
            if rule.field in CORRECTABLE
            and (rule.field not in decided or getattr(student, rule.field) not in ("", decided[rule.field]))
        ]

    def of(self, id_number: str) -> Sequence[Correction]:
        """A student's, oldest first."""
        return self._store.corrections.of(id_number)

    def correct(self, id_number: str, field: str, value: str, *, reason: str, by: Person) -> Student:
        """Put one field right, as the roster's own reading would take it.

        Raises BadValue or ExchangeError when the value can't be, StoreError when the field can't be corrected, or not any more.
        """
        record = self._newest(id_number)
        student = self._store.roster.find(id_number) or (record.student if record else None)
        rule = next((one for one in self._rules.columns if one.field == field and field in CORRECTABLE), None)
        if rule is not None and student is not None:
            value = _taken(rule, value, student)
            said = _number_says(student).get(field, value)
            if said != value:
                raise ExchangeError("correct.against_number", value=said)
        return self._store.corrections.correct(id_number, field, value, reason=reason, by=by, at=datetime.now(UTC))

    def number_of(self, record_id: str) -> str:
        """Whose record it is; raises StoreError when there is none."""
        record = self._store.captures.find(record_id)
        if record is None:
            raise StoreError("store.record_unknown", record=record_id)
        return record.student.id_number

    def _newest(self, id_number: str) -> CaptureRecord | None:
        return self._store.captures.latest_complete(id_number) or self._store.captures.unfinished(id_number)

    def _one(
        self,
        rule: ColumnRule,
        student: Student,
        record: CaptureRecord | None,
        decided: Mapping[str, str],
        usual: Mapping[str, Sequence[str]],
    ) -> Correctable:
        field = rule.field
        typed = record.card if record is not None and not witness.decides(record.card) else None
        value = witness.value_of(student, typed, field)
        if field in decided:
            return Correctable(field, value, ((decided[field], rule.name_of(decided[field])),), settled=True)
        kept = _CODES.get(rule.kind) or rule.kept
        if kept:
            empty = () if rule.required else (("", ""),)
            return Correctable(field, value, (*empty, *((one, rule.name_of(one)) for one in kept)))
        return Correctable(field, value, usual=tuple(usual.get(field, ())))


def _decided(student: Student, record: CaptureRecord | None) -> Mapping[str, str]:
    return {**_number_says(student), **witness.decides(record.card if record else None)}


def _number_says(student: Student) -> Mapping[str, str]:
    """Sex and birth, of a resident's number."""
    number = student.id_number
    if idnumber.problem(number) is not None:
        return {}
    return {"sex": SEX[idnumber.sex_code(number)], "birth_text": number[6:14]}


def _taken(rule: ColumnRule, text: str, student: Student) -> str:
    try:
        return mended(rule, text, student.grade)
    except Unreadable as fault:
        raise BadValue(fault.message.code, **fault.message.data) from None

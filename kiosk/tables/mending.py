"""Mends the cells of a row by the rules of their columns."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from kiosk.codes import OTHER_DOCUMENT, RESIDENT_CARD
from kiosk.records import Message
from kiosk.surrogate import surrogate
from kiosk.tables import cells as mend
from kiosk.tables.cell import Cell, Spoilt, shown
from kiosk.tables.cells import Unreadable
from kiosk.tables.headers import Block
from kiosk.tables.rules import ColumnRule, Kind, TableRules
from kiosk.tables.sheet import column_letters

_MENDERS: Final[Mapping[Kind, Callable[[Cell], str]]] = {
    Kind.TEXT: mend.plain,
    Kind.NAME: mend.name,
    Kind.ID_NUMBER: mend.id_number,
    Kind.CODE: mend.code,
    Kind.DIGITS: mend.digits,
    Kind.SEX: mend.sex,
    Kind.ETHNICITY: mend.ethnicity,
    Kind.DATE: mend.day,
    Kind.MONTH: mend.month,
    Kind.GRADE: mend.grade,
    Kind.AREA: mend.area,
    Kind.PHONE: mend.phone,
    Kind.POSTCODE: mend.postcode,
    Kind.EMAIL: mend.email,
    Kind.NUMBER: mend.number,
    Kind.PERIOD: mend.period,
}
# Kinds with few different values: what one cell gave, the same text gives again.
_REPEATING: Final = frozenset(
    {Kind.TEXT, Kind.SEX, Kind.ETHNICITY, Kind.DATE, Kind.MONTH, Kind.GRADE, Kind.CHOICE, Kind.CHOICES, Kind.COUNTRY, Kind.AREA}
)
# Kinds of which a dash, or a word for nothing, is no value: the cell is as good as empty.
_EMPTY_BY_WORD: Final = frozenset(
    {Kind.CODE, Kind.DIGITS, Kind.SEX, Kind.ETHNICITY, Kind.DATE, Kind.MONTH, Kind.GRADE, Kind.CHOICE, Kind.COUNTRY, Kind.AREA}
    | {Kind.PHONE, Kind.POSTCODE, Kind.EMAIL, Kind.NUMBER, Kind.PERIOD}
)
_ERROR: Final = "roster.formula_error"
_WHO: Final = frozenset({"name", "id_number"})
_MOST_KEPT: Final = 10_000
_MOST_VALUES: Final = 5
_COUNTRY: Final = re.compile("[A-Z]{3}")


@dataclass(frozen=True)
class Fault:
    """What is wrong with a cell of a row."""

    column: int
    message: Message


@dataclass
class OtherColumn:
    """A column that turned out to be about something else: how many cells it has, and the first values."""

    cells: int = 0
    values: list[str] = field(default_factory=list)


@dataclass
class _Column:
    """A column, and what is to be done with its cells."""

    rule: ColumnRule
    at: int
    column: int
    twins: tuple[int, ...]
    mender: Callable[[Cell], str]
    kept: dict[str, str] | None
    empty_by_word: bool


class Mender:
    """For one list of a file."""

    def __init__(self, rules: TableRules, block: Block, *, since_1904: bool = False) -> None:
        order = {rule.field: at for at, rule in enumerate(rules.columns)}
        self._columns = [
            _Column(
                rule,
                order[rule.field],
                block.columns[rule.field],
                block.twins.get(rule.field, ()),
                _of_1904(_mender(rule)) if since_1904 and rule.kind in (Kind.DATE, Kind.MONTH) else _mender(rule),
                {} if rule.kind in _REPEATING else None,
                rule.kind in _EMPTY_BY_WORD and not rule.filled,
            )
            for rule in rules.columns
            if rule.field in block.columns and rule.kind not in (Kind.CLASS, Kind.ID_NUMBER)
        ]
        self._order = order
        self._places = block.columns
        self._twins = block.twins
        self._rules = rules
        again = {known: column for column, known in block.passed_over.items() if known in _WHO and column not in block.theirs}
        rivals = [column for column, known in block.passed_over.items() if known == "id_number" and column not in block.others]
        self._second_list = again if again.keys() >= _WHO else {}
        self._second_number = rivals[0] if rivals and not self._second_list else None
        self._numbered = any(rule.kind is Kind.ID_NUMBER and rule.field in block.columns for rule in rules.columns)
        self._unknown: dict[str, list[tuple[int, Cell, Fault]]] = {}
        self._known: set[str] = set()
        self.doubts: list[tuple[int, Cell, Fault]] = []  # what was taken and is to be looked at
        self.other_columns: dict[str, OtherColumn] = {}
        self._classes: dict[tuple[str, str], tuple[str, str, str]] = {}
        self._schools: dict[tuple[str, str, str], list[str]] = {}  # that cells name before a class: by school, grade, class

    def mend(self, index: int, cells: Mapping[int, Cell], values: list[str]) -> list[Fault]:
        """Put the values of a row into their places; returns what is wrong."""
        faults: list[Fault] = []
        for one in self._columns:
            cell = cells.get(one.column, "")
            if one.twins:
                cell = self._one_of(one.column, one.twins, cells, faults)
            if cell == "":
                if one.rule.filled:
                    faults.append(Fault(one.column, Message("roster.cell_empty")))
                continue
            if one.kept is not None and type(cell) is str and cell in one.kept:
                values[one.at] = one.kept[cell]
            else:
                self._mend_one(one, index, cell, values, faults)
        if "class_name" in self._places:
            self._class(index, cells, values, faults)
        if self._numbered:
            self._number(cells, values, faults)
        if self._second_list:
            self._other_person(cells, faults)
        if self._second_number is not None and not faults:
            self._other_number(self._second_number, cells, values, faults)
        return faults

    def _other_person(self, cells: Mapping[int, Cell], faults: list[Fault]) -> None:
        """Columns that name and number have again under other headers: somebody else there would be lost."""
        for name, column in self._second_list.items():
            said, other = (shown(cells.get(at, "")).strip() for at in (self._places[name], column))
            if other and other != said:
                faults.append(Fault(column, Message("roster.second_list")))
                return

    def _other_number(self, column: int, cells: Mapping[int, Cell], values: Sequence[str], faults: list[Fault]) -> None:
        """A column that was passed over and has another citizen's number: which is the student's, nobody can tell."""
        try:
            other = mend.id_number(cells.get(column, ""))
        except Unreadable:
            return
        if other != values[self._order["id_number"]]:
            columns = {"one": column_letters(self._places["id_number"]), "other": column_letters(column)}
            faults.append(Fault(column, Message("roster.two_numbers", columns)))

    def _mend_one(self, one: _Column, index: int, cell: Cell, values: list[str], faults: list[Fault]) -> None:
        if one.empty_by_word and mend.says_nothing(cell) and cell not in one.rule.choices:
            return
        try:
            value = one.mender(cell)
        except Unreadable as fault:
            found = Fault(one.column, fault.message)
            if one.rule.may_be_other and not isinstance(cell, Spoilt) and found.message.code != _ERROR:
                self._unknown.setdefault(one.rule.field, []).append((index, cell, found))
            else:
                faults.append(found)
            return
        if not value and one.rule.filled:
            faults.append(Fault(one.column, Message("roster.cell_empty")))
            return
        if value and one.rule.may_be_other:
            self._known.add(one.rule.field)
        if one.rule.open and (doubt := doubt_of(one.rule, cell, value)) is not None:
            self.doubts.append((index, cell, Fault(one.column, doubt)))
        elif one.kept is not None and type(cell) is str and len(one.kept) < _MOST_KEPT:
            one.kept[cell] = value
        values[one.at] = value

    def late_faults(self) -> list[tuple[int, Cell, Fault]]:
        """What only the whole column tells: unknown values beside known ones. Where none is known, the column is about
        something else: nothing is taken from it, and no row is refused for it."""
        found: list[tuple[int, Cell, Fault]] = []
        for name, unknown in self._unknown.items():
            if name in self._known:
                found += unknown
            else:
                values = dict.fromkeys(shown(cell).strip()[:20] for _, cell, _ in unknown)
                self.other_columns[name] = OtherColumn(len(unknown), list(values)[:_MOST_VALUES])
        return found

    def _one_of(self, column: int, twins: tuple[int, ...], cells: Mapping[int, Cell], faults: list[Fault]) -> Cell:
        """What columns of the same name say; they may not say different things."""
        said = {at: cell for at in (column, *twins) if (cell := cells.get(at, "")) != ""}
        if len(said) > 1:
            said = {at: cell for at, cell in said.items() if not _is_veiled(cell, said.values())} or said
        different = {shown(cell).strip(): at for at, cell in said.items()}
        if len(different) > 1:
            first, second, *_ = sorted(different.values())
            columns = {"one": column_letters(first), "other": column_letters(second)}
            faults.append(Fault(second, Message("roster.twin_columns", columns)))
        return next(iter(said.values()), "")

    def _class(self, index: int, cells: Mapping[int, Cell], values: list[str], faults: list[Fault]) -> None:
        column = self._places["class_name"]
        twins = self._twins.get("class_name", ())
        cell = self._one_of(column, twins, cells, faults) if twins else cells.get(column, "")
        if cell == "":
            return
        grade_at = self._order.get("grade")
        grade = values[grade_at] if grade_at is not None else ""
        key = (cell, grade) if type(cell) is str else None
        try:
            found = self._classes.get(key) if key is not None else None
            number, told, remark = found or (*mend.class_and_grade(cell, grade), mend.remark_of_class(cell, grade))
        except Unreadable as fault:
            faults.append(Fault(column, fault.message))
            return
        if key is not None and found is None:
            self._look_at_school(index, cell, number, grade or told, values)
            if len(self._classes) < _MOST_KEPT:
                self._classes[key] = (number, told, remark)
        if remark:
            self.doubts.append((index, cell, Fault(column, Message("roster.class_remark", {"taken": number, "left": remark}))))
        values[self._order["class_name"]] = number
        if grade_at is not None and not grade and told:
            values[grade_at] = mend.grade(told)

    def _look_at_school(self, index: int, cell: Cell, number: str, grade: str, values: Sequence[str]) -> None:
        """One class of two schools, or of two campuses, where no column says which, would become one."""
        school_at = self._order.get("school")
        known = self._schools.setdefault((values[school_at] if school_at is not None else "", mend.grade(grade), number), [])
        school = mend.school_of_class(cell)
        if school and school not in known:
            known.append(school)
            if len(known) > 1:
                doubt = Message("roster.class_of_two_schools", {"taken": number, "schools": "、".join(known)})
                self.doubts.append((index, cell, Fault(self._places["class_name"], doubt)))

    def _surrogate(self, values: Sequence[str]) -> str:
        """The key of who has no number; empty where one of the three is missing that tell such students apart."""
        person = [values[self._order[name]] for name in ("name", "sex", "birth_text")]
        return surrogate(*person) if all(person) else ""

    def _number(self, cells: Mapping[int, Cell], values: list[str], faults: list[Fault]) -> None:
        column = self._places["id_number"]
        twins = self._twins.get("id_number", ())
        cell = self._one_of(column, twins, cells, faults) if twins else cells.get(column, "")
        document = self._order.get("document_type")
        kind = values[document] if document is not None else ""
        if faults and any(fault.column == self._places.get("document_type") for fault in faults):
            return  # whose number it is, nobody knows
        try:
            if kind in ("", RESIDENT_CARD):
                number = mend.resident_number(cell)
                if document is not None and number and number[0] in "89" and (permit := mend.kind_of_permit(number)):
                    if kind:
                        raise Unreadable("roster.document_of_other_kind")
                    values[document] = permit
            else:
                number, values[document or 0] = mend.document_number(cell, kind)
        except Unreadable as fault:
            faults.append(Fault(column, fault.message))
            return
        if not number and kind == OTHER_DOCUMENT:
            number = self._surrogate(values)
            if not number:
                faults.append(Fault(column, Message("roster.no_number_nor_person")))
                return
        if number:
            values[self._order["id_number"]] = number
        else:
            faults.append(Fault(column, Message("roster.cell_empty")))


def mended(rule: ColumnRule, text: str, grade: str = "") -> str:
    """One value as a cell of its column is taken; raises Unreadable. A class is held against its `grade`."""
    value = mend.class_and_grade(text, grade)[0] if rule.kind is Kind.CLASS else _mender(rule)(text)
    if rule.filled and not value:
        raise Unreadable("roster.cell_empty")
    return value


def _is_veiled(cell: Cell, others: Iterable[Cell]) -> bool:
    """Whether it is another one with asterisks over a part of it: `6301**********0013`."""
    text = shown(cell).strip()
    if "*" not in text:
        return False
    pattern = re.compile("".join("." if char == "*" else re.escape(char) for char in text))
    return any("*" not in (other := shown(one).strip()) and pattern.fullmatch(other) for one in others)


def _of_1904(mender: Callable[[Cell], str]) -> Callable[[Cell], str]:
    """Whether a plain number was counted from 1904, as the workbook does, or was pasted from another one, nobody can tell."""

    def mend_day(cell: Cell) -> str:
        if mend.is_serial(cell):
            raise Unreadable("roster.days_since_1904")
        return mender(cell)

    return mend_day


def _mender(rule: ColumnRule) -> Callable[[Cell], str]:
    if rule.kind is Kind.NAME and rule.filled:
        return mend.person_name
    if rule.kind is Kind.CHOICE:
        return lambda cell: _choose(rule, cell)
    if rule.kind is Kind.COUNTRY:
        return lambda cell: _country(rule, cell)
    if rule.kind is Kind.CHOICES:
        return lambda cell: ",".join(_choose(rule, part) for part in _parts(cell))
    return _MENDERS[rule.kind]


def _parts(cell: Cell) -> list[str]:
    return mend.half_width(mend.plain(cell)).replace("、", ",").split(",")


def _choose(rule: ColumnRule, cell: Cell) -> str:
    """What a cell means: a word or a code of the list, or a code beside its word. Then the code says it, and the word may be
    another one than the list has, but none that means something else."""
    written = mend.half_width(mend.plain(cell)).strip()
    text = mend.simplified(written)
    known = _halved(rule)
    if not text or text in known:
        return known.get(text, "")
    both = mend.code_and_word(text)
    code = _as_kept(rule, both[0] if both else text.upper())
    if both is not None and (code in rule.kept or rule.open):
        if not rule.open and _contradict(rule, code, both[1]):
            raise Unreadable("roster.code_and_word", code=code, word=both[1], meant=rule.code_and_word(code))
        return code
    if code in rule.kept:
        return code
    if rule.open:
        return written
    raise Unreadable("roster.choice", choices="、".join(map(rule.name_of, dict.fromkeys(rule.choices.values()))))


def _as_kept(rule: ColumnRule, code: str) -> str:
    """A code with the noughts that a number cell has lost: 1 is `01` where the list has codes of two digits."""
    full = code.zfill(max(map(len, rule.kept), default=0)) if code.isdigit() else code
    return full if code not in rule.kept and full in rule.kept else code


def _contradict(rule: ColumnRule, code: str, word: str) -> bool:
    """Whether the list has a word for another of its codes."""
    meaning = _halved(rule).get(word, code)
    return meaning != code and meaning in rule.kept


def doubt_of(rule: ColumnRule, cell: Cell, value: str) -> Message | None:
    """What is to be looked at in a cell that an open list took: a code or word that it does not have, or has for another."""
    both = mend.code_and_word(mend.half_width(mend.plain(cell)).strip())
    if not value or (value in rule.kept and not (both and _contradict(rule, *both))):
        return None
    return Message("roster.open_choice", {"taken": value, "choices": "、".join(map(rule.code_and_word, rule.kept))})


@lru_cache(maxsize=256)
def _of_choices(choices: tuple[tuple[str, str], ...]) -> Mapping[str, str]:
    return {mend.half_width(written): meant for written, meant in choices}


def _halved(rule: ColumnRule) -> Mapping[str, str]:
    """The choices as half-width texts, as cells are compared with them."""
    return _of_choices(tuple(rule.choices.items()))


def _country(rule: ColumnRule, cell: Cell) -> str:
    """A choice, or three letters that the list does not have."""
    try:
        return _choose(rule, cell)
    except Unreadable as fault:
        text = mend.half_width(mend.plain(cell)).strip()
        both = mend.code_and_word(text)
        code = (both[0] if both else text).upper()
        if fault.message.code == "roster.choice" and _COUNTRY.fullmatch(code):
            return code
        raise

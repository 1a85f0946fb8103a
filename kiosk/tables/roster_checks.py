"""What the notices ask of a whole roster: errors keep a row out, warnings are shown and keep nothing out."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final

from kiosk import idnumber
from kiosk.codes import RESIDENT_CARD
from kiosk.records import OF_NO_SCHOOL, SharedNumber, name_key
from kiosk.substitute import is_substitute
from kiosk.surrogate import is_surrogate, surrogate
from kiosk.tables.cells import STATES
from kiosk.tables.rules import load_rules
from kiosk.tables.table import Problem, TableRow
from kiosk.variants import Likeness, likeness

# Two readings of one name that a school types: what GB 2312 lacks counts as a rare character.
_COMMON: Final = "gb2312"
_LONG_NAME: Final = 60  # characters
_OLDEST, _OLDEST_PUPIL, _YOUNGEST = 100, 30, 4  # years: whoever sits an exam, and who is in a class; a parent's number is older
# Letters with their marks of all scripts, the dot, and what stands between Latin words; 〇 is a number to Unicode.
_SIGNS: Final = re.compile(
    r"[^\w·〇'’.\- \u0300-\u036f\u0900-\u0fff\u180b-\u180e\ufe00-\ufe0f\U00020000-\U0003ffff\U000e0100-\U000e01ef]"
    r"|[\d_□〓\ufffd]"
)
_CALLED: Final = (*STATES, *"同学 学生 老师 先生 女士".split())  # what follows a name that stands alone elsewhere
_LONGEST_OF_HAN: Final = 3  # characters: with two more, it is no usual name
_HAN: Final = r"\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff"
_HAN_INSIDE: Final = re.compile(f"[{_HAN}]")
_LATIN: Final = re.compile("[A-Za-z]+")
_USUAL: Final = re.compile(f"[{_HAN}]{{1,{_LONGEST_OF_HAN}}}")  # what is no sign
_school_key: Final = lru_cache(maxsize=1024)(name_key)
_ODD_PLACES: Final = re.compile(rf"(?<=[{_HAN}])[ '’.\-]+|^[·'’.\- ]+|·+$|··+")


@dataclass(frozen=True)
class Checked:
    """Rows that can be taken, those that say again what one of them says, and those that are kept out, with what does it."""

    rows: list[TableRow]
    repeated: list[Problem]
    refused: list[TableRow]
    errors: list[Problem]


def check(rows: list[TableRow], shared: Sequence[SharedNumber] = ()) -> Checked:
    """Hold the rows against each other. Who of two that can't both be right is, nobody can tell from here: both stay out.

    A row that says the same as an earlier one of its sheet is a plain repetition: the earlier one is taken. Rows of different
    sheets that contradict each other nowhere (a list of the whole school beside its classes) are one student. Where the exam
    office accepted that two people have one number (`shared`), one keeps it and the other is without one.
    """
    _tell_schools_apart(rows)
    _divide(rows, shared)
    repeated: list[Problem] = []
    found: list[Problem] = []
    again: set[TableRow] = set()
    out: set[TableRow] = set()
    if len(set(_column(rows, "id_number"))) < len(rows):
        for same in _groups(rows, lambda row: row["id_number"]):
            first, *others = same
            apart = len({row.place.sheet for row in same}) == len(same)
            together = _together(same) if apart else None
            alike = all(row.values == first.values for row in others)
            for row in others if together or alike else same:
                other = first if row is not first else others[0]
                place = {"row": other.index + 1, "sheet": other.place.sheet}
                if together or alike:
                    again.add(row)
                    repeated.append(row.problem("id_number", "roster.repeated", **place))
                    continue
                out.add(row)
                if is_surrogate(row["id_number"]):
                    found.append(row.problem("name", "roster.duplicate_person", **place))
                elif (differing := _differing(row, other)) is not None:
                    found.append(row.problem(differing.pop("at"), "roster.contradictory", **differing, **place))
                else:
                    found.append(row.problem("id_number", "roster.duplicate_number", **place))
            if together:
                first.values = together
    taken = [row for row in rows if row not in again and row not in out]
    # The national register: without a resident ID card, name, sex and birth date together are the person.
    for same in _groups((row for row in taken if row["document_type"] not in ("", RESIDENT_CARD)), _person):
        for row in same:
            other = next(one for one in same if one is not row)
            found.append(row.problem("name", "roster.duplicate_person", row=other.index + 1, sheet=other.place.sheet))
            out.add(row)
    return Checked([row for row in taken if row not in out], repeated, [row for row in rows if row in out], found)


def _differing(row: TableRow, other: TableRow) -> dict[str, str] | None:
    """Where two rows about one student (the same name, in whatever writing) first contradict each other; None where they have
    different names."""
    if likeness(row["name"], other["name"]) is Likeness.OTHER:
        return None
    for rule in load_rules("students").columns:
        mine, theirs = row[rule.field], other[rule.field]
        if mine and theirs and mine != theirs:
            return {"at": rule.field, "field": rule.header, "mine": mine, "theirs": theirs}
    return None


def _tell_schools_apart(rows: Sequence[TableRow]) -> None:
    """Who has no number is known by name, sex and birth: in two schools those are two students."""
    for same in _groups((row for row in rows if is_surrogate(row["id_number"])), lambda row: row["id_number"]):
        for row in same:
            if (school := _school(row)) != _school(same[0]):
                row.put("id_number", surrogate(row["name"], row["sex"], f"{row['birth_text']} {school}"))


def _school(row: TableRow) -> str:
    code, name = row["school_code"], row["school"]
    return code or (_school_key(name) if name else "")


def _divide(rows: Sequence[TableRow], shared: Sequence[SharedNumber]) -> None:
    """Whoever does not keep a number that two people have stands under the key that the case gives."""
    keys = {(one.number, name_key(name)): key for one in shared for name, key in one.others}
    for row in rows if keys else ():
        number = row["id_number"]
        key = keys.get((number, name_key(row["name"])))
        if key is None:
            continue
        row.put("sex", row["sex"] or ("男" if number[16] in "13579" else "女"))
        row.put("birth_text", row["birth_text"] or number[6:14])
        row.put("id_number", key)


def _together(rows: Sequence[TableRow]) -> tuple[str, ...] | None:
    """The values of rows that contradict each other nowhere; None when they do."""
    values = []
    for column in zip(*(row.values for row in rows), strict=True):
        different = {value for value in column if value}
        if len(different) > 1:
            return None
        values.append(different.pop() if different else "")
    return tuple(values)


def warnings(rows: Sequence[TableRow]) -> list[Problem]:
    """What a school should look at before it files the roster."""
    found: list[Problem] = []
    told = ("name", "id_number", "document_type", "sex", "birth_text", "class_name", "grade", "student_number", "category")
    columns = {field: _column(rows, field) for field in told}
    with_class, with_grade = any(columns["class_name"]), any(columns["grade"])
    today = date.today()
    earliest, of_pupils, latest = (f"{today.year - age}{today:%m%d}" for age in (_OLDEST, _OLDEST_PUPIL, _YOUNGEST))
    enrolling = {_school(row) for row, number in zip(rows, columns["student_number"], strict=True) if number}
    values = zip(rows, *columns.values(), strict=True)
    for row, name, number, document, sex, birth, class_name, grade, student_number, category in values:
        if against := _against_number(number, document, sex, birth):
            found += [row.problem(field, code) for field, code in against]
        if not name.isprintable() and any(unicodedata.category(char) == "Co" for char in name):
            found.append(row.problem("name", "roster.private_character"))
        if with_class and not class_name:
            found.append(row.problem("class_name", "roster.class_missing"))
        if with_grade and not grade:
            found.append(row.problem("grade", "roster.grade_missing"))
        if enrolling and not student_number and _school(row) in enrolling:
            found.append(row.problem("student_number", "roster.not_enrolled"))
        if odd := _odd(name):
            found.append(row.problem("name", "roster.odd_name", found=odd))
        first = of_pupils if (class_name or grade) and category != OF_NO_SCHOOL else earliest
        if (born := birth or _birth_in(number, document)) and not first <= born <= latest:
            found.append(row.problem("birth_text" if birth else "id_number", "roster.birth_unlikely"))
    found += _classes(rows)
    found += _like_names(rows)
    found += _given_twice(rows)
    return found


def _column(rows: Sequence[TableRow], field: str) -> list[str]:
    """What all rows have in a field."""
    at = rows[0].place.order[field] if rows else 0
    return [row.values[at] for row in rows]


def _birth_in(number: str, document: str) -> str:
    """As a citizen's number has it; empty where it is none."""
    return number[6:14] if document in ("", RESIDENT_CARD) and not is_surrogate(number) else ""


def _odd(name: str) -> str:
    """What hardly belongs to a name: signs, digits, a blank where a dot should be, dots at an end."""
    if _USUAL.fullmatch(name):
        return ""
    if letters := "".join(_LATIN.findall(name)) if not name.isascii() and _HAN_INSIDE.search(name) else "":
        return f"“{letters}”"
    if name.isalpha():
        return f"“{name[-2:]}”" if name.endswith(_CALLED) and len(name) > _LONGEST_OF_HAN else ""
    signs = dict.fromkeys(sign for sign in _SIGNS.findall(name) if unicodedata.category(sign) != "Co")
    places = [match[0] for match in _ODD_PLACES.finditer(name)]
    return " ".join(f"“{one}”" for one in dict.fromkeys([*signs, *places]))


def _given_twice(rows: Sequence[TableRow]) -> list[Problem]:
    """学籍号, 考籍号 and 考号 are one person's alone, and are never given again."""
    found = []
    for field in ("student_number", "registration_number", "exam_number"):
        given = [number.upper() for number in _column(rows, field)]
        numbered: dict[str, list[TableRow]] = {number: [] for number, count in Counter(given).items() if number and count > 1}
        for row, number in zip(rows, given, strict=True) if numbered else ():
            if number in numbered:
                numbered[number].append(row)
        for same in numbered.values():
            first, second = same[:2]
            for row in same:
                other = second if row is first else first
                place = {"row": other.index + 1, "sheet": other.place.sheet}
                found.append(row.problem(field, "roster.given_twice", **place))
    return found


def _against_number(number: str, document: str, sex: str, birth: str) -> list[tuple[str, str]]:
    """Sex and birth date beside the number that holds both: fields, and what is odd about them."""
    if is_surrogate(number):
        return [("id_number", "roster.no_number_at_all")]
    if number[4:6] == "00" and is_substitute(number, document):
        return [("id_number", "roster.substitute_number")]
    # A resident's number was checked when it was read.
    if document not in ("", RESIDENT_CARD) and idnumber.problem(number):
        return []
    found = []
    if number.endswith("000"):
        found.append(("id_number", "roster.ends_in_zeros"))
    if sex and sex != ("男" if number[16] in "13579" else "女"):
        found.append(("sex", "roster.sex_against_number"))
    if birth not in ("", number[6:14]):
        found.append(("birth_text", "roster.birth_against_number"))
    return found


def _classes(rows: Sequence[TableRow]) -> list[Problem]:
    """A class of one, both streams in one class, a gap in the class numbers: the usual slips of a list."""
    found: list[Problem] = []
    classes: dict[tuple[str, str, str], list[TableRow]] = defaultdict(list)  # by school, grade, class
    for row, grade, class_name in zip(rows, _column(rows, "grade"), _column(rows, "class_name"), strict=True):
        if class_name:
            classes[_school(row), grade, class_name].append(row)
    for (*_, name), members in classes.items():
        if not name.isdigit():
            found.append(members[0].problem("class_name", "roster.class_named", name=name, count=len(members)))
        if len(members) == 1 and len(rows) > 1:
            found.append(members[0].problem("class_name", "roster.class_of_one", name=name.removesuffix("班")))
        streams = {row["stream"] for row in members if row["stream"]}
        if len(streams) > 1:
            commonest = max(streams, key=lambda stream: sum(row["stream"] == stream for row in members))
            odd = next(row for row in members if row["stream"] not in ("", commonest))
            found.append(odd.problem("stream", "roster.streams_mixed", name=name.removesuffix("班"), stream=commonest))
    for of_grade in {key[:2] for key in classes}:
        numbers = {int(key[2]): members[0] for key, members in classes.items() if key[:2] == of_grade and key[2].isdigit()}
        if numbers and max(numbers) < 100:  # longer ones are codes and have gaps by nature
            missing = sorted(set(range(1, max(numbers))) - set(numbers))
            if missing:
                last = numbers[max(numbers)]
                found.append(last.problem("class_name", "roster.class_gap", missing="、".join(map(str, missing))))
    return found


def _like_names(rows: Sequence[TableRow]) -> list[Problem]:
    """One student twice under two spellings: the same birth date and sex, names that differ in a dot or a rare character.

    One of the two has such a character. Names meet in groups by what is left of them without one character, so that a big
    roster takes no longer per row than a small one.
    """
    unusual = {_who(row) for row, name in zip(rows, _column(rows, "name"), strict=True) if _is_unusual(name)}
    first: dict[Hashable, TableRow] = {}
    found: list[Problem] = []
    for row in rows if unusual else ():
        name, who = row["name"], _who(row)
        if who not in unusual:
            continue
        alike: list[Hashable] = [(*who, name_key(name))]
        if len(name) > 1:
            alike += [(*who, name[:place], name[place + 1 :]) for place in range(min(len(name), _LONG_NAME))]
        others = [first.setdefault(key, row) for key in alike]
        other = next((one for one in others if one is not row and _spelt_alike(name, one["name"])), None)
        if other is not None:
            found.append(row.problem("name", "roster.like_name", row=other.index + 1, sheet=other.place.sheet))
    return found


def _who(row: TableRow) -> tuple[str, str]:
    return _born(row), row["sex"]


def _is_unusual(name: str) -> bool:
    """Whether another spelling could stand for it: it has a dot, a blank, capitals, a compatibility or a rare character."""
    plain = _USUAL.fullmatch(name) or (name.isalnum() and name == name.casefold() and unicodedata.is_normalized("NFKC", name))
    return not plain or _has_rare(name)


def _spelt_alike(one: str, other: str) -> bool:
    """Alike, but for a dot at most, or with one place different where a rare character stands."""
    if likeness(one, other) is not Likeness.OTHER:
        return True
    different = [(a, b) for a, b in zip(one, other, strict=False) if a != b]
    return len(one) == len(other) and len(different) == 1 and any(map(_has_rare, different[0]))


def _has_rare(text: str) -> bool:
    try:
        text.encode(_COMMON)
    except UnicodeEncodeError:
        return True
    return False


def _born(row: TableRow) -> str:
    return row["birth_text"] or row["id_number"][6:14]


def _person(row: TableRow) -> tuple[str, str, str, str]:
    return _school(row), name_key(row["name"]), row["sex"], row["birth_text"]


def _groups(rows: Iterable[TableRow], key: Callable[[TableRow], Hashable]) -> list[list[TableRow]]:
    """Rows that have something in common, where there are several."""
    groups: dict[Hashable, list[TableRow]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return [group for group in groups.values() if len(group) > 1]

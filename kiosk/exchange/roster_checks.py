"""What the notices ask of a whole roster: errors keep a row out, warnings are shown and keep nothing out."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Final

from kiosk import idnumber
from kiosk.codes import RESIDENT_CARD
from kiosk.exchange import cells
from kiosk.exchange.table_file import RowProblem, TableRow

# Two readings of one name that a school types: what GB 2312 lacks counts as a rare character.
_COMMON: Final = "gb2312"


def errors(rows: Sequence[TableRow]) -> list[RowProblem]:
    """Rows that can't both be right. Who of them is, nobody can tell from here: all of them stay out.

    Only a row that says the same as an earlier one is a plain repetition: the earlier one is taken.
    """
    found: list[RowProblem] = []
    for same in _groups(rows, lambda row: row.values["id_number"]):
        first, *others = same
        alike = all(other.values == first.values for other in others)
        for row in others if alike else same:
            other = first if row is not first else others[0]
            found.append(row.problem("id_number", "roster.duplicate_number", row=other.index + 1, sheet=other.sheet.name))
    # The national register: without a resident ID card, name, sex and birth date together are the person.
    without_card = [row for row in rows if row.values.get("document_type", RESIDENT_CARD) not in ("", RESIDENT_CARD)]
    for same in _groups(without_card, _person):
        for row in same:
            other = next(one for one in same if one is not row)
            found.append(row.problem("name", "roster.duplicate_person", row=other.index + 1, sheet=other.sheet.name))
    return found


def warnings(rows: Sequence[TableRow]) -> list[RowProblem]:
    """What a school should look at before it files the roster."""
    found: list[RowProblem] = []
    for row in rows:
        found += _against_number(row)
        if any(unicodedata.category(char) == "Co" for char in row.values["name"]):
            found.append(row.problem("name", "roster.private_character"))
    found += _classes(rows)
    found += _like_names(rows)
    return found


def _against_number(row: TableRow) -> list[RowProblem]:
    """Sex and birth date beside the number that holds both."""
    number = row.values["id_number"]
    if idnumber.problem(number):
        return [row.problem("id_number", "roster.substitute_number")] if cells.is_substitute_number(number) else []
    found = []
    told = row.values.get("sex", "")
    if told and told != {"1": "男", "2": "女"}[idnumber.sex_code(number)]:
        found.append(row.problem("sex", "roster.sex_against_number"))
    if row.values.get("birth_text", "") not in ("", number[6:14]):
        found.append(row.problem("birth_text", "roster.birth_against_number"))
    return found


def _classes(rows: Sequence[TableRow]) -> list[RowProblem]:
    """A class of one, both streams in one class, a gap in the class numbers: the usual slips of a list."""
    found: list[RowProblem] = []
    classes: dict[tuple[str, str], list[TableRow]] = defaultdict(list)
    for row in rows:
        if row.values.get("class_name"):
            classes[row.values.get("grade", ""), row.values["class_name"]].append(row)
    for (_, name), members in classes.items():
        if len(members) == 1 and len(rows) > 1:
            found.append(members[0].problem("class_name", "roster.class_of_one", name=name))
        streams = {row.values["stream"] for row in members if row.values.get("stream")}
        if len(streams) > 1:
            commonest = max(streams, key=lambda stream: sum(row.values.get("stream") == stream for row in members))
            odd = next(row for row in members if row.values.get("stream") not in ("", None, commonest))
            found.append(odd.problem("stream", "roster.streams_mixed", name=name, stream=commonest))
    for grade in {grade for grade, _ in classes}:
        numbers = {int(name): members[0] for (of, name), members in classes.items() if of == grade and name.isdigit()}
        if numbers and max(numbers) < 100:  # longer ones are codes and have gaps by nature
            missing = sorted(set(range(1, max(numbers))) - set(numbers))
            if missing:
                last = numbers[max(numbers)]
                found.append(last.problem("class_name", "roster.class_gap", missing="、".join(map(str, missing))))
    return found


def _like_names(rows: Sequence[TableRow]) -> list[RowProblem]:
    """One student twice under two spellings: the same birth date and sex, names that differ in a dot or a rare character.

    Names meet in groups by what is left of them without one character, so that a big roster takes no longer per row than a
    small one.
    """
    first: dict[Hashable, TableRow] = {}
    found: list[RowProblem] = []
    for row in rows:
        name, who = row.values["name"], (_born(row), row.values.get("sex", ""))
        alike: list[Hashable] = [(*who, cells.name_key(name))]
        if len(name) > 1:
            alike += [(*who, name[:place], name[place + 1 :]) for place in range(len(name))]
        others = [first.setdefault(key, row) for key in alike]
        other = next((one for one in others if _spelt_alike(name, one.values["name"])), None)
        if other is not None:
            found.append(row.problem("name", "roster.like_name", row=other.index + 1, sheet=other.sheet.name))
    return found


def _spelt_alike(one: str, other: str) -> bool:
    """Different names, and either alike but for a dot, or with one place different where a rare character stands."""
    if one == other:
        return False
    if cells.name_key(one) == cells.name_key(other):
        return True
    different = [(a, b) for a, b in zip(one, other, strict=False) if a != b]
    return len(one) == len(other) and len(different) == 1 and any(_is_rare(char) for char in different[0])


def _is_rare(char: str) -> bool:
    try:
        char.encode(_COMMON)
    except UnicodeEncodeError:
        return True
    return False


def _born(row: TableRow) -> str:
    return row.values.get("birth_text") or row.values["id_number"][6:14]


def _person(row: TableRow) -> tuple[str, str, str]:
    return cells.name_key(row.values["name"]), row.values.get("sex", ""), row.values.get("birth_text", "")


def _groups(rows: Iterable[TableRow], key: Callable[[TableRow], Hashable]) -> list[list[TableRow]]:
    """Rows that have something in common, where there are several."""
    groups: dict[Hashable, list[TableRow]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return [group for group in groups.values() if len(group) > 1]

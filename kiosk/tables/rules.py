"""What a table of students or teachers must look like, as TOML: headers and their synonyms, what each column holds, choices.

Checked by hand: the process that reads one foreign file starts anew for each, and has no time to load a library for it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as part
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Final

from kiosk.errors import ExchangeError

_FOLDER: Final = Path(__file__).parent / "rosters"
_FIELD: Final = re.compile(r"[a-z_]+")


class Kind(StrEnum):
    """How a column's cells are mended and checked (`kiosk.tables.cells`)."""

    TEXT = "text"
    NAME = "name"
    ID_NUMBER = "id_number"
    CODE = "code"
    DIGITS = "digits"
    SEX = "sex"
    ETHNICITY = "ethnicity"
    DATE = "date"
    MONTH = "month"
    GRADE = "grade"
    CLASS_NUMBER = "class_number"
    CHOICE = "choice"
    CHOICES = "choices"  # several, separated by a comma


@dataclass(frozen=True)
class ColumnRule:
    """One column. `choices` maps what may be written to what is kept."""

    field: str
    header: str
    synonyms: tuple[str, ...] = ()
    kind: Kind = Kind.TEXT
    choices: Mapping[str, str] = part(default_factory=dict)
    required: bool = False
    may_be_empty: bool = False  # a required column, whose cells need not say anything
    may_be_other: bool = False  # when none of its values is known, the column is about something else

    @property
    def filled(self) -> bool:
        """Whether each of its cells has to say something."""
        return self.required and not self.may_be_empty

    @property
    def names(self) -> tuple[str, ...]:
        return (self.header, *self.synonyms)

    @property
    def kept(self) -> tuple[str, ...]:
        """The values that are kept, where there is a list of them. What only together with a number means one is none."""
        return tuple(value for value in dict.fromkeys(self.choices.values()) if self.choices.get(value) == value)

    def name_of(self, meaning: str) -> str:
        """What a kept value is called, by the first usual name: `护照` rather than `A`; itself where it has none."""
        names = [written for written, meant in self.choices.items() if meant == meaning]
        return next((name for name in names if len(name) > 1), names[0] if names else meaning)


@dataclass(frozen=True)
class TableRules:
    """The whole file."""

    title: str
    columns: tuple[ColumnRule, ...]

    def column(self, field: str) -> ColumnRule:
        return next(column for column in self.columns if column.field == field)

    @property
    def required(self) -> tuple[str, ...]:
        return tuple(column.field for column in self.columns if column.required)


@cache
def load_rules(name: str) -> TableRules:
    """Rules that come with the program (`students`, `teachers`); raises ExchangeError with every fault of the file."""
    path = _FOLDER / f"{name}.toml"
    try:
        return parse_rules(tomllib.loads(path.read_text(encoding="utf-8")))
    except ValueError as error:  # a broken TOML file is one
        raise ExchangeError("roster.rules_invalid", file=path.name, problems=str(error)) from None


def parse_rules(told: Mapping[str, Any]) -> TableRules:
    """Raises ValueError with every fault, each with its place."""
    listed = told.get("column")
    columns = listed if isinstance(listed, list) and all(isinstance(one, dict) for one in listed) else []
    faults = [f"{key}: unknown" for key in told if key not in ("title", "column")]
    faults += [] if _is_text(told.get("title")) else ["title: a text"]
    faults += [] if columns else ["column: one or more tables"]
    faults += [f"column {number}: {fault}" for number, one in enumerate(columns, start=1) for fault in _faults(one)]
    names = [name for one in columns for name in (one.get("header"), *_list(one.get("synonyms")))]
    faults += [f"{name}: stands for two columns" for name in dict.fromkeys(names) if names.count(name) > 1]
    if faults:
        raise ValueError("; ".join(faults))
    return TableRules(str(told["title"]), tuple(map(_column, columns)))


def _column(one: Mapping[str, Any]) -> ColumnRule:
    return ColumnRule(**{**one, "synonyms": tuple(one.get("synonyms", ())), "kind": Kind(one.get("kind", Kind.TEXT))})


def _faults(one: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"{key}: unknown" for key in one if key not in _PARTS)
    for key, (is_right, wanted) in _PARTS.items():
        if key in one and not is_right(one[key]):
            yield f"{key}: {wanted}"
    yield from (f"{key}: missing" for key in ("field", "header") if key not in one)
    if bool(one.get("choices")) != (one.get("kind") in (Kind.CHOICE, Kind.CHOICES)):
        yield "choices belong to the kinds choice and choices, and only to them"


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


_KINDS: Final = frozenset(Kind)
_PARTS: Final[Mapping[str, tuple[Callable[[Any], bool], str]]] = {
    "field": (lambda value: _is_text(value) and _FIELD.fullmatch(value) is not None, "small letters"),
    "header": (_is_text, "a text"),
    "synonyms": (lambda value: isinstance(value, list) and all(map(_is_text, value)), "a list of texts"),
    "kind": (lambda value: isinstance(value, str) and value in _KINDS, "one of " + " ".join(Kind)),
    "choices": (
        lambda value: isinstance(value, dict) and all(isinstance(one, str) for one in value.values()),
        "texts by texts",
    ),
    "required": (lambda value: isinstance(value, bool), "true or false"),
    "may_be_empty": (lambda value: isinstance(value, bool), "true or false"),
    "may_be_other": (lambda value: isinstance(value, bool), "true or false"),
}

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
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Final

from kiosk.errors import ExchangeError

_FOLDER: Final = Path(__file__).parent / "rosters"
_FIELD: Final = re.compile(r"[a-z][a-z0-9_]*")


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
    CLASS = "class"  # a number, or the name of one that has none
    CHOICE = "choice"
    CHOICES = "choices"  # several, separated by a comma
    COUNTRY = "country"  # a choice, or any three letters of ISO 3166-1
    AREA = "area"  # 行政区划: a code of GB/T 2260, or the words for it
    PHONE = "phone"
    POSTCODE = "postcode"
    EMAIL = "email"
    NUMBER = "number"
    PERIOD = "period"  # from and until, as an ID card prints it


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
    starred: bool = False  # may not be empty where the list goes in the end; here it may
    group: str = ""  # what it is shown with
    grouped: bool = False  # may come once for each of several groups: 语文考场, 物理考场
    answered_by: str = ""  # the field of an export that knows better
    hint: str = ""  # what is to be written, where the header does not say it
    open: bool = False  # its choices are not from the notice: another code or word is taken as it is written, and told

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

    def code_and_word(self, meaning: str) -> str:
        """As the notices print it: `A-护照`; what is no code stays alone."""
        word = next((written for written, meant in self.choices.items() if meant == meaning != written), "")
        return f"{meaning}-{word}" if word and meaning.isascii() else meaning


@dataclass(frozen=True)
class TableRules:
    """The whole file."""

    title: str
    columns: tuple[ColumnRule, ...]

    @cached_property
    def _by_field(self) -> Mapping[str, ColumnRule]:
        return {column.field: column for column in self.columns}

    def column(self, field: str) -> ColumnRule:
        return self._by_field[field]

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
    lists = told.get("lists", {})
    faults = [f"{key}: unknown" for key in told if key not in ("title", "column", "lists")]
    faults += [] if _is_lists(lists) else ["lists: tables of texts by texts"]
    columns = [_with_list(one, lists) for one in columns] if not faults else columns
    faults += [] if _is_text(told.get("title")) else ["title: a text"]
    faults += [] if columns else ["column: one or more tables"]
    faults += [f"column {number}: {fault}" for number, one in enumerate(columns, start=1) for fault in _faults(one)]
    names = [name for one in columns for name in (one.get("header"), *_list(one.get("synonyms")))]
    faults += [f"{name}: stands for two columns" for name in dict.fromkeys(names) if names.count(name) > 1]
    if faults:
        raise ValueError("; ".join(faults))
    return TableRules(str(told["title"]), tuple(map(_column, columns)))


def _with_list(one: Mapping[str, Any], lists: Mapping[str, Any]) -> dict[str, Any]:
    """A column with the choices of the list that it names."""
    told = dict(one)
    name = told.pop("list", None)
    if isinstance(name, str) and name in lists:
        told["choices"] = lists[name]
    elif name is not None:
        told["list"] = name
    return told


def _is_lists(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(one, dict) and _is_choices(one) for one in value.values())


def _is_choices(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(one, str) for one in value.values())


def _column(one: Mapping[str, Any]) -> ColumnRule:
    return ColumnRule(**{**one, "synonyms": tuple(one.get("synonyms", ())), "kind": Kind(one.get("kind", Kind.TEXT))})


def _faults(one: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"{key}: unknown" for key in one if key not in _PARTS)
    for key, (is_right, wanted) in _PARTS.items():
        if key in one and not is_right(one[key]):
            yield f"{key}: {wanted}"
    yield from (f"{key}: missing" for key in ("field", "header") if key not in one)
    if bool(one.get("choices")) != (one.get("kind") in _CHOOSING):
        yield "choices belong to the kinds choice, choices and country, and only to them"


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


_KINDS: Final = frozenset(Kind)
_CHOOSING: Final = (Kind.CHOICE, Kind.CHOICES, Kind.COUNTRY)
_PARTS: Final[Mapping[str, tuple[Callable[[Any], bool], str]]] = {
    "field": (lambda value: _is_text(value) and _FIELD.fullmatch(value) is not None, "small letters"),
    "header": (_is_text, "a text"),
    "synonyms": (lambda value: isinstance(value, list) and all(map(_is_text, value)), "a list of texts"),
    "kind": (lambda value: isinstance(value, str) and value in _KINDS, "one of " + " ".join(Kind)),
    "choices": (_is_choices, "texts by texts"),
    "required": (lambda value: isinstance(value, bool), "true or false"),
    "may_be_empty": (lambda value: isinstance(value, bool), "true or false"),
    "may_be_other": (lambda value: isinstance(value, bool), "true or false"),
    "grouped": (lambda value: isinstance(value, bool), "true or false"),
    "starred": (lambda value: isinstance(value, bool), "true or false"),
    "group": (_is_text, "a text"),
    "answered_by": (_is_text, "a text"),
    "hint": (_is_text, "a text"),
    "open": (lambda value: isinstance(value, bool), "true or false"),
}

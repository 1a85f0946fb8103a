"""What a table of students or teachers must look like, as TOML: headers and their synonyms, what each column holds, choices."""

from __future__ import annotations

import tomllib
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from kiosk.errors import ExchangeError

_FOLDER: Final = Path(__file__).parent / "rosters"


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


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ColumnRule(Part):
    """One column. `choices` maps what may be written to what is kept."""

    field: str = Field(pattern=r"^[a-z_]+$")
    header: str = Field(min_length=1)
    synonyms: tuple[str, ...] = ()
    kind: Kind = Kind.TEXT
    choices: dict[str, str] = {}
    required: bool = False
    may_be_other: bool = False  # when none of its values is known, the column is about something else

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

    @model_validator(mode="after")
    def _choices_where_wanted(self) -> "ColumnRule":
        if bool(self.choices) != (self.kind in (Kind.CHOICE, Kind.CHOICES)):
            raise ValueError("choices belong to the kinds choice and choices, and only to them")
        return self


class TableRules(Part):
    """The whole file."""

    title: str
    columns: tuple[ColumnRule, ...] = Field(alias="column", min_length=1)

    @model_validator(mode="after")
    def _distinct(self) -> "TableRules":
        names = [name for column in self.columns for name in column.names]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"headers that stand for two columns: {', '.join(twice)}")
        return self

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
        return TableRules.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (ValidationError, tomllib.TOMLDecodeError) as error:
        raise ExchangeError("roster.rules_invalid", file=path.name, problems=str(error)) from None

"""Every key of a file, from its model: what a form, a list and a reference are made of. The settings', and others' alike."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, time
from enum import Enum, StrEnum
from functools import cache
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt, MaxLen
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from kiosk.config.model import Settings
from kiosk.config.traits import Effect, Lines, Secret, Unit
from kiosk.records import Step

_INTEGER: Final = re.compile(r"[+-]?\d+")
_MOST_DIGITS: Final = 40  # more than any key takes, and few enough for Python to read
_SEPARATORS: Final = re.compile(r"[,，、;；\s]+")
_EQUALS: Final = re.compile(r"\s*[=＝]\s*")
_SWITCHED: Final = {"true": True, "false": False}


_UNDERSTOOD: Final[Mapping[type, Callable[[str], Any]]] = {
    float: float,
    time: time.fromisoformat,
    date: date.fromisoformat,
}


class Kind(StrEnum):
    """How a value is given."""

    SWITCH = "switch"  # true or false
    CHOICE = "choice"  # one of `choices`
    NUMBER = "number"
    TEXT = "text"
    PATH = "path"
    TIME = "time"  # of the day
    LIST = "list"  # several, in an order; of `choices` where there are any
    LINES = "lines"  # several, one a line: texts, or lists of numbers
    PAIRS = "pairs"  # a code table: `code = meaning`, one a line
    MIXED = "mixed"  # a number, a date or a text, or one of `choices`


@dataclass(frozen=True)
class Key:
    """One key. `path` names it (`card.photo.timeout_s`); `default` is a value as `value_of` gives it, None: left out."""

    path: str
    kind: Kind
    types: tuple[type, ...]  # of the values besides `choices`
    choices: tuple[str | int, ...]
    default: Any
    optional: bool  # may be left out, and means something then
    unit: Unit | None = None
    effect: Effect = Effect.NEXT_START
    secret: bool = False
    least: float | None = None
    above: float | None = None
    most: float | None = None
    longest: int | None = None  # characters of a text

    @property
    def section(self) -> str:
        """The table of the file that it stands in."""
        return self.path.partition(".")[0]

    @property
    def whole(self) -> bool:
        """Whether a number must be a whole one."""
        return float not in self.types

    def written(self, value: Any) -> str:
        """A value as somebody would type it; empty where there is none."""
        if value is None:
            return ""
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, Mapping):
            return "\n".join(f"{one} = {meaning}" for one, meaning in value.items())
        if isinstance(value, tuple | list):
            lines = [", ".join(map(str, one)) if isinstance(one, tuple | list) else str(one) for one in _listed(value, self)]
            return ("\n" if self.kind is Kind.LINES else ", ").join(lines)
        if isinstance(value, time | date):
            return value.isoformat()
        return value.as_posix() if isinstance(value, Path) else str(value)

    def taken(self, text: str) -> Any:
        """What somebody typed, as a value of TOML; None: left out, or what is the default. What can't be one stays text."""
        text = text.strip()
        if not text:
            return "" if self.kind is Kind.TEXT else None
        if self.kind is Kind.LIST:
            return [self._number_or_day(one) for one in _SEPARATORS.split(text) if one]
        if self.kind is Kind.LINES:
            return [self._line(one.strip()) for one in text.splitlines() if one.strip()]
        if self.kind is Kind.PAIRS:
            return dict(self._pair(one.strip()) for one in text.splitlines() if one.strip())
        if bool in self.types and text.lower() in _SWITCHED:
            return _SWITCHED[text.lower()]
        return text if text in self.choices else self._number_or_day(text)

    def _line(self, text: str) -> Any:
        """A text, or the numbers of a list."""
        if str in self.types:
            return text
        return [int(one) if one.isdecimal() and len(one) <= _MOST_DIGITS else one for one in _SEPARATORS.split(text) if one]

    def _pair(self, text: str) -> tuple[str, str]:
        code, *meaning = _EQUALS.split(text, maxsplit=1)
        return code, meaning[0] if meaning else ""

    def _number_or_day(self, text: str) -> Any:
        numbered = {int, float} & set(self.types) or any(isinstance(one, int) for one in self.choices)
        if numbered and len(text) <= _MOST_DIGITS and _INTEGER.fullmatch(text):
            return int(text)
        for kind, understood in _UNDERSTOOD.items():
            if kind in self.types:
                with suppress(ValueError):
                    return understood(text)
        return text


@cache
def keys() -> Mapping[str, Key]:
    """Every key by its path, in the order of the model."""
    return {key.path: key for key in keys_of(Settings, defaults=Settings())}


def value_of(settings: Settings, path: str) -> Any:
    """What the settings say under a key; None where it is left out."""
    here: Any = settings
    for part in path.split("."):
        here = getattr(here, part, None)
    return here


def plain(value: Any) -> Any:
    """A value of the settings as one of TOML."""
    if isinstance(value, Path):
        return value.as_posix()
    if isinstance(value, tuple | list):
        return [plain(one) for one in value]
    return value.value if isinstance(value, Enum) else value


def keys_of(model: type[BaseModel], prefix: str = "", defaults: BaseModel | None = None) -> Iterator[Key]:
    """The keys of a model and of the tables in it, under the names that they have in the file; lists of tables are left out."""
    for name, field in model.model_fields.items():
        path = f"{prefix}{field.alias or name}"
        default = getattr(defaults, name) if defaults is not None else field.get_default()
        default = None if default is PydanticUndefined else default
        members = [one for one in _members(field.annotation) if one is not NoneType]
        tables = [one for one in members if _is_table(one)]
        if tables:
            yield from keys_of(tables[0], f"{path}.", default)
        elif get_origin(members[0]) is dict and _is_table(get_args(members[0])[1]):
            kinds, table = get_args(members[0])
            for kind in kinds:
                yield from keys_of(table, f"{path}.{kind}.")
        elif not (get_origin(members[0]) is tuple and _is_table(_item(members[0]))):
            yield _key(path, field, members, default)


def _is_table(member: Any) -> bool:
    return isinstance(member, type) and issubclass(member, BaseModel)


def _listed(value: Any, key: Key) -> Any:
    """What a list holds; of a single colour, which stands there for a list of one, the list."""
    nested = key.kind is Kind.LINES and str not in key.types
    return [value] if nested and value and not isinstance(value[0], tuple | list) else value


def _key(path: str, field: FieldInfo, members: list[Any], default: Any) -> Key:
    choices: list[str | int] = []
    types: list[type] = []
    for member in members:
        _sort_in(_item(member) if get_origin(member) is tuple else member, choices, types)
    if bool in types and choices:
        choices = [*_SWITCHED, *choices]
    limits = {kind: limit for one in field.metadata if (limit := _limit(one)) is not None for kind in (type(one),)}
    return Key(
        path,
        Kind.LINES if any(isinstance(one, Lines) for one in field.metadata) else _kind(members, tuple(types), bool(choices)),
        tuple(types),
        tuple(choices),
        default,
        optional=default is None,
        unit=next((one for one in field.metadata if isinstance(one, Unit)), None),
        effect=next((one for one in field.metadata if isinstance(one, Effect)), Effect.NEXT_START),
        secret=any(isinstance(one, Secret) for one in field.metadata),
        least=limits.get(Ge),
        above=limits.get(Gt),
        most=limits.get(Le, limits.get(Lt)),
        longest=next((one.max_length for one in field.metadata if isinstance(one, MaxLen) and members == [str]), None),
    )


def _limit(trait: object) -> float | None:
    match trait:
        case Ge(value) | Gt(value) | Le(value) | Lt(value):
            return float(value)  # type: ignore[arg-type]
    return None


def _members(annotation: Any) -> list[Any]:
    """What a union is made of, or the annotation itself; without what is annotated to it."""
    if get_origin(annotation) is Annotated:
        return _members(get_args(annotation)[0])
    if get_origin(annotation) in {Union, UnionType}:
        return [member for one in get_args(annotation) for member in _members(one)]
    return [annotation]


def _item(listed: Any) -> Any:
    return _members(get_args(listed)[0])[0]


def _sort_in(member: Any, choices: list[str | int], types: list[type]) -> None:
    if get_origin(member) is Literal:
        choices += get_args(member)
    elif isinstance(member, type) and issubclass(member, Enum):
        choices += [one.value for one in member if one is not Step.CARD]  # which is never listed
    else:
        types.append(member)


def _kind(members: list[Any], types: tuple[type, ...], has_choices: bool) -> Kind:
    if any(get_origin(member) is tuple for member in members):
        return Kind.LINES if get_origin(types[0] if types else None) is tuple else Kind.LIST
    if get_origin(members[0]) is dict:
        return Kind.PAIRS
    if not types or (has_choices and types == (bool,)):
        return Kind.CHOICE
    if has_choices or len(types) > 1:
        return Kind.MIXED
    kinds = {bool: Kind.SWITCH, int: Kind.NUMBER, float: Kind.NUMBER, Path: Kind.PATH, time: Kind.TIME}
    return kinds.get(types[0], Kind.TEXT)

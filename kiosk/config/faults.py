"""What is wrong with a file of settings, each fault with its key, its place, and words.

pydantic says what is wrong in English and by Python's names; here that becomes codes with data, for `config.toml` and for the
export profiles. Words are found under the codes (`fault.least`), what is expected under `expected.*`.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from datetime import date, time
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Final, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from kiosk.errors import Fault
from kiosk.records import Message, Step

PROFILE_NAME: Final = r"^[a-z0-9-]+$"
REFERENCE: Final = r"^(\w+(\.\w+)*:\w+)?$"  # package.module:factory
USB_ID: Final = r"^[0-9A-Fa-f]{4}:[0-9A-Fa-f]{4}$"
VIDEO_FORMAT: Final = r"^([A-Z0-9]{4})?$"
SHEET_NAME: Final = r"^[^\[\]:*?/\\']{1,31}$"  # what Excel allows
ADDRESS: Final = r"^\S+:\d{1,5}$"  # host:port
ADDRESS_OR_NONE: Final = r"^(\S+:\d{1,5})?$"
DATABASE: Final = r"^(postgresql://[^\s?]+/[A-Za-z0-9_]+(\?\S*)?)?$"
_PATTERNS: Final = {
    ADDRESS: "expected.address",
    ADDRESS_OR_NONE: "expected.address",
    PROFILE_NAME: "expected.profile_name",
    REFERENCE: "expected.reference",
    USB_ID: "expected.usb_id",
    VIDEO_FORMAT: "expected.video_format",
    SHEET_NAME: "expected.sheet_name",
    DATABASE: "expected.database",
}
_EXPECTED: Final = (  # the beginning of pydantic's name for a fault: what should be there
    ("int_", "expected.integer"),
    ("float_", "expected.number"),
    ("finite_", "expected.number"),
    ("bool_", "expected.switch"),
    ("string_type", "expected.text"),
    ("string_sub", "expected.text"),
    ("path_", "expected.text"),
    ("time_", "expected.time"),
    ("date_", "expected.date"),
    ("tuple_", "expected.list"),
    ("list_", "expected.list"),
    ("dict_", "expected.table"),
    ("model_", "expected.table"),
)
_LIMITS: Final = {
    "greater_than_equal": ("fault.least", "ge"),
    "greater_than": ("fault.above", "gt"),
    "less_than_equal": ("fault.most", "le"),
    "less_than": ("fault.below", "lt"),
    "too_long": ("fault.too_many", "max_length"),
    "string_too_long": ("fault.too_long", "max_length"),
}
_NO_LESS_THAN: Final = {"string_too_short": "fault.empty", "too_short": "fault.empty", "missing": "fault.missing"}
_WORD: Final = re.compile(r"'([^']*)'|(\d+)")
_LONGEST: Final = 60  # of a value that is shown


def wrong(code: str, *key: str, **data: Any) -> PydanticCustomError:
    """What a validator of ours raises: `code` has words, `key` the part that is wrong, below where the model stands."""
    return PydanticCustomError("kiosk", "{code}", {"code": code, "key": ".".join(key), "data": data})


def faults_of(error: ValidationError, model: type[BaseModel], *, secrets: Iterable[str] = ()) -> tuple[Fault, ...]:
    """What pydantic found wrong with values for a model, one fault a key; of `secrets` no value is told."""
    found: dict[str, list[ErrorDetails]] = {}
    for detail in error.errors(include_url=False):
        path = ".".join(str(part + 1 if isinstance(part, int) else part) for part in _known_part(detail["loc"], model))
        if detail["type"] == "kiosk" and (below := detail["ctx"]["key"]):
            path = f"{path}.{below}" if path else below
        found.setdefault(path, []).append(detail)
    hidden = frozenset(secrets)
    return tuple(Fault(path, _what(path, details, model, told=path not in hidden)) for path, details in found.items())


def shown(value: object) -> str:
    """A value as it stands in the file, cut where it is long."""
    if isinstance(value, bool):
        text = "true" if value else "false"
    elif isinstance(value, Mapping):
        text = "{ … }"
    elif isinstance(value, str | Path):
        text = f'"{value}"'
    elif isinstance(value, list | tuple):
        text = f"[{', '.join(map(shown, value))}]"
    elif isinstance(value, time | date):
        text = value.isoformat()
    else:
        text = str(value)
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"


def nearest(name: str, known: Iterable[str]) -> str:
    """The known name that somebody may have meant; empty when none is near."""
    return next(iter(difflib.get_close_matches(name, list(known), 1, 0.6)), "")


def _what(path: str, details: list[ErrorDetails], model: type[BaseModel], *, told: bool) -> Message:
    first = details[0]
    kind, context = first["type"], first.get("ctx", {})
    value = shown(first["input"]) if told else "…"
    if kind == "kiosk":
        return Message(context["code"], {"value": value, **context["data"]})
    if kind == "extra_forbidden":
        return _unknown(path, first["loc"], model)
    if kind in _LIMITS and len(details) == 1:
        code, limit = _LIMITS[kind]
        return Message(code, {"limit": f"{context[limit]:g}", "value": value})
    if kind in _NO_LESS_THAN:
        return Message(_NO_LESS_THAN[kind])
    wanted: list[Message] = []
    for detail in details:
        one = _expected(detail)
        if one is not None and one not in wanted:
            wanted.append(one)
    if not wanted:
        return Message("fault.other", {"details": first["msg"], "value": value})
    return Message("fault.expected", {"expected": _either(wanted), "value": value})


def _either(wanted: list[Message]) -> Message:
    if len(wanted) == 1:
        return wanted[0]
    return Message("expected.either", {"first": wanted[0], "second": _either(wanted[1:])})


def _expected(detail: ErrorDetails) -> Message | None:
    kind, context = detail["type"], detail.get("ctx", {})
    if kind in {"literal_error", "enum"}:
        names = [word or number for word, number in _WORD.findall(context["expected"])]
        listed = [name or '""' for name in names if name != Step.CARD]  # which always comes first and is never listed
        return Message("expected.one_of", {"names": ", ".join(listed)})
    if kind == "string_pattern_mismatch":
        return Message(_PATTERNS[context["pattern"]]) if context["pattern"] in _PATTERNS else None
    if kind in _LIMITS:
        return Message(f"expected.{_LIMITS[kind][0].removeprefix('fault.')}", {"limit": f"{context[_LIMITS[kind][1]]:g}"})
    return next((Message(code) for beginning, code in _EXPECTED if kind.startswith(beginning)), None)


def _unknown(path: str, place: tuple[int | str, ...], model: type[BaseModel]) -> Message:
    name = path.rpartition(".")[2]
    around = _model_at(place[:-1], model)
    if around is None:
        return Message("fault.unknown")
    here = [field.alias or known for known, field in around.model_fields.items()]
    if meant := nearest(name, here):
        return Message("fault.unknown_nearest", {"meant": meant})
    elsewhere = [found for section in model.model_fields if (found := _section_with(name, section, model))]
    if elsewhere:
        return Message("fault.unknown_elsewhere", {"section": elsewhere[0]})
    return Message("fault.unknown_known", {"names": ", ".join(sorted(here))})


def _section_with(name: str, section: str, model: type[BaseModel]) -> str:
    table = _table(model.model_fields[section].annotation)
    return section if table is not None and name in table.model_fields else ""


def _known_part(place: tuple[int | str, ...], model: type[BaseModel]) -> tuple[int | str, ...]:
    """A place without what pydantic adds for the members of a union."""
    known: list[int | str] = []
    here: object = model
    for part in place:
        table = _table(here)
        if isinstance(part, int):
            known.append(part)
            here = _item(here)
        elif table is not None:
            known.append(part)
            field = _field(table, part)
            here = field if field is not None else object
        elif _is_mapping(here):
            known.append(part)
            here = _item(here)
    return tuple(known)


def _model_at(place: tuple[int | str, ...], model: type[BaseModel]) -> type[BaseModel] | None:
    here: object = model
    for part in place:
        table = _table(here)
        here = _field(table, part) if table is not None and isinstance(part, str) else _item(here)
    return _table(here)


def _field(table: type[BaseModel], name: str) -> object:
    for own, field in table.model_fields.items():
        if name == (field.alias or own):
            return field.annotation
    return None


def _table(annotation: object) -> type[BaseModel] | None:
    """The model that an annotation is, or may be."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) in {Union, UnionType, Annotated}:
        return next((table for one in get_args(annotation) if (table := _table(one)) is not None), None)
    return None


def _is_mapping(annotation: object) -> bool:
    return isinstance(origin := get_origin(annotation), type) and issubclass(origin, Mapping)


def _item(annotation: object) -> object:
    """What a list or a mapping of an annotation holds."""
    if get_origin(annotation) in {Union, UnionType, Annotated}:
        inner = (_item(one) for one in get_args(annotation))
        return next((one for one in inner if one is not object), object)
    given = get_args(annotation)
    if not given:
        return object
    return given[1] if _is_mapping(annotation) else given[0]

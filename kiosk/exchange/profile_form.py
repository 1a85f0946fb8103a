"""A profile's file as a form: what its text says key by key, and its text with what somebody typed. Comments stay."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from kiosk.config import Key, keys_of
from kiosk.config.text import parsed
from kiosk.errors import KioskError
from kiosk.exchange.profile import Column, PictureTable, Profile

if TYPE_CHECKING:
    from kiosk.config.toml_rows import Row

LISTS: Final[Mapping[str, type[BaseModel]]] = {"column": Column, "picture": PictureTable}
SOURCES: Final = ("field", "text", "picture", "template", "blank")  # a column has one of them
SHOWS: Final = "shows"  # which, in a form: `field:name`, `picture:portrait`, `text` (with a field of its own), `blank`
_MOST_ROWS: Final = 500
_NOT_IN_FILES: Final = ("name", "hash")  # which follow from the file itself

Typed = Annotated[str, StringConstraints(max_length=20_000)]


@dataclass(frozen=True)
class Form:
    """What a text says, as somebody would type it; empty where it leaves a key out. `rows`: of each list, in its order."""

    values: Mapping[str, str]
    rows: Mapping[str, tuple[Mapping[str, str], ...]]


class TypedRow(BaseModel):
    """A row of a list. `was`: its number in the text, counted from 1; None: a new one."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    was: int | None = Field(None, ge=1)
    values: dict[str, Typed]


class TypedForm(BaseModel):
    """What somebody typed into a form."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    values: dict[str, Typed]
    rows: dict[str, Annotated[list[TypedRow], Field(max_length=_MOST_ROWS)]]


@cache
def form_keys() -> Mapping[str, Key]:
    """The keys of a profile outside its lists, by path."""
    return {key.path: key for key in keys_of(Profile) if key.path not in _NOT_IN_FILES}


@cache
def row_keys(name: str) -> Mapping[str, Key]:
    """The keys of a row of a list."""
    return {key.path: key for key in keys_of(LISTS[name])}


def typed_form(content: str) -> TypedForm:
    """What a page sends, JSON; raises KioskError for what none of ours does."""
    try:
        return TypedForm.model_validate_json(content)
    except ValidationError:
        raise KioskError("web.body_unreadable") from None


def form_of(text: str) -> Form | None:
    """A text as a form; None where a table isn't one, so that a form can't show it. Raises Unreadable."""
    told = parsed(text)
    if not _fits(told):
        return None
    values = {path: key.written(_at(told, path)) for path, key in form_keys().items()}
    rows = {name: tuple(_row(name, row) for row in told.get(name, ())) for name in LISTS}
    return Form(values, rows)


def written(text: str, typed: TypedForm) -> str:
    """The text with what was typed; what says the same as before stays as it was written. What can't be a value stays text,
    and is a fault to be told. Raises Unreadable, and KioskError for what no page of ours sends."""
    form = form_of(text)
    if form is None or not set(typed.rows) <= set(LISTS):
        raise KioskError("web.body_unreadable")
    for name, rows in typed.rows.items():
        text = _with_rows(text, name, rows, form.rows[name])
    return _edited(text, _changes(form_keys(), form.values, typed.values))


def place_of(path: str) -> str:
    """The field of a form that a fault of a profile is told at: of a row `column.3.header`, or the row, or the list."""
    parts = path.split(".")
    if parts[0] not in LISTS:
        return next((known for n in range(len(parts), 0, -1) if (known := ".".join(parts[:n])) in form_keys()), "")
    if len(parts) < 3 or parts[2] not in row_keys(parts[0]):
        return ".".join(parts[:2])
    shown = SHOWS if parts[0] == "column" and parts[2] in SOURCES and parts[2] != "text" else parts[2]
    return ".".join((*parts[:2], shown))


def _with_rows(text: str, name: str, typed: list[TypedRow], before: tuple[Mapping[str, str], ...]) -> str:
    if any(row.was is not None and row.was > len(before) for row in typed):
        raise KioskError("web.body_unreadable")
    rows: list[Row] = []
    changes: dict[str, Any] = {}
    for number, row in enumerate(typed, 1):
        was = before[row.was - 1] if row.was is not None else {}
        told = _changes(row_keys(name), _apart(was), _apart(row.values))
        if row.was is None:
            rows.append({key: value for key, value in told.items() if value is not None})
        else:
            rows.append(row.was)
            changes |= {f"{name}.{number}.{key}": value for key, value in told.items()}
    from kiosk.config.toml_rows import rearranged  # tomlkit is only needed where something is written

    return _edited(rearranged(text, name, rows), changes)


def _edited(text: str, changes: Mapping[str, Any]) -> str:
    from kiosk.config.toml_edit import edited

    return edited(text, changes) if changes else text


def _changes(known: Mapping[str, Key], before: Mapping[str, str], typed: Mapping[str, str]) -> dict[str, Any]:
    """What differs, as values of TOML; None: left out."""
    told = {path: typed[path].strip() for path in known if path in typed}
    return {path: known[path].taken(text) if text else None for path, text in told.items() if text != before.get(path, "")}


def _row(name: str, told: Mapping[str, Any]) -> Mapping[str, str]:
    values = {path: key.written(told.get(path)) for path, key in row_keys(name).items()}
    if name != "column":
        return values
    shown = next((one for one in SOURCES if told.get(one)), "")
    shows = f"{shown}:{values[shown]}" if shown in ("field", "picture", "template") else shown
    return {SHOWS: shows, **{path: text for path, text in values.items() if path not in SOURCES or path == "text"}}


def _apart(row: Mapping[str, str]) -> Mapping[str, str]:
    """A row with what it shows under the keys of the file; what it doesn't show is left out of it."""
    if SHOWS not in row:
        return row
    shown, _, value = row[SHOWS].partition(":")
    sources = dict.fromkeys(SOURCES, "") | ({shown: value or "true"} if shown in SOURCES else {})
    return {**row, **sources, "text": row.get("text", "") if shown == "text" else ""}


def _at(told: Mapping[str, Any], path: str) -> Any:
    here: Any = told
    for part in path.split("."):
        here = here.get(part) if isinstance(here, Mapping) else None
    return here


def _fits(told: Mapping[str, Any]) -> bool:
    tables = {".".join(path.split(".")[:n]) for path in form_keys() for n in range(1, path.count(".") + 1)}
    lists = (told.get(name, []) for name in LISTS)
    return all(isinstance(_at(told, table), Mapping | None) for table in tables) and all(
        isinstance(one, list) and all(isinstance(row, Mapping) for row in one) for one in lists
    )

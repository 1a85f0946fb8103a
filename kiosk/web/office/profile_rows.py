"""A profile's keys as fields of a form, and what a column can show, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any, Final

from kiosk.config import Key, Kind
from kiosk.exchange.fields import FIELDS, FILLED_IN
from kiosk.exchange.particulars import ITEMS
from kiosk.exchange.profile import FILE_FIELDS
from kiosk.exchange.profile_form import LISTS, SHOWS, SOURCES, form_keys, row_keys
from kiosk.records import Decision
from kiosk.web.context import language
from kiosk.words import has_words, say

FormRow = dict[str, Any]

# The groups of a form, in its order: tables of the file, and the lists among them.
_GROUPS: Final[Mapping[str, tuple[str, ...]]] = {
    "basic": ("",),
    "sheet": ("sheet",),
    "column": (),
    "photo": ("photo",),
    "picture": (),
    "pictures": ("pictures",),
    "document": ("document",),
    "workflow": ("workflow", "fingers"),
    "decisions": (),
}
_AT_FIRST: Final = ("basic", "sheet", "column", "photo", "picture")  # unfolded; the others where something is said there
_IN_LINE: Final[Mapping[str, tuple[str, ...]]] = {
    "column": ("header", SHOWS, "required"),
    "picture": ("kind", "suffix", "file"),
}
_FAMILIES: Final = ("profilechoice.", "biometric.", "cli.source.", "step.", "role.", "setting_choice.", "ui.settings.")
_GROUPS_OF_FIELDS: Final[Mapping[str, str]] = {  # the last field of each group, in the order of FIELDS
    "valid_period": "student",
    "statements": "capture",
    "contact_2_phone": "school",
    "teacher_highest_major": "teacher",
}


def form_groups() -> list[dict[str, Any]]:
    """The groups with their fields; `list` names the list that a group is."""
    tongue, found = language(), []
    for name, tables in _GROUPS.items():
        rows = [_field(key) for path, key in form_keys().items() if path.rpartition(".")[0] in tables]
        title, help_code = say(tongue, f"profilegroup.{name}"), f"profilegroup_help.{name}"
        found.append(
            {
                "name": name,
                "title": title,
                "help": say(tongue, help_code) if has_words(help_code) else "",
                "rows": rows,
                "list": name if name in LISTS else "",
                "open": name in _AT_FIRST,
            }
        )
    return found


def decision_rows() -> list[tuple[str, FormRow, FormRow]]:
    """Each kind of decision with the fields of who answers for it."""
    found = []
    for one in Decision:
        role, other_person = (_field(form_keys()[f"decisions.{one}.{name}"]) for name in ("role", "other_person"))
        found.append((say(language(), f"decisionkind.{one}"), role, other_person))
    return found


def list_fields(name: str) -> tuple[list[FormRow], list[FormRow]]:
    """The fields of a list's row: those in its line, and those that are unfolded."""
    fields = {path: _field(key, name) for path, key in row_keys(name).items() if name != "column" or path not in SOURCES}
    if name == "column":
        fields[SHOWS] = _blank(f"{name}.{SHOWS}", "shows")
    return [fields.pop(one) for one in _IN_LINE[name]], list(fields.values())


def shown_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """What a column can show, in groups: values of the form and their words."""
    tongue = language()
    pictures = [(f"picture:{one}", say(tongue, f"biometric.{one}")) for one in row_keys("column")["picture"].choices]
    templates = [(f"template:{one}", say(tongue, f"biometric.{one}")) for one in row_keys("column")["template"].choices]
    known = [name for name in FIELDS if name not in FILLED_IN]
    ends = list(_GROUPS_OF_FIELDS)
    groups = [
        (_group(_GROUPS_OF_FIELDS[end]), [(f"field:{name}", field_words(name)) for name in names])
        for end, names in zip(ends, _cut(known, ends), strict=True)
    ]
    items = [
        (say(tongue, f"itemgroup.{group}"), [(f"field:{one.field}", field_words(one.field)) for one in rules])
        for group, rules in groupby((one for one in ITEMS.columns if one.field in FILLED_IN), key=lambda one: one.group)
    ]
    others = [("text", say(tongue, "profileshows.text")), ("blank", say(tongue, "profileshows.blank"))]
    return [*groups, *items, (_group("picture"), pictures), (_group("template"), templates), (_group("other"), others)]


def placeholders() -> dict[str, list[tuple[str, str]]]:
    """What may stand in braces, by the list whose texts are made of it: the name and what it is filled with."""
    known = {"column": tuple(FIELDS), "picture": FILE_FIELDS}
    return {where: [(f"{{{name}}}", field_words(name)) for name in names] for where, names in known.items()}


def field_words(name: str) -> str:
    """What a field of the export holds."""
    return say(language(), f"item.{name}" if name in FILLED_IN else f"profilefield.{name}")


def _cut(names: list[str], ends: list[str]) -> Iterable[list[str]]:
    first = 0
    for end in ends:
        last = names.index(end) + 1
        yield names[first:last]
        first = last


def _group(name: str) -> str:
    return say(language(), f"profileshown.{name}")


def _blank(path: str, kind: str) -> FormRow:
    tongue, help_code = language(), f"profilehelp.{path}"
    return {
        "key": path,
        "name": path.rpartition(".")[2],
        "id": f"typed-{path.replace('.', '-')}",
        "label": say(tongue, f"profilekey.{path}") if has_words(f"profilekey.{path}") else "",
        "help": say(tongue, help_code) if has_words(help_code) else "",
        "kind": kind,
        "value": "",
        "default": "",
        "placeholder": "",
        "choices": [],
        "blank": "",
        "optional": False,
        "whole": False,
        "unit": "",
        "secret": False,
    }


def _field(key: Key, of: str = "") -> FormRow:
    tongue = language()
    row = _blank(f"{of}.{key.path}" if of else key.path, key.kind.value)
    default = key.written(key.default)
    choices = [(str(one), _chosen(str(one))) for one in key.choices if str(one)]
    words = say(tongue, f"ui.settings.{default}") if default in ("true", "false") else dict(choices).get(default, default)
    switched = key.kind in {Kind.SWITCH, Kind.CHOICE}
    return row | {
        "choices": choices,
        "blank": say(tongue, "ui.settings.default", value=words) if switched and words else "—" if switched else "",
        "placeholder": default if key.kind is not Kind.LINES else "",
        "optional": switched,
        "whole": key.whole,
        "unit": say(tongue, f"unit.{key.unit}") if key.unit else "",
    }


def _chosen(choice: str) -> str:
    codes = [f"{family}{choice}" for family in _FAMILIES]
    return next((say(language(), code) for code in codes if has_words(code)), choice)

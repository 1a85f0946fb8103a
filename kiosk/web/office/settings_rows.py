"""The settings' keys as rows of a form, and changes of them as lines, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from kiosk.config import Difference, Effect, Key, Kind, Settings, keys, value_of
from kiosk.exchange import profiles
from kiosk.languages import STAFF, STUDENT, shown_on
from kiosk.web.context import language
from kiosk.words import has_words, say, say_list

Row = dict[str, Any]
Group = tuple[str, list[Row]]  # its title and rows


def sections(settings: Settings) -> list[dict[str, Any]]:
    """A section's groups of rows; a group without a title holds the section's own keys, the others those of a table in it."""
    found = []
    for section, members in groupby(keys().values(), key=lambda key: key.section):
        tables = groupby(members, key=lambda key: key.path.rpartition(".")[0])
        groups = [
            (say(language(), f"setting_table.{table}") if "." in table else "", [_row(settings, key) for key in rows])
            for table, rows in tables
        ]
        title = say(language(), f"setting_section.{section}")
        changed = sum(row["differs"] for _, rows in groups for row in rows)
        found.append({"name": section, "title": title, "groups": _joined(groups), "changed": changed})
    return found


def rows_of(settings: Settings, paths: Iterable[str]) -> list[Row]:
    """The fields of these keys alone, in their order."""
    return [_row(settings, keys()[path]) for path in paths]


def change_rows(changes: Iterable[Difference]) -> list[dict[str, str]]:
    """Each change as `人脸 · 人证核验：通过：0.4 → 0.42`, with its parts."""
    return [_change(one) for one in changes]


def shown(key: Key, value: Any, choices: list[tuple[str, str]]) -> str:
    """A value in words, as the form has them (`choices`: what the key can be), with its unit."""
    tongue, words = language(), dict(choices)
    if value in (None, (), ""):
        return say(tongue, "ui.settings.left_out")
    several = [key.written(one) for one in value] if isinstance(value, tuple) else [key.written(value)]
    text = say(tongue, f"ui.settings.{key.written(value)}") if isinstance(value, bool) else key.written(value)
    if words and not isinstance(value, bool):
        text = say_list(tongue, [words.get(one, one) for one in several])
    return say(tongue, "ui.settings.with_unit", value=text, unit=say(tongue, f"unit.{key.unit}")) if key.unit else text


def _joined(groups: list[Group]) -> list[Group]:
    """The section's own keys first, in one group: in the model they stand around its tables."""
    own = [row for title, rows in groups if not title for row in rows]
    return [("", own), *[group for group in groups if group[0]]] if own else groups


def _change(change: Difference) -> dict[str, str]:
    tongue, key = language(), keys()[change.key]
    table = change.key.rpartition(".")[0]
    place = say(tongue, f"setting_table.{table}" if "." in table else f"setting_section.{table}")
    hidden = say(tongue, "ui.settings.hidden")
    choices = _choices(key)
    before, after = (hidden if key.secret else shown(key, value, choices) for value in (change.before, change.after))
    row = {"place": place, "label": say(tongue, f"setting.{change.key}"), "before": before, "after": after}
    return {**row, "key": change.key, "words": say(tongue, "ui.settings.change", **row)}


def _row(settings: Settings, key: Key) -> dict[str, Any]:
    tongue, value = language(), value_of(settings, key.path)
    value = key.default if value is None else value
    choices = _choices(key)
    return {
        "key": key.path,
        "id": key.path.replace(".", "-"),
        "label": say(tongue, f"setting.{key.path}"),
        "help": say(tongue, f"setting_help.{key.path}"),
        "kind": "choice" if choices and key.kind in {Kind.TEXT, Kind.CHOICE} else key.kind.value,
        "value": "" if key.secret else key.written(value),
        "default": key.written(key.default),
        "default_words": shown(key, key.default, choices),
        "differs": value != key.default,
        "choices": choices,
        "blank": say(tongue, "ui.settings.left_out") if key.optional and key.kind is Kind.SWITCH else "",
        "placeholder": "",
        "whole": key.whole,
        "least": key.least,
        "most": key.most,
        "longest": key.longest,
        "range": _range(key),
        "unit": say(tongue, f"unit.{key.unit}") if key.unit else "",
        "effect": say(tongue, f"effect.{key.effect}") if key.effect is not Effect.NEXT_START else "",
        "secret": key.secret,
    }


def _range(key: Key) -> str:
    tongue = language()
    least = key.least if key.least is not None else key.above
    if key.kind is not Kind.NUMBER or (least is None and key.most is None):
        return ""
    if key.most is None:
        code = "ui.settings.at_least" if key.above is None else "ui.settings.above"
        return say(tongue, code, least=f"{least:g}")
    return say(tongue, "ui.settings.between", least=f"{least or 0:g}", most=f"{key.most:.10g}")


def _choices(key: Key) -> list[tuple[str, str]]:
    """Values and their words; what only the installation knows is looked up."""
    elsewhere = {"language": STAFF, "student_languages": STUDENT}
    name = key.path.rpartition(".")[2]
    if key.section == "station" and name in elsewhere:
        return [(tag, one.name) for tag, one in shown_on(elsewhere[name]).items()]
    if key.section == "station" and name in {"profile", "other_profiles"}:
        return [(one.name, one.title) for one in profiles()]
    return [(str(choice), _chosen_in_words(str(choice))) for choice in key.choices]


def _chosen_in_words(choice: str) -> str:
    codes = (f"setting_choice.{choice}", f"step.{choice}")
    return next((say(language(), code) for code in codes if has_words(code)), choice)

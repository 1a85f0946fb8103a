"""`kiosk settings`: what `config.toml` can say and says, changed, checked, and brought back to an earlier version."""

from __future__ import annotations

import sys
from itertools import groupby
from pathlib import Path

import click
from rich.table import Table

from kiosk.ciphers import SUITES
from kiosk.cli.common import Opened, at_terminal, console, load, on_the_store, words_for_errors
from kiosk.cli.spoken import language
from kiosk.cli.unlocking import asking
from kiosk.config import Effect, Key, SettingsFile, keys, look_beside, value_of
from kiosk.config.faults import nearest
from kiosk.errors import KioskError
from kiosk.office import Configuration
from kiosk.office.configuration import told, unknown
from kiosk.records import Person
from kiosk.store import Store
from kiosk.words import say, say_minute


@click.group()
def settings() -> None:
    """The station's settings."""


@settings.command(name="list")
@click.argument("search", default="")
@click.option("--changed", is_flag=True)
@click.option("--markdown", is_flag=True)
@click.pass_obj
@words_for_errors
def list_command(file: Path, search: str, changed: bool, markdown: bool) -> None:
    """List the keys with their values."""
    if markdown:
        click.echo(reference())
        return
    known, tongue = load(file)[0], load(file)[0].station.language
    table = Table()
    for column in ("key", "now", "default", "meaning"):
        table.add_column(say(tongue, f"cli.settings.{column}"), overflow="fold")
    for key in keys().values():
        value, name = value_of(known, key.path), say(tongue, f"setting.{key.path}")
        differs = value is not None and value != key.default
        if (changed and not differs) or search.lower() not in f"{key.path} {name}".lower():
            continue
        shown = "…" if key.secret and differs else key.written(value)
        table.add_row(key.path, shown, key.written(key.default), name, style="bold" if differs else None)
    console.print(table)


@settings.command(name="set")
@click.argument("key")
@click.argument("value", required=False)
@click.option("--default", "to_default", is_flag=True)
@on_the_store
def set_command(opened: Opened, key: str, value: str | None, to_default: bool) -> None:
    """Change one key."""
    if key not in keys():
        raise KioskError("settings.no_key", key=key, meant=nearest(key, keys()) or "kiosk settings list")
    if (value is None) is not to_default:
        raise KioskError("settings.no_value")
    file = SettingsFile(opened.file)
    typed = keys()[key].written(keys()[key].default) if value is None else value
    here = Configuration(opened.store, file, opened.settings)
    written = here.save({key: typed}, stamp=file.stamp(), by=Person(at_terminal()))
    if not written.differences:
        console.print(say(opened.language, "ui.settings.nothing"))
    for change in written.differences:
        console.print(told(change), highlight=False, markup=False)
    if written.differences and keys()[key].effect is not Effect.AT_ONCE:
        console.print(say(opened.language, f"effect.{keys()[key].effect}"), highlight=False)


@settings.command()
@click.pass_obj
@words_for_errors
def check(file: Path) -> None:
    """Check the file as a whole."""
    known, folder = load(file)
    if faults := unknown(known, folder):
        raise KioskError("settings.unknown", faults=tuple(faults.values()))
    console.print(say(known.station.language, "cli.settings.sound", file=str(file)), highlight=False, soft_wrap=True)


@settings.command()
@click.argument("name", required=False)
@click.pass_obj
@words_for_errors
def history(file: Path, name: str | None) -> None:
    """List the earlier versions, or what one of them would change."""
    look_beside(file)
    here = SettingsFile(file)
    if name is None:
        for version in here.versions():
            console.print(f"{version.name}  {say_minute(language(), version.at)}", highlight=False)
        return
    changes = here.compare(name)
    for change in changes:
        console.print(told(change), highlight=False, markup=False)
    if not changes:
        console.print(say(language(), "ui.settings.same"))


@settings.command()
@click.argument("name")
@click.option("--simulate", is_flag=True)
@click.option("--account", default="")
@click.pass_obj
@words_for_errors
def restore(file: Path, name: str, simulate: bool, account: str) -> None:
    """Bring an earlier version back, whatever state the file is in."""
    look_beside(file)
    here = SettingsFile(file)
    earlier = here.version(name)
    data = earlier.store.within(file.resolve().parent, simulated=simulate)
    unlock = asking(data, earlier.station.language, account)
    places = earlier.office.databases(simulated=simulate)
    with Store.open(data, suite=SUITES[earlier.store.suite], unlock=unlock, **places) as store:
        written = Configuration(store, here, earlier).restore(name, stamp=here.stamp(), by=Person(at_terminal()))
    for change in written.differences:
        console.print(told(change), highlight=False, markup=False)
    console.print(say(earlier.station.language, "ui.settings.restored", count=len(written.differences)))
    sys.exit(0)


def reference() -> str:
    """docs/reference/settings.md: every key, from the model."""
    lines = [
        "# Settings",
        "",
        "Written by `kiosk settings list --markdown` from the model (`kiosk/config/model.py`); a test holds it so. Every key",
        "may be left out. A change takes effect at the next start, unless its line says otherwise.",
        "[config.toml](../../config.toml) has all of them with their defaults; they are changed on the page 设置 or by",
        "`kiosk settings set`.",
    ]
    for section, members in groupby(keys().values(), key=lambda key: key.section):
        lines += ["", f"## [{section}] {say('en', f'setting_section.{section}')}", "", "| key | value | default | meaning |"]
        lines += ["|---|---|---|---|", *map(_line, members)]
    return "\n".join(lines)


def _line(key: Key) -> str:
    effect = f" *{say('en', f'effect.{key.effect}')}*" if key.effect is not Effect.NEXT_START else ""
    default = f"`{key.written(key.default)}`" if key.written(key.default) else ""
    meaning = f"{say('en', f'setting.{key.path}')}. {say('en', f'setting_help.{key.path}')}{effect}"
    return f"| `{key.path.partition('.')[2]}` | {_value(key)} | {default} | {meaning} |"


def _value(key: Key) -> str:
    parts = [f"`{choice}`" for choice in key.choices if choice != ""]
    least = f"≥ {key.least:g}" if key.least is not None else f"> {key.above:g}" if key.above is not None else ""
    limits = ", ".join(filter(None, (least, f"≤ {key.most:.10g}" if key.most is not None else "")))
    kind = " ".join(filter(None, (key.kind.value, say("en", f"unit.{key.unit}") if key.unit else "")))
    return f"{kind}{': ' if parts or limits else ''}{', '.join(parts)}{limits}"

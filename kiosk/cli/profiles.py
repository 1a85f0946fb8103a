"""`kiosk profiles`: what there is for registration systems, what one makes of two students, and what is wrong with a file."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from rich.table import Table

from kiosk.cli.common import console, existing_file, load, print_line, words_for_errors
from kiosk.config import Settings
from kiosk.exchange.fields import FIELDS
from kiosk.exchange.preview import preview
from kiosk.exchange.profile import Profile, judge, read_profile
from kiosk.exchange.shelf import load_profile, shelf
from kiosk.exchange.shelf import profiles as all_profiles
from kiosk.words import say, say_list, say_message


@click.group(invoke_without_command=True)
@click.option("--markdown", is_flag=True)
@click.pass_context
@words_for_errors
def profiles(context: click.Context, markdown: bool) -> None:
    """The export profiles."""
    if context.invoked_subcommand is not None:
        return
    if markdown:
        click.echo(reference())
        return
    language = load(context.obj)[0].station.language
    table = Table()
    for title in ("name", "title", "source", "columns", "pictures", "photo"):
        table.add_column(say(language, f"cli.profiles.{title}"), no_wrap=title == "name")
    for one in shelf():
        if one.profile is not None and not one.faults:
            table.add_row(one.name, *_facts(one.profile, language))
    console.print(table)
    for one in shelf():
        for fault in one.faults:
            words = f"{one.path.name}: {say_message(language, fault.message)}"
            print_line(words, "red")


@profiles.command()
@click.argument("name")
@click.pass_obj
@words_for_errors
def show(file: Path, name: str) -> None:
    """Show what one makes of two students."""
    _show(load_profile(name), load(file)[0])


@profiles.command()
@click.argument("profile", type=existing_file)
@click.pass_obj
@words_for_errors
def check(file: Path, profile: Path) -> None:
    """Check a file, and show what it makes of two students."""
    known = load(file)[0]
    _, faults = judge(profile.stem, profile.read_bytes())
    for fault in faults:
        words = say_message(known.station.language, fault.message)
        print_line(words, "red")
    if faults:
        sys.exit(1)
    _show(read_profile(profile), known)


def _show(profile: Profile, settings: Settings) -> None:
    made, language = preview(profile), settings.station.language
    console.print(profile.title, style="bold", highlight=False, markup=False)
    if profile.note:
        print_line(profile.note)
    if made.headers:
        table = Table(title="  ".join(made.sheets))  # a column of the sheet a row: a sheet is wider than a terminal
        for title in ("column", "first", "second"):
            table.add_column(say(language, f"cli.profiles.{title}"), overflow="fold")
        for column in zip(made.headers, *made.rows, strict=True):
            table.add_row(*column)
        console.print(table)
    if made.photo is not None:
        size = {"width": f"{made.photo.width_mm:.1f}", "height": f"{made.photo.height_mm:.1f}", "dpi": profile.photo.dpi}
        pixels = say(language, "ui.profiles.photo_px", width=made.photo.width, height=made.photo.height)
        console.print(f"{pixels}, {say(language, 'ui.profiles.photo_mm', **size)}", highlight=False)
    for name in made.pictures:
        console.print(name, highlight=False, markup=False)


def _facts(profile: Profile, language: str) -> tuple[str, str, str, str, str]:
    pictures = " ".join(picture.kind for picture in profile.pictures) or "-"
    photo = f"{profile.photo.width}×{profile.photo.height} {profile.photo.max_kb:g} KB" if profile.pictures else "-"
    return profile.title, say(language, f"cli.source.{profile.source}"), str(len(profile.columns)), pictures, photo


def reference() -> str:
    """The part of docs/reference/profiles.md that is made: what comes with the program, and the fields of a column."""
    lines = ["| profile | for | rows | columns | pictures | photo |", "|---|---|---|---|---|---|"]
    for profile in all_profiles():
        kinds = say_list("en", dict.fromkeys(f"`{picture.kind}`" for picture in profile.pictures))
        photo = f"{profile.photo.width}×{profile.photo.height}, {profile.photo.min_kb:g}–{profile.photo.max_kb:g} kB"
        facts = (profile.source, len(profile.columns) or "", kinds, photo if profile.pictures else "")
        lines.append(f"| `{profile.name}` | {profile.title} | {' | '.join(map(str, facts))} |")
    return "\n".join([*lines, "", f"Fields: {' '.join(f'`{name}`' for name in FIELDS)}."])

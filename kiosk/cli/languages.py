"""`kiosk languages`: which languages there are, where they may be chosen, and how much of each is translated."""

from __future__ import annotations

from pathlib import Path

import click
from rich.table import Table

from kiosk.cli.common import console, load, print_line, words_for_errors
from kiosk.cli.spoken import language
from kiosk.errors import KioskError
from kiosk.languages import FIRST, languages
from kiosk.words import catalogue, lacking, say, say_list, say_share


@click.command(name="languages")
@click.option("--missing", "tag", default="")
@click.pass_obj
@words_for_errors
def languages_command(file: Path, tag: str) -> None:
    """The languages, and what each lacks."""
    if file.exists():
        load(file)  # more of them may lie beside it
    tongue = language()
    if tag:
        if tag not in languages():
            raise KioskError("languages.unknown", tag=tag)
        for code in lacking(tag):
            print_line(f"{code}  {catalogue(FIRST)[code]}")
        return
    table = Table(*(say(tongue, f"cli.languages.{name}") for name in ("tag", "name", "screens", "whole", "folder")))
    whole = len(catalogue(FIRST))
    for one in languages().values():
        screens = say_list(tongue, (say(tongue, f"screen.{screen}") for screen in sorted(one.screens)))
        share = say_share(tongue, 1 - len(lacking(one.tag)) / whole)
        table.add_row(one.tag, one.name, screens, share, str(one.folders[-1]))
    console.print(table)

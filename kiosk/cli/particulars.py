"""`kiosk particulars`: what parents filled in about students — in, out on paper, and what is missing."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import click

from kiosk.cli.common import Opened, at_terminal, console, existing_file, on_the_store, print_line, waiting
from kiosk.cli.papers import of_options, selection
from kiosk.exchange.particulars import ITEMS
from kiosk.office import Office
from kiosk.office.particulars import lacking
from kiosk.office.particulars_words import difference_in_words, particulars_in_words
from kiosk.records import Person
from kiosk.words import say

_MOST: Final = 200  # lines of each kind


@click.group()
def particulars() -> None:
    """What parents filled in about students."""


@particulars.command(name="import")
@click.argument("file", type=existing_file)
@click.option("--school", default="")
@click.option("--preview", is_flag=True)
@on_the_store
def import_command(opened: Opened, file: Path, school: str, preview: bool) -> None:
    """Take a list that was filled in."""
    office = Office(opened.store, opened.folder, opened.settings)
    desk, key = office.particulars, office.files.school_key(school)
    with waiting(opened.language, "cli.bar.reading"):
        seen = desk.preview(file, school=key)
    told = particulars_in_words(opened.language, seen, most=_MOST)
    for line in told.warnings:
        print_line(line, "red")
    for line in told.lines:
        print_line(line)
    if not preview:
        with waiting(opened.language, "cli.bar.roster"):
            count = desk.take(file, source=file.name, by=Person(at_terminal()), school=key)
        console.print(say(opened.language, "particulars.taken", count=count), highlight=False)
    sys.exit(1 if seen.reading.problems or seen.unmatched or seen.reading.refused else 0)


@particulars.command()
@on_the_store
def undo(opened: Opened) -> None:
    """Take the last list back."""
    count = Office(opened.store, opened.folder, opened.settings).particulars.undo(by=Person(at_terminal()))
    console.print(say(opened.language, "particulars.undone", count=count), highlight=False)


@particulars.command()
@click.argument("out", type=click.Path(path_type=Path, dir_okay=False))
@of_options
@on_the_store
def template(opened: Opened, /, out: Path, **whose: Sequence[str]) -> None:
    """The list to be filled in."""
    desk = Office(opened.store, opened.folder, opened.settings).particulars
    with waiting(opened.language, "cli.printing"):
        desk.write_list(out, selection(opened, **whose), actor=at_terminal())
    print_line(say(opened.language, "particulars.written", file=out))


@particulars.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@of_options
@on_the_store
def sheets(opened: Opened, /, folder: Path, **whose: Sequence[str]) -> None:
    """The sheets to check and sign."""
    folder.mkdir(parents=True, exist_ok=True)
    desk = Office(opened.store, opened.folder, opened.settings).particulars
    with waiting(opened.language, "cli.printing"):
        written = desk.write_sheets(folder, selection(opened, **whose), actor=at_terminal())
    for path in written:
        print_line(say(opened.language, "particulars.written", file=path))


@particulars.command()
@of_options
@on_the_store
def missing(opened: Opened, /, **whose: Sequence[str]) -> None:
    """What nobody filled in yet, and what was filled in otherwise than chip or roster have it."""
    desk, language = Office(opened.store, opened.folder, opened.settings).particulars, opened.language
    standing = desk.standing(selection(opened, **whose))
    for field, count in lacking(standing).items():
        console.print(say(language, "particulars.lacking", item=ITEMS.column(field).header, count=count), highlight=False)
    for one in standing:
        for difference in one.differing:
            line = say(
                language,
                "particulars.difference_of",
                name=one.student.name,
                difference=difference_in_words(language, difference),
            )
            print_line(line, "yellow")
    incomplete = sum(bool(one.missing) for one in standing)
    console.print(say(language, "particulars.incomplete", count=incomplete, total=len(standing)), highlight=False)
    sys.exit(1 if incomplete else 0)

"""`kiosk forms`, `class-list`: what is printed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import click
from rich.progress import Progress

from kiosk.cli.common import Opened, at_terminal, console, on_the_store, print_line
from kiosk.errors import KioskError
from kiosk.exchange.printable import LONGEST, Doubt
from kiosk.office import Office, Selection
from kiosk.records import Student
from kiosk.words import say

out_option = click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True)
_OF: Final = (
    click.option("--grade", "grades", multiple=True),
    click.option("--stream", "streams", multiple=True),
    click.option("--class", "classes", multiple=True),
    click.option("--school", "schools", multiple=True),
)


def of_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Whose papers."""
    for option in reversed(_OF):
        command = option(command)
    return command


@click.command()
@out_option
@click.option("--title", default="考生信息登记表", show_default=True)
@of_options
@on_the_store
def forms(opened: Opened, /, out: Path, title: str, **of_options: Sequence[str]) -> None:
    """The forms that student and guardian sign."""
    language, of = opened.language, selection(opened, **of_options)
    with Progress(console=console, transient=True) as shown:
        papers = Office(opened.store, out, opened.settings, notice=opened.notice()).papers(opened.settings.station.profile)
        warn(papers.form_doubts(lambda record: of(record.student)), language)
        task = shown.add_task(say(language, "cli.printing"), total=None)
        written = papers.forms(
            out,
            lambda done: shown.update(task, completed=done),
            title=title,
            school=opened.store.school.get().name,
            actor=at_terminal(),
            wanted=lambda record: of(record.student),
        )
    if not written:
        raise KioskError("web.nothing_to_print")
    tell_written(written, language)


@click.command(name="class-list")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True)
@click.option("--title", default="考生信息签字确认表", show_default=True)
@of_options
@on_the_store
def class_list(opened: Opened, /, out: Path, title: str, **of_options: Sequence[str]) -> None:
    """Class lists with a column for signatures."""
    papers = Office(opened.store, opened.folder, opened.settings).papers(opened.settings.station.profile)
    of = selection(opened, **of_options)
    warn_of(opened, of)
    tell_written(
        [papers.class_lists(out, title=title, school=opened.store.school.get().name, actor=at_terminal(), of=of)],
        opened.language,
    )


def warn_of(opened: Opened, of: Callable[[Student], bool]) -> None:
    """Say which names would not be whole on a paper about these students."""
    papers = Office(opened.store, opened.folder, opened.settings).papers(opened.settings.station.profile)
    warn(papers.list_doubts(of), opened.language)


def selection(
    opened: Opened, grades: Sequence[str], streams: Sequence[str], classes: Sequence[str], schools: Sequence[str]
) -> Selection:
    """Whose papers."""
    pairs = (name.rpartition("/") for name in classes)
    files = Office(opened.store, opened.folder).files
    named = frozenset((grade, number) for grade, _, number in pairs)
    return Selection(frozenset(grades), frozenset(streams), named, frozenset(map(files.school_key, schools)))


def warn(doubts: Sequence[Doubt], language: str) -> None:
    """What will not be on the papers as it stands, before they are made."""
    for one in doubts:
        characters = " ".join(f"U+{ord(char):04X}" for char in one.characters)
        told = [say(language, "cli.unprintable", name=one.student.name, characters=characters)] if characters else []
        told += [say(language, "cli.too_long", name=one.student.name, text=text, most=LONGEST) for text in one.too_long]
        for words in told:
            print_line(words, "yellow")


def tell_written(written: list[Path], language: str) -> None:
    """What was written, and where it lies."""
    console.print(say(language, "cli.printed", count=len(written)), highlight=False)
    for path in written:
        console.print(f"  {path}", highlight=False, soft_wrap=True)

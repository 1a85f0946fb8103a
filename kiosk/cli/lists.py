"""`kiosk lists`: the filed roster, roll-calls, the public list, who was never seen, requests, the register's checks."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import click

from kiosk.cli.common import Opened, at_terminal, by_option, console, existing_file, on_the_store, print_line, waiting, watched
from kiosk.cli.papers import of_options, selection, tell_written, warn_of
from kiosk.exchange.finding_file import FindingKind
from kiosk.office import Lists
from kiosk.office.list_words import list_in_words
from kiosk.words import say

_out = click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True)
_file = click.argument("file", type=existing_file)
_MOST_LISTED = 1000  # cells and rows of a file with faults
_preview = click.option("--preview", is_flag=True)


@click.group()
def lists() -> None:
    """The school's lists."""


@lists.command(name="show")
@of_options
@on_the_store
def show(opened: Opened, /, **of_options: Sequence[str]) -> None:
    """How the roster stands to what was filed, and what is to be done."""
    found, language = Lists(opened.store).overview(selection(opened, **of_options)), opened.language
    for one in found.standings:
        told = {"version": one.version, "count": one.students, "digest": one.digest}
        console.print(f"{one.words} ".lstrip() + say(language, "cli.lists.standing", **told), soft_wrap=True)
    counts = {"failures": len(found.failures), "unseen": len(found.unseen), "requests": found.without_number}
    for name, count in counts.items():
        console.print(say(language, f"ui.lists.{name}", count=count), highlight=False)


@lists.command(name="file")
@click.option("--note", default="")
@of_options
@by_option
@on_the_store
def file_roster(opened: Opened, /, note: str, by: str, **of_options: Sequence[str]) -> None:
    """File the roster as it is, of each school that changed."""
    with waiting(opened.language, "cli.bar.filing"):
        done = Lists(opened.store).file(note=note, by=by, of=selection(opened, **of_options))
    for filed in done:
        words = say(opened.language, "ui.lists.filed", version=filed.version, count=filed.students)
        console.print(words, highlight=False)


@lists.command(name="roster")
@_out
@click.option("--title", default="考生花名册", show_default=True)
@of_options
@on_the_store
def roster(opened: Opened, /, out: Path, title: str, **of_options: Sequence[str]) -> None:
    """The roster with version and digest, a file for each school."""
    school, of = opened.store.school.get().name, selection(opened, **of_options)
    warn_of(opened, of)
    with watched(opened.language, "cli.printing") as tell:
        written = Lists(opened.store).print_roster(out, tell, title=title, school=school, actor=at_terminal(), of=of)
    tell_written(written, opened.language)


@lists.command(name="roll-call")
@_out
@of_options
@on_the_store
def roll_call(opened: Opened, /, out: Path, **of_options: Sequence[str]) -> None:
    """A sheet for the classroom; as .xlsx to be filled in."""
    found, of = Lists(opened.store), selection(opened, **of_options)
    if out.suffix == ".xlsx":
        written = [found.write_roll_call(out, actor=at_terminal(), of=of)]
    else:
        school = opened.store.school.get().name
        warn_of(opened, of)
        with watched(opened.language, "cli.printing") as tell:
            written = found.print_roll_call(out, tell, title="点名表", school=school, actor=at_terminal(), of=of)
    tell_written(written, opened.language)


@lists.command(name="public")
@_out
@click.option("--note", default="")
@of_options
@on_the_store
def public(opened: Opened, /, out: Path, note: str, **of_options: Sequence[str]) -> None:
    """Who is captured and has confirmed, masked."""
    footer = "　".join(filter(None, (opened.store.school.get().name, note)))
    of = selection(opened, **of_options)
    told = {"title": "身份信息采集公示名单", "school": footer, "actor": at_terminal()}
    warn_of(opened, of)
    with watched(opened.language, "cli.printing") as tell:
        written = Lists(opened.store).print_public(out, tell, **told, of=of)
    tell_written(written, opened.language)


def _sheet(name: str, write: Callable[[Lists], Callable[..., Path]]) -> None:
    @lists.command(name=name)
    @_out
    @of_options
    @on_the_store
    def written(opened: Opened, /, out: Path, **of_options: Sequence[str]) -> None:
        of = selection(opened, **of_options)
        tell_written([write(Lists(opened.store))(out, actor=at_terminal(), of=of)], opened.language)


_sheet("unseen", lambda found: found.write_unseen)
_sheet("requests", lambda found: found.write_requests)
_sheet("failures", lambda found: found.write_failures)


@lists.command(name="take-roll-call")
@_file
@_preview
@on_the_store
def take_roll_call(opened: Opened, file: Path, preview: bool) -> None:
    """What a roll-call found."""
    _take(opened, file, "roll_calls", preview=preview)


@lists.command(name="take-checks")
@_file
@_preview
@on_the_store
def take_checks(opened: Opened, file: Path, preview: bool) -> None:
    """What the register found of names and numbers."""
    _take(opened, file, "id_checks", preview=preview)


def _take(opened: Opened, file: Path, kind: FindingKind, *, preview: bool) -> None:
    found, language = Lists(opened.store), opened.language
    with waiting(language, "cli.bar.reading"):
        seen = found.preview(file, kind)
    for words in list_in_words(language, seen, most=_MOST_LISTED):
        print_line(words, "yellow" if seen.sound else "red")
    if not seen.sound:
        console.print(say(language, "error.findings.unsound"), style="red", highlight=False)
        sys.exit(1)
    if preview:
        console.print(say(language, "cli.list_would", count=len(seen.found)), highlight=False)
    else:
        with waiting(language, "cli.bar.roster"):
            found.take(file, kind, by=at_terminal())
        console.print(say(language, "ui.lists.taken", count=len(seen.found)), highlight=False)

"""`kiosk import-roster`, `undo-import`, `roster-template`, `substitutes`: a school's roster in."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

import click
from rich.table import Table

from kiosk.cli.common import (
    Opened,
    at_terminal,
    console,
    existing_file,
    load,
    on_the_store,
    print_line,
    waiting,
    words_for_errors,
)
from kiosk.exchange import RosterReading, RowProblem, left_out, load_profile
from kiosk.exchange.forms import class_title
from kiosk.exchange.template import lacking_values, write_template
from kiosk.idnumber import masked
from kiosk.office import ImportMode, Office, RosterPreview, Rosters
from kiosk.office.roster_words import elsewhere_in_words
from kiosk.words import say, say_message


@click.command(name="import-roster")
@click.argument("roster", type=existing_file)
@click.option("--preview", is_flag=True)
@click.option(
    "--column",
    "columns",
    multiple=True,
)
@click.option("--marked-up", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--mode",
    type=click.Choice([mode.value for mode in ImportMode]),
    default=ImportMode.ADD.value,
    show_default=True,
)
@click.option("--school", default="")
@click.option("--transfer", is_flag=True)
@click.option("--numbers", is_flag=True)
@on_the_store
def import_roster(
    opened: Opened,
    roster: Path,
    preview: bool,
    columns: tuple[str, ...],
    marked_up: Path | None,
    mode: str,
    school: str,
    transfer: bool,
    numbers: bool,
) -> None:
    """Take a school's roster."""
    language = opened.language
    corrections = dict(part.split("=", 1) for part in columns if "=" in part)
    rosters = Office(opened.store, opened.folder).rosters
    if numbers:
        _take_numbers(rosters, roster, corrections, language, preview=preview)
        return
    chosen = ImportMode(mode)
    with waiting(language, "cli.bar.reading"):
        seen = rosters.preview(roster, corrections, mode=chosen, school=school, transfer=transfer)
    _show_columns(seen.reading, language)
    for header, students in lacking_values(load_profile(opened.settings.station.profile), seen.reading.students).items():
        names = "、".join(student.name for student in students)
        told = {"profile": opened.settings.station.profile, "header": header, "count": len(students), "names": names}
        print_line(say(language, "ui.roster.lacking", **told), "yellow")
    _show_problems(seen.reading.problems, language, "red")
    _show_problems(seen.reading.warnings, language, "yellow")
    if marked_up is not None:
        rosters.mark_up(roster, marked_up, partial(say_message, language), corrections)
        console.print(say(language, "cli.roster_marked", file=marked_up), highlight=False, soft_wrap=True)
    if not preview:
        with waiting(language, "cli.bar.roster"):
            rosters.take(roster, corrections, mode=chosen, school=school, transfer=transfer, actor=at_terminal())
    _show_change(seen, language, preview=preview)
    for words in elsewhere_in_words(language, seen.elsewhere):
        print_line(words, "red")
    sys.exit(1 if seen.reading.problems or seen.elsewhere else 0)


def _take_numbers(rosters: Rosters, file: Path, columns: dict[str, str], language: str, *, preview: bool) -> None:
    """考号 or 考籍号 only; the deadline does not stand in their way."""
    with waiting(language, "cli.bar.reading"):
        found = rosters.preview_exam_numbers(file, columns)
    lists = {"differing": found.differing, "twice": found.twice, "unknown": found.unknown, "missing": found.missing}
    counts = {name: len(students) for name, students in lists.items()}
    told = say(language, "ui.exam_numbers.summary", assigned=len(found.assigned), refused=found.refused, **counts)
    console.print(told, highlight=False, soft_wrap=True)
    for name, students in lists.items():
        for one in students:
            words = f"{say(language, f'examnumbers.{name}')}: {one.name} {masked(one.id_number)} {getattr(one, found.field)}"
            print_line(words.rstrip(), "yellow")
    if not preview:
        with waiting(language, "cli.bar.roster"):
            rosters.take_exam_numbers(file, columns, actor=at_terminal())
        console.print(say(language, "ui.exam_numbers.taken", count=len(found.assigned)), highlight=False)
    sys.exit(0 if found.sound and not found.refused else 1)


def _show_columns(reading: RosterReading, language: str) -> None:
    table = Table(title=say(language, "cli.roster_columns"), title_justify="left")
    for title in ("sheet", "column", "header", "field"):
        table.add_column(say(language, f"cli.roster_columns.{title}"))
    for column in reading.columns:
        meaning = say(language, f"field.{column.field}") if column.field else say(language, "cli.roster_columns.ignored")
        table.add_row(column.sheet, column.column, column.header, meaning, style=None if column.field else "dim")
    console.print(table)
    console.print(say(language, "cli.roster_left"), highlight=False)
    for line in left_out(reading):
        print_line(f"  {say_message(language, line)}", "dim")


def _show_problems(problems: tuple[RowProblem, ...], language: str, style: str) -> None:
    for problem in problems:
        place = say(language, "cli.roster_row", row=problem.row, column=problem.column, value=problem.value)
        console.print(place + say_message(language, problem.message), style=style, highlight=False, markup=False)


def _show_change(seen: RosterPreview, language: str, *, preview: bool) -> None:
    reading, change = seen.reading, seen.change
    words = say(
        language,
        "cli.roster_taken",
        read=reading.rows_read,
        taken=len(reading.students),
        refused=reading.rows_refused,
        added=len(change.added),
        changed=len(change.changed),
        gone=len(change.gone),
    )
    console.print(words, highlight=False)
    others = seen.gone_by[ImportMode.WHOLE] - len(change.gone)
    if others:
        console.print(say(language, "cli.roster_others", count=others), style="yellow", highlight=False)
    if seen.kept:
        console.print(say(language, "cli.roster_kept", count=len(seen.kept)), style="yellow", highlight=False)
    if seen.corrected:
        names = "、".join(student.name for student in seen.corrected)
        words = say(language, "ui.roster.corrected", count=len(seen.corrected), names=names)
        print_line(words, "yellow")
    if preview:
        console.print(say(language, "cli.roster_preview"), highlight=False)


@click.command(name="undo-import")
@click.option("--preview", is_flag=True)
@on_the_store
def undo_import(opened: Opened, preview: bool) -> None:
    """Take the last import of a roster back."""
    rosters = Office(opened.store, opened.folder).rosters
    change = rosters.undoable() if preview else rosters.undo(actor=at_terminal())
    counts = {"added": len(change.added), "changed": len(change.changed), "gone": len(change.gone)}
    console.print(say(opened.language, "cli.roster_undo", **counts), highlight=False)


@click.command()
@click.option("--school-code", default="")
@click.option("--school", default="")
@on_the_store
def substitutes(opened: Opened, school_code: str, school: str) -> None:
    """The numbers of students without a resident's number."""
    language, rosters = opened.language, Office(opened.store, opened.folder).rosters
    if school_code:
        rosters.give_substitutes(school_code, actor=at_terminal(), school=school)
    given = rosters.substitutes()
    if not given:
        console.print(say(language, "cli.substitutes.none"))
        return
    table = Table()
    for title in ("name", "document", "number"):
        table.add_column(say(language, f"cli.substitutes.{title}"))
    schools = rosters.schools()
    lacking = "cli.substitutes.no_birth" if school_code else "cli.substitutes.not_yet"
    for one in given:
        who = one.student
        place = f"{class_title(who.group, schools)} {who.name}"
        table.add_row(place, masked(who.id_number), one.number or say(language, lacking))
    console.print(table)
    if not all(one.number for one in given):
        console.print(say(language, "cli.substitutes.how"), style="yellow", highlight=False, soft_wrap=True)
        sys.exit(1)


@click.command(name="roster-template")
@click.argument("out", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--profile", default=None)
@click.pass_obj
@words_for_errors
def roster_template(file: Path, out: Path, profile: str | None) -> None:
    """An empty roster with a profile's columns."""
    settings, _ = load(file)
    write_template(load_profile(profile or settings.station.profile), out)
    console.print(say(settings.station.language, "cli.roster_template", file=out), highlight=False, soft_wrap=True)

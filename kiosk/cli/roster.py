"""`kiosk import-roster`: look at a school's roster, mark it up, take it."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

import click
from rich.table import Table

from kiosk.cli.common import Opened, console, on_the_store
from kiosk.exchange import RosterReading, RowProblem, left_out
from kiosk.office import Office, RosterPreview
from kiosk.words import say, say_message


@click.command(name="import-roster")
@click.argument("roster", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--preview", is_flag=True, help="只查看，不导入 / look only, change nothing.")
@click.option(
    "--column",
    "columns",
    multiple=True,
    metavar="表头=字段",
    help="指定某列的含义，如 行政班=class_name / what a column means.",
)
@click.option(
    "--marked-up", type=click.Path(path_type=Path, dir_okay=False), help="把有问题的单元格标注后另存 / save with marks."
)
@on_the_store
def import_roster(opened: Opened, roster: Path, preview: bool, columns: tuple[str, ...], marked_up: Path | None) -> None:
    """导入花名册 / Take a school's roster."""
    language = opened.language
    corrections = dict(part.split("=", 1) for part in columns if "=" in part)
    rosters = Office(opened.store, opened.folder).rosters
    seen = rosters.preview(roster, corrections)
    _show_columns(seen.reading, language)
    _show_problems(seen.reading.problems, language, "red")
    _show_problems(seen.reading.warnings, language, "yellow")
    if marked_up is not None:
        rosters.mark_up(roster, marked_up, partial(say_message, language), corrections)
        console.print(say(language, "cli.roster_marked", file=marked_up), highlight=False, soft_wrap=True)
    if not preview:
        rosters.take(roster, corrections, actor=opened.settings.station.operator)
    _show_change(seen, language, preview=preview)
    sys.exit(1 if seen.reading.problems else 0)


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
        console.print(f"  {say_message(language, line)}", style="dim", highlight=False, markup=False, soft_wrap=True)


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
    if preview:
        console.print(say(language, "cli.roster_preview"), highlight=False)

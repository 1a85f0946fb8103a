"""`kiosk report`, `export`, `progress`: what goes to registration systems and to the office."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

import click
from rich.box import SIMPLE
from rich.progress import Progress
from rich.table import Table

from kiosk.ciphers.age import Sealing
from kiosk.cli.common import Opened, at_terminal, console, existing_file, on_the_store, print_line
from kiosk.errors import KioskError
from kiosk.exchange import Shortfall, Source, load_profile
from kiosk.exchange.forms import class_title
from kiosk.exchange.progress_list import by_class
from kiosk.exchange.state_names import STATE_NAMES
from kiosk.idnumber import masked
from kiosk.office import Office
from kiosk.words import say, say_message

_profile_option = click.option("--profile", default=None)
_school_option = click.option("--school", default="")
_day_option = click.option("--day", type=click.DateTime(["%Y-%m-%d"]))


@click.command(name="report")
@_profile_option
@_day_option
@_school_option
@on_the_store
def report_command(opened: Opened, profile: str | None, day: datetime | None, school: str) -> None:
    """What is missing before an export."""
    language, files = opened.language, Office(opened.store, opened.folder).files
    rows = faulty = 0
    chosen, on = profile or opened.settings.station.profile, day.date() if day else None
    schools = opened.store.roster.schools()
    for entry in files.report(chosen, day=on, school=school):
        rows += 1
        faulty += bool(entry.problems)
        student = entry.row.who
        for problem in entry.problems if student else ():
            who = f"{class_title(student.group, schools)} {student.name} {masked(student.id_number)}"  # type: ignore[union-attr]
            words = f"{who}: {say_message(language, problem)}"
            print_line(words, "yellow")
    console.print(say(language, "cli.reported", rows=rows, good=rows - faulty, faulty=faulty), highlight=False)
    _tell(Shortfall(rows, faulty, missing=files.missing(chosen, day=on, school=school)), language)


@click.command()
@_profile_option
@_day_option
@click.option("--school", "schools", multiple=True)
@click.option("--each-school", is_flag=True)
@click.option("--zip", "zipped", is_flag=True)
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True)
@click.option("--only-good", is_flag=True)
@click.option("--lock", is_flag=True)
@click.option("--to", multiple=True, metavar="age1…|office")
@click.option("--teachers", type=existing_file)
@on_the_store
def export(
    opened: Opened,
    profile: str | None,
    day: datetime | None,
    schools: tuple[str, ...],
    each_school: bool,
    zipped: bool,
    out: Path,
    only_good: bool,
    lock: bool,
    to: tuple[str, ...],
    teachers: Path | None,
) -> None:
    """Write the Excel sheet and the pictures; of several schools each its own."""
    language, chosen = opened.language, profile or opened.settings.station.profile
    office = Office(opened.store, out, opened.settings)
    seal = _seal(office, language, to, lock=lock)
    with Progress(console=console, transient=True) as shown:
        if load_profile(chosen).source is Source.TEACHERS and teachers is not None:
            reading = office.rosters.read_teachers(teachers)
            for problem in reading.problems:
                place = say(language, "cli.roster_row", row=problem.row, column=problem.column, value=problem.value)
                shown.console.print(place + say_message(language, problem.message), style="red", highlight=False, markup=False)
            if reading.problems:  # as on the screen: nobody is left out of the sheet silently
                refused = say(language, "ui.export.teachers_refused", count=reading.rows_refused)
                shown.console.print(refused, style="red", highlight=False)
                sys.exit(1)
            by = at_terminal()
            results = [office.files.export_teachers(chosen, reading.teachers, out, seal=seal, actor=by)]
        else:
            task = shown.add_task(say(language, "cli.exporting"), total=None)
            every = [one.key for one in opened.store.roster.schools()] if each_school else []
            results = office.files.export_each(
                chosen,
                [*schools, *every],
                out,
                lambda written: shown.update(task, completed=written),
                day=day.date() if day else None,
                only_good=only_good,
                seal=seal,
                zipped=zipped,
                actor=at_terminal(),
            )
    told = "cli.exported_teachers" if load_profile(chosen).source is Source.TEACHERS else "cli.exported"
    for done in results:
        words = say(language, told, rows=done.rows, pictures=done.pictures, sheet=done.sheet)
        console.print(f"{done.school}：{words}" if done.school else words, highlight=False, soft_wrap=True)
        _say_shortfall(done.shortfall, language)
    if not all(done.shortfall.nothing for done in results):
        sys.exit(1)


def _seal(office: Office, language: str, to: tuple[str, ...], *, lock: bool) -> Sealing | None:
    """For whom an export is to be sealed; raises KioskError where that is nobody, or two ways at once."""
    if lock and to:
        raise KioskError("cli.one_seal")
    if lock:
        return Sealing(passphrase=click.prompt(say(language, "cli.password"), hide_input=True, confirmation_prompt=True))
    if not to:
        return None
    return Sealing(recipients=office.files.recipients(to))


def _tell(shortfall: Shortfall, language: str) -> None:
    """Say what is not well, and end with exit status 1 for it."""
    _say_shortfall(shortfall, language)
    if not shortfall.nothing:
        sys.exit(1)


def _say_shortfall(shortfall: Shortfall, language: str) -> None:
    for message in shortfall.messages():
        console.print(say_message(language, message), style="yellow", highlight=False, soft_wrap=True)


@click.command()
@click.option("--xlsx", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--pdf", type=click.Path(path_type=Path, dir_okay=False))
@_school_option
@on_the_store
def progress(opened: Opened, xlsx: Path | None, pdf: Path | None, school: str) -> None:
    """Progress by class."""
    language = opened.language
    office = Office(opened.store, opened.folder)
    key = office.files.school_key(school)
    listed = [one for one in opened.store.progress.students() if key in ("", one.student.group.school)]
    table = Table(box=SIMPLE, padding=0)  # every state beside the others in a window of 80 characters
    for title in (say(language, "field.class_name"), say(language, "cli.progress.total"), *STATE_NAMES.values()):
        table.add_column(title, no_wrap=True)
    for entry in by_class(listed, opened.store.roster.schools()):
        counts = [str(entry.counts.get(state, 0)) for state in STATE_NAMES]
        table.add_row(entry.title, str(entry.total), *counts)
    console.print(table)
    if xlsx is not None:
        office.files.write_progress(xlsx, school=school)
    if pdf is not None:
        title = say(language, "cli.progress.title")
        office.papers(opened.settings.station.profile).progress(
            pdf,
            title=title,
            school=opened.store.school.get().name,
            of=lambda student: key in ("", student.group.school),
        )

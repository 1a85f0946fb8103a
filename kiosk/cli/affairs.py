"""`kiosk contacts`, `kiosk materials`: whom to call, who is on duty, and what was handed in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import click

from kiosk.cli.common import Opened, Worded, at_terminal, console, existing_file, on_the_store, print_line, watched, write_whole
from kiosk.cli.papers import warn_of
from kiosk.errors import KioskError
from kiosk.office import Duties, MaterialPaper, Materials, Office
from kiosk.office.rows import is_of
from kiosk.records import SUBJECTS, HelpLine, Person, Student, Subject, Task
from kiosk.words import say, say_list, say_message

_ABOUT = {subject: whose for whose, subjects in SUBJECTS.items() for subject in subjects}


@click.command()
@click.option("--add", "lines", type=(Worded(list(Subject), "calledabout"), str, str, str), multiple=True)
@click.option("--duty", "duties", type=(str, Worded(list(Task), "dutytask"), str), multiple=True)
@click.option("--by", default="")
@click.option("--sheet", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--pdf", type=click.Path(path_type=Path, dir_okay=False))
@on_the_store
def contacts(
    opened: Opened,
    lines: Sequence[tuple[str, str, str, str]],
    duties: Sequence[tuple[str, str, str]],
    by: str,
    sheet: Path | None,
    pdf: Path | None,
) -> None:
    """Contacts and the duty list."""
    office, tongue = Duties(opened.store), opened.language
    if (lines or duties) and not by:
        raise KioskError("web.name_missing")
    for about, name, person, phone in lines:
        subject = Subject(about)
        office.add_line(HelpLine(_ABOUT[subject], subject, name, person, phone), by=Person(by))
    for text, task, name in duties:
        try:
            day = date.fromisoformat(text)
        except ValueError:
            raise KioskError("web.day_missing") from None
        office.assign(day, day, Task(task), name, "", by=Person(by))
    for line in office.lines():
        console.print(f"{say(tongue, f'calledabout.{line.subject}')}: {line.told}", highlight=False, markup=False)
    for one in office.duties():
        console.print(f"{one.day} {say(tongue, f'dutytask.{one.task}')}: {one.name}", highlight=False, markup=False)
    for gap in office.gaps():
        tasks = say_list(tongue, [say(tongue, f"dutytask.{task}") for task in gap.tasks])
        console.print(say(tongue, "cli.duty_gap", day=gap.day, tasks=tasks), style="yellow", highlight=False)
    if sheet is not None:
        office.write(sheet)
    if pdf is not None:
        write_whole(pdf, office.paper())


@click.command()
@click.option("--school", default="")
@click.option("--list", "lists", type=existing_file, multiple=True)
@click.option("--by", default="")
@click.option("--sheet", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--paper", "wanted", type=click.Choice([str(one) for one in MaterialPaper]), multiple=True)
@click.option("--out", type=click.Path(path_type=Path, file_okay=False))
@on_the_store
def materials(
    opened: Opened, school: str, lists: Sequence[Path], by: str, sheet: Path | None, wanted: Sequence[str], out: Path | None
) -> None:
    """What students handed in: lists of classes in, and the papers about it out."""
    office, tongue = Materials(opened.store), opened.language
    key = Office(opened.store, opened.export_folder, opened.settings).files.school_key(school)

    def of(student: Student) -> bool:
        return is_of(student, key)

    if lists and not by:
        raise KioskError("web.name_missing")
    for path in lists:
        reading = office.read(path)
        for one in reading.problems:
            words = say(tongue, "ui.law.row", row=one.row, column=one.column, problem=say_message(tongue, one.message))
            console.print(words, highlight=False, markup=False)
        for line in reading.overlooked:
            print_line(say_message(tongue, line), "yellow")
        done = office.take(reading, by=Person(by))
        console.print(say(tongue, "ui.materials.listed", new=done.new, boxed=done.boxed), highlight=False)
        for name in done.unknown:
            console.print(say(tongue, "cli.material_unknown", name=name), style="yellow", highlight=False, markup=False)
    if sheet is not None:
        office.write(sheet, of)
    if wanted:
        _print(opened, wanted, out or opened.export_folder, of)
    everybody = office.all(of)
    lacking = sum(bool(one.lacking) for one in everybody)
    console.print(say(tongue, "cli.materials", total=len(everybody), lacking=lacking), highlight=False)


def _print(opened: Opened, wanted: Sequence[str], folder: Path, of: Callable[[Student], bool]) -> None:
    """The papers, after what names on them would lack."""
    warn_of(opened, of)
    for which in wanted:
        with watched(opened.language, "cli.printing") as tell:
            for path in Materials(opened.store).papers(MaterialPaper(which), folder, tell, of=of, by=at_terminal()):
                print_line(str(path))

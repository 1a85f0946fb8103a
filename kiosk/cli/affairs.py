"""`kiosk contacts`, `kiosk cases`, `kiosk materials`: whom to call, what is being proved, what was handed in."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import click

from kiosk.cli.common import Opened, at_terminal, console, on_the_store, words_for_errors, write_whole
from kiosk.cli.spoken import language
from kiosk.errors import KioskError
from kiosk.exchange.proof_pictures import check_folder
from kiosk.idnumber import masked
from kiosk.office import Cases, Duties, Materials
from kiosk.records import SUBJECTS, HelpLine, Person, Subject, Task
from kiosk.words import say, say_list, say_message

_ABOUT = {subject: whose for whose, subjects in SUBJECTS.items() for subject in subjects}


@click.command()
@click.option("--add", "lines", type=(click.Choice(list(Subject)), str, str, str), multiple=True)
@click.option("--duty", "duties", type=(str, click.Choice(list(Task)), str), multiple=True)
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
@on_the_store
def cases(opened: Opened) -> None:
    """Every case, the newest first."""
    tongue = opened.language
    for one in Cases(opened.store).all():
        who = say_list(tongue, [f"{student.name} {masked(student.filed_number)}" for student in one.students])
        state = say(tongue, f"casestate.{one.state}")
        console.print(f"{one.number} {say(tongue, f'casekind.{one.kind}')} {state}: {who}", highlight=False, markup=False)


@click.command(name="check-proof")
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@words_for_errors
def check_proof(folder: Path) -> None:
    """Whether pictures of proof are named by the rule and small enough."""
    wrong = 0
    for name, problems in check_folder(folder):
        for problem in problems:
            console.print(f"{name}: {say_message(language(), problem)}", highlight=False, markup=False, soft_wrap=True)
        wrong += bool(problems)
    console.print(say(language(), "cli.proof_checked", wrong=wrong), highlight=False)
    sys.exit(1 if wrong else 0)


@click.command()
@click.option("--sheet", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--pdf", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--boxes", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--certificates", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--slips", type=click.Path(path_type=Path, dir_okay=False))
@on_the_store
def materials(
    opened: Opened, sheet: Path | None, pdf: Path | None, boxes: Path | None, certificates: Path | None, slips: Path | None
) -> None:
    """What students handed in, and the papers about it."""
    office = Materials(opened.store)
    if sheet is not None:
        office.write(sheet)
    if pdf is not None:
        write_whole(pdf, office.paper())
    if boxes is not None:
        write_whole(boxes, office.boxes_paper())
    if certificates is not None:
        write_whole(certificates, office.certificates(by=at_terminal()))
    if slips is not None:
        write_whole(slips, office.slips(by=at_terminal()))
    everybody = office.all()
    lacking = sum(bool(one.lacking) for one in everybody)
    console.print(say(opened.language, "cli.materials", total=len(everybody), lacking=lacking), highlight=False)

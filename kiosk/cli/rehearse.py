"""`kiosk rehearse`: a simulated class, held against its intentions."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from kiosk.assembly import Kiosk
from kiosk.cli.common import console, load, words_for_errors
from kiosk.cli.rehearsal_report import report
from kiosk.cli.simulated import simulator, with_simulation_options
from kiosk.rehearsal import Passage, rehearse
from kiosk.words import say


@click.command(name="rehearse")
@click.option("--students", default=20, show_default=True, type=click.IntRange(1, 5000))
@with_simulation_options
@click.option("--keep", type=click.Path(path_type=Path, file_okay=False))
@click.pass_obj
@words_for_errors
def rehearse_command(file: Path, students: int, seed: int, realistic: bool, pcsc: bool, keep: Path | None) -> None:
    """A simulated class goes through the whole station."""
    settings, _ = load(file)
    language = settings.station.language
    passages: list[Passage] = []
    with tempfile.TemporaryDirectory(prefix="kiosk-rehearsal-") as scratch:
        people = simulator(students, seed, realistic=realistic, pcsc=pcsc)
        columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Kiosk(settings, keep or Path(scratch), people) as kiosk, Progress(*columns, console=console) as shown:
            task = shown.add_task(say(language, "cli.rehearsing"), total=len(people.people))
            for passage in rehearse(kiosk):
                passages.append(passage)
                shown.advance(task)
    console.print(report(passages, language))
    sys.exit(0 if passages and all(passage.as_intended for passage in passages) else 1)

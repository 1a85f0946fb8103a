"""`kiosk rehearse`: a simulated class, held against its intentions."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any, Final

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, SpinnerColumn, TextColumn, TimeElapsedColumn

from kiosk.assembly import Kiosk
from kiosk.cli.common import console, load, words_for_errors
from kiosk.cli.rehearsal_report import district_report, exam_report, report, run_report
from kiosk.cli.simulated import simulator, with_simulation_options
from kiosk.config import Databases, OfficeSettings
from kiosk.district_rehearsal import FEWEST, STAGES, rehearse_district
from kiosk.exam_rehearsal import rehearse_exam
from kiosk.exchange import load_profile
from kiosk.photo_rehearsal import Turn, rehearse_run
from kiosk.rehearsal import Passage, rehearse
from kiosk.words import say

_PHOTOS: Final = "cmis-photos"  # where the station's own profile wants more than a photo


_URL: Final = "postgresql://user@host/name"


def _databases(url: str) -> Databases:
    """The office's, beside the one that is named its vault; raises click.BadParameter."""
    try:
        return OfficeSettings(database=url).databases()
    except ValueError:
        raise click.BadParameter(_URL) from None


@click.command(name="rehearse")
@click.option("--students", default=20, show_default=True, type=click.IntRange(1, 5000))
@with_simulation_options
@click.option("--photo-run", is_flag=True)
@click.option("--exam", is_flag=True)
@click.option("--candidates", default=30, show_default=True, type=click.IntRange(1, 3000))
@click.option("--doors", default=3, show_default=True, type=click.IntRange(1, 20))
@click.option("--stations", type=click.IntRange(FEWEST, 200))
@click.option("--schools", default=3, show_default=True, type=click.IntRange(1, 100))
@click.option("--database", default="", metavar=_URL, callback=lambda _, __, url: _databases(url))
@click.option("--keep", type=click.Path(path_type=Path, file_okay=False))
@click.pass_obj
@words_for_errors
def rehearse_command(
    file: Path,
    students: int,
    seed: int,
    realistic: bool,
    pcsc: bool,
    photo_run: bool,
    exam: bool,
    candidates: int,
    doors: int,
    stations: int | None,
    schools: int,
    database: Databases,
    keep: Path | None,
) -> None:
    """A simulated class goes through the whole station; or its photos are taken by the class list; or candidates come to the
    doors of an exam; or stations send what they captured to their office."""
    settings, _ = load(file)
    language = settings.station.language
    if exam:
        sys.exit(0 if _exam_day(keep, language, candidates=candidates, doors=doors, seed=seed) else 1)
    if stations:
        told = {"stations": stations, "schools": schools, "students": students, "seed": seed}
        sys.exit(0 if _district(keep, language, database, **told) else 1)
    if photo_run and not load_profile(settings.station.profile).photos_only:
        station = settings.station.model_copy(update={"profile": _PHOTOS})
        settings = settings.model_copy(update={"station": station})
    passages: list[Passage] = []
    turns: list[Turn] = []
    with tempfile.TemporaryDirectory(prefix="kiosk-rehearsal-") as scratch:
        people = simulator(students, seed, realistic=realistic, pcsc=pcsc)
        with Kiosk(settings, keep or Path(scratch), people) as kiosk, Progress(*_columns(), console=console) as shown:
            task = shown.add_task(say(language, "cli.rehearsing"), total=len(people.people))
            if photo_run:
                shown.update(task, total=len(people.roster()))
                for turn in rehearse_run(kiosk):
                    turns.append(turn)
                    shown.update(task, completed=len({turn.student.id_number for turn in turns}))
            else:
                for passage in rehearse(kiosk):
                    passages.append(passage)
                    shown.advance(task)
    console.print(run_report(turns, language) if photo_run else report(passages, language))
    right = [turn.as_planned for turn in turns] if photo_run else [passage.as_intended for passage in passages]
    sys.exit(0 if right and all(right) else 1)


def _exam_day(keep: Path | None, language: str, *, candidates: int, doors: int, seed: int) -> bool:
    """Whether a rehearsed exam day came out as it was planted."""
    with tempfile.TemporaryDirectory(prefix="kiosk-exam-") as scratch, Progress(*_columns(), console=console) as shown:
        task = shown.add_task(say(language, "cli.rehearsing"), total=candidates)
        done = rehearse_exam(
            keep or Path(scratch),
            candidates=candidates,
            doors=doors,
            seed=seed,
            told=lambda came: shown.update(task, completed=came),
        )
    console.print(exam_report(done, language))
    return done.as_planted


def _district(keep: Path | None, language: str, databases: Databases, **told: Any) -> bool:
    """Whether a rehearsed district came out as it was planted."""
    with tempfile.TemporaryDirectory(prefix="kiosk-district-") as scratch, Progress(*_columns(), console=console) as shown:
        task = shown.add_task(say(language, "cli.rehearsing"), total=len(STAGES))
        how: dict[str, Any] = {"databases": databases, "told": lambda over: shown.update(task, completed=over)}
        done = rehearse_district(keep or Path(scratch), **how, **told)
    console.print(district_report(done, language))
    return done.as_planted


def _columns() -> tuple[ProgressColumn, ...]:
    return SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()

"""`kiosk exam`: exams, who sits where in them, and their papers."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click
from rich.table import Table

from kiosk.cli.common import (
    Opened,
    at_terminal,
    by_option,
    console,
    existing_file,
    on_the_store,
    print_line,
    reason_option,
    waiting,
    watched,
)
from kiosk.cli.papers import of_options, out_option, selection, tell_written, warn
from kiosk.clock import local_time, moment
from kiosk.errors import StoreError
from kiosk.exchange.seating import Order, Seat
from kiosk.office import Office, SeatImport, SeatRule
from kiosk.office.list_words import list_in_words
from kiosk.records import Exam, ExamSession
from kiosk.words import say

_MOST_LISTED = 1000  # cells and rows of a file with faults
_PARTS = range(3, 5)  # of a session: subject, start, end, and perhaps the latest entry


@click.group()
def exam() -> None:
    """Exams."""


@exam.command(name="add")
@click.option("--title", required=True)
@click.option("--site", default="")
@click.option("--session", "sessions", multiple=True)
@on_the_store
def add(opened: Opened, title: str, site: str, sessions: Sequence[str]) -> None:
    """Set an exam up."""
    Office(opened.store, opened.folder).exams.add(Exam(title, site, tuple(map(_session, sessions))), by=at_terminal())
    _show(opened)


@exam.command(name="list")
@on_the_store
def list_exams(opened: Opened) -> None:
    """The exams."""
    _show(opened)


@exam.command(name="seats")
@click.argument("number", type=int)
@click.argument("file", type=existing_file)
@click.option("--preview", is_flag=True)
@click.option("--column", "columns", multiple=True)
@on_the_store
def seats(opened: Opened, number: int, file: Path, preview: bool, columns: Sequence[str]) -> None:
    """Take the platform's rooms and seats."""
    exams = Office(opened.store, opened.folder).exams
    meant = dict(part.split("=", 1) for part in columns if "=" in part)
    with waiting(opened.language, "cli.bar.reading"):
        found = exams.preview(number, file, meant)
    _tell(opened.language, found)
    if not found.sound:
        console.print(say(opened.language, "error.seating.list_unsound"), style="red", highlight=False)
        sys.exit(1)
    if preview:
        console.print(say(opened.language, "cli.list_would", count=len(found.seatings)), highlight=False)
    else:
        with waiting(opened.language, "cli.bar.roster"):
            exams.take(number, file, meant, by=at_terminal())
        console.print(say(opened.language, "ui.exams.seated", count=len(found.seatings)), highlight=False)


@exam.command(name="make")
@click.argument("number", type=int)
@click.option("--per-room", default=30, show_default=True, type=click.IntRange(1, 500))
@click.option("--order", type=click.Choice(list(Order)), default=Order.MIXED, show_default=True)
@click.option("--prefix", default="")
@click.option("--preview", is_flag=True)
@of_options
@on_the_store
def make(
    opened: Opened,
    /,
    number: int,
    per_room: int,
    order: Order,
    prefix: str,
    preview: bool,
    **of_options: Sequence[str],
) -> None:
    """Make rooms and seats by rule."""
    exams, of = Office(opened.store, opened.folder).exams, selection(opened, **of_options)
    rule = SeatRule(per_room, Order(order), prefix)
    exams.get(number)
    made: Sequence[Seat] = exams.plan(rule, of) if preview else exams.make(number, rule, of, by=at_terminal())
    rooms = len({seat.room for seat in made})
    console.print(say(opened.language, "ui.exams.would", rooms=rooms, students=len(made)), highlight=False)


@exam.command(name="undo")
@click.argument("number", type=int)
@on_the_store
def undo(opened: Opened, number: int) -> None:
    """Take the last change of the seats back."""
    count = Office(opened.store, opened.folder).exams.undo(number, by=at_terminal())
    console.print(say(opened.language, "ui.exams.undone", count=count), highlight=False)


@exam.command(name="withdraw")
@click.argument("number", type=int)
@reason_option
@by_option
@on_the_store
def withdraw(opened: Opened, number: int, reason: str, by: str) -> None:
    """Take an exam back."""
    opened.store.exams.withdraw(number, reason=reason, by=by)


@exam.command(name="print")
@click.argument("number", type=int)
@out_option
@of_options
@on_the_store
def print_papers(opened: Opened, /, number: int, out: Path, **of_options: Sequence[str]) -> None:
    """The papers of an exam; for some students only those that are handed out to them."""
    office = Office(opened.store, opened.folder, opened.settings)
    papers, exam, seats = office.papers(opened.settings.station.profile), office.exams.get(number), office.exams.seats(number)
    of = selection(opened, **of_options) if any(of_options.values()) else None
    warn(papers.seat_doubts([seat for seat in seats if of is None or of(seat.student)]), opened.language)
    school = opened.store.school.get().name
    with watched(opened.language, "cli.printing") as tell:
        total = len(seats) * (2 if of is None else 1)
        tell(0, total)
        written = papers.exam(out, exam, seats, lambda done: tell(done, total), school=school, actor=at_terminal(), of=of)
    tell_written(written, opened.language)


def _session(text: str) -> ExamSession:
    """`语文,2027-06-07 09:00,2027-06-07 11:30,2027-06-07 09:15`; the last is the latest entry, else the start."""
    parts = [part.strip() for part in text.replace("，", ",").split(",")]
    try:
        if len(parts) not in _PARTS:
            raise ValueError(text)
        starts, ends, latest = (local_time(part) for part in (*parts[1:3], parts[3] if len(parts) > 3 else parts[1]))
    except ValueError:
        raise StoreError("store.exam_session_text", text=text) from None
    return ExamSession(parts[0], starts, ends, latest)


def _show(opened: Opened) -> None:
    listed = Office(opened.store, opened.folder).exams.all()
    if not listed:
        console.print(say(opened.language, "ui.exams.none"))
        return
    table = Table()
    for code in ("cli.exams.number", "ui.print.exam_title", "ui.exams.site", "ui.exams.candidates", "ui.exams.sessions"):
        table.add_column(say(opened.language, code))
    for one in listed:
        told = "\n".join(f"{session.subject} {moment(session.starts_at)}" for session in one.sessions)
        table.add_row(str(one.number), one.title, one.site, str(one.candidates), told)
    console.print(table)


def _tell(language: str, found: SeatImport) -> None:
    for words in list_in_words(language, found, most=_MOST_LISTED):
        print_line(words, "yellow" if found.sound else "red")
    if found.missing:
        console.print(say(language, "ui.exams.unseated", count=len(found.missing)), style="yellow", highlight=False)

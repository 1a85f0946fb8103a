"""`kiosk checkin`: 入场核验, the packages that doors work with, and what comes of a session."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

import click
from rich.table import Table

from kiosk.checkin import Door, Policy, Register, Roll, Shelf, Shelved, plan_lines
from kiosk.checkin.admitting import door_name
from kiosk.checkin.matching import Matcher
from kiosk.cli.common import (
    Opened,
    at_terminal,
    by_option,
    console,
    existing_file,
    on_the_store,
    print_line,
    proven,
    words_for_errors,
)
from kiosk.cli.day import confirmed, yes_option
from kiosk.cli.ending import ended_by_signals, wait_for
from kiosk.cli.school_package import sealing_for
from kiosk.cli.simulated import simulator, with_simulation_options
from kiosk.clock import moment
from kiosk.errors import KioskError
from kiosk.office.files import OUR_OFFICE
from kiosk.office.plan_words import PlanWords
from kiosk.office.stamps import stamp_of
from kiosk.records import Presence
from kiosk.words import say, say_message

exam_option: Final[Callable[..., Any]] = click.option("--exam", default="")
session_option: Final[Callable[..., Any]] = click.option("--session", default=1, show_default=True, type=click.IntRange(1))


@click.group()
def checkin() -> None:
    """Exam day."""


@checkin.command()
@exam_option
@click.option("--room", default="")
@click.option("--thumb", is_flag=True)
@click.option("--simulate", is_flag=True)
@click.option("--students", default=12, show_default=True)
@with_simulation_options
@click.option("--account", default="")
@click.option("--port", type=int, default=None)
@click.option("--no-browser", is_flag=True)
@click.pass_obj
@words_for_errors
def serve(
    file: Path,
    exam: str,
    room: str,
    thumb: bool,
    simulate: bool,
    students: int,
    seed: int,
    realistic: bool,
    pcsc: bool,
    account: str,
    port: int | None,
    no_browser: bool,
) -> None:
    """Let candidates in."""
    from kiosk.assembly import ExamDoor  # takes seconds
    from kiosk.cli import browser
    from kiosk.cli.common import load
    from kiosk.cli.unlocking import asking
    from kiosk.listening import listen
    from kiosk.memory import share_pools
    from kiosk.store import require_free
    from kiosk.web import serve_app
    from kiosk.web.checkin import create_door_app

    share_pools()
    settings, folder = load(file)
    data, language = settings.store.within(folder, simulated=simulate), settings.station.language
    require_free(data)
    people = simulator(students, seed, realistic=realistic, pcsc=pcsc) if simulate else None
    with ExitStack() as begun:
        at = listen(settings.web.port if port is None else port)
        begun.callback(at.close)
        url = "http://{}:{}/door".format(*at.getsockname())
        unlock = asking(data, language, account)
        made = ExamDoor(settings, folder, people, exam=exam, room=room, thumb_always=thumb, address=url, unlock=unlock)
        door = begun.enter_context(made)
        begun.callback(serve_app(create_door_app(door), at).stop)
        print_line(say(language, "cli.checkin.serving", title=door.shelved.day.title, url=url))
        if not no_browser and browser.has_display():
            begun.enter_context(browser.opened(url))
        wait_for(ended_by_signals())
    print_line(say(language, "cli.stopped"))


@checkin.command()
@click.argument("file", type=existing_file)
@click.option("--office-key", default="")
@click.option("--lock", is_flag=True)
@click.option("--door", default="")
@by_option
@yes_option
@on_the_store
def take(opened: Opened, file: Path, office_key: str, lock: bool, door: str, by: str, yes: bool) -> None:
    """Take a package, told before it is done."""
    shelf, tongue = Shelf(opened.store), opened.language
    password = click.prompt(say(tongue, "cli.package_password"), hide_input=True) if lock else ""
    plan = shelf.plan(file, office_key=office_key, password=password)
    if confirmed(PlanWords(plan_lines(tongue, plan.shelved), ()), tongue, yes=yes):
        name = door or opened.settings.station.name
        shelf.take(file, office_key=office_key, password=password, door=name, by=by)
        print_line(say(tongue, "cli.checkin.taken", title=plan.shelved.day.title))


@checkin.command(name="list")
@on_the_store
def list_packages(opened: Opened) -> None:
    """The packages that lie here."""
    shelf, tongue = Shelf(opened.store), opened.language
    here = shelf.all()
    if not here:
        print_line(say(tongue, "error.checkin.none"))
        return
    table = Table()
    for code in ("id", "title", "candidates", "until", "owed", "whole"):
        table.add_column(say(tongue, f"cli.checkin.column.{code}"))
    for one in here:
        register = shelf.open(one)
        whole = say(tongue, "cli.checkin.whole" if register.is_whole() else "cli.checkin.not_whole")
        table.add_row(one.id, one.day.title, str(one.candidates), moment(one.day.expires_at), str(register.owed), whole)
        register.close()
    console.print(table)


@checkin.command()
@exam_option
@session_option
@on_the_store
def counts(opened: Opened, exam: str, session: int) -> None:
    """How many are expected, there, suspected, absent, by room."""
    with _door(opened, exam, session) as (_, _, door):
        _show_counts(opened.language, door.roll, session - 1)


@checkin.command()
@exam_option
@session_option
@by_option
@on_the_store
def close(opened: Opened, exam: str, session: int, by: str) -> None:
    """After the latest entry: whoever has not come is absent."""
    with _door(opened, exam, session) as (_, _, door):
        missing = door.close(session - 1, datetime.now(UTC), by=by)
        _show_counts(opened.language, door.roll, session - 1)
        of = door.register.day.sessions[session - 1]
        for one in missing:
            seat = one.seat_in(of)
            assert seat is not None
            print_line(f"{seat.room}-{seat.seat:02d}  {one.exam_number}  {one.name}")


@checkin.command()
@click.argument("out", type=click.Path(path_type=Path, file_okay=False))
@exam_option
@session_option
@on_the_store
def sheets(opened: Opened, out: Path, exam: str, session: int) -> None:
    """考场情况记录表: workbook, PDF and signed manifest."""
    with _door(opened, exam, session) as (shelf, shelved, door):
        stamp = stamp_of(opened.store, opened.settings.station.name)
        words = partial(say_message, "zh-CN")  # what goes on paper is in Chinese
        now, by = datetime.now(UTC), at_terminal()
        folder = shelf.write_sheets(shelved, door.roll, session - 1, out, stamp, words, now, by=by)
        print_line(say(opened.language, "cli.checkin.sheets", folder=folder))


@checkin.command()
@click.argument("out", type=click.Path(path_type=Path, dir_okay=False))
@exam_option
@click.option("--to", multiple=True, metavar="office|REQUEST|age1…")
@click.option("--lock", is_flag=True)
@by_option
@on_the_store
def results(opened: Opened, out: Path, exam: str, to: Sequence[str], lock: bool, by: str) -> None:
    """Write what happened at this door, signed."""
    if out.exists():
        raise KioskError("parcel.there", file=out.name)
    with _door(opened, exam) as (shelf, shelved, door):
        own = opened.store.signing.recipient()
        certificate = opened.store.signing.certificate()
        office = certificate.recipient if certificate is not None else ""
        named = [office if one == OUR_OFFICE else one for one in to]
        sealing = sealing_for([*filter(None, named), own] if not lock else (), own, lock=lock)
        station = opened.settings.station.name
        count = shelf.write_results(shelved, door.register, out, sealing, station=station, by=by)
        print_line(say(opened.language, "cli.checkin.results", count=count, file=out))


@checkin.command()
@click.argument("files", type=existing_file, nargs=-1, required=True)
@exam_option
@click.option("--lock", is_flag=True)
@by_option
@on_the_store
def merge(opened: Opened, files: Sequence[Path], exam: str, lock: bool, by: str) -> None:
    """Take what happened at other doors."""
    tongue = opened.language
    password = click.prompt(say(tongue, "cli.package_password"), hide_input=True) if lock else ""
    with _door(opened, exam) as (shelf, shelved, door):
        for file in files:
            new = shelf.merge(shelved, door.register, file, password=password, by=by)
            print_line(say(tongue, "cli.checkin.merged", file=file.name, count=new))
        twice = [(of, one) for number, of in enumerate(shelved.day.sessions) for one in door.roll.twice(number)]
        for of, one in twice:
            doors = "、".join(f"{door_name(name)} {moment(at)}" for name, at in one.arrivals)
            where = f"{one.seat.room}-{one.seat.seat:02d}"
            told = {"subject": of.subject, "seat": where, "name": one.candidate.name, "doors": doors}
            print_line(say(tongue, "cli.checkin.twice", **told), "yellow")
        sys.exit(1 if twice else 0)


@checkin.command()
@click.argument("exam")
@click.option("--asked-by", required=True)
@click.option("--by", required=True)
@click.option("--reason", required=True)
@on_the_store
def delete(opened: Opened, exam: str, asked_by: str, by: str, reason: str) -> None:
    """Delete a package with its key before it runs out. Asks both people for their PINs."""
    shelf = Shelf(opened.store)
    asking, deciding = proven(opened, asked_by), proven(opened, by)
    if asking.person.same_as(deciding.person):
        raise KioskError("checkin.two_people")
    shelf.delete(shelf.get(exam), by=deciding.name, second=asking.name, reason=reason)
    print_line(say(opened.language, "cli.checkin.deleted"))


@contextmanager
def _door(opened: Opened, exam: str, session: int = 1) -> Iterator[tuple[Shelf, Shelved, Door]]:
    """A package that lies here, without devices."""
    shelf = Shelf(opened.store)
    shelved = shelf.get(exam)
    if session > len(shelved.day.sessions):
        raise KioskError("checkin.no_such_session")
    register: Register = shelf.open(shelved)
    try:
        yield shelf, shelved, Door(register, Matcher(), Policy(), trail=shelf.trail(shelved, register))
    finally:
        register.close()


def _show_counts(language: str, roll: Roll, session: int) -> None:
    table = Table(title=roll.register.day.sessions[session].subject)
    for code in ("room", "expected", "came", "suspected", "absent", "missing", "twice"):
        table.add_column(say(language, f"checkin.count.{code}"), justify="right")
    for one in roll.counts(session):
        figures = (one.expected, one.came, one.suspected, one.absent, one.missing, one.twice)
        table.add_row(one.room, *map(str, figures))
    console.print(table)
    open_ones = sum(found.presence is Presence.SUSPECTED for _, _, found in roll.suspicions(session))
    if open_ones:
        print_line(say(language, "cli.checkin.undecided", count=open_ones), "yellow")

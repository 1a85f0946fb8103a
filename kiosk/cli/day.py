"""`kiosk window`, `deadline`, `authorise`, `absent`, `correct`, `sign`: the rules of the day and what follows a capture."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click

from kiosk.ciphers import Domain
from kiosk.cli.common import (
    Opened,
    by_option,
    console,
    existing_file,
    local_time,
    on_the_store,
    print_line,
    reason_option,
    words_for_errors,
)
from kiosk.cli.office_key import key_option, read_key
from kiosk.clock import moment
from kiosk.errors import KioskError, StoreError
from kiosk.exchange import load_profile
from kiosk.office import Corrections, Office, Schedule, Upkeep
from kiosk.office.plan_words import PlanWords, deadline_in_words, window_in_words
from kiosk.records import CATEGORIES, Person, SchoolName, Student
from kiosk.store import Store, Window
from kiosk.store.authorisation import make_code
from kiosk.words import say, say_moment

yes_option = click.option("--yes", is_flag=True)
TIME: Final = "'YYYY-MM-DD HH:MM'"


@click.group()
def window() -> None:
    """Windows of time per group."""


@window.command(name="add")
@click.option("--round", "name", default="正式采集", show_default=True)
@click.option("--grade", default="")
@click.option("--class", "class_name", default="")
@click.option("--school", default="")
@click.option("--category", type=click.Choice(CATEGORIES))
@click.option("--opens", type=local_time, required=True, metavar=TIME)
@click.option("--closes", type=local_time, required=True, metavar=TIME)
@by_option
@yes_option
@on_the_store
def add_window(
    opened: Opened,
    name: str,
    grade: str,
    class_name: str,
    school: str,
    category: str | None,
    opens: datetime,
    closes: datetime,
    by: str,
    yes: bool,
) -> None:
    """Add a window."""
    key = Office(opened.store, opened.folder).files.school_key(school)
    schedule, window = Schedule(opened.store), Window(name, opens, closes, grade, class_name, key, category or "")
    words = window_in_words(
        opened.language, schedule.plan_window(window), _group(window, opened.store.roster.schools(), opened.language)
    )
    if confirmed(words, opened.language, yes=yes):
        schedule.add(window, by=by)
        _show_windows(opened.store, opened.language)


@window.command(name="list")
@on_the_store
def list_windows(opened: Opened) -> None:
    """The windows."""
    _show_windows(opened.store, opened.language)


@window.command(name="withdraw")
@click.argument("number", type=int)
@reason_option
@by_option
@on_the_store
def withdraw_window(opened: Opened, number: int, reason: str, by: str) -> None:
    """Take a window back."""
    opened.store.rounds.withdraw(number, reason=reason, by=by)


@window.command(name="admit")
@click.argument("id_number")
@reason_option
@click.option("--until", type=local_time, required=True, metavar=TIME)
@by_option
@on_the_store
def admit(opened: Opened, id_number: str, reason: str, until: datetime, by: str) -> None:
    """Let one student in outside the window."""
    opened.store.rounds.authorise(_student(opened.store, id_number), by=by, reason=reason, at=datetime.now(UTC), until=until)


@click.group()
def deadline() -> None:
    """The deadline."""


@deadline.command(name="set")
@click.argument("at", type=local_time, metavar=TIME)
@click.option("--school", "school_code", required=True)
@click.option("--office-key", required=True)
@by_option
@yes_option
@on_the_store
def set_deadline(opened: Opened, at: datetime, school_code: str, office_key: str, by: str, yes: bool) -> None:
    """Set the deadline."""
    schedule = Schedule(opened.store, photos_only=load_profile(opened.settings.station.profile).photos_only)
    plan = schedule.plan_deadline(at, school_code=school_code, office_key=office_key)
    if confirmed(deadline_in_words(opened.language, plan), opened.language, yes=yes):
        schedule.set_deadline(at, school_code=school_code, office_key=office_key, by=by)
        console.print(say(opened.language, "cli.deadline_set", at=moment(at)), highlight=False)


@deadline.command(name="withdraw")
@reason_option
@by_option
@on_the_store
def withdraw_deadline(opened: Opened, reason: str, by: str) -> None:
    """Take the deadline back: for a day, until the office signs it."""
    Schedule(opened.store).withdraw_deadline(reason=reason, by=by)
    console.print(say(opened.language, "cli.deadline_withdrawn"), highlight=False)


@deadline.command(name="sign")
@click.argument("code")
@by_option
@on_the_store
def sign_deadline(opened: Opened, code: str, by: str) -> None:
    """Enter the office's code for this deadline."""
    at = Schedule(opened.store).sign_deadline(code, by=by)
    console.print(say(opened.language, "cli.deadline_signed", at=moment(at)), highlight=False)


@click.command(name="confirm-clock")
@reason_option
@by_option
@on_the_store
def confirm_clock(opened: Opened, reason: str, by: str) -> None:
    """Answer for the computer's clock after it jumped."""
    schedule = Schedule(opened.store)
    schedule.confirm_clock(reason=reason, by=by)
    console.print(say(opened.language, "cli.clock_confirmed", at=say_moment(opened.language, schedule.now())), highlight=False)


@deadline.command(name="unlock")
@click.argument("code")
@by_option
@on_the_store
def unlock(opened: Opened, code: str, by: str) -> None:
    """Unlock with the district's code."""
    until = opened.store.deadline.unlock(code, by=by, at=datetime.now(UTC))
    console.print(say(opened.language, "cli.unlocked", until=moment(until)), highlight=False)


@click.command()
@key_option
@click.option("--school", "school_code", required=True)
@click.option("--until", type=local_time, metavar=TIME)
@click.option("--deadline", type=local_time, metavar=TIME)
@words_for_errors
def authorise(key: Path, school_code: str, until: datetime | None, deadline: datetime | None) -> None:
    """Sign a code for one school: on the office's machine only."""
    if until is not None and deadline is None:
        code = make_code(read_key(key).signing, school_code, until)
    elif deadline is not None and until is None:
        code = make_code(read_key(key).signing, school_code, deadline, Domain.DEADLINE)
    else:
        raise KioskError("cli.one_time")
    console.print(code, highlight=False, soft_wrap=True)


@click.command()
@click.argument("id_number")
@reason_option
@by_option
@on_the_store
def absent(opened: Opened, id_number: str, reason: str, by: str) -> None:
    """Note that a student can't come."""
    opened.store.progress.report_absent(_student(opened.store, id_number), reason=reason, by=by, at=datetime.now(UTC))


@click.command()
@click.argument("id_number")
@click.argument("field")
@click.argument("value")
@reason_option
@by_option
@on_the_store
def correct(opened: Opened, id_number: str, field: str, value: str, reason: str, by: str) -> None:
    """Put one field right; the old value is kept."""
    Corrections(opened.store).correct(id_number, field, value, reason=reason, by=Person(by))


@click.command()
@click.argument("id_number")
@click.option("--scan", type=existing_file)
@by_option
@on_the_store
def sign(opened: Opened, id_number: str, scan: Path | None, by: str) -> None:
    """The form is signed: the record is frozen."""
    content = scan.read_bytes() if scan else b""
    Upkeep(opened.store).sign(_record(opened.store, id_number), by=by, scan=content)


def confirmed(words: PlanWords, language: str, *, yes: bool) -> bool:
    """Tell what would be, and ask; raises click.Abort where nobody can answer."""
    for line in words.lines:
        print_line(line)
    for warning in words.warnings:
        print_line(f"! {warning}", "yellow")
    if yes or click.confirm(say(language, "cli.confirm")):
        return True
    console.print(say(language, "cli.not_done"), highlight=False)
    return False


def _group(window: Window, schools: Sequence[SchoolName], language: str) -> str:
    school = next((one.name or one.code for one in schools if one.key == window.school), window.school)
    return f"{school} {window.grade}{window.class_name} {window.category}".strip() or say(language, "cli.window.all")


def _student(store: Store, id_number: str) -> Student:
    student = store.roster.find(id_number)
    if student is None:
        raise StoreError("store.not_on_roster")
    return student


def _record(store: Store, id_number: str) -> str:
    record = store.captures.latest_complete(id_number)
    if record is None:
        raise StoreError("store.not_captured")
    return record.id


def _show_windows(store: Store, language: str) -> None:
    schools = store.roster.schools()
    for entry in store.rounds.windows():
        words = say(
            language,
            "cli.window",
            number=entry.number,
            round=entry.round,
            group=_group(entry, schools, language),
            opens=moment(entry.opens_at),
            closes=moment(entry.closes_at),
        )
        console.print(words, highlight=False)

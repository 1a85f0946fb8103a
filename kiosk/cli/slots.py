"""`kiosk slots`, `registration`: windows cut into slots with notices to students, and the register's window."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, time
from pathlib import Path
from typing import Any

import click

from kiosk.cli.common import Opened, at_terminal, by_option, console, local_time, on_the_store, reason_option, waiting
from kiosk.cli.day import TIME, confirmed, yes_option
from kiosk.cli.papers import of_options, out_option, selection, tell_written, warn_of
from kiosk.clock import moment
from kiosk.errors import ExchangeError
from kiosk.office import Office, Queue, SlotRule
from kiosk.office.plan_words import slots_in_words
from kiosk.records import ClassKey
from kiosk.words import say


@click.group()
def slots() -> None:
    """Who comes when."""


@slots.command(name="plan")
@click.argument("window", type=int)
@click.option("--minutes", default=20, show_default=True)
@click.option("--stations", default=1, show_default=True)
@click.option("--seconds", default=0.0)
@click.option("--day", "day", default="08:00-18:00", show_default=True)
@click.option("--break", "breaks", multiple=True, default=("12:00-14:00",), show_default=True)
@click.option("--weekends", is_flag=True)
@yes_option
@on_the_store
def plan(
    opened: Opened,
    window: int,
    minutes: int,
    stations: int,
    seconds: float,
    day: str,
    breaks: Sequence[str],
    weekends: bool,
    yes: bool,
) -> None:
    """Cut a window into slots."""
    opens, closes = _span(day)
    pauses = tuple(_span(one) for one in breaks if one)
    rule, queue = SlotRule(minutes, stations, seconds, opens, closes, pauses, weekends), Queue(opened.store)
    if confirmed(slots_in_words(opened.language, queue.plan(window, rule)), opened.language, yes=yes):
        kept = queue.keep(window, rule, by=at_terminal())
        console.print(say(opened.language, "ui.slots.kept", count=len(kept.slots)), highlight=False)


@slots.command(name="print")
@out_option
@click.option("--title", default="信息采集通知单", show_default=True)
@click.option("--place", required=True)
@click.option("--bring", default=lambda: say("zh-CN", "ui.slots.notice_bring"))
@of_options
@on_the_store
def print_notices(opened: Opened, /, out: Path, title: str, place: str, bring: str, **of_options: Sequence[str]) -> None:
    """A slip for each student, and a list for each class."""
    contact, of = opened.store.school.get().reachable, selection(opened, **of_options)
    told = {"title": title, "place": place, "bring": bring, "contact": contact}
    warn_of(opened, of)
    with waiting(opened.language, "cli.printing"):
        written = Queue(opened.store).print(out, **told, actor=at_terminal(), of=of)
    tell_written(written, opened.language)


def _group_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Whose window: everybody's where nothing is named."""
    for option in (click.option("--class", "class_name", default=""), click.option("--grade", default="")):
        command = option(command)
    return click.option("--school", default="")(command)


@click.group()
def registration() -> None:
    """When the register takes registrations."""


@registration.command(name="set")
@click.option("--opens", type=local_time, required=True, metavar=TIME)
@click.option("--closes", type=local_time, required=True, metavar=TIME)
@_group_options
@by_option
@on_the_store
def set_registration(
    opened: Opened, opens: datetime, closes: datetime, by: str, school: str, grade: str, class_name: str
) -> None:
    """Set the register's window of everybody or of a group."""
    Queue(opened.store).set_registration(opens, closes, by=by, group=_group_of(opened, school, grade, class_name))
    console.print(say(opened.language, "ui.registration.set"))


@registration.command(name="show")
@on_the_store
def show_registration(opened: Opened) -> None:
    """The register's windows."""
    found = Queue(opened.store).registrations()
    if not found:
        console.print(say(opened.language, "ui.registration.none"), soft_wrap=True)
    for one in found:
        told = {"opens": moment(one.opens_at), "closes": moment(one.closes_at)}
        words = say(opened.language, "ui.registration.coming", **told)
        console.print(" ".join(filter(None, (*one.group, words))), highlight=False, markup=False)


@registration.command(name="withdraw")
@_group_options
@reason_option
@by_option
@on_the_store
def withdraw_registration(opened: Opened, reason: str, by: str, school: str, grade: str, class_name: str) -> None:
    """Take the register's window of everybody or of a group back."""
    group = _group_of(opened, school, grade, class_name)
    Queue(opened.store).withdraw_registration(reason=reason, by=by, group=group)
    console.print(say(opened.language, "ui.registration.withdrawn"))


def _group_of(opened: Opened, school: str, grade: str, class_name: str) -> ClassKey:
    return ClassKey(Office(opened.store, opened.folder).files.school_key(school), grade, class_name)


def _span(text: str) -> tuple[time, time]:
    """`12:00-14:00`; raises ExchangeError."""
    try:
        start, end = (time.fromisoformat(part.strip()) for part in text.split("-"))
    except ValueError:
        raise ExchangeError("slots.rule") from None
    return start, end

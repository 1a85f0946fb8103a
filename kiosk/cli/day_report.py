"""`kiosk day`: the statistics of a day, as a paper to sign and file."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import click

from kiosk.cli.common import Opened, at_terminal, console, on_the_store, write_whole
from kiosk.errors import KioskError
from kiosk.exchange.file_names import marked
from kiosk.office import Office, Span
from kiosk.records import ClassKey
from kiosk.words import say

_FIRST_YEAR, _LAST_YEAR = 2000, 2100  # what a year may be between


@click.command()
@click.option("--date", "first", default="", metavar="YYYY-MM-DD")
@click.option("--to", "last", default="", metavar="YYYY-MM-DD")
@click.option("--class", "group", default="")
@click.option("--school", default="")
@click.option("--operator", default="")
@click.option("--by", default="")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True)
@on_the_store
def day(opened: Opened, first: str, last: str, group: str, school: str, operator: str, by: str, out: Path) -> None:
    """The report of a day: counts, times, scores, faults, people."""
    office = Office(opened.store, opened.export_folder, opened.settings, notice=opened.notice())
    days = Span(*_days(first, last))
    span = replace(days, group=_group(office, group, school), operator=_operator(office, days, operator))
    content = office.day_report(span, by=by or at_terminal())
    out = out.with_name(marked(out.name, simulated=opened.store.simulated))
    write_whole(out, content)
    console.print(say(opened.language, "cli.day_report", file=str(out)), highlight=False, soft_wrap=True)


def _days(first: str, last: str) -> tuple[date, date]:
    """Raises KioskError("cli.day")."""
    try:
        begins = date.fromisoformat(first) if first else datetime.now().astimezone().date()
        ends = date.fromisoformat(last) if last else begins
    except ValueError:
        raise KioskError("cli.day") from None
    if not _FIRST_YEAR < begins.year <= ends.year < _LAST_YEAR or ends < begins:
        raise KioskError("cli.day")
    return begins, ends


def _group(office: Office, asked: str, school: str) -> ClassKey | None:
    """The class that is meant, None for all. A paper that is signed says zero of a class that there is: raises
    KioskError("cli.day_class") for any other, and ExchangeError."""
    key = office.files.school_key(school)
    if not (asked or school):
        return None
    grade, _, class_name = asked.rpartition("/")
    known = dict.fromkeys(one.group for one in office.rosters.students() if key in ("", one.group.school))
    found = [one for one in known if (one.grade, one.class_name) == (grade, class_name)]
    if len(found) != 1:
        listed = "、".join(dict.fromkeys(f"{one.grade}/{one.class_name}" for one in known))
        raise KioskError("cli.day_class", group=asked or "—", known=listed)
    return found[0]


def _operator(office: Office, days: Span, asked: str) -> str:
    """Raises KioskError("cli.day_operator") for somebody who was not at work then."""
    if not asked:
        return ""
    everything = office.days.look(days)
    known = dict.fromkeys([*(one.name[0] for one in everything.operators), *(one.name for one in everything.duties)])
    if asked not in known:
        raise KioskError("cli.day_operator", name=asked, known="、".join(known) or "—")
    return asked

"""`kiosk day`: the statistics of a day, as a paper to sign and file."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import click

from kiosk.cli.common import Opened, at_terminal, console, on_the_store, write_whole
from kiosk.errors import KioskError
from kiosk.exchange.file_names import marked
from kiosk.office import Office, Span
from kiosk.records import ClassKey
from kiosk.words import say


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
    schools = office.rosters.schools()
    key = office.files.school_key(school) or (schools[0].key if len(schools) == 1 else "")
    grade, _, class_name = group.rpartition("/")
    span = Span(*_days(first, last), ClassKey(key, grade, class_name) if group else None, operator)
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
    if ends < begins:
        raise KioskError("cli.day")
    return begins, ends

"""`kiosk audit`: who did what, and whether the trail is as it was written."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from kiosk.cli.common import Opened, at_terminal, console, local_time, on_the_store, print_line, watched
from kiosk.clock import moment
from kiosk.office import Trail
from kiosk.words import say


@click.group(invoke_without_command=True)
@click.option("--since", type=local_time, metavar="'YYYY-MM-DD HH:MM'")
@click.option("--verify", is_flag=True)
@click.option("--simulate", is_flag=True)
@click.option("--account", default="")
@click.pass_context
def audit(context: click.Context, /, **chosen: Any) -> None:
    """The audit trail, and whether it is whole."""
    if context.invoked_subcommand is None:
        context.invoke(show, **chosen)


@audit.command()
@click.option("--year", type=click.IntRange(2000, 9998), required=True)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True)
@on_the_store
def report(opened: Opened, year: int, out: Path) -> None:
    """The yearly report for the audit of minors' data."""
    with watched(opened.language, "cli.bar.report") as progress:
        progress(0)
        Trail(opened.store).write_year(year, out, by=at_terminal(), progress=progress)
    console.print(say(opened.language, "cli.audit.report", path=out, year=year), highlight=False, soft_wrap=True)


@click.command()
@click.option("--since", type=local_time)
@click.option("--verify", is_flag=True)
@on_the_store
def show(opened: Opened, since: datetime | None, verify: bool) -> None:
    """The entries, one a line."""
    trail, language = opened.store.audit, opened.language
    for entry in trail.entries(since=since):
        detail = " ".join(f"{name}={value}" for name, value in entry.told.items())
        what = say(language, f"auditaction.{entry.action}")
        line = f"{entry.number:>6}  {moment(entry.at)}  {entry.actor or '—'}  {what}  {entry.subject}  {detail}"
        print_line(line.rstrip())
    if verify:
        with watched(language, "cli.bar.verify") as progress:
            broken = trail.first_broken(progress)
        words = say(language, "ui.trail.whole") if broken is None else say(language, "ui.trail.broken", number=broken)
        console.print(words, highlight=False, soft_wrap=True)
        sys.exit(0 if broken is None else 1)

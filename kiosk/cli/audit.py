"""`kiosk audit`: what was done by whom, and whether anybody meddled with the trail."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from rich.table import Table

from kiosk.cli.common import Opened, at_terminal, console, on_the_store
from kiosk.clock import moment
from kiosk.exchange.trail_list import detail_text
from kiosk.office import Office
from kiosk.words import action_name, say


@click.group()
def audit() -> None:
    """操作记录 / The audit trail."""


@audit.command(name="show")
@click.option("--last", default=50, show_default=True, help="最近几条 / how many of the newest.")
@on_the_store
def show(opened: Opened, last: int) -> None:
    """列出最近的操作 / The newest entries."""
    table = Table()
    for column in ("number", "at", "actor", "action", "subject", "detail"):
        table.add_column(say(opened.language, "ui.records.at" if column == "at" else f"ui.trail.{column}"))
    for entry in Office(opened.store, opened.folder).trail.entries()[:last]:
        name = action_name(opened.language, entry.action)
        table.add_row(str(entry.number), moment(entry.at), entry.actor, name, entry.subject, detail_text(entry))
    console.print(table)


@audit.command(name="verify")
@on_the_store
def verify(opened: Opened) -> None:
    """核验是否被改动；被改动时退出码为 1 / Check for tampering; exit status 1 where there was some."""
    trail = Office(opened.store, opened.folder).trail
    broken = trail.first_broken()
    if broken is not None:
        console.print(say(opened.language, "error.trail.broken", number=broken), style="red", highlight=False)
        sys.exit(1)
    console.print(say(opened.language, "ui.trail.whole", count=len(trail.entries())), highlight=False)


@audit.command(name="export")
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
@on_the_store
def export(opened: Opened, out: Path) -> None:
    """导出为 .xlsx / Write all of it as .xlsx."""
    trail = Office(opened.store, opened.folder).trail
    trail.write(trail.entries(), out, lambda action: action_name(opened.language, action), by=at_terminal())

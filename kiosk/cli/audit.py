"""`kiosk audit`: who did what, and whether the trail is as it was written."""

from __future__ import annotations

import sys
from datetime import datetime

import click

from kiosk.cli.common import Opened, console, on_the_store
from kiosk.clock import local_time, moment
from kiosk.words import say


@click.command()
@click.option("--since", type=local_time, metavar="'YYYY-MM-DD HH:MM'", help="从这时起 / from then on.")
@click.option("--verify", is_flag=True, help="逐条核验 / hold every entry against its seal.")
@on_the_store
def audit(opened: Opened, since: datetime | None, verify: bool) -> None:
    """操作日志：谁做了什么，是否完整 / The audit trail, and whether it is whole."""
    trail, language = opened.store.audit, opened.language
    for entry in trail.entries(since=since):
        detail = " ".join(f"{name}={value}" for name, value in entry.told.items())
        what = say(language, f"auditaction.{entry.action}")
        line = f"{entry.number:>6}  {moment(entry.at)}  {entry.actor or '—'}  {what}  {entry.subject}  {detail}"
        console.print(line.rstrip(), highlight=False, markup=False, soft_wrap=True)
    if verify:
        broken = trail.first_broken()
        words = say(language, "ui.trail.whole") if broken is None else say(language, "ui.trail.broken", number=broken)
        console.print(words, highlight=False, soft_wrap=True)
        sys.exit(0 if broken is None else 1)

"""`kiosk backup` and `kiosk restore`: the data a second time, and the way back on an empty machine."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from kiosk.cli.common import Opened, at_terminal, console, load, on_the_store, watched, words_for_errors
from kiosk.cli.unlocking import asking, secret
from kiosk.clock import moment
from kiosk.errors import KioskError
from kiosk.store import Backup, Store, Unlock, backups_in, restore, unlock_copy, unlock_secret
from kiosk.words import say


@click.command(name="backup")
@click.option("--to", type=click.Path(path_type=Path, file_okay=False))
@on_the_store
def backup(opened: Opened, to: Path | None) -> None:
    """Back up the data, sealed, and read them back."""
    rules = opened.settings.backup.within(opened.folder)
    target = to or rules.folder
    if target is None:
        raise KioskError("backup.nowhere")
    with watched(opened.language, "cli.bar.backup") as progress:
        made = opened.store.backups.make(target, datetime.now(UTC), keep=rules.keep, by=at_terminal(), progress=progress)
    assert made is not None
    _tell(made, opened.language)


@click.command(name="restore")
@click.argument("source", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--account", default="")
@click.option("--code", is_flag=True)
@click.pass_obj
@words_for_errors
def restore_command(file: Path, source: Path, account: str, code: bool) -> None:
    """Put a backup on an empty machine. SOURCE: the folder with the backups, or one of them."""
    settings, folder = load(file)
    data, language = settings.store.within(folder, simulated=False), settings.station.language
    source = source.resolve()
    near = [*backups_in(source), *backups_in(source.parent), *backups_in(source.parent.parent)]
    there = [one for one in near if source in (one.folder, *one.folder.parents)]
    if not there:
        raise KioskError("backup.none", folder=str(source))
    chosen = there[0]
    _tell(chosen, language)
    if code:
        told = secret(say(language, "cli.keys.secret"))
        keys = unlock_copy(chosen.folder, lambda ring: unlock_secret(ring, told))
        unlock: Unlock = lambda _: keys  # noqa: E731
    else:
        unlock = asking(chosen.folder, language, account, unlock_copy)
    with watched(language, "cli.bar.restore") as progress:
        restore(chosen.folder, data, unlock, progress)
    with Store.open(data, unlock=unlock, rules=settings.accounts) as store:
        found = store.check()
        store.audit.record("backup.restore", actor=at_terminal(), backup=chosen.at.isoformat())
    words = say(language, "cli.backup.restored" if found.sound else "cli.store.hurt", blobs=found.blobs, opened=found.opened)
    console.print(words, highlight=False, soft_wrap=True)
    if not found.sound:
        raise SystemExit(1)


def _tell(one: Backup, language: str) -> None:
    told = {"at": moment(one.at), "students": one.students, "records": one.records, "added": one.added, "folder": one.folder}
    console.print(say(language, "cli.backup.made", **told), highlight=False, soft_wrap=True)

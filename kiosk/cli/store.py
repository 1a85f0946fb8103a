"""`kiosk store`: is everything there that was captured, and what to do when it is not."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from kiosk.ciphers import SUITES
from kiosk.cli.common import Opened, by_option, console, load, on_the_store, reason_option, waiting, words_for_errors
from kiosk.cli.unlocking import asking
from kiosk.clock import moment
from kiosk.errors import StoreError
from kiosk.store import Adoption, Unlock, adopt, try_adoption, unlock_open
from kiosk.words import say, say_message


@click.group()
def store() -> None:
    """Check the data, and recover them."""


@store.command()
@on_the_store
def check(opened: Opened) -> None:
    """Check everything: every picture is opened."""
    with waiting(opened.language, "cli.bar.check"):
        found = opened.store.check()
    for message in (*found.hurt, *found.notes):
        console.print(say_message(opened.language, message), highlight=False, soft_wrap=True)
    code = "cli.store.sound" if found.sound else "cli.store.hurt"
    console.print(say(opened.language, code, blobs=found.blobs, opened=found.opened), highlight=False, soft_wrap=True)
    sys.exit(0 if found.sound else 1)


@store.command()
@on_the_store
def quarantine(opened: Opened) -> None:
    """List what belongs to no record."""
    kept = opened.store.quarantined()
    if not kept:
        console.print(say(opened.language, "cli.store.no_quarantine"), highlight=False)
    for one in kept:
        told = {"blob": one.blob_id, "size": one.size, "since": moment(one.since), "until": moment(one.until)}
        console.print(say(opened.language, "cli.store.quarantined", **told), highlight=False, soft_wrap=True)


@store.command()
@reason_option
@by_option
@on_the_store
def erase(opened: Opened, reason: str, by: str) -> None:
    """Erase what belonged to no record for 90 days."""
    count = opened.store.erase_quarantine(by=by, reason=reason)
    console.print(say(opened.language, "cli.store.erased", count=count), highlight=False)


@store.command(name="adopt")
@click.option("--simulate", is_flag=True)
@reason_option
@by_option
@click.option("--account", default="")
@click.option("--yes", is_flag=True)
@click.pass_obj
@words_for_errors
def adopt_command(file: Path, simulate: bool, reason: str, by: str, account: str, yes: bool) -> None:
    """Go on with the files that are left, when there is no whole backup."""
    settings, folder = load(file)
    data, language = settings.store.within(folder, simulated=simulate), settings.station.language
    unlock, suite = _unlocking(data, language, account), SUITES[settings.store.suite]
    if not yes:
        _show(try_adoption(data, unlock, suite), language)
        console.print(say(language, "cli.store.adopt_how"), highlight=False, soft_wrap=True)
        sys.exit(1)
    done = adopt(data, unlock, suite, by=by, reason=reason, now=datetime.now(UTC))
    _show(done, language)
    console.print(say(language, "cli.store.adopted", folder=done.set_aside), highlight=False, soft_wrap=True)


def _unlocking(data: Path, language: str, account: str) -> Unlock:
    """A ring that can't be read opens nothing, and nobody is asked for a PIN: the store is adopted without it."""
    try:
        return asking(data, language, account)
    except StoreError as error:
        if error.code not in {"store.key_missing", "store.key_damaged"}:
            raise
        return unlock_open


def _show(found: Adoption, language: str) -> None:
    """What can't be used, whose pictures are missing, and how much belongs to no record."""
    if found.left_out:
        words = say(language, "cli.store.left_out", files="、".join(dict.fromkeys(found.left_out)))
        console.print(words, highlight=False, soft_wrap=True)
    for hurt in found.hurt:
        console.print(say_message(language, hurt.message), highlight=False, soft_wrap=True)
    told = {"records": len(found.hurt), "quarantined": found.quarantined}
    console.print(say(language, "cli.store.adoption", **told), highlight=False, soft_wrap=True)

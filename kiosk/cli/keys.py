"""`kiosk keys`: who can open the station's sealed data, and what to do when nobody can or somebody should no more."""

from __future__ import annotations

from pathlib import Path

import click

from kiosk.cli.common import Opened, at_terminal, console, load, on_the_store, print_line, watched, words_for_errors
from kiosk.cli.unlocking import asking, secret
from kiosk.errors import StoreError
from kiosk.store import Keys, Ring, Store, change_key, require_good_pin, this_machine, try_unlock, unlock_secret
from kiosk.words import say


@click.group()
def keys() -> None:
    """Who opens the sealed data."""


@keys.command()
@on_the_store
def show(opened: Opened) -> None:
    """List who opens the data."""
    for slot in opened.store.slots.all():
        told = {"kind": say(opened.language, f"cli.keys.kind.{slot.kind}"), "name": slot.name or slot.recipient}
        print_line(say(opened.language, "cli.keys.slot", **told))


@keys.command()
@on_the_store
def code(opened: Opened) -> None:
    """Make another recovery code."""
    made = opened.store.slots.new_code(by=at_terminal())
    console.print(say(opened.language, "cli.keys.code", letters=made), highlight=False, soft_wrap=True)
    console.print(say(opened.language, "cli.keys.code_keep"), highlight=False, soft_wrap=True)


@keys.command()
@click.argument("recipient")
@on_the_store
def office(opened: Opened, recipient: str) -> None:
    """Let the office's key open the data."""
    opened.store.slots.set_office(recipient, by=at_terminal())
    console.print(say(opened.language, "cli.keys.office"), highlight=False)


@keys.command()
@click.option("--off", is_flag=True)
@on_the_store
def machine(opened: Opened, off: bool) -> None:
    """Let this machine open the data: a start asks nobody."""
    found = None if off else this_machine()
    if found is None and not off:
        raise StoreError("store.no_machine")
    opened.store.slots.set_machine(found, by=at_terminal())
    console.print(
        say(opened.language, "cli.keys.machine_off" if off else "cli.keys.machine_on"), highlight=False, soft_wrap=True
    )


@keys.command()
@click.option("--account", default="")
@click.pass_obj
@words_for_errors
def change(file: Path, account: str) -> None:
    """Change the data key; copies of the one before open nothing."""
    settings, folder = load(file)
    data = settings.store.within(folder, simulated=False)
    unlock = asking(data, settings.station.language, account)
    with watched(settings.station.language, "cli.bar.keys") as tell:

        def proven(ring: Ring) -> Keys:
            keys = unlock(ring)
            tell(0)  # not while somebody is asked
            return keys

        found = change_key(data, proven)
    with Store.open(data, unlock=lambda _: found, **settings.office.databases()) as store:
        store.audit.record("keys.change", actor=at_terminal())
    console.print(say(settings.station.language, "cli.keys.changed"), highlight=False, soft_wrap=True)


@keys.command()
@click.pass_obj
@words_for_errors
def recover(file: Path) -> None:
    """Open by code or office's key, and give the officer a PIN."""
    settings, folder = load(file)
    data, language = settings.store.within(folder, simulated=False), settings.station.language
    told = secret(say(language, "cli.keys.secret"))
    found = try_unlock(data, lambda ring: unlock_secret(ring, told))
    pin = secret(say(language, "cli.keys.new_pin"))
    require_good_pin(pin, settings.accounts.shortest_pin)
    with Store.open(data, unlock=lambda _: found, rules=settings.accounts, **settings.office.databases()) as store:
        account = store.accounts.recover(pin)
    console.print(say(language, "cli.keys.recovered", name=account.name), highlight=False)

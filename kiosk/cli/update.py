"""`kiosk update`: the next version from a signed file, and the way back to the one before."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

import click

from kiosk.ciphers import SUITES
from kiosk.cli.common import at_terminal, console, load, words_for_errors
from kiosk.cli.spoken import language
from kiosk.cli.unlocking import asking
from kiosk.errors import KioskError
from kiosk.office import Updates, back_up_before
from kiosk.release import Home, Offer, adopt, go_back, look
from kiosk.store import Store, is_new
from kiosk.words import say


@click.command(name="update")
@click.argument("bundle", type=click.Path(path_type=Path, exists=True), required=False)
@click.option("--back", is_flag=True)
@click.option("--account", default="")
@click.option("--backed-up", is_flag=True)
@click.option("--yes", is_flag=True)
@click.option("--adopt", "program", hidden=True, type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.pass_obj
@words_for_errors
def update(file: Path, bundle: Path | None, back: bool, account: str, backed_up: bool, yes: bool, program: Path | None) -> None:
    """Update the program from a signed BUNDLE; the data are backed up before."""
    if program is not None:
        _tell("cli.update.adopted", version=program.name, fingerprint=adopt(program.resolve()).fingerprint)
        settings, folder = load(file)
        kept = settings.store.within(folder, simulated=False)
        if not is_new(kept):  # sealed, and no program of their own form is left: nobody can back them up as they are
            _tell("cli.update.kept", folder=kept)
        return
    home = Home.require_here()
    settings, folder = load(file)
    data = settings.store.within(folder, simulated=False)
    if back:
        _tell("cli.update.back", version=go_back(home, data))
        return
    if bundle is None:
        raise KioskError("release.none_named")
    offer = look(home, bundle.resolve())
    _show(offer)
    if not yes and not click.confirm(say(language(), "cli.update.ask")):
        return
    rules, suite = settings.backup.within(folder), SUITES[settings.store.suite]
    unlock = asking(data, settings.station.language, account)
    places = settings.office.databases()
    with nullcontext() if is_new(data) else Store.open(data, suite=suite, unlock=unlock, **places) as store:

        def back_up(place: Path, by: str) -> str:
            return back_up_before(store, rules, place, by=by) if store is not None and not backed_up else ""

        Updates(store, data, back_up, home).take(offer, by=at_terminal())
    _tell("cli.update.done", version=str(offer.after))


def _show(offer: Offer) -> None:
    told = {"before": offer.before, "after": offer.after, "fingerprint": offer.manifest.fingerprint}
    _tell("cli.update.offer", **told)
    if changes := offer.changes_in(language()):
        console.print(changes, highlight=False, markup=False)


def _tell(code: str, **data: object) -> None:
    console.print(say(language(), code, **data), highlight=False, soft_wrap=True)

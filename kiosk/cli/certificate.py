"""`kiosk certificate`: the station's signing key, and the office's word on it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from kiosk.cli.common import Opened, by_option, console, on_the_store, write_whole
from kiosk.clock import moment
from kiosk.office import Certificates
from kiosk.words import say, say_message

_THERE: Final = click.Path(path_type=Path, dir_okay=False, exists=True)


@click.group()
def certificate() -> None:
    """What the station signs with, and its certificate."""


@certificate.command()
@on_the_store
def show(opened: Opened) -> None:
    """The station's key and certificate."""
    for message in _certificates(opened).told():
        console.print(say_message(opened.language, message), highlight=False, soft_wrap=True)


@certificate.command()
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True)
@on_the_store
def request(opened: Opened, out: Path) -> None:
    """Write what the office makes a certificate from."""
    write_whole(out, _certificates(opened).request())
    console.print(say(opened.language, "cli.certificate_asked", file=out), highlight=False, soft_wrap=True)


@certificate.command()
@click.argument("file", type=_THERE)
@click.option("--office-key", default="")
@by_option
@on_the_store
def take(opened: Opened, file: Path, office_key: str, by: str) -> None:
    """Take the certificate that the office issued."""
    taken = _certificates(opened).take(file.read_bytes(), office_key=office_key, by=by)
    console.print(say(opened.language, "cli.certificate_taken", until=moment(taken.valid_until)), highlight=False)


@certificate.command()
@click.argument("file", type=_THERE)
@by_option
@on_the_store
def revocations(opened: Opened, file: Path, by: str) -> None:
    """Take the office's list of revoked certificates."""
    taken = _certificates(opened).take_revocations(file.read_bytes(), by=by)
    words = say(opened.language, "cli.revocations_taken", number=taken.number, count=len(taken.revoked))
    console.print(words, highlight=False)


def _certificates(opened: Opened) -> Certificates:
    return Certificates(opened.store, opened.settings.station.name)

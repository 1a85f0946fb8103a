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
    """本站签名与证书 / What the station signs with, and its certificate."""


@certificate.command()
@on_the_store
def show(opened: Opened) -> None:
    """本站的签名公钥和证书 / The station's key and certificate."""
    for message in _certificates(opened).told():
        console.print(say_message(opened.language, message), highlight=False, soft_wrap=True)


@certificate.command()
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="申请文件 / the file.")
@on_the_store
def request(opened: Opened, out: Path) -> None:
    """写出证书申请，交给上级办公室 / Write what the office makes a certificate from."""
    write_whole(out, _certificates(opened).request())
    console.print(say(opened.language, "cli.certificate_asked", file=out), highlight=False, soft_wrap=True)


@certificate.command()
@click.argument("file", type=_THERE)
@click.option("--office-key", default="", help="上级办公室的公钥，首次必填 / the office's public key; needed once.")
@by_option
@on_the_store
def take(opened: Opened, file: Path, office_key: str, by: str) -> None:
    """使用上级办公室签发的证书 / Take the certificate that the office issued."""
    taken = _certificates(opened).take(file.read_bytes(), office_key=office_key, by=by)
    console.print(say(opened.language, "cli.certificate_taken", until=moment(taken.valid_until)), highlight=False)


@certificate.command()
@click.argument("file", type=_THERE)
@by_option
@on_the_store
def revocations(opened: Opened, file: Path, by: str) -> None:
    """使用上级办公室的吊销名单 / Take the office's list of revoked certificates."""
    taken = _certificates(opened).take_revocations(file.read_bytes(), by=by)
    words = say(opened.language, "cli.revocations_taken", number=taken.number, count=len(taken.revoked))
    console.print(words, highlight=False)


def _certificates(opened: Opened) -> Certificates:
    return Certificates(opened.store, opened.settings.station.name)

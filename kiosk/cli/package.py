"""`kiosk verify`, `kiosk package`: whether an export is as it was written, and what is in a sealed one."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import click

from kiosk.ciphers import read_office_key
from kiosk.ciphers.age import Opening
from kiosk.cli.common import Opened, at_terminal, existing_file, on_the_store, print_line, watched
from kiosk.cli.exam_package import exam_command
from kiosk.cli.parcels import back, captures, deliver, look_command, take
from kiosk.cli.receipt_package import receipt_command
from kiosk.cli.school_package import school_command
from kiosk.cli.verdicts import tell_verdict
from kiosk.errors import KioskError
from kiosk.exchange.package import SUFFIX
from kiosk.office import Office, Tone, Verifying
from kiosk.words import say

_STATUS: Final = {Tone.GOOD: 0, Tone.DOUBT: 1, Tone.BAD: 1}
_THERE: Final = click.Path(path_type=Path, exists=True)
_key_option: Final[Callable[..., Any]] = click.option("--key", type=existing_file)


@click.command()
@click.argument("path", type=_THERE)
@_key_option
@click.option("--office-key", default="")
@on_the_store
def verify(opened: Opened, path: Path, key: Path | None, office_key: str) -> None:
    """Is an export as it was written, who signed it, is the trail whole."""
    language = opened.language
    try:
        office = bytes.fromhex(office_key)
    except ValueError:
        raise KioskError("certificate.other_office") from None
    by = _opening(path, key, language)
    with watched(language, "cli.bar.verify") as progress:
        verdict = Verifying(opened.store).verify(path, by, office_key=office, actor=at_terminal(), progress=progress)
    tell_verdict(verdict, language, "verdict")
    sys.exit(_STATUS[verdict.tone])


@click.group()
def package() -> None:
    """Sealed exports, and what goes between a station and its office."""


for below in (captures, deliver, look_command, school_command, exam_command, receipt_command, take, back):
    package.add_command(below)


@package.command(name="open")
@click.argument("file", type=existing_file)
@_key_option
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True)
@on_the_store
def open_command(opened: Opened, file: Path, key: Path | None, out: Path) -> None:
    """Open a sealed export."""
    office = Office(opened.store, out, opened.settings)
    target = office.files.open_package(file, _opening(file, key, opened.language), out, actor=at_terminal())
    print_line(say(opened.language, "cli.package_opened", folder=target))


def _opening(path: Path, key: Path | None, language: str) -> Opening:
    """By the office's key, or by the password that is asked for where one is needed."""
    if path.is_dir() or path.suffix.lower() != SUFFIX:
        return Opening()
    if key is not None:
        return Opening(identities=(read_office_key(key.read_bytes(), str(key)).identity,))
    return Opening(passphrase=click.prompt(say(language, "cli.package_password"), hide_input=True))

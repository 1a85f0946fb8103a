"""`kiosk office-key`: the office as a small root, on the office's own machine only. It opens no store."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import click

from kiosk.ciphers import SUITES, OfficeKey, new_office_key, read_office_key
from kiosk.ciphers.certificates import CertificateRequest, Revocations, fingerprint, issue, revoke
from kiosk.cli.common import console, local_time, reason_option, words_for_errors, write_whole
from kiosk.cli.spoken import language
from kiosk.clock import moment
from kiosk.words import say

_FILE: Final = click.Path(path_type=Path, dir_okay=False)
_THERE: Final = click.Path(path_type=Path, dir_okay=False, exists=True)
key_option: Final[Callable[..., Any]] = click.option("--key", type=_THERE, required=True)


def read_key(file: Path) -> OfficeKey:
    """Raises StoreError for a file that is none."""
    return read_office_key(file.read_bytes(), str(file))


@click.group(name="office-key")
def office_key() -> None:
    """The office's key, and certificates: on the office's machine only."""


@office_key.command()
@click.argument("file", type=_FILE)
@click.option("--suite", type=click.Choice(list(SUITES)), default="international", show_default=True)
@words_for_errors
def make(file: Path, suite: str) -> None:
    """Make the key; one that is there stays."""
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(new_office_key(SUITES[suite]).text(), encoding="ascii", newline="\n")
    key = read_key(file)
    told = {"key": key.signing.public.hex(), "fingerprint": fingerprint(key.signing.public), "recipient": key.recipient or "—"}
    console.print(say(language(), "cli.office_key", **told), highlight=False, soft_wrap=True)


@office_key.command()
@key_option
@click.argument("request", type=_THERE)
@click.option("--from", "valid_from", type=local_time, metavar="'YYYY-MM-DD HH:MM'")
@click.option("--until", type=local_time, required=True, metavar="'YYYY-MM-DD HH:MM'")
@click.option("--out", type=_FILE, required=True)
@words_for_errors
def certify(key: Path, request: Path, valid_from: datetime | None, until: datetime, out: Path) -> None:
    """Issue a certificate for what a station asked."""
    asked = CertificateRequest.read(request.read_bytes())
    issued = issue(read_key(key), asked, valid_from=valid_from or datetime.now(UTC), valid_until=until)
    write_whole(out, issued.content)
    told = {
        "school": asked.school,
        "number": asked.school_code or "—",
        "station": asked.station,
        "fingerprint": fingerprint(asked.public_key),
        "serial": issued.serial,
        "until": moment(issued.valid_until),
    }
    console.print(say(language(), "cli.certified", **told), highlight=False, soft_wrap=True)


@office_key.command(name="revoke")
@key_option
@click.argument("serial")
@reason_option
@click.option("--list", "file", type=_FILE, required=True)
@words_for_errors
def revoke_command(key: Path, serial: str, reason: str, file: Path) -> None:
    """Take a certificate back."""
    before = Revocations.read(file.read_bytes()) if file.exists() else None
    after = revoke(read_key(key), before, serial.strip().lower(), at=datetime.now(UTC), reason=reason)
    write_whole(file, after.content)
    told = {"serial": serial, "number": after.number, "count": len(after.revoked)}
    console.print(say(language(), "cli.revoked", **told), highlight=False, soft_wrap=True)

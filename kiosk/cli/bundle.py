"""`kiosk bundle`: one signed archive that installs on a machine without any network."""

from __future__ import annotations

from pathlib import Path

import click

from kiosk.ciphers import suite_of_public_key
from kiosk.ciphers.certificates import fingerprint
from kiosk.cli.common import console, existing_file, words_for_errors
from kiosk.cli.office_key import key_option, read_key
from kiosk.cli.spoken import language
from kiosk.errors import KioskError
from kiosk.release import PLATFORMS, Plan, gather
from kiosk.release.install import digest_of
from kiosk.store import data_forms
from kiosk.words import say


@click.command()
@click.option("--platform", type=click.Choice(list(PLATFORMS)), required=True)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True)
@key_option
@click.option(
    "--python",
    "pythons",
    multiple=True,
    type=existing_file,
)
@click.option("--debs", is_flag=True)
@click.option("--next-key", default="", metavar="HEX")
@words_for_errors
def bundle(platform: str, out: Path, key: Path, pythons: tuple[Path, ...], debs: bool, next_key: str) -> None:
    """Make the signed bundle that installs without a network."""
    wanted = PLATFORMS[platform]
    if not out.name.endswith(wanted.suffix):
        raise KioskError("bundle.suffix", suffix=wanted.suffix)
    try:
        later = bytes.fromhex(next_key)
    except ValueError:
        raise KioskError("bundle.next_key") from None
    if later and suite_of_public_key(later) is None:  # stations that have taken this bundle would never believe another one
        raise KioskError("bundle.next_key")
    plan = Plan(wanted, out, read_key(key).signing, data_forms(), pythons, debs=debs, next_key=later)
    told = gather(plan, lambda part: console.print(f"• {say(language(), f'cli.bundle.{part}')}", highlight=False))
    made = {
        "file": out,
        "version": told.version,
        "megabytes": out.stat().st_size // 1_000_000,
        "fingerprint": fingerprint(told.release_key),
        "digest": digest_of(out),
    }
    console.print(say(language(), "cli.bundle.made", **made), highlight=False, soft_wrap=True)

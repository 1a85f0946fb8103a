"""`kiosk self-test`: whether the program works on this machine."""

from __future__ import annotations

import tempfile
from pathlib import Path

import click

from kiosk.cli.common import console, load, words_for_errors
from kiosk.cli.simulated import simulator
from kiosk.cli.spoken import language
from kiosk.config import Settings
from kiosk.release import running_version
from kiosk.words import say, say_message


@click.command(name="self-test")
@click.pass_obj
@words_for_errors
def self_test(file: Path) -> None:
    """A simulated student goes all the way, and out into a sheet."""
    from kiosk.selftest import self_test as tested  # the networks' libraries take seconds

    settings = load(file)[0] if file.exists() else Settings()
    console.print(say(language(), "cli.selftest.version", version=running_version()), highlight=False)
    with tempfile.TemporaryDirectory(prefix="kiosk-self-test-", ignore_cleanup_errors=True) as scratch:
        people = simulator(1, 1, realistic=False, pcsc=False)
        for one in tested(settings, Path(scratch), people):
            console.print(f"✓ {say_message(language(), one.message)}", highlight=False, soft_wrap=True)
    console.print(say(language(), "cli.selftest.good"), highlight=False)

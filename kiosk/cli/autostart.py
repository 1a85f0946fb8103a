"""`kiosk autostart`: the station begins by itself when somebody logs in to the machine."""

from __future__ import annotations

import click

from kiosk.cli.common import console, print_line, words_for_errors
from kiosk.cli.spoken import language
from kiosk.release import Autostart
from kiosk.words import say


@click.group()
def autostart() -> None:
    """Start the station when somebody logs in to the machine."""


@autostart.command()
@words_for_errors
def on() -> None:
    """From the next log-in on."""
    Autostart.of_this_program().turn_on()
    console.print(say(language(), "cli.autostart.on"))


@autostart.command()
@words_for_errors
def off() -> None:
    """No longer."""
    Autostart.of_this_program().turn_off()
    console.print(say(language(), "cli.autostart.off"))


@autostart.command()
@words_for_errors
def show() -> None:
    """Whether it does, and the files that say so."""
    wanted = Autostart.of_this_program()
    console.print(say(language(), "cli.autostart.on" if wanted.is_on() else "cli.autostart.off"))
    print_line(wanted.shown())

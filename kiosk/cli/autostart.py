"""`kiosk autostart`: the station begins by itself when somebody logs in to the machine."""

from __future__ import annotations

import click

from kiosk.cli.common import console, language, words_for_errors
from kiosk.release import Autostart
from kiosk.words import say


@click.group()
def autostart() -> None:
    """开机自动启动 / Start the station when somebody logs in to the machine."""


@autostart.command()
@words_for_errors
def on() -> None:
    """登录后自动启动 / From the next log-in on."""
    Autostart.of_this_program().turn_on()
    console.print(say(language(), "cli.autostart.on"))


@autostart.command()
@words_for_errors
def off() -> None:
    """不再自动启动 / No longer."""
    Autostart.of_this_program().turn_off()
    console.print(say(language(), "cli.autostart.off"))


@autostart.command()
@words_for_errors
def show() -> None:
    """是否自动启动，以及所用的文件 / Whether it does, and the file that says so."""
    wanted = Autostart.of_this_program()
    console.print(say(language(), "cli.autostart.on" if wanted.is_on() else "cli.autostart.off"))
    console.print(wanted.text(), highlight=False, markup=False, soft_wrap=True)

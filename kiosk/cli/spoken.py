"""What the command line says of itself, in the terminal's language: help, and the library's own words.

The words stand under a command's path: `help.<command>`, of an option `help.<command>.<name>`, or `help.any.<name>` where
several commands have it. The code has none, and a list of the commands needs none of them loaded.
"""

from __future__ import annotations

from collections.abc import Callable
from os import environ
from typing import Any, Final

import click
from click import core, decorators, exceptions, formatting, parser, types

from kiosk.languages import FIRST, TERMINAL, shown_on
from kiosk.words import has_words, say

_LIBRARY: Final = (core, decorators, exceptions, formatting, parser, types)


def language() -> str:
    """The terminal's (`LC_ALL`, `LC_MESSAGES`, `LANG`), where it is one that there is; else Chinese."""
    wish = next(filter(None, (environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
    wanted = wish.partition(".")[0].replace("_", "-").lower()
    known = shown_on(TERMINAL)
    exact = (tag for tag in known if tag.lower() == wanted)
    kin = (tag for tag in known if wanted and tag.partition("-")[0].lower() == wanted.partition("-")[0])
    return next(exact, next(kin, FIRST))


def speak(command: click.Command, path: str) -> click.Command:
    """Give a command, its options and the commands below it their words."""
    tongue = language()
    command.help = command.short_help = say(tongue, f"help.{path}")
    command.options_metavar = say(tongue, "metavar.options")
    for option in command.params:
        name = option.name or ""
        if isinstance(option, click.Option):
            option.help = _said(tongue, path, name)
        if has_words(code := f"metavar.{path}.{name}"):
            option.metavar = say(tongue, code)
    if isinstance(command, click.Group):
        command.subcommand_metavar = say(tongue, "metavar.command")
        for name, below in getattr(command, "commands", {}).items():
            speak(below, below_path(path, name))
    return command


def below_path(path: str, name: str) -> str:
    """Where the words of a command's command stand; those of `kiosk` itself stand at the top."""
    return name if path == "kiosk" else f"{path}.{name}"


def _said(tongue: str, path: str, name: str) -> str:
    own = f"help.{path}.{name}"
    return say(tongue, own if has_words(own) else f"help.any.{name}")


def teach_library() -> None:
    """Let click speak the terminal's language, too: it asks gettext, whose compiled files we have none of."""

    def one(text: str) -> str:
        return say(language(), code) if has_words(code := f"click: {text}") else text

    def counted(single: str, several: str, number: int) -> str:
        return one(single if number == 1 else several)

    words: dict[str, Callable[..., Any]] = {"_": one, "ngettext": counted}
    for module in _LIBRARY:
        for name, say_it in words.items():
            if hasattr(module, name):
                setattr(module, name, say_it)

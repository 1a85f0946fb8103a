"""The command line: here errors become words and results become tables. One file per command or family of commands."""

from __future__ import annotations

import gc
import logging
import os
import sys
import threading
from importlib import import_module
from pathlib import Path
from typing import Any, Final, NoReturn

import click

from kiosk.cli.spoken import language, speak, teach_library
from kiosk.private import keep_to_ourselves
from kiosk.words import say

_CONFIG: Final = "config.toml"
_CYCLES_AFTER: Final = 20_000  # objects that are made; Python's 700 let a fifth of the loading go into looking for cycles

# Command: module and name within it. A module is loaded when its command is called: the networks' libraries take seconds.
_COMMANDS: Final = {
    "serve": ("serve", "serve"),
    "settings": ("settings", "settings"),
    "rehearse": ("rehearse", "rehearse_command"),
    "import-roster": ("roster", "import_roster"),
    "undo-import": ("roster", "undo_import"),
    "roster-template": ("roster", "roster_template"),
    "particulars": ("particulars", "particulars"),
    "substitutes": ("roster", "substitutes"),
    "profiles": ("profiles", "profiles"),
    "report": ("files", "report_command"),
    "export": ("files", "export"),
    "verify": ("package", "verify"),
    "package": ("package", "package"),
    "progress": ("files", "progress"),
    "forms": ("papers", "forms"),
    "class-list": ("papers", "class_list"),
    "lists": ("lists", "lists"),
    "slots": ("slots", "slots"),
    "registration": ("slots", "registration"),
    "exam": ("exams", "exam"),
    "checkin": ("checkin", "checkin"),
    "day": ("day_report", "day"),
    "window": ("day", "window"),
    "absent": ("day", "absent"),
    "lookalikes": ("lookalikes", "lookalikes"),
    "correct": ("day", "correct"),
    "sign": ("day", "sign"),
    "deadline": ("day", "deadline"),
    "confirm-clock": ("day", "confirm_clock"),
    "authorise": ("day", "authorise"),
    "office": ("office", "office"),
    "office-key": ("office_key", "office_key"),
    "certificate": ("certificate", "certificate"),
    "accounts": ("accounts", "accounts"),
    "devices": ("devices", "devices"),
    "photo": ("photo", "photo"),
    "document": ("document", "document"),
    "store": ("store", "store"),
    "keys": ("keys", "keys"),
    "backup": ("backup", "backup"),
    "restore": ("backup", "restore_command"),
    "audit": ("audit", "audit"),
    "retention": ("retention", "retention"),
    "school": ("school", "school"),
    "contacts": ("affairs", "contacts"),
    "cases": ("cases", "cases"),
    "check-proof": ("cases", "check_proof"),
    "materials": ("affairs", "materials"),
    "calibrate": ("calibrate", "calibrate_command"),
    "weights": ("weights", "weights_command"),
    "sbom": ("sbom", "sbom"),
    "bundle": ("bundle", "bundle"),
    "update": ("update", "update"),
    "self-test": ("self_test", "self_test"),
    "autostart": ("autostart", "autostart"),
    "languages": ("languages", "languages_command"),
}


class _Commands(click.Group):
    """Loads a command's module when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _COMMANDS:
            return None
        module, name = _COMMANDS[cmd_name]
        command: click.Command = getattr(import_module(f"kiosk.cli.{module}"), name)
        return speak(command, cmd_name)

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        teach_library()
        return super().make_context(info_name, args, parent, **extra)

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        speak(self, "kiosk")
        super().format_help(ctx, formatter)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, none of which need be loaded for it."""
        with formatter.section(say(language(), "click: Commands")):
            formatter.write_dl([(name, say(language(), f"help.{name}")) for name in self.list_commands(ctx)])


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.option("--config", "file", type=click.Path(path_type=Path), default=None)
@click.pass_context
def main(context: click.Context, file: Path | None) -> None:
    """Capture station for state exams."""
    keep_to_ourselves()
    context.obj = file or _default_config()


def run() -> NoReturn:
    """The program: `main`, and an end with its own exit status.

    Loading a network can't be interrupted. Python ends a thread that is at it when the interpreter goes, from within the
    library's C++, which then aborts the whole process; so the interpreter does not go while such a thread is alive.
    """
    gc.set_threshold(_CYCLES_AFTER)
    status: object = 0
    try:
        main()
    except SystemExit as end:
        status = end.code
    if any(thread.daemon for thread in threading.enumerate() if thread is not threading.main_thread()):
        logging.shutdown()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status if isinstance(status, int) else status is not None)
    sys.exit(status if isinstance(status, int | str) else 0)


def _default_config() -> Path:
    """`config.toml` here, else the one beside the package."""
    here = Path(_CONFIG)
    return here if here.exists() else Path(__file__).parents[2] / _CONFIG

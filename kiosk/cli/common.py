"""What the commands share: settings, the store, the console, and errors as words."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from getpass import getuser
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, Final, ParamSpec

import click
from rich.console import Console
from rich.progress import Progress

from kiosk import clock, config, durable
from kiosk.cli.spoken import language
from kiosk.config import Settings
from kiosk.errors import ConfigError, KioskError
from kiosk.languages import TERMINAL, languages, shown_on
from kiosk.records import Account, Notice
from kiosk.words import say, say_error, say_list, say_message

if TYPE_CHECKING:
    from kiosk.office.jobs import Telling
    from kiosk.store import Store

P = ParamSpec("P")
console: Final = Console()
existing_file: Final = click.Path(path_type=Path, exists=True, dir_okay=False)


class Worded(click.ParamType[str]):
    """One of some values, by its word in any language that the station speaks, or by the value itself."""

    name = "word"

    def __init__(self, values: Sequence[str], code: str) -> None:
        self._values = [str(one) for one in values]
        self._code = code

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        for one in self._values:
            if value in (one, *(say(spoken, f"{self._code}.{one}") for spoken in languages())):
                return one
        known = [say(language(), f"{self._code}.{one}") for one in self._values]
        raise click.BadParameter(say(language(), "cli.not_a_word", value=value, known=say_list(language(), known)), ctx, param)


def local_time(text: str) -> datetime:
    """An option's time of this machine's clock; raises click.BadParameter in the terminal's language."""
    try:
        return clock.local_time(text)
    except (ValueError, OverflowError):
        raise click.BadParameter(say(language(), "cli.not_a_time", value=text)) from None


def at_terminal() -> str:
    """Who gives a command, for the audit trail: whoever is logged in to the machine."""
    try:
        return f"命令行：{getuser()}"
    except (KeyError, OSError):  # no name for this user
        return "命令行"


def words_for_errors(command: Callable[P, None]) -> Callable[P, None]:
    """Errors end a command with words and exit status 2, never with a traceback."""

    @wraps(command)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except KioskError as error:
            wished = error.language if isinstance(error, ConfigError) and error.language in shown_on(TERMINAL) else ""
            click.secho(say_error(wished or language(), error), fg="red", err=True)
            sys.exit(2)

    return guarded


def print_line(words: str, style: str = "") -> None:
    """As it stands: what a name holds is no markup, and nothing is broken into lines but by the terminal."""
    console.print(words, style=style or None, highlight=False, markup=False, soft_wrap=True)


def settings_in(file: Path) -> tuple[Settings, Path]:
    """Settings, and the folder that their relative paths start from."""
    settings, folder = config.load(file), file.resolve().parent
    if settings.face.passive_check:
        sys.path.append(str(folder))  # a vendor's module may lie beside the settings
    return settings, folder


def load(file: Path) -> tuple[Settings, Path]:
    """The same, and from now on the school's own profiles in that folder."""
    from kiosk.exchange.shelf import BESIDE_CONFIG, look_in  # takes longer than the settings

    settings, folder = settings_in(file)
    look_in(folder / BESIDE_CONFIG)
    return settings, folder


@dataclass(frozen=True)
class Opened:
    """What a command on the station's data works with; relative paths of the settings, which stand in `file`, start
    from `folder`."""

    settings: Settings
    file: Path
    store: Store

    @property
    def folder(self) -> Path:
        return self.file.resolve().parent

    @property
    def language(self) -> str:
        return self.settings.station.language

    @property
    def export_folder(self) -> Path:
        """Where the station's exports and papers lie."""
        return self.folder / ("export-simulated" if self.store.simulated else "export")

    def notice(self) -> Notice:
        """What students are told; raises ExchangeError where the school's own text can't be read."""
        from kiosk.exchange import load_profile
        from kiosk.exchange.notice import notice_for

        return notice_for(self.settings, load_profile(self.settings.station.profile), self.folder)


def on_the_store(command: Callable[Concatenate[Opened, P], None]) -> Callable[..., None]:
    """A command on the station's data: opens the store and closes it, adds `--simulate`, tells errors in words."""

    @click.option("--simulate", is_flag=True)
    @click.option("--account", default="")
    @click.pass_obj
    @words_for_errors
    @wraps(command)
    def opened(file: Path, /, simulate: bool, account: str, *args: P.args, **kwargs: P.kwargs) -> None:
        from kiosk.ciphers import SUITES  # all of these take longer than most of what needs no store
        from kiosk.cli.unlocking import asking
        from kiosk.store import Store

        settings, folder = load(file)
        data, suite = settings.store.within(folder, simulated=simulate), SUITES[settings.store.suite]
        places = settings.office.databases(simulated=simulate)
        with Store.open(data, suite=suite, unlock=asking(data, settings.station.language, account), **places) as store:
            tell_of_suite(store, settings)
            command(Opened(settings, file, store), *args, **kwargs)

    return opened


def proven(opened: Opened, who: str) -> Account:
    """The account of an id or name, once its PIN was given. Raises KioskError."""
    found = [one for one in opened.store.accounts.open() if who in (one.id, one.name)]
    if len(found) != 1:
        raise KioskError("retention.account", name=who)
    pin = click.prompt(say(opened.language, "cli.retention.pin", name=found[0].name), hide_input=True)
    return opened.store.accounts.prove(found[0].id, pin)


def tell_of_suite(store: Store, settings: Settings) -> None:
    """Say when the settings want other algorithms than the data were made with."""
    from kiosk.ciphers import SUITES

    if (message := store.other_suite(SUITES[settings.store.suite])) is not None:
        click.secho(say_message(settings.station.language, message), fg="yellow", err=True)


def write_whole(file: Path, data: bytes) -> None:
    """The whole file or nothing: what was there before stays until then. Raises KioskError("photo.unwritable")."""
    try:
        durable.write_whole(file, data)
    except OSError as error:
        raise KioskError("photo.unwritable", file=str(file), details=error.strerror or error) from None


@contextmanager
def watched(language: str, code: str) -> Iterator[Telling]:
    """A bar for long work, from the first that it is told on (before that somebody may be asked for a PIN): how much of how
    much is done, 0 of 0 where nobody knows. A pipe gets none."""
    shown = Progress(console=console, transient=True, disable=not console.is_terminal)
    task = shown.add_task(say(language, code), total=None)

    def tell(done: int, total: int = 0) -> None:
        shown.start()
        shown.update(task, completed=done, total=total or None)

    try:
        yield tell
    finally:
        shown.stop()


@contextmanager
def waiting(language: str, code: str) -> Iterator[None]:
    """A bar for work that nobody knows the length of."""
    with watched(language, code) as tell:
        tell(0)
        yield


def reason_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Why, for the audit trail."""
    return click.option("--reason", required=True)(command)


def by_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Who does it, for the audit trail."""
    return click.option("--by", required=True)(command)

"""`kiosk serve`: the station with its screens, until Ctrl-C."""

from __future__ import annotations

import importlib
import logging
import shutil
import signal
import socket
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing
from functools import partial
from logging.handlers import RotatingFileHandler
from os import environ
from pathlib import Path
from typing import TYPE_CHECKING

import click
from flask import Flask

from kiosk.ciphers import SUITES
from kiosk.cli import browser
from kiosk.cli.common import console, load, words_for_errors
from kiosk.cli.runs import Runs
from kiosk.cli.simulated import simulator, with_simulation_options
from kiosk.config import Settings, SettingsFile
from kiosk.errors import KioskError, StoreError
from kiosk.listening import HOST, listen
from kiosk.store import (
    Unlock,
    has_machine_slot,
    is_new,
    is_sealed,
    prepare_folder,
    require_free,
    this_machine,
    unlock_copy,
    unlock_machine,
    unlock_open,
)
from kiosk.web import Entered, Entrance, admit, create_app, serve_app
from kiosk.words import say, say_error, say_message

if TYPE_CHECKING:
    from kiosk.assembly import Kiosk
    from kiosk.simulation import Simulator


@click.command()
@click.option("--simulate", is_flag=True)
@click.option("--students", default=12, show_default=True)
@with_simulation_options
@click.option("--port", type=int, default=None)
@click.option("--no-browser", is_flag=True)
@click.pass_obj
@words_for_errors
def serve(
    file: Path, simulate: bool, students: int, seed: int, realistic: bool, pcsc: bool, port: int | None, no_browser: bool
) -> None:
    """Run the station."""
    runs = Runs(SettingsFile(file))
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: runs.stop())
    with ExitStack() as shown:
        while True:
            try:
                settings, folder = load(file)
                wanted = settings.web.port if port is None else port
                # What can't be is told before the networks' libraries are loaded, which takes seconds.
                with closing(listen(runs.port(wanted))) as at:
                    runs.keep_port(wanted, at.getsockname()[1])
                    require_free(settings.store.within(folder, simulated=simulate))
                    _log_to(folder / settings.store.folder)
                    people = simulator(students, seed, realistic=realistic, pcsc=pcsc) if simulate else None
                    if not _serve(settings, folder, people, at, runs, shown if not no_browser else None, port):
                        break
            except KioskError as error:
                if not runs.take_back(error):
                    raise
    console.print(say(settings.station.language, "cli.stopped"), highlight=False)


def _serve(
    settings: Settings,
    folder: Path,
    people: Simulator | None,
    at: socket.socket,
    runs: Runs,
    shown: ExitStack | None,
    port: int | None,
) -> bool:
    """One run of the station; True: another one is wanted. `shown` closes what the browser shows; None: it shows nothing."""
    address = "http://{}:{}".format(*at.getsockname())
    data = settings.store.within(folder, simulated=people is not None)
    with ExitStack() as begun, ExitStack() as door:
        entrance, entered = None, None
        unlock = runs.unlock_of(data) or _without_asking(data, settings.station.language, simulated=people is not None)
        if unlock is None:
            entrance = _entrance(settings, data, at, door)
            waiting = "cli.entrance_new" if is_new(data) else "cli.entrance"
            console.print(say(settings.station.language, waiting, url=address), highlight=False, soft_wrap=True)
            _show(address, runs, shown)
            entered = entrance.wait(runs.stopped)
            if entered is None and not entrance.begins_new:
                return False
            unlock = entered.unlock if entered is not None else unlock_open
        try:
            kiosk, app = _station(settings, folder, people, address, entered, unlock, begun, runs, port)
        except StoreError as error:
            if entrance is not None and runs.first:
                _tell(entrance, error, settings.station.language, runs)
            raise
        if entered is not None:
            runs.keep_unlock(data, entered.unlock)
        if entrance is not None and entrance.restored is not None:
            kiosk.store.audit.record("backup.restore", backup=entrance.restored.at.isoformat())
        server = serve_app(app, at)
        begun.callback(server.stop)
        door.close()
        for line in greeting(kiosk, settings.station.language, server.url):
            console.print(line, highlight=False, soft_wrap=True)
        if entrance is None:
            _show(address, runs, shown)
        runs.note_up()
        return runs.wait()


def _without_asking(data: Path, language: str, *, simulated: bool) -> Unlock | None:
    """What opens the store where nobody has to be asked; None where somebody has."""
    if is_sealed(data):
        return by_machine(data, language)
    return unlock_open if simulated or not is_new(data) else None


def _tell(entrance: Entrance, error: StoreError, language: str, runs: Runs) -> None:
    """Say on the page and at the terminal why the station can't be opened, until somebody ends the program."""
    entrance.fail(error)
    console.print(say_error(language, error), highlight=False, soft_wrap=True)
    runs.wait()


def by_machine(data: Path, language: str) -> Unlock | None:
    """The machine's own word, where somebody wished that it opens the store; None where it can't, which is told."""
    if not has_machine_slot(data):
        return None
    machine = this_machine()
    try:
        if machine is None:
            raise StoreError("store.no_machine")
        keys = unlock_copy(data, lambda ring: unlock_machine(ring, machine))
    except StoreError as error:
        console.print(say_error(language, error), highlight=False, soft_wrap=True)
        return None
    console.print(say(language, "cli.machine"), highlight=False, soft_wrap=True)
    return lambda _: keys


def _entrance(settings: Settings, data: Path, at: socket.socket, door: ExitStack) -> Entrance:
    """The page that asks for a PIN, at the station's own address. While it waits, the station's libraries are loaded."""
    entrance = Entrance(settings, data)
    door.callback(serve_app(entrance.app, at.dup()).stop)
    threading.Thread(target=importlib.import_module, args=("kiosk.assembly",), name="libraries", daemon=True).start()
    return entrance


def _station(
    settings: Settings,
    folder: Path,
    people: Simulator | None,
    address: str,
    entered: Entered | None,
    unlock: Unlock,
    begun: ExitStack,
    runs: Runs,
    port: int | None,
) -> tuple[Kiosk, Flask]:
    """The station, started, and its screens; whoever opened the store is logged in."""
    from kiosk.assembly import Kiosk

    kiosk = begun.enter_context(Kiosk(settings, folder, people, address=address, unlock=unlock, file=runs.file))
    _keep_temporary_files_in(kiosk.data_folder / "temporary", sweep=runs.first)
    if runs.taken_back is not None and kiosk.office.configuration is not None:
        kiosk.office.configuration.note_taken_back(runs.taken_back)
    app = create_app(
        station=kiosk.station,
        office=kiosk.office,
        settings=kiosk.settings,
        simulator=people,
        demonstrator=kiosk.demonstrator,
        checkup=kiosk.checkup,
        staff_desk=kiosk.staff_desk,
        enroller=kiosk.enroller,
        uploads=kiosk.data_folder / "uploads",
        secret=entered.secret if entered is not None else None,
        restart=partial(_again, runs, settings, port, address),
    )
    if entered is not None:
        admit(app, entered, kiosk.office.accounts)
    return kiosk, app


def _again(runs: Runs, settings: Settings, port: int | None, address: str) -> str:
    """Have another run with the settings as they are now: where its screens will be. Raises ConfigError."""
    changed, _ = load(runs.file.path)
    runs.ask()
    moved = port is None and changed.web.port != settings.web.port
    return f"http://{HOST}:{changed.web.port}" if moved and changed.web.port else address


def _show(address: str, runs: Runs, shown: ExitStack | None) -> None:
    """Open the operator's screen, where there is a display; in a later run it is open already."""
    if shown is not None and runs.first and _has_display():
        shown.enter_context(browser.opened(f"{address}/operator"))


def greeting(kiosk: Kiosk, language: str, url: str) -> Iterator[str]:
    """Where the screens are, and what of this station nobody has tried on the real thing."""
    yield say(language, "cli.serving", url=url)
    if kiosk.simulator is not None:
        yield say(language, "cli.simulated")
    elif kiosk.unverified:
        yield say(language, "cli.unverified", devices="、".join(say(language, f"device.{kind}") for kind in kiosk.unverified))
    if (other := kiosk.store.other_suite(SUITES[kiosk.settings.store.suite])) is not None:
        yield say_message(language, other)
    if kiosk.passive_check:
        yield say(language, "cli.passive_check", check=kiosk.passive_check)


def _has_display() -> bool:
    return sys.platform in {"win32", "darwin"} or bool(environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"))


def _keep_temporary_files_in(folder: Path, *, sweep: bool = True) -> None:
    """What comes through the browser passes through temporary files of the server, some of it in the clear: they lie among the
    station's own data, and what a killed program left is removed with `sweep`. Raises StoreError."""
    if sweep:
        shutil.rmtree(folder, ignore_errors=True)
    prepare_folder(folder)
    tempfile.tempdir = str(folder)


def _log_to(folder: Path) -> None:
    """What happened, without anybody's data, beside the data: `kiosk.log`, five files of 1 MB. Raises StoreError."""
    prepare_folder(folder)
    try:
        handler = RotatingFileHandler(folder / "kiosk.log", maxBytes=1_000_000, backupCount=4, encoding="utf-8")
    except OSError:
        raise StoreError("store.folder_read_only", folder=str(folder)) from None
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)

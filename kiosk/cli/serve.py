"""`kiosk serve`: the station with its screens, until Ctrl-C."""

from __future__ import annotations

import logging
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, nullcontext
from logging.handlers import RotatingFileHandler
from os import environ
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kiosk.cli import browser
from kiosk.cli.common import console, load, words_for_errors
from kiosk.cli.simulated import simulator, with_simulation_options
from kiosk.config import Settings
from kiosk.errors import StoreError
from kiosk.listening import listen
from kiosk.store import prepare_folder, require_free
from kiosk.words import say

if TYPE_CHECKING:
    from kiosk.assembly import Kiosk
    from kiosk.simulation import Simulator


@click.command()
@click.option("--simulate", is_flag=True, help="使用模拟设备 / simulated devices.")
@click.option("--students", default=12, show_default=True, help="模拟考生人数 / how many simulated students.")
@with_simulation_options
@click.option("--port", type=int, default=None, help="端口 / port (config: web.port).")
@click.option("--no-browser", is_flag=True, help="不打开浏览器 / don't open a browser.")
@click.pass_obj
@words_for_errors
def serve(
    file: Path, simulate: bool, students: int, seed: int, realistic: bool, pcsc: bool, port: int | None, no_browser: bool
) -> None:
    """启动采集站 / Run the station."""
    settings, folder = load(file)
    # What can't be is told before the networks' libraries are loaded, which takes seconds.
    with closing(listen(settings.web.port if port is None else port)) as at:
        require_free(settings.store.within(folder, simulated=simulate))
        _log_to(folder / settings.store.folder)
        people = simulator(students, seed, realistic=realistic, pcsc=pcsc) if simulate else None
        _serve(settings, folder, people, at, show=not no_browser)
    console.print(say(settings.station.language, "cli.stopped"), highlight=False)


def _serve(settings: Settings, folder: Path, people: Simulator | None, at: socket.socket, *, show: bool) -> None:
    from kiosk.assembly import Kiosk
    from kiosk.web import create_app, serve_app

    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    address = "http://{}:{}".format(*at.getsockname())
    with Kiosk(settings, folder, people, address=address) as kiosk:
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
        )
        server = serve_app(app, at)
        try:
            for line in greeting(kiosk, settings.station.language, server.url):
                console.print(line, highlight=False, soft_wrap=True)
            shown = browser.opened(f"{server.url}/operator") if show and _has_display() else nullcontext()
            with shown:
                while not stopped.wait(0.5):  # short waits: on Windows a signal does not end a long one
                    pass
        finally:
            server.stop()


def greeting(kiosk: Kiosk, language: str, url: str) -> Iterator[str]:
    """Where the screens are, and what of this station nobody has tried on the real thing."""
    yield say(language, "cli.serving", url=url)
    if kiosk.simulator is not None:
        yield say(language, "cli.simulated")
    elif kiosk.unverified:
        yield say(language, "cli.unverified", devices="、".join(say(language, f"device.{kind}") for kind in kiosk.unverified))
    if kiosk.passive_check:
        yield say(language, "cli.passive_check", check=kiosk.passive_check)


def _has_display() -> bool:
    return sys.platform in {"win32", "darwin"} or bool(environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"))


def _log_to(folder: Path) -> None:
    """What happened, without anybody's data, beside the data: `kiosk.log`, five files of 1 MB. Raises StoreError."""
    prepare_folder(folder)
    try:
        handler = RotatingFileHandler(folder / "kiosk.log", maxBytes=1_000_000, backupCount=4, encoding="utf-8")
    except OSError:
        raise StoreError("store.folder_read_only", folder=str(folder)) from None
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])

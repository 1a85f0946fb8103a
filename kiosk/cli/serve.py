"""`kiosk serve`: the station with its screens, until Ctrl-C."""

from __future__ import annotations

import logging
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import nullcontext
from logging.handlers import RotatingFileHandler
from os import environ
from pathlib import Path

import click

from kiosk.assembly import Kiosk
from kiosk.cli import browser
from kiosk.cli.common import console, load, words_for_errors
from kiosk.cli.simulated import simulator, with_simulation_options
from kiosk.web import create_app, serve_app
from kiosk.words import say


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
    people = simulator(students, seed, realistic=realistic, pcsc=pcsc) if simulate else None
    _log_to(folder / settings.store.folder)
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    with Kiosk(settings, folder, people) as kiosk:
        app = create_app(station=kiosk.station, office=kiosk.office, settings=kiosk.settings, simulator=people)
        server = serve_app(app, settings.web.port if port is None else port)
        try:
            for line in greeting(kiosk, settings.station.language, server.url):
                console.print(line, highlight=False, soft_wrap=True)
            shown = browser.opened(f"{server.url}/operator") if not no_browser and _has_display() else nullcontext()
            with shown:
                while not stopped.wait(0.5):  # short waits: on Windows a signal does not end a long one
                    pass
        finally:
            server.stop()
    console.print(say(settings.station.language, "cli.stopped"), highlight=False)


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
    """What happened, without anybody's data, beside the data: `kiosk.log`, five files of 1 MB."""
    folder.mkdir(parents=True, exist_ok=True)
    handler = RotatingFileHandler(folder / "kiosk.log", maxBytes=1_000_000, backupCount=4, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])

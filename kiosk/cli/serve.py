"""`kiosk serve`: the station with its screens, until Ctrl-C.

Here is what has to be there at once: the settings, the port, and a page that says that the station is starting. What takes
seconds to load is in `running`.
"""

from __future__ import annotations

import signal
from contextlib import ExitStack, closing
from pathlib import Path

import click

from kiosk.cli import browser
from kiosk.cli.common import console, settings_in, words_for_errors
from kiosk.cli.runs import Runs
from kiosk.cli.simulated import simulator, with_simulation_options
from kiosk.config import SettingsFile
from kiosk.errors import KioskError
from kiosk.listening import listen
from kiosk.memory import share_pools
from kiosk.starting import Starting, shown
from kiosk.words import say


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
    share_pools()
    runs = Runs(SettingsFile(file), port)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: runs.stop())
    with ExitStack() as windows:
        while True:
            try:
                settings, folder = settings_in(file)
                with closing(listen(runs.port(settings.web.port))) as at, ExitStack() as starts:
                    runs.keep_port(settings.web.port, at.getsockname()[1])
                    starting = Starting(settings.station.language)
                    starts.enter_context(shown(starting, at))
                    if runs.first and not no_browser and browser.has_display():
                        windows.enter_context(browser.opened("http://{}:{}/operator".format(*at.getsockname())))
                    from kiosk.cli.running import Run  # takes seconds

                    people = simulator(students, seed, realistic=realistic, pcsc=pcsc) if simulate else None
                    if not Run(settings, folder, people, at, runs, starting, starts).until_the_end():
                        break
            except KioskError as error:
                if not runs.take_back(error):
                    raise
    console.print(say(settings.station.language, "cli.stopped"), highlight=False)

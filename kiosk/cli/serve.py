"""`kiosk serve`: the station with its screens, until Ctrl-C.

Here is what has to be there at once: the settings, the port, and a page that says that the station is starting. What takes
seconds to load is in `running`.
"""

from __future__ import annotations

import sys
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Final

import click

from kiosk.cli import browser
from kiosk.cli.common import console, settings_in, words_for_errors
from kiosk.cli.ending import end_by_signals
from kiosk.cli.log import log_to
from kiosk.cli.monitors import monitors, places
from kiosk.cli.runs import Runs
from kiosk.cli.simulated import simulator, with_simulation_options
from kiosk.cli.windows import Windows
from kiosk.config import Settings, SettingsFile
from kiosk.errors import KioskError
from kiosk.listening import HOST, listen
from kiosk.memory import share_pools
from kiosk.starting import Starting, shown
from kiosk.words import say

_POLL_S: Final = 0.5


@click.command()
@click.option("--simulate", is_flag=True)
@click.option("--students", default=12, show_default=True)
@with_simulation_options
@click.option("--port", type=int, default=None)
@click.option("--kiosk", is_flag=True)
@click.option("--no-browser", is_flag=True)
@click.pass_obj
@words_for_errors
def serve(
    file: Path,
    simulate: bool,
    students: int,
    seed: int,
    realistic: bool,
    pcsc: bool,
    port: int | None,
    kiosk: bool,
    no_browser: bool,
) -> None:
    """Run the station."""
    share_pools()
    runs = Runs(SettingsFile(file), port, simulated=simulate)
    end_by_signals(runs.stop)
    visible = not no_browser and browser.has_display()
    with ExitStack() as screens:
        windows: Windows | None = None
        while True:
            settings: Settings | None = None
            try:
                settings, folder = settings_in(file)
                with closing(listen(runs.port(settings.web.port))) as at, ExitStack() as starts:
                    runs.keep_port(settings.web.port, at.getsockname()[1])
                    starting = Starting(settings.station.language)
                    starts.enter_context(shown(starting, at))
                    if runs.first and visible:
                        url = "http://{}:{}/operator".format(*at.getsockname())
                        windows = _show(url, settings, runs, screens, full=kiosk or settings.web.kiosk)
                    from kiosk.store import require_free  # takes a second

                    require_free(settings.store.within(folder, simulated=runs.simulated))
                    log_to(folder / settings.store.folder)
                    from kiosk.cli.running import Run  # takes several

                    people = simulator(students, seed, realistic=realistic, pcsc=pcsc) if runs.simulated else None
                    if not Run(settings, folder, people, at, runs, starting, starts, windows).until_the_end():
                        break
                from kiosk.release import RESTART_STATUS, another_version_waits  # nobody needs it for the first start

                if another_version_waits():  # the start script begins it
                    sys.exit(RESTART_STATUS)
            except KioskError as error:
                if runs.first and visible and settings is not None and (kiosk or settings.web.kiosk):
                    screens.close()
                    if running := _running_at(error, settings.store.within(folder, simulated=simulate)):
                        _bring_up(running, settings, runs)
                        return
                if not runs.take_back(error):
                    raise
    console.print(say(settings.station.language, "cli.stopped"), highlight=False)


def _show(url: str, settings: Settings, runs: Runs, screens: ExitStack, *, full: bool) -> Windows | None:
    """Open the operator's screen: over the whole monitor in a window that `Windows` looks after, or in an ordinary one."""
    program = browser.find() if full else None
    if program is None:
        if full:
            console.print(say(settings.station.language, "cli.kiosk_no_browser"), highlight=False, soft_wrap=True)
        screens.enter_context(browser.opened(url))
        return None
    swapped = settings.web.swap_monitors
    windows = Windows(program, url, lambda: places(monitors(), swapped=swapped), runs.stop)
    screens.callback(windows.close)
    windows.start()
    return windows


def _running_at(error: KioskError, data: Path) -> str:
    """Where the screens are of a station that runs on the same data already; empty where that is not what went wrong."""
    if error.code == "web.port_taken":
        from kiosk.store import require_free  # takes longer than finding out that the port is taken

        try:
            require_free(data)
        except KioskError as found:
            error = found
    address = str(error.data.get("address", "")) if error.code == "store.in_use" else ""
    return address if address.startswith(f"http://{HOST}:") else ""


def _bring_up(address: str, settings: Settings, runs: Runs) -> None:
    """Show the screens of the station that runs, until somebody closes the window; it goes on."""
    console.print(say(settings.station.language, "cli.kiosk_running", url=address), highlight=False, soft_wrap=True)
    with browser.opened(f"{address}/operator") as window:
        while window is not None and window.ended is None and not runs.stopped.wait(_POLL_S):
            pass

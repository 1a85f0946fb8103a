"""The station's windows stay where they belong; a stand-in for the browser notes how it was started, and ends as it is told."""

from __future__ import annotations

import itertools
import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest

from kiosk.cli import browser
from kiosk.cli.monitors import Monitor, Places
from kiosk.cli.windows import Up, Windows

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the stand-in is a script, watched by /proc")

MAIN, OTHER, THIRD = Monitor(0, 0, 1366, 768, primary=True), Monitor(1366, 0, 1920, 1080), Monitor(3286, 0, 1280, 1024)
# Writes down its process and its options; a person closes it by USR1, it crashes by KILL.
STAND_IN = """#!/bin/sh
trap 'exit 0' USR1
printf '%s\\n' "$$" "$@" > "{folder}/new.$$" && mv "{folder}/new.$$" "{folder}/$$.started"
while :; do sleep 0.05; done
"""
PATIENCE_S = 20


class Desktop:
    """Monitors, the stand-in's windows, and a station behind them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.program = folder / "browser"
        self.program.write_text(STAND_IN.format(folder=folder))
        self.program.chmod(0o700)
        self.places = Places(MAIN, OTHER)
        self.at_desk = False
        self.looks = 0
        self.left = threading.Event()
        self.tickets = itertools.count(1)
        self.windows = Windows(str(self.program), "http://starting", self.look, self.left.set, poll_s=0.02)
        self.up = Up(
            "http://up/operator",
            lambda: f"http://up/student/window?ticket={next(self.tickets)}",
            lambda: self.at_desk,
            "http://up/end",
        )

    def look(self) -> Places:
        self.looks += 1
        return self.places

    def wait(self, found: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not found():
            assert time.monotonic() < deadline, self.started()
            time.sleep(0.01)

    def started(self) -> Sequence[list[str]]:
        """The windows that were ever opened: the process, then the options."""
        notes = sorted(self.folder.glob("*.started"), key=lambda path: path.stat().st_mtime_ns)
        return [path.read_text().splitlines() for path in notes]

    def is_open_once(self, text: str) -> bool:
        return len(self.open(text)) == 1

    def open(self, kind: str) -> list[list[str]]:
        """Those of them that are open."""
        return [one for one in self.started() if any(kind in option for option in one) and self._runs(int(one[0]))]

    def end(self, kind: str, how: signal.Signals) -> None:
        """A window is closed (USR1) or crashes (KILL)."""
        (window,) = self.open(kind)
        os.kill(int(window[0]), how)

    @staticmethod
    def _runs(process: int) -> bool:
        return Path(f"/proc/{process}/cmdline").exists() and bool(Path(f"/proc/{process}/cmdline").read_bytes())


@pytest.fixture
def desktop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desktop]:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    found = Desktop(tmp_path)
    yield found
    found.windows.close()
    assert found.open("http") == []
    assert list(tmp_path.glob("kiosk-browser-*")) == [], "profiles are thrown away"


def test_each_window_fills_its_monitor_in_a_profile_of_its_own_and_ends_with_the_station(desktop: Desktop) -> None:
    desktop.windows.start()
    desktop.wait(lambda: len(desktop.open("operator") or desktop.open("starting")) == 1)
    with ExitStack() as run:
        run.enter_context(desktop.windows.up(desktop.up))
        desktop.wait(lambda: len(desktop.open("ticket")) == 1)
        (operator,), (student,) = desktop.open("starting"), desktop.open("ticket")
        assert {"--app=http://starting", "--start-fullscreen", "--window-position=0,0", "--window-size=1366,768"} <= set(
            operator
        )
        assert {"--kiosk", "--window-position=1366,0", "--window-size=1920,1080", *browser.STUDENT} <= set(student)
        assert "--app=http://up/student/window?ticket=1" in student
        assert not {"--start-maximized"} & {*operator, *student}
        profiles = {option for option in (*operator, *student) if option.startswith("--user-data-dir=")}
        assert len(profiles) == 2
    assert desktop.open("ticket") == []
    assert desktop.open("starting") != [], "the operator's goes on: the station may be assembled anew"
    assert not desktop.left.is_set()


def test_the_student_s_window_comes_back_with_another_ticket(desktop: Desktop) -> None:
    desktop.windows.start()
    with desktop.windows.up(desktop.up):
        for ticket, how in ((1, signal.SIGUSR1), (2, signal.SIGKILL)):
            desktop.wait(partial(desktop.is_open_once, f"ticket={ticket}"))
            desktop.end("ticket", how)
        desktop.wait(lambda: len(desktop.open("ticket=3")) == 1)
    assert not desktop.left.is_set()


def test_the_student_s_window_follows_the_monitors(desktop: Desktop) -> None:
    desktop.places = Places(MAIN)
    desktop.windows.start()
    with desktop.windows.up(desktop.up):
        desktop.wait(lambda: len(desktop.open("starting")) == 1)
        assert desktop.windows.alone
        assert desktop.open("ticket") == []
        for place in (OTHER, THIRD):
            desktop.places = Places(MAIN, place)  # plugged in; then arranged otherwise
            desktop.wait(partial(desktop.is_open_once, f"--window-position={place.x},0"))
        desktop.places = Places(MAIN)  # pulled
        desktop.wait(lambda: desktop.open("ticket") == [])
        assert len(desktop.open("starting")) == 1
    assert len(desktop.started()) == 3


def test_closing_the_operator_s_window_ends_the_station_but_not_a_capture(desktop: Desktop) -> None:
    desktop.windows.start()
    desktop.wait(lambda: len(desktop.open("starting")) == 1)
    with desktop.windows.up(desktop.up):
        desktop.end("starting", signal.SIGKILL)  # a crash is nobody's wish
        desktop.wait(lambda: len(desktop.open("up/operator")) == 1)
        desktop.at_desk = True
        desktop.end("up/operator", signal.SIGUSR1)
        desktop.wait(lambda: len(desktop.started()) >= 3 and len(desktop.open("up/end")) == 1)  # where it tells why
        assert not desktop.left.is_set()
        desktop.at_desk = False
        desktop.end("up/end", signal.SIGUSR1)
        assert desktop.left.wait(PATIENCE_S)
    assert desktop.open("up/") == []


def test_whoever_closes_the_window_while_the_station_starts_ends_it(desktop: Desktop) -> None:
    desktop.windows.start()
    desktop.wait(lambda: len(desktop.open("starting")) == 1)
    desktop.end("starting", signal.SIGUSR1)
    assert desktop.left.wait(PATIENCE_S)


def test_a_browser_that_fails_at_once_is_not_started_for_ever(desktop: Desktop) -> None:
    desktop.program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$$" "$@" > "{desktop.folder}/$$.started"\nexit 1\n')
    desktop.windows.start()
    desktop.wait(lambda: len(desktop.started()) == 3)
    looks = desktop.looks
    desktop.wait(lambda: desktop.looks > looks + 10)
    assert len(desktop.started()) == 3
    assert not desktop.left.is_set()

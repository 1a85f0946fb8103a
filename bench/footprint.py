"""How light a serving station is: how soon it answers, and what it holds after one student, fifty, a thousand.

`python -m bench.footprint [--students 1000] [--pulls 50]`

The station is `kiosk serve --simulate` in a process of its own, with bytecode cached as a second start in a school has it. An
operator's and a student's browser are open all the time: they follow the state, show every frame of the live picture, and fetch
the pictures that a state names. A third one plays the students, and pulls a plug before every so many of them. Memory and
processor seconds are the kernel's figures of that process; the simulated devices and people live in it, too, which a real
station does without. The ratio at the end compares the same run: what it holds at the end, and held after fifty students.
"""

from __future__ import annotations

import argparse
import http.client
import itertools
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from math import sin
from pathlib import Path
from typing import Any, Final, NamedTuple

from bench.figures import kept, note, option

ROOT: Final = Path(__file__).parents[1]
_TICKS: Final = os.sysconf("SC_CLK_TCK")
_SAMPLED_AFTER: Final = (0, 1, 10, 50, 100, 200, 400, 600, 800, 1000)
_WARM: Final = 50  # students, after which nothing may grow
_CALM_S: Final = 3.0  # before a sample: what a student's way began is over
_STUCK_S: Final = 180.0
_PLUGS: Final = ("card", "camera", "finger")
_OVER: Final = frozenset({"saved", "refused", "decision"})
_NOT_YET: Final = (OSError, http.client.HTTPException)
_STROKES: Final = [[[60 + 5 * n, 120 + 60 * sin(n / 5), 12 * n, 0.5] for n in range(96)]]


class Sample(NamedTuple):
    """What the process holds at a moment. MB, but for the last three."""

    resident: float
    own: float  # not shared with other processes
    peak: float
    threads: int
    files: int
    busy_s: float  # of processors, since its start


@dataclass
class Moment:
    """Something was there: seconds since the start by the clock, and of processors."""

    name: str
    clock_s: float
    busy_s: float


class Browser:
    """One page's connections: a cookie, a token, and requests one after the other."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._cookie = ""
        self._token = ""
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_STUCK_S)

    def open(self, address: str) -> None:
        """Load a page, and take its token."""
        _, page = self.get(address)
        found = re.search(rb'name="csrf-token" content="([^"]+)"', page)
        assert found, page[:500]
        self._token = found[1].decode()

    def twin(self) -> Browser:
        """Another connection of the same page."""
        other = Browser(self._port)
        other._cookie, other._token = self._cookie, self._token
        return other

    def get(self, address: str) -> tuple[http.client.HTTPResponse, bytes]:
        return self._ask("GET", address, None)

    def post(self, address: str, body: object = None) -> int:
        return self._ask("POST", address, json.dumps(body or {}))[0].status

    def _ask(self, method: str, address: str, body: str | None) -> tuple[http.client.HTTPResponse, bytes]:
        headers = {"Cookie": self._cookie} if self._cookie else {}
        if body is not None:
            headers |= {"X-CSRFToken": self._token, "Content-Type": "application/json"}
        try:
            self._connection.request(method, address, body, headers)
            answer = self._connection.getresponse()
            content = answer.read()
        except _NOT_YET:
            self._connection.close()
            raise
        if given := answer.headers.get("Set-Cookie"):
            self._cookie = given.split(";")[0]
        return answer, content


class Screen:
    """A page that is open: follows the state, shows the live picture, fetches what the state names."""

    def __init__(self, port: int, name: str) -> None:
        self.name = name
        self.browser = Browser(port)
        self.browser.open(f"/{name}")
        self.state: dict[str, Any] = {"number": 0}
        self.changed = threading.Condition()
        self.frames = 0
        self._closed = threading.Event()
        for work in (self._follow, self._watch):
            threading.Thread(target=work, args=(self.browser.twin(),), daemon=True).start()

    def close(self) -> None:
        self._closed.set()

    def wait(self, suits: Any, within_s: float = _STUCK_S) -> dict[str, Any]:
        """The newest state, as soon as it suits."""
        with self.changed:
            if not self.changed.wait_for(lambda: suits(self.state), within_s):
                raise TimeoutError(f"stuck: {self.state.get('phase')} {self.state.get('instruction')}")
            return self.state

    def _follow(self, browser: Browser) -> None:
        shown: set[str] = set()
        while not self._closed.is_set():
            with suppress(*_NOT_YET):
                _, content = browser.get(f"/state?screen={self.name}&after={self.state['number']}")
                state = json.loads(content)
                named = set(state["pictures"].values())
                for address in sorted(named - shown):
                    browser.get(address)
                shown = named
                with self.changed:
                    self.state = state
                    self.changed.notify_all()

    def _watch(self, browser: Browser) -> None:
        number = 0
        while not self._closed.is_set():
            with suppress(*_NOT_YET):
                answer, _ = browser.get(f"/frame?screen={self.name}&after={number}")
                if answer.status == http.HTTPStatus.OK:
                    number = int(answer.headers["X-Frame"])
                    self.frames += 1


class Student:
    """Somebody who does what the student's screen says, and an operator who lets nobody pass."""

    def __init__(self, operator: Screen, student: Screen, number: int) -> None:
        self._operator, self._student = operator, student
        self._play = operator.browser
        self._number = number

    def go_through(self) -> str:
        """From the card to the card's taking; returns the phase in which it ended."""
        self._student.wait(lambda state: state.get("phase") == "waiting")
        seen = self._student.state["number"]
        self._act(f"lay/{self._number}")
        self._act(f"sit/{self._number}")
        try:
            while True:
                state = self._student.wait(lambda state, seen=seen: state["number"] > seen)
                seen = state["number"]
                if state["phase"] in _OVER:
                    return self._leave(state)
                self._answer(state)
        finally:
            for act in ("lift", "take", "stand"):
                self._act(act)

    def _answer(self, state: dict[str, Any]) -> None:
        if state["cue"] == "press":
            self._act(f"press/{self._number}/{state['pictogram'].replace('-', '_')}")
        elif state["cue"] == "sign":
            drawn = {"party": "student", "width": 600, "height": 240, "strokes": _STROKES}
            self._play.post("/hand-in", {"about": state["turn"], "given": drawn})
        else:
            self._act("lift")
            if state["cue"] == "call":
                self._play.post("/command", {"command": "guardian", "about": state["turn"], "name": "王某"})

    def _leave(self, state: dict[str, Any]) -> str:
        if state["phase"] == "decision":
            order = {"command": "abort", "about": state["turn"], "cause": "left"}
            self._play.post("/command", order)
        return str(state["phase"])

    def _act(self, what: str) -> None:
        self._play.post(f"/play/{what}")


class Station:
    """`kiosk serve --simulate` in a process of its own, started at once."""

    def __init__(self, folder: Path, students: int) -> None:
        (folder / "config.toml").touch()
        self.port = _free_port()
        command = [sys.executable, "-m", "kiosk", "--config", str(folder / "config.toml"), "serve", "--simulate"]
        command += ["--no-browser", "--students", str(students), "--port", str(self.port)]
        self._began_s = time.monotonic()
        self._process = subprocess.Popen(command, cwd=ROOT, env=_cached(), stdout=subprocess.DEVNULL)

    def come_up(self) -> list[Moment]:
        """Wait for the first answer and for the operator's page."""
        moments: list[Moment] = []
        while self._process.poll() is None:
            with suppress(*_NOT_YET):
                answer, _ = Browser(self.port).get("/operator")
                if not moments:
                    moments.append(self._moment("first answer"))
                if answer.status == http.HTTPStatus.OK:
                    return [*moments, self._moment("operator's page")]
            time.sleep(0.02)
        raise RuntimeError("the station ended")

    def _moment(self, name: str) -> Moment:
        return Moment(name, time.monotonic() - self._began_s, self.sample().busy_s)

    def sample(self) -> Sample:
        """What the process holds now."""
        here = Path("/proc") / str(self._process.pid)
        status = dict(line.split(":", 1) for line in (here / "status").read_text().splitlines())
        rollup = dict(line.split(":", 1) for line in (here / "smaps_rollup").read_text().splitlines()[1:])
        busy = (here / "stat").read_text().rsplit(")", 1)[1].split()[11:13]
        own = sum(_megabytes(rollup[kind]) for kind in ("Private_Clean", "Private_Dirty"))
        return Sample(
            _megabytes(status["VmRSS"]),
            own,
            _megabytes(status["VmHWM"]),
            int(status["Threads"]),
            len(list((here / "fd").iterdir())),
            sum(map(int, busy)) / _TICKS,
        )

    def end(self) -> None:
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(30)
        finally:
            self._process.kill()


def _megabytes(value: str) -> float:
    return int(value.split(maxsplit=1)[0]) / 1024


def _free_port() -> int:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def _cached() -> dict[str, str]:
    """The environment as it is here, but bytecode is kept."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


@contextmanager
def _serving(folder: Path, students: int) -> Iterator[tuple[Station, list[Moment]]]:
    station = Station(folder, students)
    try:
        yield station, station.come_up()
    finally:
        station.end()


def start_figures(folder: Path, starts: int) -> None:
    """Print what a start and the help cost; the first start fills the caches and is not counted."""
    found: list[list[Moment]] = []
    for _ in range(starts + 1):
        with _serving(folder, 12) as (_, moments):
            found.append([*moments, _help()])
    print(f"{'':<18}{'clock s':>10}{'busy s':>10}   (best of {starts} starts)")
    for number, moment in enumerate(found[0]):
        best = [min(getattr(one[number], kind) for one in found[1:]) for kind in ("clock_s", "busy_s")]
        note(moment.name, best[0], "s", f"processor {best[1]:.2f} s; best of {starts} starts")
        print(f"{moment.name:<18}{best[0]:>10.2f}{best[1]:>10.2f}")


def _help() -> Moment:
    began_s, before = time.monotonic(), os.times()
    subprocess.run([sys.executable, "-m", "kiosk", "--help"], cwd=ROOT, env=_cached(), stdout=subprocess.DEVNULL, check=True)
    after = os.times()
    busy_s = after.children_user + after.children_system - before.children_user - before.children_system
    return Moment("kiosk --help", time.monotonic() - began_s, busy_s)


def go_through(folder: Path, students: int, pulls: int) -> None:
    """Print what the station holds while students go through."""
    draw = random.Random(1)
    sampled = {*_SAMPLED_AFTER, students}
    samples: dict[int, Sample] = {}
    ends: dict[str, int] = {}
    print(
        f"\n{'students':>8}{'resident MB':>13}{'own MB':>9}{'peak MB':>9}{'threads':>9}{'files':>7}{'busy s':>9}{'clock s':>9}"
    )
    with _serving(folder, students) as (station, _):
        operator, student = Screen(station.port, "operator"), Screen(station.port, "student")
        began_s = time.monotonic()
        for number in itertools.count():
            if number in sampled:
                time.sleep(_CALM_S)
                samples[number] = held = station.sample()
                note(f"resident after {number} students", held.resident, "MB", f"{held.threads} threads, {held.files} files")
                print(
                    f"{number:>8}{held.resident:>13.1f}{held.own:>9.1f}{held.peak:>9.1f}{held.threads:>9}{held.files:>7}"
                    f"{held.busy_s:>9.1f}{time.monotonic() - began_s:>9.0f}",
                    flush=True,
                )
            if number == students:
                break
            if pulls and number % max(students // pulls, 1) == 0:
                _pull(operator, draw.choice(_PLUGS))
            end = Student(operator, student, number + 1).go_through()
            ends[end] = ends.get(end, 0) + 1
        print(f"\nended: {ends}; frames shown: {operator.frames} and {student.frames}")
        for screen in (operator, student):
            screen.close()
    if students > _WARM:
        print(f"resident at the end : after {_WARM} students = {samples[students].resident / samples[_WARM].resident:.3f}")


def _pull(operator: Screen, kind: str) -> None:
    operator.browser.post(f"/play/plug/{kind}", {"in": False})
    operator.wait(lambda state: any(one["state"] == "lost" for one in state["devices"]), 20)
    operator.browser.post(f"/play/plug/{kind}", {"in": True})
    operator.wait(lambda state: all(one["state"] == "ready" for one in state["devices"]), 60)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--starts", type=int, default=3)
    parser.add_argument("--students", type=int, default=1000)
    parser.add_argument("--pulls", type=int, default=50)
    option(parser)
    asked = parser.parse_args()
    with kept("footprint", asked.json, "kiosk"):
        _measure(asked)


def _measure(asked: argparse.Namespace) -> None:
    folder = Path(tempfile.mkdtemp(prefix="footprint-"))
    try:
        if asked.starts:
            start_figures(folder, asked.starts)
        if asked.students:
            go_through(folder, asked.students, asked.pulls)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()

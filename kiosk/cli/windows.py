"""The full-screen windows of the station, operator's and student's, kept where they belong for as long as it runs.

Whoever closes the operator's window ends the station, unless a student is at the desk, or a backup or other long work is under
way: then it is opened again, and tells. The student's window is opened again whenever it is gone, and moves with the monitors.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from kiosk.cli import browser
from kiosk.cli.browser import Window
from kiosk.cli.monitors import Monitor, Places

_POLL_S: Final = 2.0
_SOON_S: Final = 10.0  # a window that is gone sooner than this was not to be
_TRIES: Final = 3  # of those in a row; then each further one waits
_PAUSE_S: Final = 60.0
_log: Final = logging.getLogger(__name__)


@dataclass(frozen=True)
class Up:
    """A station that runs behind the windows."""

    operator: str  # where its screen is
    student: Callable[[], str]  # where the next student's window goes: another address each time
    busy: Callable[[], bool]  # whether a student is being captured, or something else must not be broken off
    ending: str  # the page that tells why it can't end now, and ends it once it can


class Keeper:
    """One window that is opened whenever it is wanted and not there; none is opened over and over without a pause."""

    def __init__(self, open_at: Callable[[str, Monitor | None], Window]) -> None:
        self._open_at = open_at
        self._window: Window | None = None
        self._opened_s = 0.0
        self._gone_soon = 0
        self.place: Monitor | None = None

    @property
    def is_open(self) -> bool:
        return self._window is not None

    def ended(self) -> int | None:
        """How the window that was open has ended, told once; None while it is open, or there is none."""
        how = self._window.ended if self._window is not None else None
        if how is not None:
            self._gone_soon = self._gone_soon + 1 if time.monotonic() - self._opened_s < _SOON_S else 0
            self.close()
        return how

    def open(self, address: Callable[[], str], place: Monitor | None) -> None:
        """Open it, unless that went wrong several times just now."""
        now_s = time.monotonic()
        if self._gone_soon >= _TRIES and now_s - self._opened_s < _PAUSE_S:
            return
        self._opened_s, self.place = now_s, place
        try:
            self._window = self._open_at(address(), place)
        except OSError:
            self._gone_soon += 1
            _log.exception("the browser could not be started")

    def close(self) -> None:
        """Idempotent."""
        if self._window is not None:
            self._window.close()
            self._window = None


class Windows:
    """A thread that opens the windows and watches them, from `start` to `close`."""

    def __init__(
        self, program: str, first: str, look: Callable[[], Places], left: Callable[[], None], poll_s: float = _POLL_S
    ) -> None:
        """`first`: the operator's page until a station is `up`; `look` says whose window belongs where now; `left` is called,
        once, when the operator has closed theirs."""
        self._first = first
        self._look = look
        self._left = left
        self._poll_s = poll_s
        self._operator = Keeper(lambda url, at: browser.operators(program, url, at))
        self._student = Keeper(lambda url, at: browser.students(program, url, _known(at)))
        self._up: Up | None = None
        self._over = False  # the operator has left
        self._ending = threading.Event()
        self._working = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="windows", daemon=True)

    def start(self) -> None:
        """Open the operator's window, and go on watching."""
        browser.sweep()
        self._operator.open(lambda: self._first, self._look().operator)
        self._thread.start()

    @property
    def alone(self) -> bool:
        """Whether there is no monitor for the student's window now."""
        return self._look().student is None

    @contextmanager
    def up(self, station: Up) -> Iterator[None]:
        """While the block runs, the student's window is wanted, too."""
        with self._working:
            self._up = station
        try:
            yield
        finally:
            with self._working:
                self._up = None
                self._student.close()

    def close(self) -> None:
        """Close every window. Idempotent."""
        self._ending.set()
        if self._thread.is_alive():
            self._thread.join()
        self._student.close()
        self._operator.close()

    def _run(self) -> None:
        while not self._ending.wait(self._poll_s):
            try:
                now = self._look()
                with self._working:
                    self._keep_operator(now)
                    self._keep_student(now)
            except Exception:  # the windows are a help; the station goes on
                _log.exception("the windows could not be looked after")

    def _keep_operator(self, now: Places) -> None:
        how, station = self._operator.ended(), self._up
        if self._over:
            return
        if how == 0 and not (station is not None and station.busy()):
            self._over = True
            self._left()
        elif not self._operator.is_open:
            if how is not None:
                _log.warning("the operator's window has ended with status %s, and is opened again", how)
            wanted = self._first if station is None else station.ending if how == 0 else station.operator
            self._operator.open(lambda: wanted, now.operator)

    def _keep_student(self, now: Places) -> None:
        window, station = self._student, self._up
        window.ended()
        if window.is_open and now.student != window.place:
            window.close()
        if not window.is_open and station is not None and now.student is not None and not self._over:
            window.open(station.student, now.student)


def _known(place: Monitor | None) -> Monitor:
    assert place is not None
    return place

"""Work that takes long, one piece at a time: how far it is, a way to stop it, and what came of it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, Protocol

from kiosk.errors import KioskError

_log: Final = logging.getLogger(__name__)
_KEPT: Final = 8  # finished jobs that can still be asked about

Progress = Callable[[int], None]


class Telling(Protocol):
    """How a piece of work tells how far it is; `total` as soon as it knows how much there is."""

    def __call__(self, done: int, total: int = 0) -> None: ...


def untold(done: int, total: int = 0) -> None:
    """Where nobody asks how far it is."""


Work = Callable[[Telling], object]


class JobState(StrEnum):
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"


@dataclass(frozen=True)
class Job:
    """How a piece of work stands. `total` is 0 while nobody knows how much there is."""

    number: int
    kind: str
    total: int
    done: int = 0
    state: JobState = JobState.RUNNING
    result: object = None
    error: KioskError | None = None


class _Stopped(Exception):
    """Leaves a piece of work from within, at the next sign of its progress."""


class Jobs:
    """Runs one job at a time in a thread of its own. Methods may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._jobs: dict[int, Job] = {}
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()
        self._gives_way = False

    def start(self, kind: str, total: int, work: Work, *, gives_way: bool = False) -> int:
        """Begin; returns the job's number. A running job that gives way (a report that is asked for anew) is stopped first.

        Raises KioskError("office.busy") while another one runs.
        """
        self._make_way()
        with self._lock:
            if self._running() is not None:
                raise KioskError("office.busy")
            number = max(self._jobs, default=0) + 1
            self._jobs[number] = Job(number, kind, total)
            for old in sorted(self._jobs)[:-_KEPT]:
                del self._jobs[old]
            self._stop, self._gives_way = threading.Event(), gives_way
            self._thread = threading.Thread(target=self._run, args=(number, work, self._stop), name=f"office-{kind}")
            self._thread.start()
        return number

    def job(self, number: int) -> Job | None:
        """How a job stands, or None when there is none of this number (any more)."""
        with self._lock:
            return self._jobs.get(number)

    def wait(self, number: int, timeout_s: float) -> Job | None:
        """The same as soon as it is over, at the latest after `timeout_s`."""
        thread = self._thread
        if thread is not None and (found := self.job(number)) is not None and found.state is JobState.RUNNING:
            thread.join(timeout_s)
        return self.job(number)

    def running(self) -> Job | None:
        """The job under way."""
        with self._lock:
            return self._running()

    def stop(self, number: int) -> None:
        """Ask a job to stop; it does at its next step and leaves nothing half-done."""
        with self._lock:
            job = self._jobs.get(number)
            if job is not None and job.state is JobState.RUNNING:
                self._stop.set()

    def close(self) -> None:
        """Stop what runs and wait for its end. Idempotent."""
        self._stop.set()
        thread = self._thread
        if thread is not None:
            thread.join()

    def _make_way(self) -> None:
        with self._lock:
            thread = self._thread if self._running() is not None and self._gives_way else None
            if thread is not None:
                self._stop.set()
        if thread is not None:
            thread.join()

    def _running(self) -> Job | None:
        return next((job for job in self._jobs.values() if job.state is JobState.RUNNING), None)

    def _run(self, number: int, work: Work, stop: threading.Event) -> None:
        def progress(done: int, total: int = 0) -> None:
            if stop.is_set():
                raise _Stopped
            self._change(number, done=done, **({"total": total} if total else {}))

        try:
            result = work(progress)
        except _Stopped:
            self._change(number, state=JobState.STOPPED)
        except KioskError as error:
            self._change(number, state=JobState.FAILED, error=error)
        except Exception:
            _log.exception("a job of the office failed")
            self._change(number, state=JobState.FAILED, error=KioskError("office.failed"))
        else:
            self._change(number, state=JobState.DONE, result=result)

    def _change(self, number: int, **changes: object) -> None:
        with self._lock:
            if number in self._jobs:
                self._jobs[number] = replace(self._jobs[number], **changes)  # type: ignore[arg-type]

"""Long work: one piece at a time, watched, stopped, and told in words when it fails."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator

import pytest

from kiosk.errors import ExchangeError, KioskError
from kiosk.office import Job, Jobs, JobState
from kiosk.office.jobs import Progress

WAIT_S = 30


@pytest.fixture
def jobs() -> Iterator[Jobs]:
    made = Jobs()
    yield made
    made.close()


class Held:
    """Work that goes on until it is let go, and tells its progress then."""

    def __init__(self) -> None:
        self.begun, self.go_on = threading.Event(), threading.Event()

    def __call__(self, progress: Progress) -> str:
        progress(1)
        self.begun.set()
        while not self.go_on.wait(0.01):
            progress(1)
        progress(2)
        return "done"


def ended(jobs: Jobs, number: int) -> Job:
    jobs._thread.join(WAIT_S)  # type: ignore[union-attr]
    found = jobs.job(number)
    assert found is not None
    return found


def test_a_second_export_waits_for_the_first(jobs: Jobs) -> None:
    work = Held()
    number = jobs.start("export", 2, work)
    assert work.begun.wait(WAIT_S)
    with pytest.raises(KioskError, match=r"office\.busy"):
        jobs.start("export", 2, Held())
    assert jobs.running() == Job(number, "export", 2, 1)
    work.go_on.set()
    assert ended(jobs, number) == Job(number, "export", 2, 2, JobState.DONE, "done")
    assert jobs.running() is None


def test_a_report_on_another_profile_takes_the_place_of_the_one_under_way(jobs: Jobs) -> None:
    old, new = Held(), Held()
    first = jobs.start("report", 9, old, gives_way=True)
    assert old.begun.wait(WAIT_S)
    second = jobs.start("report", 9, new, gives_way=True)
    assert jobs.job(first) == Job(first, "report", 9, 1, JobState.STOPPED)
    new.go_on.set()
    assert ended(jobs, second).state is JobState.DONE


def test_what_went_wrong_is_kept_for_the_screen(jobs: Jobs, caplog: pytest.LogCaptureFixture) -> None:
    def full(_: Progress) -> None:
        raise ExchangeError("export.disk_full", folder="/media/stick", reason="No space left on device")

    def broken(_: Progress) -> None:
        raise ZeroDivisionError

    assert ended(jobs, jobs.start("export", 0, full)).error.code == "export.disk_full"  # type: ignore[union-attr]
    with caplog.at_level(logging.CRITICAL, logger="kiosk.office.jobs"):
        assert ended(jobs, jobs.start("export", 0, broken)).error.code == "office.failed"  # type: ignore[union-attr]


def test_a_station_that_closes_stops_what_is_under_way(jobs: Jobs) -> None:
    work = Held()
    number = jobs.start("print", 2, work)
    assert work.begun.wait(WAIT_S)
    jobs.close()
    assert jobs.job(number) == Job(number, "print", 2, 1, JobState.STOPPED)


def test_old_jobs_are_forgotten(jobs: Jobs) -> None:
    numbers = []
    for _ in range(12):
        numbers.append(jobs.start("print", 0, lambda _: None))
        ended(jobs, numbers[-1])
    assert jobs.job(numbers[0]) is None
    assert jobs.job(numbers[-1]) is not None

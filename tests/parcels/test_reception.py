"""The inbox is worked off behind, by a thread or by jobs on a PostgreSQL server; what a killed one left is taken up again."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from kiosk.office import comparing, reception
from kiosk.office.duplicates import Duplicates, Searched
from kiosk.office.intake import Intake
from kiosk.office.jobs import Telling, untold
from kiosk.office.reception import Reception
from kiosk.records import ReceivedParcel, ReceivedState
from tests.killing import killed_at
from tests.parcels import offices
from tests.parcels.conftest import OFFICE
from tests.parcels.offices import Centre, Site, centre, one, stations, urls
from tests.postgresql import new_urls, server

__all__ = ["one", "server", "stations", "urls"]  # fixtures


@contextmanager
def receiving(office: Centre, urls: dict[str, Any], watched: Path | None = None) -> Iterator[Callable[[], ReceivedParcel]]:
    """The reception, at work; what it gives waits for the next file that it is done with. A file that was laid in while the
    queue came up may be offered twice: the second time nothing is done."""
    done: list[ReceivedParcel] = []
    told: set[tuple[int, ReceivedState]] = set()
    news = threading.Semaphore(0)
    real = Intake.take

    def take(self: Intake, *args: Any) -> ReceivedParcel:
        found = real(self, *args)
        if (found.number, found.state) not in told:
            told.add((found.number, found.state))
            done.append(found)
            news.release()
        return found

    def next_one() -> ReceivedParcel:
        assert news.acquire(timeout=60)
        return done.pop(0)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Intake, "take", take)
        at_work = Reception(office.intake, watched, urls.get("identity_url", ""))
        at_work.start()
        try:
            office.lay = at_work.lay  # type: ignore[attr-defined]
            yield next_one
        finally:
            at_work.close()


def test_what_is_laid_in_or_lies_in_the_watched_folder_is_worked_off(
    one: Site, urls: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reception, "_LOOK_S", 0.01)
    (tmp_path / "watched").mkdir()
    with centre(tmp_path, urls) as office, receiving(office, urls, tmp_path / "watched") as next_one:
        office.lay(one.send(), by="李主任")  # type: ignore[attr-defined]
        assert next_one().counts.new == 2
        one.capture(3)
        late = one.send()
        late.rename(tmp_path / "watched" / late.name)
        assert next_one().counts.new == 1
        assert (tmp_path / "watched" / late.name).exists()
        assert len(office.counting()) == 3


@pytest.mark.skipif(os.name != "posix", reason="Windows has no fork")
def test_what_a_killed_program_was_at_is_taken_up_again(one: Site, server: str, tmp_path: Path) -> None:
    file, urls = one.send(), new_urls(server)
    with centre(tmp_path, urls):
        pass
    key = OFFICE.text()

    def work() -> None:
        offices.be_of(key)
        with centre(tmp_path, urls, fresh=False) as office, receiving(office, urls) as _:
            office.lay(file, by="李主任")  # type: ignore[attr-defined]
            threading.Event().wait(60)

    killed_at(Intake, "take", 1, work)
    with centre(tmp_path, urls, fresh=False) as office, receiving(office, urls) as next_one:
        assert next_one().counts.new == 2
        assert len(office.counting()) == 2


def test_a_server_that_was_away_is_gone_back_to(
    one: Site, server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(reception, "_REACHED_S", 1.0)
    monkeypatch.setattr(reception, "_AGAIN_S", 0.01)
    given_up = threading.Event()
    monkeypatch.setattr(reception._log, "warning", lambda *_: given_up.set())
    urls = new_urls(server)
    with centre(tmp_path, urls) as office, receiving(office, urls) as next_one:
        with psycopg.connect(f"{server.replace('+psycopg', '')}postgres", autocommit=True) as admin:
            admin.execute("ALTER DATABASE identity ALLOW_CONNECTIONS false")
            admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'identity'")
            assert given_up.wait(60)
            admin.execute("ALTER DATABASE identity ALLOW_CONNECTIONS true")
        office.lay(one.send(), by="李主任")  # type: ignore[attr-defined]
        assert next_one().counts.new == 2
    caplog.clear()  # procrastinate tells with a traceback that its listener lost the server


def test_whoever_came_is_compared_by_itself_once_packages_have_stopped_coming(
    one: Site, urls: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comparing, "_QUIET_S", 0.01)
    searched = threading.Semaphore(0)

    class Heard(Duplicates):
        def search(self, progress: Telling = untold) -> Searched:
            done = super().search(progress)
            searched.release()
            return done

    with centre(tmp_path, urls) as office:
        at_work = Reception(office.intake, None, urls.get("identity_url", ""), Heard(office.store))
        at_work.start()
        try:
            assert searched.acquire(timeout=60)  # whoever was there at the start: nobody
            at_work.lay(one.send(), by="李主任")
            assert searched.acquire(timeout=60)
            assert office.store.suspects.waiting() == 0
            assert len(office.store.inbox.waiting()) == 0
        finally:
            at_work.close()

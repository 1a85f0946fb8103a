"""What works the office's inbox off: on SQLite one thread, on a PostgreSQL server jobs of procrastinate's queue. Both call the
same function, and either may be killed at any moment: what is waiting is written down in the store."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Collection
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from kiosk.errors import KioskError
from kiosk.exchange.parcel import SUFFIX
from kiosk.office.called import Called
from kiosk.office.comparing import Comparing
from kiosk.office.duplicates import Duplicates
from kiosk.office.intake import Intake
from kiosk.records import ReceivedParcel, ReceivedState

if TYPE_CHECKING:
    from procrastinate import App
    from psycopg_pool import ConnectionPool

_log: Final = logging.getLogger(__name__)
_AGAIN_S: Final = 15.0  # until what could not be done is tried again
_LOOK_S: Final = 2.0  # between two looks at the watched folder
_STALLED_S: Final = 30.0  # without a sign of life another worker's job is taken up again
_ENDING_S: Final = 20.0
_REACHED_S: Final = 10.0  # within which the server gives a connection
_QUEUE: Final = "intake"
_SCHEMA: Final = "kiosk_queue"  # beside the identities, out of the way of their tables

Work = Callable[[int], object]


class Queue(Protocol):
    """Hands numbers of files to the work, each until it is done."""

    def add(self, number: int) -> None: ...
    def start(self) -> None:
        """Begins with whatever waits."""

    def close(self) -> None:
        """Idempotent."""


class Reception:
    """Receives packages. `lay` answers when a file is safe; it is worked off behind."""

    def __init__(
        self, intake: Intake, watched: Path | None = None, server: str = "", compare: Duplicates | None = None
    ) -> None:
        """`watched`: a folder whose packages are taken, and stay there. `server`: the URL of a PostgreSQL database that has
        room for the queue's tables. `compare`: whoever came is searched for duplicates by itself."""
        self._comparing = Comparing(compare) if compare is not None else None
        self.intake = intake
        self._watched = watched
        self._progress: dict[int, tuple[int, int]] = {}
        self._queue: Queue = ServerQueue(self._take, self._waiting, server) if server else Thread(self._take, self._waiting)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watched folder", daemon=True)

    def start(self) -> None:
        """Go on with whatever waits."""
        self.intake.recover()
        self._queue.start()
        if self._watched is not None:
            self._thread.start()
        if self._comparing is not None:
            self._comparing.start()

    def close(self) -> None:
        """What is under way goes on to its end, or is begun anew the next time. Idempotent."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()
        self._queue.close()
        if self._comparing is not None:
            self._comparing.close()

    def lay(self, file: Path, *, by: str, name: str = "") -> ReceivedParcel:
        """See `Intake.lay`."""
        return self._added(self.intake.lay(file, by=by, name=name))

    def adopt(self, file: Path, digest: str, *, by: str, name: str) -> ReceivedParcel:
        """See `Intake.adopt`."""
        return self._added(self.intake.adopt(file, digest, by=by, name=name))

    def _added(self, entered: ReceivedParcel) -> ReceivedParcel:
        if entered.state is ReceivedState.WAITING:
            self._queue.add(entered.number)
        return entered

    def progress(self) -> dict[int, tuple[int, int]]:
        """Of the files that are being worked off here: how many records of how many are in the vault."""
        return dict(self._progress)

    def _waiting(self) -> list[int]:
        return [parcel.number for parcel in self.intake.waiting()]

    def _take(self, number: int) -> object:
        def tell(done: int, total: int = 0) -> None:
            self._progress[number] = done, total

        tell(0)
        try:
            return self.intake.take(number, tell)
        finally:
            self._progress.pop(number, None)
            if self._comparing is not None:
                self._comparing.call()

    def _watch(self) -> None:
        """A file is taken when it has stayed as it is from one look to the next: nobody is copying it any more."""
        assert self._watched is not None
        before: dict[Path, tuple[int, int]] = {}
        done: dict[Path, tuple[int, int]] = {}
        while not self._stop.wait(_LOOK_S):
            now = look_at(self._watched)
            for file, state in now.items():
                if before.get(file) == state and done.get(file) != state:
                    try:
                        self.lay(file, by=str(self._watched))
                        done[file] = state
                    except KioskError as error:  # the stick was pulled, the disk is full: the next look is another chance
                        _log.warning("a package in the watched folder was not taken: %s", error)
            before = now


def look_at(folder: Path) -> dict[Path, tuple[int, int]]:
    """The packages in a folder, each with its size and time."""
    found: dict[Path, tuple[int, int]] = {}
    with suppress(OSError):
        for file in folder.rglob(f"*{SUFFIX}"):
            with suppress(OSError):
                told = file.stat()
                found[file] = told.st_size, told.st_mtime_ns
    return found


class Thread(Called):
    """One thread that works off what waits."""

    def __init__(self, work: Work, waiting: Callable[[], list[int]]) -> None:
        super().__init__("intake")
        self._work = work
        self._waiting = waiting

    def add(self, number: int) -> None:  # noqa: ARG002 - it is written down as waiting
        self.call()

    def _run(self) -> None:
        while not self._stop.is_set():
            self._called.clear()
            put_off = False
            for number in self._waiting():
                if self._stop.is_set():
                    return
                put_off |= not _done(self._work, number)
            self._called.wait(_AGAIN_S if put_off else None)


class ServerQueue:
    """Jobs of procrastinate (decision 22). Several programs on one server share them; the job of one that was killed is taken
    up by another, or by itself when it is back. While the server can't be reached it is tried again and again."""

    def __init__(self, work: Work, waiting: Callable[[], list[int]], url: str) -> None:
        self._work = work
        self._waiting = waiting
        self._app, self._deferring, self._connections = _apps(url)
        self._app.task(name="kiosk.take", queue=_QUEUE)(self._job)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._worker: asyncio.Task[None] | None = None
        self._thread = threading.Thread(target=self._run, name="intake")
        self._up = threading.Event()
        self._ending = threading.Event()

    def add(self, number: int, wait_s: float = 0.0) -> None:
        from procrastinate.exceptions import AlreadyEnqueued, ConnectorException

        task = self._deferring.configure_task(
            "kiosk.take",
            queue=_QUEUE,
            queueing_lock=_lock(number),
            allow_unknown=True,
            schedule_in={"seconds": wait_s} if wait_s else None,
        )
        try:
            task.defer(number=number)
        except AlreadyEnqueued:
            pass
        except ConnectorException as error:  # it is written down as waiting, and gets its job when the server is back
            _log.warning("file %s of the inbox has no job yet: %s", number, error.__cause__ or error)

    def start(self) -> None:
        self._connections.open()
        self._deferring.open(self._connections)
        self._thread.start()
        self._up.wait(_ENDING_S)

    def close(self) -> None:
        self._ending.set()
        if self._loop is not None and self._worker is not None:
            with suppress(RuntimeError):  # it has ended by itself
                self._loop.call_soon_threadsafe(self._worker.cancel)
        if self._thread.is_alive():
            self._thread.join()
        self._connections.close()

    def _job(self, number: int) -> None:
        if not _done(self._work, number):
            self.add(number, _AGAIN_S)

    def _run(self) -> None:
        from procrastinate.exceptions import ConnectorException

        while not self._ending.is_set():
            try:
                asyncio.run(self._serve())
            except asyncio.CancelledError:
                return
            except ConnectorException as error:
                _log.warning("the server of the inbox's jobs can't be reached: %s", error.__cause__ or error)
            self._ending.wait(_AGAIN_S)

    async def _serve(self) -> None:
        async with self._app.open_async():
            self._loop = asyncio.get_running_loop()
            self._worker = asyncio.create_task(
                self._app.run_worker_async(
                    queues=[_QUEUE],
                    concurrency=1,
                    install_signal_handlers=False,
                    shutdown_graceful_timeout=_ENDING_S,
                    delete_jobs="successful",
                )
            )
            again = asyncio.create_task(self._take_up_again())
            self._up.set()
            if self._ending.is_set():
                self._worker.cancel()
            try:
                await self._worker
            finally:
                again.cancel()

    async def _take_up_again(self) -> None:
        """Have jobs done again whose worker gives no sign of life, and give a job to what waits without one."""
        from procrastinate.exceptions import ConnectorException

        jobs = self._app.job_manager
        while True:
            with suppress(ConnectorException):  # the worker finds it out as well
                for job in await jobs.get_stalled_jobs(queue=_QUEUE, seconds_since_heartbeat=_STALLED_S):
                    await jobs.retry_job(job)
                with_job = {job.queueing_lock for job in await jobs.list_jobs_async(queue=_QUEUE, status="todo")}
                await asyncio.to_thread(self._add_waiting, with_job)
            await asyncio.sleep(_STALLED_S)

    def _add_waiting(self, with_job: Collection[str | None]) -> None:
        try:
            for number in self._waiting():
                if _lock(number) not in with_job:  # each addition is a connection
                    self.add(number)
        except KioskError as error:
            _log.warning("what waits in the inbox can't be read: %s", error)


def _lock(number: int) -> str:
    """Of which one job at most waits."""
    return f"parcel-{number}"


def _done(work: Work, number: int) -> bool:
    """False: it is to be tried again."""
    try:
        work(number)
    except KioskError as error:
        _log.warning("file %s of the inbox is put off: %s", number, error)
        return False
    except Exception:
        _log.exception("file %s of the inbox could not be worked off", number)
        return False
    return True


def _apps(url: str) -> tuple[App, App, ConnectionPool]:
    """For the worker, for whoever adds, and the latter's connections; the queue's tables are made where there are none."""
    try:
        import psycopg
        from procrastinate import App, PsycopgConnector, SyncPsycopgConnector
        from psycopg_pool import NullConnectionPool
    except ImportError:
        raise KioskError("office.no_library", library="procrastinate") from None

    address = url.replace("+psycopg", "")
    within = {"options": f"-c search_path={_SCHEMA}"}
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {_SCHEMA}".encode())
        made = connection.execute("SELECT to_regclass(%s)", (f"{_SCHEMA}.procrastinate_jobs",)).fetchone()
    deferring = App(connector=SyncPsycopgConnector(conninfo=address, kwargs=within))
    if made is None or made[0] is None:
        with deferring.open():
            deferring.schema_manager.apply_schema()
    # A connection for each addition: one that is kept does not outlive a server that is started anew.
    each = NullConnectionPool(address, kwargs=within, timeout=_REACHED_S, open=False)
    return App(connector=PsycopgConnector(conninfo=address, kwargs=within, timeout=_REACHED_S)), deferring, each

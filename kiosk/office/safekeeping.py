"""Backups by themselves: at the same time each day, at the next start when that was missed, and whenever somebody asks."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final

from kiosk.config import BackupSettings
from kiosk.errors import KioskError
from kiosk.private import make_folder
from kiosk.records import Message
from kiosk.store import Backup, Store, backups_in

_LONGEST_S: Final = 600.0  # a clock may be set while it waits
_BEFORE: Final = 3  # backups that are kept of what was before the last updates
_AGAIN_S: Final = 300.0  # a stick that was not there may be put in

log: Final = logging.getLogger(__name__)


class Light(StrEnum):
    """What a glance tells."""

    OFF = "off"  # nobody said where to
    GREEN = "green"
    WORKING = "working"
    RED = "red"


@dataclass(frozen=True)
class Kept:
    """How it stands: `problem` is why the last try failed; `done` of `total` new pictures are written while one is being made,
    0 of 0 before that is known."""

    light: Light
    latest: Backup | None
    problem: Message | None
    folder: Path | None
    done: int = 0
    total: int = 0


class Safekeeping:
    """Makes backups in a thread of its own; captures go on meanwhile."""

    def __init__(
        self, store: Store, rules: BackupSettings, now: Callable[[], datetime] = lambda: datetime.now().astimezone()
    ) -> None:
        self._store = store
        self._rules = rules
        self._now = now
        self._latest = store.backups.latest(rules.folder) if rules.folder is not None and rules.folder.is_dir() else None
        self._problem: Message | None = None
        self._asked_by: str | None = None
        self._working = False
        self._done = 0, 0
        self._wake = threading.Condition()
        self._one_at_a_time = threading.Lock()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="backup")

    def look(self) -> Kept:
        """How it stands at this moment."""
        if self._rules.folder is None:
            return Kept(Light.OFF, None, None, None)
        with self._wake:
            late = self._latest is None or self._latest.at < self._due()
            light = Light.WORKING if self._working else Light.RED if self._problem or late else Light.GREEN
            return Kept(light, self._latest, self._problem, self._rules.folder, *(self._done if self._working else (0, 0)))

    def all(self) -> list[Backup]:
        """The backups that are there, the newest first."""
        return backups_in(self._rules.folder) if self._rules.folder is not None and self._rules.folder.is_dir() else []

    def ask(self, *, by: str) -> None:
        """Make one now. Raises KioskError: "backup.nowhere" when nobody said where to, "backup.under_way" while one is made."""
        if self._rules.folder is None:
            raise KioskError("backup.nowhere")
        with self._wake:
            if self._working:
                raise KioskError("backup.under_way")
            self._done = 0, 0
            self._asked_by = by
            self._working = True
            self._wake.notify_all()

    def before(self, place: Path, *, by: str) -> str:
        """As `back_up_before`, when no other one is being made."""
        with self._one_at_a_time:
            return back_up_before(self._store, self._rules, place, by=by)

    def start(self) -> None:
        if self._rules.folder is not None:
            self._thread.start()

    def close(self) -> None:
        """Comes back when what is under way has been given up. Idempotent."""
        with self._wake:
            self._stopping = True
            self._wake.notify_all()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._stopping:
            with self._wake:
                left_s = self._left_s()
                if self._asked_by is None and left_s > 0:
                    self._wake.wait(min(left_s, _LONGEST_S))
                    continue
                by, self._asked_by, self._working, self._done = self._asked_by or "", None, True, (0, 0)
            self._make(by)

    def _tell(self, done: int, total: int) -> None:
        self._done = done, total

    def _left_s(self) -> float:
        """Until the next one is due; some minutes after one that failed."""
        if self._latest is None or self._latest.at < self._due():
            return _AGAIN_S if self._problem is not None else 0.0
        return (self._due() + timedelta(days=1) - self._now()).total_seconds()

    def _due(self) -> datetime:
        """The last time of day at which one should have been made."""
        now = self._now()
        today = now.replace(hour=self._rules.at.hour, minute=self._rules.at.minute, second=0, microsecond=0)
        return today if today <= now else today - timedelta(days=1)

    def _make(self, by: str) -> None:
        made, problem = None, None
        assert self._rules.folder is not None
        try:
            with self._one_at_a_time:
                made = self._store.backups.make(
                    self._rules.folder,
                    self._now(),
                    keep=self._rules.keep,
                    by=by,
                    stop=lambda: self._stopping,
                    progress=self._tell,
                )
        except KioskError as error:
            problem = error.message
            log.error("no backup was made: %s", error)
        with self._wake:
            self._working, self._problem = False, problem
            if made is not None:
                self._latest = made
                log.info("backup made: %d records, %d blobs, %d of them new", made.records, made.blobs, made.added)
            if problem is not None and not self._stopping:
                self._wake.wait(_AGAIN_S)


def back_up_before(store: Store, rules: BackupSettings, place: Path, *, by: str) -> str:
    """A backup before something that can't be taken back: where backups go, or into `place` where nobody said so or the disk is
    not there. Its folder; empty where nobody has anything to lose yet. Raises StoreError as `Backups.make` does."""
    usual = rules.folder is not None and rules.folder.is_dir()
    target = rules.folder if usual and rules.folder is not None else place
    make_folder(target)
    try:
        made = store.backups.make(target, datetime.now().astimezone(), keep=rules.keep if usual else _BEFORE, by=by)
    except KioskError as error:
        if error.code == "backup.not_sealed":  # nobody has ever logged in
            return ""
        raise
    return str(made.folder) if made is not None else ""

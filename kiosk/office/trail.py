"""操作日志: the audit trail, to be read, checked and taken out by people."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from kiosk.exchange.trail_list import write_trail
from kiosk.office.year_report import year_report
from kiosk.office.year_words import write_report
from kiosk.records import AuditEntry
from kiosk.store import Store


class Trail:
    """Reads only, except that whoever checks the trail or takes it out is entered, too."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def latest(
        self, most: int | None, before: int | None = None, *, actor: str = "", action: str = "", day: str = ""
    ) -> Sequence[AuditEntry]:
        """Up to `most`, the newest first; those before a number, of one actor, one action, one day (ISO)."""
        return self._store.audit.latest(most, before, actor=actor, action=action, day=day)

    def known(self) -> tuple[list[str], list[str]]:
        """Who ever did something, and what was ever done."""
        return self._store.audit.known()

    def first_broken(self, *, by: str, progress: Callable[[int, int], None] = lambda *_: None) -> int | None:
        """The number of the first entry that is not as it was written; None when the trail is whole. Seconds for a long one.
        That it was checked is entered."""
        broken = self._store.audit.first_broken(progress)
        self._store.audit.record("audit.verify", actor=by, first_broken=broken)
        return broken

    def write_year(self, year: int, path: Path, *, by: str, progress: Callable[[int, int], None] = lambda *_: None) -> None:
        """The yearly report for the audit of minors' data as .xlsx. That it was made is entered."""
        write_report(year_report(self._store, year, by=by, progress=progress), path, school=self._store.school.get().name)

    def write(
        self, entries: Sequence[AuditEntry], path: Path, told: Callable[[AuditEntry], tuple[str, str]], *, by: str
    ) -> None:
        """Entries as .xlsx; `told` says in words what was done, and its details. That they were taken out is entered."""
        write_trail(entries, path, told)
        self._store.audit.record("audit.export", actor=by, rows=len(entries))

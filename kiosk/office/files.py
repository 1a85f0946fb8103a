"""Files out: the report before, the export, the teachers' sheet, progress."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path

from kiosk.errors import ExchangeError
from kiosk.exchange import ExportResult, ExportRow, ReportEntry, Source, check_rows, export, load_profile
from kiosk.exchange.file_names import MADE_UP
from kiosk.exchange.progress_list import write_progress
from kiosk.office.derived import Derived
from kiosk.office.rows import rows_for
from kiosk.records import Teacher
from kiosk.store import Store

Progress = Callable[[int], None]


class Files:
    """What registration systems and the office get as files."""

    def __init__(self, store: Store, folder: Path) -> None:
        """`folder` is where exports go when nothing else is asked for."""
        self._store = store
        self._folder = folder

    @property
    def folder(self) -> Path:
        """Where exports go when nothing else is asked for."""
        return self._folder

    def size(self, profile: str) -> int:
        """How many rows an export has."""
        if load_profile(profile).source is Source.ROSTER:
            return self._store.roster.count()
        return self._store.captures.count()

    def note_download(self, name: str, *, by: str) -> None:
        """Enter that an export or papers left through the browser."""
        self._store.audit.record("export.download", actor=by, folder=name)

    def report(self, profile: str, *, day: date | None = None) -> Iterator[ReportEntry]:
        """Each row and what of it is missing or breaks the profile; raises ExchangeError for a profile that there is not."""
        wanted = load_profile(profile)
        return check_rows(wanted, rows_for(self._store, wanted, Derived(), day=day))

    def export(
        self,
        profile: str,
        out: Path | None = None,
        progress: Progress | None = None,
        *,
        day: date | None = None,
        only_good: bool = False,
        password: str = "",
        actor: str = "",
    ) -> ExportResult:
        """Write the files of a profile; raises ExchangeError, StoreError when nothing was written."""
        wanted = load_profile(profile)
        if wanted.source is Source.TEACHERS:
            raise ExchangeError("export.needs_teachers", profile=profile)
        rows = rows_for(self._store, wanted, Derived(), day=day)
        done = export(
            wanted,
            rows,
            self._place(out),
            progress,
            only_good=only_good,
            password=password,
            simulated=self._store.simulated,
        )
        self._store.audit.record(
            "export", actor=actor, profile=profile, rows=done.rows, pictures=done.pictures, locked=bool(password)
        )
        return done

    def export_teachers(
        self, profile: str, teachers: Sequence[Teacher], out: Path | None = None, *, password: str = "", actor: str = ""
    ) -> ExportResult:
        """Write the teachers' sheet of a profile."""
        rows = [ExportRow(teacher=teacher) for teacher in teachers]
        simulated = self._store.simulated
        done = export(load_profile(profile), rows, self._place(out), password=password, simulated=simulated)
        self._store.audit.record("export", actor=actor, profile=profile, rows=done.rows, locked=bool(password))
        return done

    def _place(self, out: Path | None) -> Path:
        """Simulated exports never lie beside real ones, wherever they are asked for."""
        if out is None or not self._store.simulated:
            return out or self._folder
        return out / MADE_UP

    def write_progress(self, path: Path) -> None:
        """Progress by class as .xlsx."""
        write_progress(self._store.progress.students(), path)

"""Everything that the office does, behind one door."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from kiosk.exchange import ExportResult
from kiosk.idnumber import masked
from kiosk.office.files import Files
from kiosk.office.papers import Papers
from kiosk.office.rosters import RosterImport, Rosters
from kiosk.records import Verdict
from kiosk.store import Store


@dataclass(frozen=True)
class RecordSummary:
    """One finished record in a list; the number is masked."""

    name: str
    masked_id: str
    class_name: str
    verdict: Verdict
    finished_at: datetime | None


class Office:
    """What the office asks of the station's data. Methods may be called from any thread."""

    def __init__(self, store: Store, export_folder: Path) -> None:
        self._store = store
        self.rosters = Rosters(store)
        self.files = Files(store, export_folder)

    def import_roster(self, path: Path) -> RosterImport:
        """Take a roster file's good rows; raises ExchangeError when the file itself can't be read."""
        return self.rosters.take(path)

    def export(self, profile: str, out: Path | None = None, progress: Callable[[int], None] | None = None) -> ExportResult:
        """Write the finished records for a registration system; raises ExchangeError, StoreError."""
        return self.files.export(profile, out, progress)

    def papers(self, profile: str) -> Papers:
        """The papers that go with a profile."""
        return Papers(self._store, profile)

    def records(self) -> Sequence[RecordSummary]:
        """The finished records, the newest version of each student."""
        return [
            RecordSummary(
                record.student.name,
                masked(record.student.id_number),
                record.student.class_name,
                record.verdict,
                record.finished_at,
            )
            for record in self._store.captures.records()
        ]

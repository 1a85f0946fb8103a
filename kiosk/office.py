"""The office's side: rosters in, the day's records, exports out. What joins store and exchange, which don't know each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from kiosk.exchange import ExportResult, ExportRow, RowProblem, export, load_profile, read_roster
from kiosk.idnumber import masked
from kiosk.records import Verdict
from kiosk.store import Store


@dataclass(frozen=True)
class RosterImport:
    """What came of a roster file: rows read = taken + refused."""

    taken: int
    refused: int
    added: int
    changed: int
    gone: int
    problems: tuple[RowProblem, ...]


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
        self._export_folder = export_folder

    def import_roster(self, path: Path) -> RosterImport:
        """Take a roster file's good rows; raises ExchangeError when the file itself can't be read."""
        reading = read_roster(path)
        change = self._store.roster.replace_or_update(reading.students)
        refused = len({problem.row for problem in reading.problems})
        return RosterImport(
            len(reading.students), refused, len(change.added), len(change.changed), len(change.gone), tuple(reading.problems)
        )

    def export(self, profile: str, out: Path | None = None, progress: Callable[[int], None] | None = None) -> ExportResult:
        """Write the finished records for a registration system; raises ExchangeError, StoreError."""
        return export(load_profile(profile), self._rows(), out or self._export_folder, progress)

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

    def _rows(self) -> Iterator[ExportRow]:
        captures = self._store.captures
        for record in captures.records():
            yield ExportRow(record, partial(captures.biometric, record.id))

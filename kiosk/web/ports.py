"""What the web needs of the station and of the office. The real objects satisfy these, and so does a test's script."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from kiosk.devices.card import AccessKey
from kiosk.exchange import ExportResult, ReportEntry, RosterReading
from kiosk.manual import TypedIn
from kiosk.records import BiometricKind, CaptureRecord, Frame, Message, Student, StudentProgress
from kiosk.snapshot import Command, Snapshot
from kiosk.store import RosterChange


class StationPort(Protocol):
    """The conductor, seen from a screen. Every method may be called from any thread."""

    def snapshot(self) -> Snapshot:
        """The newest snapshot, at once."""

    def wait(self, after: int, timeout_s: float) -> Snapshot:
        """The newest snapshot as soon as its number is above `after`, at the latest after `timeout_s`."""

    def command(self, command: Command, *, reason: str = "", by: str = "") -> None:
        """Do what the operator asks; raises KioskError when it isn't possible now."""

    def type_in(self, typed: TypedIn, *, reason: str, by: str) -> None:
        """Take a student without a readable card; raises KioskError when that isn't possible now or the data can't be."""

    def open_document(self, key: AccessKey) -> None:
        """Read the passport on the reader with what is printed on it; raises KioskError when that isn't possible now."""

    def picture(self, key: str) -> tuple[bytes, str] | None:
        """A picture that a snapshot names: bytes and mime type; None when it is gone."""

    def preview(self, after: int, timeout_s: float) -> Frame | None:
        """The newest camera frame as soon as its number is above `after`; None when none came in `timeout_s`."""


class RosterPreview(Protocol):
    """What a roster file says, and what taking it would do."""

    @property
    def reading(self) -> RosterReading: ...
    @property
    def change(self) -> RosterChange: ...


class RostersPort(Protocol):
    """Rosters in. `columns` corrects what headers were understood as: header to field, or to nothing."""

    def preview(self, path: Path, columns: Mapping[str, str] | None = None) -> RosterPreview:
        """Read a file and compare it with the roster; raises ExchangeError when the file as a whole can't be read."""

    def take(self, path: Path, columns: Mapping[str, str] | None = None, *, actor: str = "") -> object:
        """Make a file's good rows the roster; raises ExchangeError, or StoreError after the deadline."""

    def search(self, text: str) -> Sequence[Student]:
        """Students by a part of their name, or by how their number begins or ends."""

    def mark_up(self, path: Path, out: Path, say: Callable[[Message], str], columns: Mapping[str, str] | None = None) -> None:
        """Write the file again with its bad cells marked and commented."""


class FilesPort(Protocol):
    """Files out."""

    def write_progress(self, path: Path) -> None:
        """Progress by class as .xlsx."""

    def report(self, profile: str) -> Iterator[ReportEntry]:
        """Each row, and what of it is missing or breaks the profile."""

    def export(self, profile: str, *, only_good: bool = False, password: str = "", actor: str = "") -> ExportResult:
        """Write the files of a profile; raises ExchangeError or StoreError when nothing was written."""


class LooksPort(Protocol):
    """Looks at what was captured. Looks at one student's data are kept in the audit trail."""

    def students(self) -> Sequence[StudentProgress]:
        """Everybody on the roster, in its order."""

    def record(self, record_id: str, *, by: str, why: str = "record") -> CaptureRecord | None:
        """One capture."""

    def picture(self, record_id: str, kind: BiometricKind, *, by: str) -> bytes | None:
        """One of its pictures; raises StoreError when it was tampered with."""


class OfficePort(Protocol):
    """The office's side."""

    @property
    def rosters(self) -> RostersPort: ...
    @property
    def files(self) -> FilesPort: ...
    @property
    def looks(self) -> LooksPort: ...

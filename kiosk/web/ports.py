"""What the web needs of the station and of the office. The real objects satisfy these, and so does a test's script."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol

from kiosk.devices.card import AccessKey
from kiosk.manual import TypedIn
from kiosk.records import Frame, Message, Verdict
from kiosk.snapshot import Command, Snapshot


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


class RowProblem(Protocol):
    """One cell of a roster that can't be read."""

    @property
    def row(self) -> int: ...
    @property
    def column(self) -> str: ...
    @property
    def value(self) -> str: ...
    @property
    def message(self) -> Message: ...


class RosterImport(Protocol):
    """What came of reading a roster, in rows."""

    @property
    def taken(self) -> int: ...
    @property
    def added(self) -> int: ...
    @property
    def changed(self) -> int: ...
    @property
    def gone(self) -> int: ...
    @property
    def problems(self) -> Sequence[RowProblem]: ...


class ExportDone(Protocol):
    """What an export wrote."""

    @property
    def folder(self) -> Path: ...
    @property
    def sheet(self) -> Path: ...
    @property
    def rows(self) -> int: ...
    @property
    def pictures(self) -> int: ...


class RecordSummary(Protocol):
    """One line of the list of captures."""

    @property
    def name(self) -> str: ...
    @property
    def masked_id(self) -> str: ...
    @property
    def class_name(self) -> str: ...
    @property
    def verdict(self) -> Verdict: ...
    @property
    def finished_at(self) -> datetime | None: ...


class OfficePort(Protocol):
    """Rosters in, exports out."""

    def import_roster(self, path: Path) -> RosterImport:
        """Take a roster file; raises KioskError when the file as a whole can't be read."""

    def export(self, profile: str) -> ExportDone:
        """Write the files of a profile; raises KioskError when nothing was written."""

    def records(self) -> Sequence[RecordSummary]:
        """The captures, newest first."""

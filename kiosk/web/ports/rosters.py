"""What the web needs to take rosters in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from kiosk.exchange import RosterReading, TeacherReading
from kiosk.office import (
    Elsewhere,
    ExamNumbers,
    ImportMode,
)
from kiosk.records import (
    Message,
    SchoolName,
    Student,
)
from kiosk.store import Departure, Given, RosterChange


class RosterPreview(Protocol):
    """What a roster file says, and what taking it would do."""

    @property
    def reading(self) -> RosterReading: ...
    @property
    def change(self) -> RosterChange: ...
    @property
    def kept(self) -> Sequence[Student]: ...
    @property
    def corrected(self) -> Sequence[Student]: ...
    @property
    def gone_by(self) -> Mapping[ImportMode, int]: ...
    @property
    def elsewhere(self) -> Sequence[Elsewhere]: ...


class RostersPort(Protocol):
    """Rosters in. `columns` corrects what headers were understood as: header to field, or to nothing. `school`: of rows that
    name none."""

    def schools(self) -> Sequence[SchoolName]:
        """Those of the roster, in its order."""

    def preview(
        self,
        path: Path,
        columns: Mapping[str, str] | None = None,
        *,
        mode: ImportMode,
        school: str = "",
        transfer: bool = False,
    ) -> RosterPreview:
        """Read a file and compare it with the roster; raises ExchangeError when the file as a whole can't be read."""

    def take(
        self,
        path: Path,
        columns: Mapping[str, str] | None = None,
        *,
        mode: ImportMode,
        school: str = "",
        transfer: bool = False,
        actor: str = "",
    ) -> object:
        """Take a file's good rows onto the roster; raises ExchangeError, or StoreError after the deadline."""

    def undoable(self) -> RosterChange:
        """What `undo` would take back of the last import."""

    def undo(self, *, actor: str) -> RosterChange:
        """Take the last import back; raises StoreError when there is nothing to take back."""

    def substitutes(self, students: Sequence[Student] | None = None) -> Sequence[Given]:
        """Who of these (on the roster) has no resident's number, each with the exam office's number, where one was given."""

    def substitutes_school(self) -> str:
        """The four digits that the last of these numbers began with."""

    def give_substitutes(self, school_code: str, *, actor: str, school: str = "") -> Sequence[Given]:
        """Give one to everybody of a school who needs it; raises KioskError for a code of not four digits, or no school."""

    def preview_exam_numbers(self, path: Path, columns: Mapping[str, str] | None = None) -> ExamNumbers:
        """Hold a list of exam numbers against the roster; nothing changes."""

    def take_exam_numbers(self, path: Path, columns: Mapping[str, str] | None = None, *, actor: str = "") -> ExamNumbers:
        """Enter a list's exam numbers; raises ExchangeError when it is not sound."""

    def read_teachers(self, path: Path, columns: Mapping[str, str] | None = None) -> TeacherReading:
        """Read the teachers' sheet."""

    def count(self) -> int:
        """How many students the roster has."""

    def students(self) -> Sequence[Student]:
        """Everybody on the roster, in its order."""

    def departures(self) -> Sequence[Departure]:
        """Who left the roster, the latest first."""

    def search(self, text: str) -> Sequence[Student]:
        """Students by a part of their name, or by how their number begins or ends."""

    def mark_up(self, path: Path, out: Path, say: Callable[[Message], str], columns: Mapping[str, str] | None = None) -> None:
        """Write the file again with its bad cells marked and commented."""

"""Everything that the station keeps about one student: for the page that shows the whole of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from kiosk.records import (
    Absence,
    AuditEntry,
    CaptureRecord,
    Correction,
    Exam,
    Finding,
    KeptBiometric,
    Refusal,
    Seating,
    Slot,
    Student,
)
from kiosk.store import Admission, Store, Window

_LOOK: Final = ".look"  # how the actions end that only look


@dataclass(frozen=True)
class Dossier:
    """`versions`: every record, the newest first. `kept`: what the vault has for the record that is looked at. `trail`: what
    was done to the student and the records, the newest first; `looks`: who looked at them, the newest first."""

    versions: tuple[CaptureRecord, ...]
    kept: tuple[KeptBiometric, ...]
    corrections: tuple[Correction, ...]
    refusals: tuple[Refusal, ...]
    trail: tuple[AuditEntry, ...]
    looks: tuple[AuditEntry, ...]


@dataclass(frozen=True)
class Planned:
    """What was planned for a student and found of them: slots and absences, who let them in out of turn, all that roll-calls
    and the register's checks said, exam seats, and the number (if any) that stands for a resident's."""

    slots: tuple[tuple[Window, Slot], ...]
    absences: tuple[Absence, ...]
    admissions: tuple[Admission, ...]
    roll_calls: tuple[Finding, ...]
    id_checks: tuple[Finding, ...]
    seats: tuple[tuple[Exam, Seating], ...]
    substitute: str


class Dossiers:
    """Reads only: that somebody looks is noted by `Looks`, before."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def student_of(self, record_id: str) -> Student | None:
        """Whose record this is."""
        record = self._store.captures.find(record_id)
        return record.student if record is not None else None

    def note_copy(self, id_number: str, *, by: str) -> None:
        """Enter that somebody was given a copy of all that is kept about them."""
        self._store.audit.record("record.copy", actor=by, subject=self._store.audit.pseudonym(id_number))

    def planned(self, student: Student) -> Planned:
        """Beside what was captured."""
        store, number = self._store, student.id_number
        return Planned(
            tuple((window, slot) for window, slot in store.queue.slots() if slot.id_number == number),
            tuple(store.progress.absences_of(number)),
            tuple(one for one in store.rounds.admissions() if one.id_number == number),
            tuple(store.lists.roll_calls.of(number)),
            tuple(store.lists.id_checks.of(number)),
            tuple(store.exams.seatings_of(number)),
            next((one.number for one in store.substitutes.of([student])), ""),
        )

    def of(self, id_number: str, record_id: str = "") -> Dossier:
        """A student's; with what is kept for one of the records."""
        store = self._store
        versions = store.captures.versions(id_number)
        subjects = [store.audit.pseudonym(id_number), *(record.id for record in versions)]
        entries = list(store.audit.entries(about=subjects))[::-1]
        return Dossier(
            tuple(versions),
            tuple(store.captures.kept(record_id)) if record_id else (),
            tuple(store.corrections.of(id_number)),
            tuple(store.refusals.of(id_number)),
            tuple(entry for entry in entries if not entry.action.endswith(_LOOK)),
            tuple(entry for entry in entries if entry.action.endswith(_LOOK)),
        )

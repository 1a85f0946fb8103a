"""The rows of an export: captures with their pictures, or the students of the roster."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from functools import cache, partial

from kiosk.exchange import ExportRow, Profile, Source
from kiosk.office.derived import Derived
from kiosk.records import CaptureRecord, Student, StudentProgress
from kiosk.store import Store


def rows_for(store: Store, profile: Profile, derived: Derived, *, day: date | None = None) -> Iterator[ExportRow]:
    """What a profile's source says, in the roster's order; of one local day's captures when given."""
    roster = {entry.student.id_number: entry for entry in store.progress.students()}
    if profile.source is Source.ROSTER:
        yield from (ExportRow(student=entry.student, progress=entry) for entry in roster.values())
        return
    for record in store.captures.records(day=day):
        yield row_for(store, profile, derived, record, roster)


def row_for(
    store: Store, profile: Profile, derived: Derived, record: CaptureRecord, roster: Mapping[str, StudentProgress]
) -> ExportRow:
    """One capture's row. It keeps what was fetched of it: not to be kept itself."""
    pictures = cache(partial(store.captures.biometric, record.id))  # each is opened, cut and judged once
    finger_files = cache(derived.finger_files(record, pictures))
    if record.profile != profile.name:
        pictures = cache(derived.recut(pictures, profile.photo))
    progress = roster.get(record.student.id_number)
    student = _as_now(record, progress.student if progress else record.student)
    return ExportRow(record, pictures, student=student, finger_files=finger_files, progress=progress)


def _as_now(record: CaptureRecord, student: Student) -> Student:
    """The student as the roster has it by now, with what was corrected in the record: the roster may have been filed anew
    since the capture (exam numbers come later)."""
    return replace(student, **{correction.field: correction.after for correction in record.corrections})

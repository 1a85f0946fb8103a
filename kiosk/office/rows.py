"""The rows of an export: captures with their pictures, or the students of the roster."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from functools import partial

from kiosk.exchange import ExportRow, Profile, Source
from kiosk.office.derived import Derived
from kiosk.records import CaptureRecord, StudentProgress
from kiosk.store import Store


def rows_for(store: Store, profile: Profile, derived: Derived, *, day: date | None = None) -> Iterator[ExportRow]:
    """What a profile's source says, in the roster's order; of one local day's captures when given."""
    roster = {entry.student.id_number: entry for entry in store.progress.students()}
    school = store.school.get()
    if profile.source is Source.ROSTER:
        yield from (ExportRow(student=entry.student, progress=entry, school=school) for entry in roster.values())
        return
    for record in store.captures.records(day=day):
        yield replace(row_for(store, profile, derived, record, roster), school=school)


def row_for(
    store: Store, profile: Profile, derived: Derived, record: CaptureRecord, roster: Mapping[str, StudentProgress]
) -> ExportRow:
    """One capture's row."""
    pictures = partial(store.captures.biometric, record.id)
    finger_files = derived.finger_files(record, pictures)
    if record.profile != profile.name:
        pictures = derived.recut(pictures, profile.photo)  # type: ignore[assignment]
    progress = roster.get(record.student.id_number)
    return ExportRow(record, pictures, finger_files=finger_files, progress=progress)

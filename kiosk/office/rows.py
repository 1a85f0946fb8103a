"""The rows of an export: captures with their pictures, or the students of the roster."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cache, partial

from kiosk.exchange import ExportRow, Profile, Source
from kiosk.office.derived import Derived
from kiosk.records import CaptureRecord, Measure, Step, Student, StudentProgress, school_words
from kiosk.store import Pictures, Store


def rows_for(
    store: Store, profile: Profile, derived: Derived, *, day: date | None = None, school_key: str = ""
) -> Iterator[ExportRow]:
    """What a profile's source says, in the roster's order; of one local day's captures, and of one school, when given."""
    schools = store.roster.schools()
    roster = {entry.student.id_number: entry for entry in store.progress.students() if is_of(entry.student, school_key)}
    students, school = [entry.student for entry in roster.values()], store.school.get()
    divided_by = _divisions(students)
    erased = store.retention.erased()
    given = {one.student.id_number: one.number for one in store.substitutes.of(students)}

    def in_list(row: ExportRow) -> ExportRow:
        who = row.who
        if who is None:
            return row
        alike = divided_by.get(who.group[:2], _ALONE)
        gone = tuple(erased.get(row.record.id, ())) if row.record else ()
        return replace(
            row,
            school=school,
            divided_by=alike,
            apart=school_words(who.school_name, schools),
            substitute=given.get(who.id_number, ""),
            erased=gone,
        )

    if profile.source is Source.ROSTER:
        yield from (in_list(ExportRow(student=entry.student, progress=entry)) for entry in roster.values())
        return
    records = [one for one in store.captures.records(day=day) if is_of(one.student, school_key)]
    for record, pictures in store.captures.with_pictures(records, profile.kinds):
        yield in_list(_row(profile, derived, record, pictures, roster))


_PARTS = ("class_name", "stream", "school")
_ALONE = frozenset({"grade", *_PARTS})


def is_of(student: Student, school_key: str) -> bool:
    """Whether a student is of a school; every one is of none in particular."""
    return not school_key or student.group.school == school_key


def _divisions(students: Sequence[Student]) -> dict[tuple[str, str], frozenset[str]]:
    """By school and grade, what its students are told apart by: a grade is divided into streams where anybody in it has one."""
    grades: dict[tuple[str, str], set[str]] = defaultdict(set)
    for student in students:
        grades[student.group[:2]].update(part for part in _PARTS if getattr(student, part))
    graded = {"grade"} if any(grade for _, grade in grades) else set()
    return {grade: frozenset(parts | graded) for grade, parts in grades.items()}


def _row(
    profile: Profile, derived: Derived, record: CaptureRecord, stored: Pictures, roster: Mapping[str, StudentProgress]
) -> ExportRow:
    """One capture's row. It keeps what was fetched of it: not to be kept itself."""
    pictures = cache(stored)  # each is opened, cut and judged once
    finger_files = cache(derived.finger_files(record, pictures))
    measures = partial(_judged_at_capture, record)
    if record.profile != profile.name:
        recut = derived.recut(pictures, profile.photo)
        pictures, measures = cache(recut), recut.measures  # type: ignore[assignment]
    progress = roster.get(record.student.id_number)
    return ExportRow(record, pictures, finger_files=finger_files, progress=progress, photo_measures=measures)


def _judged_at_capture(record: CaptureRecord) -> tuple[Measure, ...]:
    result = record.result(Step.FACE)
    return result.measures if result is not None else ()

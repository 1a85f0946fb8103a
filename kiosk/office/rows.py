"""The rows of an export: captures with their pictures, or the students of the roster."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cache, partial
from itertools import islice
from typing import Final, TypeVar

from kiosk.exchange import ExportRow, Profile, Source
from kiosk.office.derived import Derived
from kiosk.records import CaptureRecord, Measure, School, SchoolName, Step, Student, StudentProgress, school_words
from kiosk.store import Pictures, Store

_TOGETHER: Final = 200  # rows for which the store is asked at once


def rows_for(
    store: Store, profile: Profile, derived: Derived, *, day: date | None = None, school_key: str = ""
) -> Iterator[ExportRow]:
    """What a profile's source says, in the roster's order; of one local day's captures, and of one school, when given. Memory
    stays flat, whatever the number of students."""
    listed = _Listed(store, school_key)
    if profile.source is Source.ROSTER:
        for few in batched(store.progress.each(school_key), _TOGETHER):
            complete = listed.of([entry.student for entry in few])
            yield from (complete(ExportRow(student=entry.student, progress=entry)) for entry in few)
        return
    store.progress.prepare()
    for records in batched(store.captures.records(day=day, school=school_key), _TOGETHER):
        students = [record.student for record in records]
        complete = listed.of(students, [record.id for record in records])
        progress = store.progress.of_these([student.id_number for student in students])
        for record, pictures in store.captures.with_pictures(records, profile.kinds):
            yield complete(_row(profile, derived, record, pictures, progress))


class _Listed:
    """What a row shows besides its record: of the roster, of the school, and what was filled in."""

    def __init__(self, store: Store, school_key: str) -> None:
        self._store = store
        self._schools = store.roster.schools()
        self._own = store.school.get()
        self._divided_by = _divisions(store.roster.each(school_key))

    def of(self, students: Sequence[Student], record_ids: Sequence[str] = ()) -> Callable[[ExportRow], ExportRow]:
        """For a few students: what completes each one's row."""
        erased = self._store.retention.erased(record_ids)
        filled_in = self._store.particulars.all([student.id_number for student in students])
        given = {one.student.id_number: one.number for one in self._store.substitutes.of(students)}

        def complete(row: ExportRow) -> ExportRow:
            who = row.who
            if who is None:
                return row
            return replace(
                row,
                school=self._school_of(who),
                divided_by=self._divided_by.get(who.group[:2], _ALONE),
                apart=school_words(who.school_name, self._schools),
                substitute=given.get(who.id_number, ""),
                erased=tuple(erased.get(row.record.id, ())) if row.record else (),
                particulars=filled_in.get(who.id_number, _NOTHING),
            )

        return complete

    def _school_of(self, student: Student) -> School:
        return school_of(student.school_name, self._own, self._schools)


def school_of(named: SchoolName, own: School, schools: Sequence[SchoolName]) -> School:
    """What is known of the school of some students: this place's own, or of another one nothing but what it is called."""
    is_own = len(schools) < 2 or named == SchoolName() or named.is_same(SchoolName(own.name, own.code))
    return own if is_own else School(named.name, named.code)


_NOTHING: Mapping[str, str] = {}
_PARTS = ("class_name", "stream", "school")
_ALONE = frozenset({"grade", *_PARTS})


_T = TypeVar("_T")


def batched(of: Iterable[_T], size: int) -> Iterator[list[_T]]:
    """Some at a time."""
    left = iter(of)
    return iter(lambda: list(islice(left, size)), [])


def is_of(student: Student, school_key: str) -> bool:
    """Whether a student is of a school; every one is of none in particular."""
    return not school_key or student.group.school == school_key


def _divisions(students: Iterable[Student]) -> dict[tuple[str, str], frozenset[str]]:
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

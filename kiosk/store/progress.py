"""Where every student stands, from all that the store knows of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Column, ColumnElement, Connection, delete, func, insert, literal_column, select, true

from kiosk.clock import bounds
from kiosk.records import (
    Absence,
    Begun,
    ClassKey,
    Completed,
    DayCounts,
    Facts,
    FingerPosition,
    RecordState,
    Refusal,
    RefusalKind,
    ReviewCause,
    SchoolName,
    Step,
    StepResult,
    Student,
    StudentProgress,
    Verdict,
    progress_of,
    review_causes,
)
from kiosk.store import rows, tables
from kiosk.store.audit import Audit, require_reason
from kiosk.store.database import Database
from kiosk.store.expected import GroupTimes, group_times, last_days
from kiosk.store.kept import MOST, Kept
from kiosk.store.refusals import load_refusal
from kiosk.store.reviews import load_review
from kiosk.store.roster import Roster, enrolled
from kiosk.store.roster_rows import batches, numbers_in_order, on_roster
from kiosk.store.school_counts import SchoolCounts, nowhere, school_counts

_STUDENTS, _RECORDS, _STEPS = tables.students, tables.records, tables.steps
_ABSENCES, _REFUSALS = tables.absences, tables.refusals
# Without the card and the roster's row of that day, which are most of a record.
_RECORD: Final = select(
    *(_RECORDS.c[name] for name in ("id", "id_number", "verdict", "finished_at", "signed_at")),
    _RECORDS.c.card.is_(None).label("photo"),
)
# Written out, not bound, so that SQLite may use the partial index of just these rows.
_DECIDED: Final = _STEPS.c.decided_by != literal_column("''")
_OF_GROUPS: Final = select(
    *(_STUDENTS.c[name] for name in ("id_number", "grade", "class_name", "school", "school_code", "category"))
)
_ENROLLED: Final = _STUDENTS.c.gone_at.is_(None)

_LookedAt = tuple[tuple[tuple[Step, ReviewCause], ...], tuple[FingerPosition, ...]]  # causes of a review, fingers that stand in
_NOTHING: Final[_LookedAt] = ((), ())


class _Everybody:
    """Students with what is known of them. Of most it says where they stand; of the others it depends on the moment, too."""

    def __init__(self, known: Iterable[tuple[Student, Facts]]) -> None:
        self._states: dict[str, StudentProgress] = {}  # by ID number
        self._waiting: dict[str, Facts] = {}
        for student, facts in known:
            self._states[student.id_number] = progress_of(student, facts)
            if not facts.stands:
                self._waiting[student.id_number] = facts

    def __len__(self) -> int:
        return len(self._states)

    def at(self, times: GroupTimes, of: Iterable[str] | None = None) -> Iterator[StudentProgress]:
        """Where each stands by the rules of a moment, or those of these numbers whom it has."""
        for number in self._states if of is None else filter(self._states.__contains__, of):
            state, facts = self._states[number], self._waiting.get(number)
            if facts is not None and times.over(state.student):
                state = progress_of(state.student, replace(facts, time_over=True))
            yield state


class Progress:
    """The state of every student, and absences that were reported."""

    def __init__(self, database: Database, audit: Audit, roster: Roster) -> None:
        self._database = database
        self._audit = audit
        self._roster = roster
        self._everybody = Kept(self._all)
        self._last_days = Kept(last_days)
        self._looked_at: dict[str, _LookedAt] = {}  # by record

    def report_absent(self, student: Student, *, reason: str, by: str, at: datetime) -> None:
        """Note that a student can't come (until captured, or reported anew). Raises StoreError without a reason."""
        require_reason(reason)
        with self._database.write() as connection:
            values = {"id_number": student.id_number, "reason": reason, "by": by, "at": at}
            connection.execute(insert(_ABSENCES).values(values))
            subject = self._audit.pseudonym(student.id_number)
            self._audit.append(connection, "student.absent", actor=by, subject=subject, reason=reason)

    def withdraw_absence(self, student: Student, *, by: str) -> None:
        """The student is here after all: what was reported counts no more, and stays in the audit trail."""
        with self._database.write() as connection:
            connection.execute(delete(_ABSENCES).where(_ABSENCES.c.id_number == student.id_number))
            self._audit.append(connection, "student.present", actor=by, subject=self._audit.pseudonym(student.id_number))

    def students(self, at: datetime | None = None, *, of: ClassKey | None = None) -> list[StudentProgress]:
        """Everybody on the roster, or of one class, in its order, as they stand at a moment (now)."""
        at = at or datetime.now(UTC)
        with self._database.read() as connection:
            if of is None:
                return list(self._everybody.get(connection).at(self._times(connection, at)))
            asked = [student for student in self._roster.enrolled.get(connection) if student.group == of]
            return self._states(connection, asked, at, [student.id_number for student in asked])

    def each(self, school: str = "") -> Iterator[StudentProgress]:
        """The same, or those of the school of this key, as they stand now, in flat memory: for those who go through many."""
        with self._database.read() as connection:
            listed = numbers_in_order(connection, school)
        self.prepare()
        for numbers in batches(listed):
            found = self.of_these(numbers)
            yield from (found[number] for number in numbers if number in found)

    def of_these(self, id_numbers: Sequence[str], at: datetime | None = None) -> Mapping[str, StudentProgress]:
        """Those of a few whom the roster has, by ID number."""
        at = at or datetime.now(UTC)
        with self._database.read() as connection:
            if (everybody := self._everybody.if_there(connection)) is not None:
                states = list(everybody.at(self._times(connection, at), id_numbers))
            else:
                states = self._states(connection, list(on_roster(connection, id_numbers).values()), at, id_numbers)
        return {entry.student.id_number: entry for entry in states}

    def prepare(self) -> None:
        """For who is about to ask `of_these` for many, some at a time: of a school everybody is looked at once."""
        with self._database.read() as connection:
            if enrolled(connection) <= MOST:
                self._everybody.get(connection)

    def of(self, id_number: str, at: datetime | None = None) -> StudentProgress | None:
        """One of them, or None where the roster has nobody of this number."""
        return self.of_these([id_number], at).get(id_number)

    def absences_of(self, id_number: str) -> list[Absence]:
        """All that was reported of a student, the oldest first."""
        query = select(_ABSENCES).where(_ABSENCES.c.id_number == id_number).order_by(_ABSENCES.c.number)
        with self._database.read() as connection:
            return [Absence(row.reason, row.at) for row in connection.execute(query)]

    def counts(self, at: datetime) -> DayCounts:
        """How many students are in each state at a moment, and how many strangers were turned away on its local day.

        The same states as `students` has; asked for at every student who comes, so that names and the like are not loaded.
        """
        today = at.astimezone().date()
        start, end = bounds(today, today)
        with self._database.read() as connection:
            roster = connection.execute(_OF_GROUPS.where(_ENROLLED))
            students = [
                Student("", number, grade, name, school=school, school_code=code, category=category)
                for number, grade, name, school, code, category in roster
            ]
            states = self._states(connection, students, at)
            that_day = select(_REFUSALS.c.id_number).where(
                _REFUSALS.c.at >= start,
                _REFUSALS.c.at < end,
                _REFUSALS.c.kind == RefusalKind.TURNED_AWAY,
            )
            turned_away = set(connection.scalars(that_day)) - {""}
        return DayCounts.of(states, len(turned_away - {student.id_number for student in students}))

    def of_schools(self) -> list[SchoolCounts]:
        """How far every school of the roster is: the same as their students' states say, without loading them."""
        with self._database.scan() as connection:

            def has_causes(record_ids: Sequence[str]) -> Collection[str]:
                self._look_at(connection, [one for one in record_ids if one not in self._looked_at])
                return {one for one in record_ids if self._looked_at.get(one, _NOTHING)[0]}

            return school_counts(connection, has_causes)

    def nowhere(self, schools: Collection[SchoolName], most: int) -> list[Student]:
        """The first of those on the roster whom nobody began to capture, of these schools."""
        with self._database.scan() as connection:
            return nowhere(connection, schools, most)

    def _all(self, connection: Connection) -> _Everybody:
        students = self._roster.enrolled.get(connection)
        return _Everybody(zip(students, self._facts(connection, students, None), strict=True))

    def _states(
        self, connection: Connection, students: Sequence[Student], at: datetime, of: Collection[str] | None = None
    ) -> list[StudentProgress]:
        """Of these students; `of`: they are few, of these numbers."""
        found = _Everybody(zip(students, self._facts(connection, students, of), strict=True))
        return list(found.at(self._times(connection, at)))

    def _times(self, connection: Connection, at: datetime) -> GroupTimes:
        return group_times(connection, at, self._last_days.get(connection))

    def _facts(self, connection: Connection, students: Sequence[Student], of: Collection[str] | None) -> Iterator[Facts]:
        """All that is known of each of these students, but whether the group's time is over."""
        completed, begun = self._completed(connection, of), _begun(connection, of)
        absent, refused = _absences(connection, of), _refusals(connection, of)
        for student in students:
            number = student.id_number
            yield Facts(completed.get(number), begun.get(number), absent.get(number), tuple(refused.get(number, ())))

    def _completed(self, connection: Connection, of: Collection[str] | None) -> dict[str, Completed]:
        """The newest complete record of each student, by ID number."""
        complete = connection.execute(_RECORD.where(_RECORDS.c.id.in_(rows.latest_query(None, of)))).all()
        these = None if of is None else [row.id for row in complete]
        decided = set(connection.scalars(select(_STEPS.c.record_id).where(_DECIDED, _is(_STEPS.c.record_id, these))))
        to_look_at = [row.id for row in complete if row.verdict != Verdict.PASS or row.id in decided]
        self._look_at(connection, [record_id for record_id in to_look_at if record_id not in self._looked_at])
        reviewed = select(tables.reviews).where(_is(tables.reviews.c.record_id, these))
        reviews = {row.record_id: load_review(row) for row in connection.execute(reviewed)}
        found = {}
        for row in complete:
            causes, stand_ins = self._looked_at.get(row.id, _NOTHING)
            signed = row.signed_at is not None
            review, photo = reviews.get(row.id), bool(row.photo)
            found[row.id_number] = Completed(row.id, row.finished_at, causes, review, signed, stand_ins, photo)
        return found

    def _look_at(self, connection: Connection, record_ids: Sequence[str]) -> None:
        """Learn what of complete records is to be reviewed. Their steps never change any more, so once is enough."""
        for start in range(0, len(record_ids), rows.BATCH):
            of_these = _STEPS.c.record_id.in_(record_ids[start : start + rows.BATCH])
            results: dict[str, list[StepResult]] = defaultdict(list)
            for row in connection.execute(select(_STEPS).where(of_these).order_by(_STEPS.c.number)):
                results[row.record_id].append(rows.load_step(row))
            for record_id, steps in results.items():
                last = {result.step: result for result in steps}
                stand_ins = tuple(one.position for one in last.values() if one.stands_in and one.position)
                self._looked_at[record_id] = (review_causes(steps), stand_ins)


def _is(column: Column[Any], of: Collection[str] | None) -> ColumnElement[bool]:
    """That a row is of one of these, or of any."""
    return true() if of is None else column.in_(of)


def _begun(connection: Connection, of: Collection[str] | None) -> dict[str, Begun]:
    is_open = (_RECORDS.c.state == RecordState.OPEN) & _is(_RECORDS.c.id_number, of)
    of_these = _STEPS.c.record_id.in_(select(_RECORDS.c.id).where(is_open))
    last = select(_STEPS.c.record_id, func.max(_STEPS.c.at).label("at")).where(of_these).group_by(_STEPS.c.record_id).subquery()
    query = (
        select(_RECORDS.c.id, _RECORDS.c.id_number, func.coalesce(last.c.at, _RECORDS.c.started_at).label("at"))
        .outerjoin(last, last.c.record_id == _RECORDS.c.id)
        .where(is_open)
    )
    return {row.id_number: Begun(row.id, row.at) for row in connection.execute(query)}


def _absences(connection: Connection, of: Collection[str] | None) -> dict[str, Absence]:
    query = select(_ABSENCES).where(_is(_ABSENCES.c.id_number, of)).order_by(_ABSENCES.c.number)
    return {row.id_number: Absence(row.reason, row.at) for row in connection.execute(query)}


def _refusals(connection: Connection, of: Collection[str] | None) -> Mapping[str, list[Refusal]]:
    found: dict[str, list[Refusal]] = defaultdict(list)
    query = select(_REFUSALS).where(_is(_REFUSALS.c.id_number, of)).order_by(_REFUSALS.c.at, _REFUSALS.c.number)
    for row in connection.execute(query):
        found[row.id_number].append(load_refusal(row))
    return found

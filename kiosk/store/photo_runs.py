"""Photo runs: which class is before the camera, whose turn it is, and who was skipped. What was shot is in the captures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from kiosk.errors import StoreError
from kiosk.records import Child, ChildState, ClassKey, GroupCount, Line, ProgressState, Student, StudentProgress
from kiosk.store import tables
from kiosk.store.audit import Audit
from kiosk.store.database import Database
from kiosk.store.deadline import require_unlocked
from kiosk.store.points import require_here
from kiosk.store.progress import Progress
from kiosk.store.rounds import require_window

_RUNS, _SKIPS = tables.photo_runs, tables.photo_skips


class PhotoRuns:
    """At most one run is under way; a class that was left keeps its place."""

    def __init__(self, database: Database, audit: Audit, progress: Progress) -> None:
        self._database = database
        self._audit = audit
        self._progress = progress

    def groups(self) -> list[GroupCount]:
        """The classes of the roster, in its order."""
        found: dict[ClassKey, list[StudentProgress]] = defaultdict(list)
        for entry in self._progress.students():
            found[entry.student.group].append(entry)
        return [
            GroupCount(group, of[0].student.school_name, len(of), sum(entry.shot for entry in of))
            for group, of in found.items()
        ]

    def begin(self, group: ClassKey, *, by: str, at: datetime) -> Line:
        """Have a class stand before the camera, at the place where it was left; another one under way is left.

        Raises StoreError("store.photo_run_nobody") where the roster has nobody of it.
        """
        entries = self._class(group)
        with self._database.write() as connection:
            connection.execute(update(_RUNS).where(_RUNS.c.ended_at.is_(None)).values(ended_at=at))
            of_group = _RUNS.c.school == group.school, _RUNS.c.grade == group.grade, _RUNS.c.class_name == group.class_name
            known = connection.execute(select(_RUNS).where(*of_group).order_by(_RUNS.c.number.desc()).limit(1)).one_or_none()
            if known is not None:
                number, stood = known.number, known.id_number
                connection.execute(update(_RUNS).where(_RUNS.c.number == number).values(ended_at=None, by=by))
            else:
                stood = ""
                number = connection.scalar(
                    insert(_RUNS)
                    .values(group._asdict() | {"id_number": "", "begun_at": at, "by": by})
                    .returning(_RUNS.c.number)
                )
            self._audit.append(connection, "photo_run.begin", actor=by, run=number, **group._asdict())
            return _line(connection, number, group, entries, stood)

    def current(self) -> Line | None:
        """The run that was under way when the station ended, at the place where it stopped."""
        with self._database.read() as connection:
            row = connection.execute(select(_RUNS).where(_RUNS.c.ended_at.is_(None))).first()
        if row is None:
            return None
        group = ClassKey(row.school, row.grade, row.class_name)
        try:
            entries = self._class(group)
        except StoreError:  # the class has left the roster
            return None
        with self._database.read() as connection:
            return _line(connection, row.number, group, entries, row.id_number)

    def stand_at(self, line: Line) -> None:
        """Keep whose turn it is."""
        with self._database.write() as connection:
            here = _RUNS.c.number == line.number
            connection.execute(update(_RUNS).where(here).values(id_number=line.student.id_number))

    def skip(self, line: Line, *, by: str, at: datetime) -> Line:
        """Pass over whoever's turn it is: not called again by itself in this run."""
        number = line.student.id_number
        with self._database.write() as connection:
            connection.execute(delete(_SKIPS).where(_SKIPS.c.run == line.number, _SKIPS.c.id_number == number))
            connection.execute(insert(_SKIPS).values(run=line.number, id_number=number, by=by, at=at))
            self._audit.append(connection, "photo_run.skip", actor=by, subject=self._audit.pseudonym(number), run=line.number)
        return line.marked(ChildState.SKIPPED)

    def end(self, line: Line, *, by: str, at: datetime) -> None:
        """Leave the class; begun again it goes on here."""
        with self._database.write() as connection:
            connection.execute(update(_RUNS).where(_RUNS.c.number == line.number).values(ended_at=at))
            counts = {state.value: line.count(state) for state in ChildState}
            self._audit.append(connection, "photo_run.end", actor=by, subject="", run=line.number, counts=counts)

    def require_open(self, student: Student, at: datetime) -> None:
        """Raises StoreError as the beginning of a capture would: after the deadline, of another school, outside the window."""
        with self._database.read() as connection:
            require_unlocked(connection, at)
            require_here(connection, student, at)
            require_window(connection, student, at)

    def _class(self, group: ClassKey) -> list[StudentProgress]:
        entries = self._progress.students(of=group)
        if not entries:
            raise StoreError("store.photo_run_nobody", group=f"{group.grade} {group.class_name}".strip())
        return entries


def _line(connection: Connection, number: int, group: ClassKey, entries: Sequence[StudentProgress], stood: str) -> Line:
    skipped = set(connection.scalars(select(_SKIPS.c.id_number).where(_SKIPS.c.run == number)))
    children = tuple(Child(entry.student, _state(entry, skipped)) for entry in entries)
    line = Line(number, group, children, 0)
    at = line.place_of(stood)
    if at is not None:
        return line.to(at)
    first = next((place for place, child in enumerate(children) if child.state is ChildState.TO_SHOOT), 0)
    return line.to(first)


def _state(entry: StudentProgress, skipped: set[str]) -> ChildState:
    if entry.shot:
        return ChildState.SHOT
    if entry.state is ProgressState.ABSENT:
        return ChildState.ABSENT
    return ChildState.SKIPPED if entry.student.id_number in skipped else ChildState.TO_SHOOT

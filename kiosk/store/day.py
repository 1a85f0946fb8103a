"""What happened in a span of time, in numbers: read in a handful of queries, and nothing in it names a student.

Steps come as raw numbers, not as `StepResult`s: a school's whole capture is ten thousand of them, and the page is looked at
while the station works.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import pairwise
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, func, or_, select

from kiosk.records import (
    OWN_FINGER,
    ClassKey,
    FingerPosition,
    RecordState,
    RefusalReason,
    ReviewCause,
    ReviewOutcome,
    SchoolName,
    Score,
    Step,
    StepResult,
    Verdict,
    review_causes,
)
from kiosk.store import rows, tables
from kiosk.store.database import Database
from kiosk.store.kept import Kept

_RECORDS, _STEPS, _STUDENTS, _AUDIT = tables.records, tables.steps, tables.students, tables.audit
_QUALITY: Final = "leader-mq"  # the measure of a press that says what it is worth
_READ_FOR: Final = frozenset({Step.FACE, *OWN_FINGER})  # whose details hold numbers for the day
# What somebody who captures does, and who comes and goes: what says that a person was at the station.
_AT_WORK: Final = ("capture.%", "account.log%", "account.thumb%")
_SPANS: Final = 4  # days that are looked at by turns
_MANY: Final = 200  # records: from here on a span's steps are read together
_RECORD: Final = select(
    *(_RECORDS.c[name] for name in "id id_number version verdict started_at finished_at station operator".split())
)
_PARTS: Final = tuple(_STUDENTS.c[name] for name in "school school_code grade class_name".split())
_GROUPS: Final = select(_STUDENTS.c.id_number, _STUDENTS.c.gone_at, *_PARTS)
_REVIEWS: Final = select(tables.reviews.c.record_id, tables.reviews.c.outcome)


class Run(NamedTuple):  # ten thousand at a time: made three times as fast as a frozen dataclass
    """One time that a step was done: from its beginning until it was over, with all its attempts."""

    step: Step
    attempts: int
    seconds: float  # waiting for device and student, and for our computing
    passed: bool
    scores: tuple[Score, ...] = ()
    position: FingerPosition | None = None
    qualities: tuple[float, ...] = ()  # of the presses that brought an image; of earlier programs the best press's alone
    failed_presses: tuple[str, ...] = ()  # what was wrong with presses that were refused: codes
    presses: int = 0  # all of them, those that brought no image, too
    device: str = ""


@dataclass(frozen=True)
class Session:
    """One student at the station, once. `key` tells students apart and is good for nothing else."""

    key: int
    group: ClassKey
    on_roster: bool
    station: str
    operator: str
    begun_at: datetime
    finished_at: datetime | None  # None: still open
    recapture: bool
    newest: bool  # of the student's finished ones
    outcome: ReviewOutcome | None  # of its review, where that is closed
    causes: tuple[tuple[Step, ReviewCause], ...]  # what a person decided
    longest_pause_s: float  # between two steps
    runs: tuple[Run, ...]


class TurnedAway(NamedTuple):
    """Somebody who was refused, or whose capture was broken off. `person` tells people apart where a number was known."""

    reason: RefusalReason
    at: datetime
    by: str
    person: int | None
    group: ClassKey
    on_roster: bool


class Absent(NamedTuple):
    """Somebody who was reported absent, and by whom."""

    by: str
    group: ClassKey


@dataclass(frozen=True)
class Presence:
    """When somebody was first and last at work on a day of this machine's."""

    name: str
    first: datetime
    last: datetime


class _Work(NamedTuple):
    """What a record's steps come to."""

    longest_pause_s: float
    runs: tuple[Run, ...]
    decided: bool  # anything, by a person


@dataclass(frozen=True)
class _Facts:
    """What is looked up once for all sessions, by records' ids."""

    newest: Set[str]
    outcomes: Mapping[str, str]
    causes: Mapping[str, tuple[tuple[Step, ReviewCause], ...]]


class DayBook:
    """Reads what the statistics of a day are made of. Methods may be called from any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database
        # Of finished records, which never change any more: the page is looked at again and again.
        self._known: dict[str, _Work] = {}
        self._causes: dict[str, tuple[tuple[Step, ReviewCause], ...]] = {}
        self._spans: dict[tuple[datetime, datetime], Kept[list[Session]]] = {}  # those that were asked for last

    def sessions(self, start: datetime, end: datetime) -> list[Session]:
        """The captures that were finished from `start` on and before `end`, and the open ones that were begun then; in the
        order of their beginnings."""
        span, spans = (start, end), self._spans  # these are never changed, but replaced: several threads ask
        kept = spans.get(span) or Kept(partial(self._sessions, start, end))
        others = [one for one in spans.items() if one[0] != span]
        self._spans = dict([*others, (span, kept)][-_SPANS:])
        with self._database.read() as connection:
            return list(kept.get(connection))

    def _sessions(self, start: datetime, end: datetime, connection: Connection) -> list[Session]:
        finished = (_RECORDS.c.finished_at >= start) & (_RECORDS.c.finished_at < end)
        begun = (_RECORDS.c.started_at >= start) & (_RECORDS.c.started_at < end)
        still_open = (_RECORDS.c.state == RecordState.OPEN) & begun
        # Two queries each, for one with an OR uses no index.
        found = [row for one in (finished, still_open) for row in connection.execute(_RECORD.where(one))]
        if not found:
            return []
        found.sort(key=lambda row: (row.started_at, row.id))
        unknown = [row.id for row in found if row.finished_at is None or row.id not in self._known]
        steps = _steps(connection, finished, still_open) if len(unknown) > _MANY else _steps_of(connection, unknown)
        newest = _newest(connection, start)
        outcomes = {row.record_id: row.outcome for row in connection.execute(_REVIEWS)}
        groups = {row.id_number: row for row in connection.execute(_GROUPS)}
        work = {row.id: self._known.get(row.id) or _work(row, steps[row.id]) for row in found}
        causes = self._look_at(connection, [row.id for row in found if row.verdict != Verdict.PASS or work[row.id].decided])
        keys = {id_number: key for key, id_number in enumerate(dict.fromkeys(row.id_number for row in found))}
        facts = _Facts(newest, outcomes, causes)
        finished_ids = {row.id for row in found if row.finished_at is not None}
        self._known |= {record_id: work[record_id] for record_id in finished_ids}
        self._causes |= {record_id: told for record_id, told in causes.items() if record_id in finished_ids}
        return [_session(row, work[row.id], keys[row.id_number], groups.get(row.id_number), facts) for row in found]

    def _look_at(self, connection: Connection, record_ids: Sequence[str]) -> Mapping[str, tuple[tuple[Step, ReviewCause], ...]]:
        """What of these records people decided: the same that the review is about."""
        unknown = [record_id for record_id in record_ids if record_id not in self._causes]
        results: dict[str, list[StepResult]] = defaultdict(list)
        for start in range(0, len(unknown), rows.BATCH):
            of_these = _STEPS.c.record_id.in_(unknown[start : start + rows.BATCH])
            for row in connection.execute(select(_STEPS).where(of_these).order_by(_STEPS.c.number)):
                results[row.record_id].append(rows.load_step(row))
        found = {record_id: review_causes(steps) for record_id, steps in results.items()}
        return self._causes | found

    def turned_away(self, start: datetime, end: datetime) -> list[TurnedAway]:
        """Whoever was refused or broken off from `start` on and before `end`, the oldest first."""
        refusals = tables.refusals.c
        query = (
            select(refusals.reason, refusals.at, refusals.by, refusals.id_number, *_PARTS)
            .add_columns(_STUDENTS.c.id_number.is_not(None) & _STUDENTS.c.gone_at.is_(None))
            .outerjoin(_STUDENTS, _STUDENTS.c.id_number == refusals.id_number)
            .where(refusals.at >= start, refusals.at < end)
            .order_by(refusals.at, refusals.number)
        )
        people: dict[str, int] = {}
        with self._database.read() as connection:
            return [
                TurnedAway(
                    RefusalReason(reason),
                    at,
                    by,
                    people.setdefault(id_number, len(people)) if id_number else None,
                    _class_of(*group),
                    bool(on_roster),
                )
                for reason, at, by, id_number, *group, on_roster in connection.execute(query)
            ]

    def presences(self, start: datetime, end: datetime) -> list[Presence]:
        """Who was at work when, by days of this machine's: from the audit trail, in the order of the days and of coming."""
        begins, ends = (at.astimezone(UTC).isoformat() for at in (start, end))
        actions = or_(*(_AUDIT.c.action.like(one) for one in _AT_WORK))
        query = (
            select(_AUDIT.c.actor, _AUDIT.c.at)
            .where(_AUDIT.c.at >= begins, _AUDIT.c.at < ends, _AUDIT.c.actor != "", actions)
            .order_by(_AUDIT.c.number)
        )
        spans: dict[tuple[str, str], tuple[datetime, datetime]] = {}
        with self._database.read() as connection:
            for actor, text in connection.execute(query):
                at = datetime.fromisoformat(text).astimezone()
                key = at.date().isoformat(), actor
                first, last = spans.get(key, (at, at))
                spans[key] = min(first, at), max(last, at)
        return [Presence(name, first, last) for (_, name), (first, last) in sorted(spans.items(), key=lambda one: one[1])]

    def absent(self, start: datetime, end: datetime) -> list[Absent]:
        """Who was reported absent then: every student once, by who said so last."""
        absences = tables.absences.c
        query = (
            select(absences.id_number, absences.by, *_PARTS)
            .outerjoin(_STUDENTS, _STUDENTS.c.id_number == absences.id_number)
            .where(absences.at >= start, absences.at < end)
            .order_by(absences.number)
        )
        with self._database.read() as connection:
            found = {id_number: Absent(by, _class_of(*group)) for id_number, by, *group in connection.execute(query)}
        return list(found.values())

    def latest(self, before: datetime) -> datetime | None:
        """When the last capture before a moment was finished; None where there was none."""
        query = select(func.max(_RECORDS.c.finished_at)).where(_RECORDS.c.finished_at < before)
        with self._database.read() as connection:
            found: datetime | None = connection.scalar(query)
        return found


def _steps(connection: Connection, *wanted: ColumnElement[bool]) -> Mapping[str, list[Row[Any]]]:
    """The rows of these records' steps, oldest first, by record."""
    names = ("number", "record_id", "step", "verdict", "at", "attempts", "decided_by", "device_s", "own_s", "detail")
    query = select(*(_STEPS.c[name] for name in names)).join(_RECORDS, _RECORDS.c.id == _STEPS.c.record_id)
    found: dict[str, list[Row[Any]]] = defaultdict(list)
    for one in wanted:
        for row in connection.execute(query.where(one)):
            found[row.record_id].append(row)
    for steps in found.values():
        steps.sort()  # by number: cheaper than to have the database sort ten thousand details
    return found


def _newest(connection: Connection, start: datetime) -> set[str]:
    """The ids of every student's newest complete record, of those that were finished from `start` on."""
    return set(connection.scalars(rows.latest_query(None).where(_RECORDS.c.finished_at >= start)))


def _steps_of(connection: Connection, record_ids: Sequence[str]) -> Mapping[str, list[Row[Any]]]:
    """The same of a few records."""
    return _steps(connection, _RECORDS.c.id.in_(record_ids))


def _work(row: Row[Any], steps: Sequence[Row[Any]]) -> _Work:
    moments = [row.started_at, *(step.at for step in steps), *filter(None, (row.finished_at,))]
    pauses = ((after - before).total_seconds() for before, after in pairwise(moments))
    return _Work(max(pauses, default=0.0), tuple(_runs(steps)), any(step.decided_by for step in steps))


def _session(row: Row[Any], work: _Work, key: int, group: Row[Any] | None, facts: _Facts) -> Session:
    outcome = facts.outcomes.get(row.id)
    return Session(
        key,
        _class_of(*(getattr(group, column.name, "") for column in _PARTS)),
        group is not None and group.gone_at is None,
        row.station,
        row.operator,
        row.started_at,
        row.finished_at,
        row.version > 1,
        row.id in facts.newest,
        ReviewOutcome(outcome) if outcome else None,
        facts.causes.get(row.id, ()),
        work.longest_pause_s,
        work.runs,
    )


def _class_of(school: str | None, code: str | None, grade: str | None, class_name: str | None) -> ClassKey:
    """Of nobody on the roster: of nothing."""
    return ClassKey(SchoolName(school or "", code or "").key, grade or "", class_name or "")


def _runs(steps: Sequence[Row[Any]]) -> Iterator[Run]:
    """What was really done. A person's decision about a run repeats its numbers, and an order to do a step again has none."""
    last: dict[str, tuple[int, float, float]] = {}
    for row in steps:
        told = row.attempts, row.device_s, row.own_s
        repeated = bool(row.decided_by) and last.get(row.step) == told
        last[row.step] = told
        if repeated or not row.attempts:
            continue
        step = Step(row.step)
        detail = json.loads(row.detail) if step in _READ_FOR else {}
        yield Run(step, row.attempts, row.device_s + row.own_s, row.verdict == Verdict.PASS, **_numbers(step, detail))


def _numbers(step: Step, detail: Mapping[str, Any]) -> dict[str, Any]:
    """What a step's detail has for the day."""
    if not detail:
        return {}
    scores = tuple(Score(**score) for score in detail["scores"])
    if step not in OWN_FINGER:
        return {"scores": scores, "device": detail.get("device", "")}
    presses = detail.get("presses", ())
    position = detail.get("position") or detail.get("wanted") or OWN_FINGER[step]
    qualities = tuple(press["quality"] for press in presses if press["quality"] is not None)
    if not presses:
        qualities = tuple(one["value"] for one in detail["measures"] if one["name"] == _QUALITY)
    return {
        "scores": scores,
        "position": FingerPosition(position),
        "qualities": qualities,
        "presses": len(presses) or len(qualities),
        "failed_presses": tuple(press["problem"] for press in presses if press["verdict"] == Verdict.FAIL),
        "device": detail.get("device", ""),
    }

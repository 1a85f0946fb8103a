"""Capture records out of their rows and into them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, func, select

from kiosk import witness
from kiosk.errors import StoreError
from kiosk.records import CaptureRecord, Correction, Person, RecordState, Step, StepResult, Student, Verdict
from kiosk.store import codec, tables
from kiosk.store.roster_rows import of_school, on_roster, packed
from kiosk.store.tables import records, steps, students

BATCH: Final = 500

Period = tuple[datetime, datetime]


def load_record(connection: Connection, record_id: str) -> CaptureRecord:
    """One record with its steps; raises StoreError when there is none."""
    found = load_records(connection, [record_id])
    if not found:
        raise StoreError("store.record_unknown", record=record_id)
    return found[0]


def load_records(connection: Connection, record_ids: Sequence[str], *, with_steps: bool = True) -> list[CaptureRecord]:
    """Records with their steps, or without them where who asks needs none, in the order of the ids."""
    results: dict[str, list[StepResult]] = defaultdict(list)
    of_ids = select(steps).where(steps.c.record_id.in_(record_ids)).order_by(steps.c.number)
    for row in connection.execute(of_ids).all() if with_steps else ():
        results[row.record_id].append(load_step(row))
    corrections: dict[str, list[Correction]] = defaultdict(list)
    of_these = tables.corrections.c.record_id.in_(record_ids)
    for row in connection.execute(select(tables.corrections).where(of_these).order_by(tables.corrections.c.number)):
        corrections[row.record_id].append(load_correction(row))
    found = {row.id: row for row in connection.execute(select(records).where(records.c.id.in_(record_ids)))}
    enrolled = on_roster(connection, [row.id_number for row in found.values()])
    return [
        _record(found[record_id], tuple(results[record_id]), tuple(corrections[record_id]), enrolled)
        for record_id in record_ids
        if record_id in found
    ]


def latest_query(period: Period | None, of: Collection[str] | None = None) -> Select[tuple[str]]:
    """Ids of the latest complete version of each student, or of those of these numbers, finished within the period."""
    complete = records.c.state == RecordState.COMPLETE
    if of is not None:
        complete &= records.c.id_number.in_(of)
    latest = (
        select(records.c.id_number, func.max(records.c.version).label("version"))
        .where(complete)
        .group_by(records.c.id_number)
        .subquery()
    )
    newest = (records.c.id_number == latest.c.id_number) & (records.c.version == latest.c.version)
    query = select(records.c.id).join(latest, newest)
    if period is not None:
        query = query.where(records.c.finished_at >= period[0], records.c.finished_at < period[1])
    return query


def latest_ids(connection: Connection, period: Period | None, school: str = "") -> list[str]:
    """The same in the roster's order, `packed`; students who left the roster come last. Those on it only of the school of this
    key, where one is asked for: whose the others are, their records say."""
    query = latest_query(period).outerjoin(students, students.c.id_number == records.c.id_number)
    left = students.c.id_number.is_(None) | students.c.gone_at.is_not(None)
    query = query.where(left | of_school(connection, school)) if school else query
    order = (students.c.gone_at.is_not(None), students.c.position.is_(None), students.c.position, records.c.finished_at)
    return packed(connection.scalars(query.order_by(*order).execution_options(yield_per=BATCH)))


def step_values(record_id: str, result: StepResult) -> dict[str, Any]:
    """A row of the table of steps."""
    return {
        "record_id": record_id,
        "step": result.step,
        "verdict": result.verdict,
        "at": result.at,
        "attempts": result.attempts,
        "decided_by": result.decided_by,
        "reason": result.reason,
        "device_s": result.device_s,
        "own_s": result.own_s,
        "detail": codec.dump_detail(result),
    }


def load_step(row: Row[Any]) -> StepResult:
    return StepResult(
        step=Step(row.step),
        verdict=Verdict(row.verdict),
        at=row.at,
        attempts=row.attempts,
        decided_by=row.decided_by,
        reason=row.reason,
        device_s=row.device_s,
        own_s=row.own_s,
        **codec.load_detail(row.detail, Step(row.step)),
    )


def load_correction(row: Row[Any]) -> Correction:
    return Correction(row.field, row.before, row.after, row.reason, Person(row.by, row.account), row.at)


def _record(
    row: Row[Any], results: tuple[StepResult, ...], corrections: tuple[Correction, ...], enrolled: Mapping[str, Student]
) -> CaptureRecord:
    filed = codec.load_student(row.student)
    if corrections:
        filed = replace(filed, **{correction.field: correction.after for correction in corrections})
    card = codec.load_card(row.card) if row.card else None
    for correction in corrections:
        card = card and witness.corrected(card, correction.field, correction.after)
    return CaptureRecord(
        id=row.id,
        student=enrolled.get(row.id_number, filed),
        version=row.version,
        started_at=row.started_at,
        station=row.station,
        operator=row.operator,
        profile=row.profile,
        profile_hash=row.profile_hash,
        state=RecordState(row.state),
        finished_at=row.finished_at,
        recapture_reason=row.recapture_reason,
        card=card,
        steps=results,
        corrections=corrections,
        filed=filed,
        signed_at=row.signed_at,
    )

"""What came of each station's work, out of the records that an office has of it."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any, Final

from sqlalchemy import select

from kiosk.records import OWN_FINGER, RecordState, Step
from kiosk.store import tables
from kiosk.store.database import Database

TENTHS: Final = 10
_RECORDS, _CAME, _STEPS = tables.records, tables.received_records, tables.steps


@dataclass(frozen=True)
class StationWork:
    """Of one station: students, seconds each of them took (the middle one), the quality of its thumbs (the middle one, 0 to 1;
    None where nobody measured), how often each person decided something, by step, and by what a scanner calls itself how many
    presses there were in each tenth of quality."""

    students: int = 0
    seconds: float | None = None
    quality: float | None = None
    decided: tuple[tuple[str, int], ...] = ()
    pressed: Mapping[str, tuple[int, ...]] = field(default_factory=dict)


@dataclass
class _Heap:
    students: set[str] = field(default_factory=set)
    seconds: list[float] = field(default_factory=list)
    qualities: list[float] = field(default_factory=list)
    decided: Counter[str] = field(default_factory=Counter)
    pressed: dict[str, list[int]] = field(default_factory=dict)

    def press(self, device: str, qualities: Sequence[float]) -> None:
        self.qualities += qualities
        if device and qualities:
            tenths = self.pressed.setdefault(device, [0] * TENTHS)
            for one in qualities:
                tenths[min(int(one * TENTHS), TENTHS - 1)] += 1


def work_of_stations(database: Database) -> dict[str, StationWork]:
    """By store. What was set aside counts for its station all the same: it was work."""
    heaps: dict[str, _Heap] = defaultdict(_Heap)
    complete = _RECORDS.c.state.in_((RecordState.COMPLETE, RecordState.SET_ASIDE))
    stores = select(_CAME.c.stored_as, _CAME.c.chain).where(_CAME.c.state == "taken").subquery()
    times = select(stores.c.chain, _RECORDS.c.id_number, _RECORDS.c.started_at, _RECORDS.c.finished_at)
    thumbs = select(stores.c.chain, _STEPS.c.detail).where(_STEPS.c.step.in_([str(step) for step in OWN_FINGER]))
    decided = select(stores.c.chain, _STEPS.c.decided_by).where(_STEPS.c.decided_by != "")
    with database.read() as connection:
        for row in connection.execute(times.join(stores, stores.c.stored_as == _RECORDS.c.id).where(complete)):
            heap = heaps[_store(row.chain)]
            heap.students.add(row.id_number)
            heap.seconds.append((row.finished_at - row.started_at).total_seconds())
        for chain, detail in connection.execute(thumbs.join(stores, stores.c.stored_as == _STEPS.c.record_id)):
            told = json.loads(detail)
            heaps[_store(chain)].press(told.get("device", ""), _qualities(told))
        for chain, person in connection.execute(decided.join(stores, stores.c.stored_as == _STEPS.c.record_id)):
            heaps[_store(chain)].decided[person] += 1
    return {store: _told(heap) for store, heap in heaps.items()}


def exceptions(database: Database) -> dict[tuple[Step, str], int]:
    """How often a step was decided by a person, and for which reason, in the records that count."""
    query = select(_STEPS.c.step, _STEPS.c.reason).join(_RECORDS, _RECORDS.c.id == _STEPS.c.record_id)
    query = query.where(_STEPS.c.decided_by != "", _RECORDS.c.state == RecordState.COMPLETE)
    with database.read() as connection:
        return dict(Counter((Step(row.step), row.reason) for row in connection.execute(query)).most_common())


def _qualities(detail: dict[str, Any]) -> list[float]:
    return [float(one["quality"]) for one in detail.get("presses", ()) if one["quality"] is not None]


def _told(heap: _Heap) -> StationWork:
    return StationWork(
        len(heap.students),
        median(heap.seconds) if heap.seconds else None,
        median(heap.qualities) if heap.qualities else None,
        tuple(heap.decided.most_common()),
        {device: tuple(tenths) for device, tenths in heap.pressed.items()},
    )


def _store(chain: str) -> str:
    return chain.partition(":")[0]

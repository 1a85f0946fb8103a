"""One core, in this process: for a school, and to hold the other engines against."""

from __future__ import annotations

from collections.abc import Generator

from kiosk.district.partitions import Plan
from kiosk.pipeline.deduplication import Suspect, compare_shelves, prepare


class SerialEngine:
    """Item after item."""

    def compared(self, plan: Plan) -> Generator[tuple[Suspect, ...] | None]:
        shelves = []
        for part in plan.parts:
            shelves.append(prepare(part))
            yield None
        for one, other in plan.items:
            yield compare_shelves(shelves[one], shelves[other], plan.limits, crossed=plan.crossed)

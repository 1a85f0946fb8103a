"""Two records side by side, as the pages of conflicts and of suspected duplicates show them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from flask import abort
from flask.typing import ResponseReturnValue

from kiosk.records import BiometricKind, CaptureRecord, SeenStation
from kiosk.web.context import context
from kiosk.web.doorkeeper import at_work
from kiosk.web.pictures import picture_response


def note_looks(records: Sequence[CaptureRecord]) -> None:
    """Keep in the audit trail that both were looked at."""
    for record in records:
        context().office.looks.record(record.id, by=at_work().name, why="review")


def picture_of(
    records: Sequence[CaptureRecord], place: int, kind: str, shown: Collection[BiometricKind]
) -> ResponseReturnValue:
    """One of the pictures `shown` of one of the records."""
    if place >= len(records) or kind not in {str(one) for one in shown}:
        abort(404)
    content = context().office.looks.picture(records[place].id, BiometricKind(kind), by=at_work().name)
    return picture_response(content) if content is not None else abort(404)


def came_from(record: CaptureRecord, stations: Mapping[str, SeenStation]) -> str:
    """The station, with its school where the office has seen it."""
    seen = stations.get(record.id)
    return f"{seen.school} {seen.name}" if seen is not None else record.station

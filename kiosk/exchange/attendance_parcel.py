"""核验结果包: what happened at a station's doors in one exam, signed by the station. Taking it twice changes nothing."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from kiosk.ciphers import SigningKey
from kiosk.ciphers.age import Sealing
from kiosk.errors import ExchangeError
from kiosk.exchange.exam_parcel import MOST
from kiosk.exchange.parcel import HEAD, Head, Kind, Parcel, piece, write_parcel
from kiosk.exchange.told import count_of, moment_of, text_of
from kiosk.records import DoorAct, DoorEvent, FoundBy, Score

_EVENTS: Final = "events.jsonl"
_HIGHEST: Final = 2**31 - 1
_MOST_NAMED: Final = 50


@dataclass(frozen=True)
class AttendanceHead:
    """Which 考场包 it answers, by the digest of its head, from which station and when."""

    exam: str
    station: str
    made_at: datetime


def write_attendance(target: Path, to: Sealing, key: SigningKey, head: AttendanceHead, events: Sequence[DoorEvent]) -> str:
    """Write and sign it; the digest of its head. Raises ExchangeError as `write_parcel` does."""
    lines = "".join(
        json.dumps(event_told(one) | {"picture": base64.b64encode(one.picture).decode()}, ensure_ascii=False) + "\n"
        for one in events
    )
    told = {
        "id": secrets.token_hex(16),
        "station": {"public_key": key.public.hex(), "name": head.station},
        "exam": head.exam,
        "made_at": head.made_at.isoformat(),
        "events": len(events),
    }
    return write_parcel(target, to, key, Kind.ATTENDANCE, told, [piece(key, _EVENTS, lines.encode())])


def attendance_head(head: Head) -> AttendanceHead:
    """Raises ExchangeError("parcel.unreadable"), ("parcel.other_kind")."""
    if head.kind is not Kind.ATTENDANCE:
        raise ExchangeError("parcel.other_kind", kind=str(head.kind))
    try:
        station = text_of(head.told["station"]["name"])
        return AttendanceHead(text_of(head.told["exam"]), station, moment_of(head.told["made_at"]))
    except (KeyError, TypeError, ValueError):
        raise ExchangeError("parcel.unreadable", at=HEAD) from None


def read_attendance(parcel: Parcel) -> tuple[AttendanceHead, tuple[DoorEvent, ...]]:
    """All of it; raises ExchangeError as reading a parcel does."""
    head, found = attendance_head(parcel.head), list[DoorEvent]()
    files = {entry.name: content for entry, content in parcel.pieces}
    try:
        for line in files[_EVENTS].decode().splitlines():
            told = json.loads(line)
            picture = base64.b64decode(told["picture"], validate=True)
            found.append(replace(event_of(told), picture=picture))
    except (KeyError, TypeError, ValueError, RecursionError):
        raise ExchangeError("parcel.damaged", file=parcel.name, at=f"{_EVENTS}:{len(found) + 1}") from None
    return head, tuple(found)


def event_told(event: DoorEvent) -> dict[str, Any]:
    """An event as JSON takes it, but for its picture."""
    told = {name: value for name, value in vars(event).items() if name not in ("picture", "scores")}
    scores = [[one.value, one.scale, one.limit, one.below] for one in event.scores]
    return told | {"at": event.at.isoformat(), "told": dict(event.told), "scores": scores}


def event_of(told: dict[str, Any]) -> DoorEvent:
    """The event that `event_told` told; raises KeyError, TypeError, ValueError."""
    by, scores, like = told["by"], told["scores"], told["like"]
    elsewhere = told.get("elsewhere", [])  # results of earlier programs know nothing of a district
    if max(map(len, (by, scores, like, elsewhere, told["told"]))) > _MOST_NAMED:
        raise ValueError("too many")
    return DoorEvent(
        door=text_of(told["door"]),
        sequence=count_of(told["sequence"], _HIGHEST),
        act=DoorAct(told["act"]),
        at=moment_of(told["at"]),
        session=count_of(told["session"], MOST),
        candidate=None if told["candidate"] is None else count_of(told["candidate"], MOST),
        found_by=FoundBy(told["found_by"]),
        code=text_of(told["code"]),
        told={text_of(name): text_of(value) for name, value in told["told"].items()},
        by=tuple(text_of(one) for one in by),
        reason=text_of(told["reason"]),
        scores=tuple(
            Score(float(value), text_of(scale), None if limit is None else float(limit), below is True)
            for value, scale, limit, below in scores
        ),
        like=tuple(count_of(one, MOST) for one in like),
        elsewhere=tuple(text_of(one) for one in elsewhere),
    )
